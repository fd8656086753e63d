"""Plans from end to end, in processes of their own."""

from __future__ import annotations

import csv
import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from podplanner.cli import ExitCode
from tests.cli.processes import NORTHWIND, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Planned


def hashes(folder: Path) -> dict[str, str]:
    """Hash of every file but run.json, which holds times."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.name != "run.json"
    }


def rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def test_tiny_has_the_plan_worked_out_by_hand(tiny_plan: Planned) -> None:
    """The sample's README gives contribution and owners; people read the contribution first and the path last."""
    lines = tiny_plan.done.stdout.splitlines()
    assert lines[0] == "contribution  71,700 USD a year"
    assert "gap 0.00%" in lines[1]
    assert lines[2].endswith("proven optimal")
    assert lines[4].endswith("6: 3 local, 0 virtual, 3 direct")
    assert lines[-1] == str(tiny_plan.folder / "plan.xlsx")
    summary = json.loads((tiny_plan.folder / "summary.json").read_text(encoding="utf-8"))
    assert (summary["contribution"], summary["reason"]) == (71_700.0, "optimal")
    owners = {row["account_id"]: row["owner_sales"] for row in rows(tiny_plan.folder / "accounts_plan.csv")}
    assert [owners[account] for account in ("A1", "A2", "A3", "A4", "A5", "A6")] == ["S1", "S1", "S2", "", "", ""]


@pytest.mark.parametrize(
    ("source", "engine"), [("tiny", "reference"), ("tiny", "reference-cbc"), ("tiny", "fast"), (NORTHWIND, "auto")]
)
def test_same_input_seed_and_work_limit_give_the_same_bytes(tmp_path: Path, source: str, engine: str) -> None:
    """In two processes, with one worker and with two; tables, workbook and summary."""
    for workers in (1, 2):
        limits = ("--work-limit", 50, "--seed", 7, "--workers", workers)
        done = run("plan", source, "-o", tmp_path / str(workers), "--engine", engine, *limits)
        assert done.returncode == ExitCode.DONE, done.stderr
    assert hashes(tmp_path / "1") == hashes(tmp_path / "2")


def test_json_answer_is_the_summary(tmp_path: Path) -> None:
    """Machines read one object on stdout; progress stays on stderr."""
    done = run("plan", "tiny", "-o", tmp_path / "out", "--json", "--hide-pay")
    answer = json.loads(done.stdout)
    written = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert {key: answer[key] for key in written} == written
    assert answer["workbook"] == str(tmp_path / "out" / "plan.xlsx")
    assert answer["pay_hidden"] is True
    assert "\nplanning 6 accounts, 6 people" in f"\n{done.stderr}"  # a slow machine tells its reading first


def test_model_is_written(tmp_path: Path) -> None:
    """Beside the plan, in the format of the name."""
    done = run("plan", "tiny", "-o", tmp_path / "out", "--write-model", tmp_path / "model.lp")
    assert done.returncode == ExitCode.DONE, done.stderr
    assert "Maximize" in (tmp_path / "model.lp").read_text(encoding="utf-8")[:200]


def test_engine_that_cannot_take_the_input(tmp_path: Path) -> None:
    """Asked for by name, it says why it refuses; that is no defect."""
    run("generate", "-o", tmp_path / "large", "--accounts", 3000)
    done = run("plan", tmp_path / "large", "-o", tmp_path / "out", "--engine", "reference")
    assert (done.returncode, done.stdout) == (ExitCode.INPUT, "")
    assert "the reference engine cannot take this input" in done.stderr
