"""The files of docs/spreadsheets against the running service: every request that they make is made."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from datasets.schema import TABLES, Kind
from podplanner.report.columns import OUTPUT_TABLES
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from httpx import Response

    from podplanner.client import PlanState
    from tests.api.services import Service

FILES = ROOT / "docs" / "spreadsheets"
SCRIPTS = ("podplanner.gs", "podplanner.ts")
NODE = shutil.which("node")
CHANGES = '"set","policy","horizon_years","value","2"'
NAME = "what if & more"


@dataclass(frozen=True)
class Asked:
    """A request as a file writes it."""

    method: str
    path: str
    type: str


def text_of(name: str) -> str:
    """A file's text."""
    return (FILES / name).read_text(encoding="utf-8")


def requests_of(script: str) -> dict[str, Asked]:
    """The requests that a script declares."""
    block = re.search(r"const REQUESTS = \{\n(.*?)\n\};", text_of(script), re.DOTALL)
    assert block is not None
    pattern = r"(\w+): \{ method: '(\w+)', path: '([^']+)'(?:, type: '([^']+)')? \}"
    return {name: Asked(*told) for name, *told in re.findall(pattern, block[1])}


def names_in(script: str, constant: str) -> list[str]:
    """A script's constant that is a list of names."""
    found = re.search(rf"const {constant} = \[(.*?)\];", text_of(script), re.DOTALL)
    assert found is not None
    return re.findall(r"'(\w+)'", found[1])


def fill(pattern: str, parts: dict[str, str]) -> str:
    """A path with its parts."""
    return re.sub(r"\{(\w+)\}", lambda found: parts[found[1]].replace(" ", "%20").replace("&", "%26"), pattern)


def of_power_query(name: str, settings: dict[str, str]) -> dict[str, Any]:
    """The request of a Power Query file: its path, query and headers, with their settings filled in."""

    def filled(expression: str) -> str:
        words = re.sub(r"Uri\.EscapeDataString\((.+?\))\)", r"\1", expression)
        parts = [part.strip() for part in words.split(" & ")]
        of = [re.fullmatch(r'Setting\("(\w+)"\)|"([^"]*)"', part) for part in parts]
        return "".join(settings[each[1]] if each[1] else each[2] for each in of if each)

    text = text_of(name)
    path = re.search(r"RelativePath = (.+?),\n", text)
    query = re.search(r"Query = \[name = (.+?)\],\n", text)
    assert path is not None
    headers = {head: filled(told) for head, told in re.findall(r'#"([A-Za-z-]+)" = (.+?)(?:,\n|\n|\])', text)}
    params = {"name": filled(query[1])} if query else {}
    return {"method": "POST" if "Content = " in text else "GET", "url": f"/{filled(path[1])}", "params": params} | {
        "headers": headers
    }


@pytest.fixture(scope="module")
def tiny(service: Service) -> PlanState:
    """The tiny sample, planned."""
    with service.client() as client:
        return client.wait(client.submit(sample="tiny", gap=0).id)


def sheets_of_tiny(service: Service) -> dict[str, list[list[Any]]]:
    """The tiny sample as sheets."""
    with service.http() as http:
        archive = zipfile.ZipFile(io.BytesIO(http.get("/v1/samples/tiny").content))
    names = [name for name in archive.namelist() if name.endswith(".csv")]
    return {
        name.removesuffix(".csv"): list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
        for name in names
    }


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_name_the_tables_that_there_are(script: str) -> None:
    """Sheets of the input but changes, which are sent apart; and tables of the plan."""
    plan = {"accounts_plan", "people_plan", "changes"}
    assert names_in(script, "INPUT_TABLES") == [name for name in TABLES if name not in plan]
    assert names_in(script, "CHANGE") == [column.name for column in TABLES["changes"].columns]
    dates = [column.name for table in TABLES.values() for column in table.columns if column.kind is Kind.DATE]
    assert script.endswith(".gs") or set(names_in(script, "DATES")) == set(dates)
    assert set(names_in(script, "RESULT_TABLES")) <= set(OUTPUT_TABLES)


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_request_of_a_script_is_answered(service: Service, tiny: PlanState, script: str) -> None:
    """Submit tables, look, fetch each table, and ask what if."""
    requests = requests_of(script)
    assert "'X-API-Key'" in text_of(script)
    assert "'Idempotency-Key'" in text_of(script)
    rows = {
        name: [{key: cell for key, cell in zip(lines[0], line, strict=True) if cell} for line in lines[1:]]
        for name, lines in sheets_of_tiny(service).items()
    }
    head = ",".join(names_in(script, "CHANGE"))
    bodies = {"submit": json.dumps({"name": "from a sheet", "tables": rows}), "whatIf": f"{head}\n{CHANGES}"}
    with service.http() as http:

        def ask(name: str, **parts: str) -> Response:
            asked = requests[name]
            headers = {"Content-Type": asked.type} if asked.type else {}
            path = fill(asked.path, {"plan": tiny.id, "name": NAME, **parts})
            return http.request(asked.method, path, content=bodies.get(name), headers=headers)

        assert ask("submit").status_code == 202
        assert ask("state").json()["is_final"]
        for table in names_in(script, "RESULT_TABLES"):
            assert isinstance(ask("table", table=table).json(), list)
        told = ask("whatIf").json()
        assert (told["name"], told["parent_id"]) == (NAME, tiny.id)
    assert set(requests) == {"submit", "state", "table", "whatIf"}


def test_the_guide_tells_every_file_and_setting() -> None:
    """Each file is named, and each setting that a file reads or writes has its line."""
    guide = (ROOT / "docs" / "spreadsheets.md").read_text(encoding="utf-8")
    files = sorted(path.name for path in FILES.iterdir())
    assert sorted(set(re.findall(r"\(spreadsheets/([\w.-]+)\)", guide))) == files
    read = {
        name
        for file in files
        for name in re.findall(r"""[sS]etting(?:s\[|\()(?:workbook, )?['"](\w+)""", text_of(file))
    }
    assert read == set(re.findall(r"^\| `(\w+)` \|", guide, flags=re.MULTILINE))


def test_power_query_is_answered(service: Service, tiny: PlanState) -> None:
    """A table by the settings of cells; and what if, with its rows as CSV, once for a name however often it asks."""
    settings = {"key": service.key, "plan": tiny.id, "shown": tiny.id, "table": "accounts_plan", "name": NAME}
    with service.http("") as http:
        rows = http.request(**of_power_query("podplanner.pq", settings)).json()
        assert [row["account_id"] for row in rows][:2] == ["A1", "A2"]
        columns = re.search(r"Columns = \{(.+?)\}", text_of("what-if.pq"))
        assert columns is not None
        head = ",".join(re.findall(r'"(\w+)"', columns[1]))
        asked = of_power_query("what-if.pq", {**settings, "name": "twice"})
        first, again = (http.request(**asked, content=f"{head}\n{CHANGES}") for _ in range(2))
        assert (first.status_code, first.json()["status"]) == (200, "succeeded")
        assert first.json()["id"] == again.json()["id"]


@pytest.mark.long
def test_the_menu_of_google_sheets(service: Service) -> None:
    """The script itself, on a spreadsheet in memory: submit, refresh, what if from the selected row, refresh."""
    settings = [["address", f"{service.address}/"], ["key", service.key], ["name", NAME]]
    changes = [["op", "table", "id", "column", "value", "mine"], ["", "policy", "horizon_years", "value", 2, "now"]]
    changes += [["", "policy", "nonsense", "value", 1, "not this one"]]
    sheets: dict[str, Any] = {**sheets_of_tiny(service), "podplanner": settings, "changes": changes}
    with service.client() as client:
        for action, shown in (("submit", False), ("refresh", True), ("whatIf", False), ("refresh", True)):
            sheets, said = _clicked(action, sheets)
            told = dict(line[:2] for line in sheets["podplanner"])
            assert said[-1].startswith("Refreshed" if shown else ("Submitted", "Asked what if"))
            state = client.wait(told["shown"])
            assert state.status == "succeeded", state.problem
        assert state.content["parent_id"] == told["plan"]
        assert state.name == NAME
        lines = sheets["accounts_plan"]
        shown_ids = [line[lines[0].index("account_id")] for line in lines[1:]]
        assert shown_ids == [row["account_id"] for row in client.table(state.id, "accounts_plan")]


def _clicked(action: str, sheets: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    assert NODE is not None, "needs a JavaScript engine: install Debian's nodejs, then run it again"
    asked = {"script": str(FILES / "podplanner.gs"), "action": action, "active": "changes", "selected": [[1, 2]]}
    harness = str(ROOT / "tests" / "api" / "google_sheet.js")
    done = subprocess.run(
        [NODE, harness], input=json.dumps({**asked, "sheets": sheets}), capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    return told["sheets"], told["said"]
