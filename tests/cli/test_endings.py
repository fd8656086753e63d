"""The ways in which a run ends without a plan, and the one in which Ctrl-C leaves one: each honest, each another."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

from datasets.samples import sample_path
from podplanner.cli import ExitCode
from tests.cli.processes import interrupted, run, write_json

if TYPE_CHECKING:
    from pathlib import Path


def tiny(**tables: list[dict[str, Any]]) -> dict[str, Any]:
    """Tables of the sample, some replaced or added."""
    read = {
        path.stem: list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        for path in sorted(sample_path("tiny").glob("*.csv"))
    }
    return read | tables


def rule(number: int, kind: str, **cells: str) -> dict[str, Any]:
    """A row of rules."""
    return {"rule_id": f"R{number}", "rule": kind, **cells}


def test_infeasible_by_precheck(tmp_path: Path) -> None:
    """A4 is 385 km from Dallas: told before solving, by rule, account and reason."""
    rules = [rule(1, "pin", account_id="A1", tier="local"), rule(2, "pin", account_id="A4", pod_id="dallas")]
    done = run("plan", write_json(tmp_path / "input.json", tiny(rules=rules)), "-o", tmp_path / "out")
    assert done.returncode == ExitCode.INFEASIBLE
    assert done.stdout == ""
    assert "rule R2 (pin account A4, pod dallas) cannot hold: that is out of the account's reach" in done.stderr
    assert "R1" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("engine", ["reference", "fast"])
def test_infeasible_by_model(tmp_path: Path, engine: str) -> None:
    """One leader cannot lead Dallas and the virtual pod: no row is wrong by itself, and the engine names the clash."""
    rules = [rule(1, "pin", account_id="A1", tier="local"), rule(2, "pin", account_id="A4", tier="virtual")]
    source = write_json(tmp_path / "input.json", tiny(rules=rules))
    done = run("plan", source, "-o", tmp_path / "out", "--engine", engine, "--json")
    assert done.returncode == ExitCode.INFEASIBLE
    answer = json.loads(done.stdout)
    assert (answer["reason"], answer["limit"], answer["contribution"]) == ("infeasible", None, None)
    assert any("R1" in clash or "R2" in clash for clash in answer["clashes"])
    assert not (tmp_path / "out").exists()


def test_time_out_without_a_plan(tmp_path: Path) -> None:
    """No second of solving gives no plan, and says that time was what ended it."""
    done = run("plan", "tiny", "-o", tmp_path / "out", "--engine", "reference", "--time-limit", 0)
    assert done.returncode == ExitCode.LIMIT
    assert "the time limit was reached before any plan was found" in done.stderr
    assert not (tmp_path / "out").exists()


ENDLESS = ("plan", "adventureworks", "--engine", "fast", "--gap", 0, "--work-limit", 10**9)
"""Hours, if nobody stops it."""


def test_ctrl_c_twice_cancels(tmp_path: Path) -> None:
    """Nothing is kept, though there may have been a plan; the second press may also come once solving has ended."""
    code, answer, told = interrupted(
        *ENDLESS, "-o", tmp_path / "out", when=lambda line: line.startswith("planning"), presses=2
    )
    assert code == ExitCode.CANCELLED
    assert answer == ""
    assert "cancelled" in told.splitlines()[-1]
    assert not (tmp_path / "out").exists()


def test_ctrl_c_keeps_the_best(tmp_path: Path) -> None:
    """Once a best contribution was shown, stopping writes that plan and says what ended the run."""
    code, answer, told = interrupted(
        *ENDLESS, "-o", tmp_path / "out", "--json", when=lambda line: "  best " in line, presses=1
    )
    assert code == ExitCode.DONE, told
    summary = json.loads(answer)
    assert (summary["reason"], summary["limit"]) == ("feasible", "cancelled")
    assert (tmp_path / "out" / "plan.xlsx").exists()
