"""docs/runbook.md: its commands do what they say, and its figures are those that there are."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING

from api.commands import main
from api.data.database import Database
from api.data.keys import list_keys
from podplanner.cli.service_commands import SERVICE_COMMANDS
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.api.services import Service

PAGE = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
LINES = [line for block in re.findall(r"^```\n(.*?)^```", PAGE, flags=re.M | re.S) for line in block.splitlines()]
STARTS = ("podplanner serve", "export ", "docker compose ")
"""What goes on until it is ended, or needs containers; the rest is run."""


def test_every_command_is_one_that_is_tried() -> None:
    """Lines begin something, call the API, or are commands of the service."""
    assert {line.split()[1] for line in LINES if line.startswith("podplanner")} <= set(SERVICE_COMMANDS)
    assert all(line.startswith((*STARTS, "podplanner ", "curl ")) for line in LINES)


def test_the_figures_are_those_that_there_are(service: Service) -> None:
    """Each has its line, and each line its figure."""
    with service.http() as http:
        told = set(re.findall(r"^# TYPE (\w+)", http.get("/metrics").text, flags=re.MULTILINE))
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE)) == told


def test_the_calls_are_answered(service: Service) -> None:
    """Typed as they stand there but for the port."""
    with service.client() as client:
        plan = client.wait(client.submit(sample="tiny", operation="validate").id)
    environment = {"PODPLANNER_KEY": service.key, "PLAN": plan.id, "PATH": "/usr/local/bin:/usr/bin:/bin"}
    calls = [line.replace("127.0.0.1:8700", service.address) for line in LINES if line.startswith("curl ")]
    assert len(calls) == 5
    for call in calls:
        subprocess.run(["bash", "-c", f"{call} --fail"], env=environment, check=True, capture_output=True)


def test_the_commands_run_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Typed as they stand there, on one database, in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PODPLANNER_DATABASE", "sqlite:///first.sqlite")
    assert main(["keys", "create"]) == 0
    database = Database("sqlite:///first.sqlite")
    with database.engine.connect() as connection:
        key_id = list_keys(connection)[0].id
    database.close()
    for line in LINES:
        if line.startswith("podplanner ") and not line.startswith(STARTS):
            assert main(shlex.split(line.replace("$KEY_ID", key_id))[1:]) == 0, line
    assert (tmp_path / "backup.sqlite").exists()
    assert (tmp_path / "restored.sqlite").exists()
    assert capsys.readouterr().err == ""
