"""docs/service.md and README say what the service does."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from api.http.bodies import WORKBOOK_TYPE
from api.http.problems import PROBLEMS
from api.settings import PREFIX, Settings
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.services import Service

PAGE = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_route_has_its_line(service: Service) -> None:
    """The table of routes and the description name the same ones."""
    with service.http() as http:
        paths = http.get("/openapi.json").json()["paths"]
    routes = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert set(re.findall(r"^\| `([A-Z]+) (/\S+)` \|", PAGE, flags=re.MULTILINE)) == routes


def test_every_problem_has_its_line() -> None:
    """The table of problems has every code with its status."""
    documented = re.findall(r"^\| `(\w+)` \| (\d{3}) \|", PAGE, flags=re.MULTILINE)
    assert {code: int(status) for code, status in documented} == {code: each[0] for code, each in PROBLEMS.items()}


def test_every_setting_has_its_line() -> None:
    """The table of settings has every variable with its default."""
    documented = dict(re.findall(r"^\| `(PODPLANNER_\w+)` \| (.*?) \|", PAGE, flags=re.MULTILINE))
    defaults = {PREFIX + each.name.upper(): each.default for each in fields(Settings)}
    assert set(documented) == set(defaults)
    for name, default in defaults.items():
        assert default == "" or documented[name] == f"`{default}`", name


def test_readmes_call_plans_the_sample(service: Service) -> None:
    """The one call of README, typed as it stands there but for the port, plans the sample."""
    call = next(line for line in README.splitlines() if line.startswith("curl "))
    assert typed(service, call)["outcome"] == "optimal"


def test_calls_with_a_file_submit_it(service: Service, tmp_path: Path) -> None:
    """Those of docs/service.md, typed likewise: the file in a form, and alone."""
    in_form, alone = (line for line in PAGE.splitlines() if line.startswith("curl ") and "mine.xlsx" in line)
    with service.http() as http:
        tmp_path.joinpath("mine.xlsx").write_bytes(http.get("/v1/template.xlsx").content)
    for call, limit_s in ((in_form, None), (alone, 60)):
        plan = typed(service, call, tmp_path, XLSX=WORKBOOK_TYPE)
        assert (plan["name"], plan["input"]["kind"], plan["options"]["time_limit_s"]) == ("first", "workbook", limit_s)


def test_calls_of_scenarios_plan_them(service: Service, tmp_path: Path) -> None:
    """Those of docs/service.md, typed likewise: the first is waited for, the second waits with its file's rows."""
    in_words, by_rows = (line for line in PAGE.splitlines() if line.startswith("curl ") and "/scenarios" in line)
    tmp_path.joinpath("changes.csv").write_text("table,id,value\npolicy,horizon_years,2\n", encoding="utf-8")
    with service.client() as client:
        plan_id = client.wait(client.submit(sample="tiny", gap=0).id).id
        assert typed(service, in_words, tmp_path, PLAN=plan_id)["status"] == "succeeded"
        rows = typed(service, by_rows, tmp_path, PLAN=plan_id)
        assert (rows["name"], rows["parent_id"]) == ("rows", plan_id)
        assert client.wait(rows["id"]).status == "succeeded"


def test_the_call_of_challenges_prices_them(service: Service) -> None:
    """That of docs/service.md, typed likewise."""
    (call,) = (line for line in PAGE.splitlines() if line.startswith("curl ") and "/challenges" in line)
    with service.client() as client:
        plan_id = client.wait(client.submit(sample="tiny", gap=0).id).id
        heard = typed(service, call, PLAN=plan_id)
        assert (heard["status"], heard["result"]["challenges"]) == ("succeeded", 2)


def test_the_calls_of_the_plan_in_force_plan_a_night(service: Service) -> None:
    """Those of docs/service.md, typed likewise: a plan is put into force, and a night planned from it."""
    adopt, night = re.findall("^curl .*(?:in-force|night).*$", PAGE, flags=re.MULTILINE)
    with service.client() as client:
        plan_id = client.wait(client.submit(sample="tiny", gap=0).id).id
        assert typed(service, adopt, PLAN=plan_id)["plan_id"] == plan_id
        planned = typed(service, night)
        assert (planned["status"], planned["parent_id"], planned["result"]["passed"]) == ("succeeded", plan_id, True)
        client.withdraw(plan_id)


def typed(service: Service, call: str, folder: Path = ROOT, **variables: str) -> dict[str, Any]:
    """What a call answers, typed as it stands there but for the port."""
    done = subprocess.run(
        ["bash", "-c", call.replace("127.0.0.1:8700", service.address.removeprefix("http://"))],
        env={"PODPLANNER_KEY": service.key, "PATH": "/usr/local/bin:/usr/bin:/bin", **variables},
        cwd=folder,
        capture_output=True,
        check=True,
        timeout=240,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
