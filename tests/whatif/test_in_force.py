"""The plan in force, nights, rules of acceptance, and many scenarios from one file."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import pytest

from datasets import from_tables
from podplanner.cli import ExitCode, main
from podplanner.domain.build import build_instance
from podplanner.domain.errors import InputError
from podplanner.domain.vocabulary import NOBODY, SALES
from podplanner.whatif.acceptance import judge, read_rule
from podplanner.whatif.words import UnknownWords
from tests.cli.processes import command
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

GRID = """name,words,axis,repeat
lose,lose S2,,2
bad,nonsense here,,
cut,budget -5%,money,
same,,money,
frozen,freeze hiring,hiring,
free,,hiring,
"""


def summary(folder: Path) -> dict[str, Any]:
    """What a folder tells."""
    content: dict[str, Any] = json.loads(folder.joinpath("summary.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture
def in_force(tiny_folder: Path, tmp_path: Path) -> Path:
    """The tiny sample's plan, put into force."""
    folder = tmp_path / "in_force"
    shutil.copytree(tiny_folder, folder)
    assert main(["adopt", str(folder), "--author", "Ann", "--effective", "2027-01-01"]) == ExitCode.DONE
    return folder


def test_moves_are_counted_against_a_plan() -> None:
    """Its owners are today's, its pods those of today; who is gone is left out."""
    tables = {
        "accounts": [{"account_id": "a1", "revenue": 100}, {"account_id": "a2", "revenue": 200}],
        "people": [{"person_id": name, "role": "sales", "annual_cost": 90000, "pod_id": "P"} for name in ("p1", "p2")],
        "books": [{"account_id": "a1", "role": "sales", "person_id": "p1"}],
        "pods": [{"pod_id": pod, "coverage": "virtual"} for pod in ("P", "Q")],
        "policy": {"reference": "plan"},
        "accounts_plan": [{"account_id": "a1", "owner_sales": "p2"}, {"account_id": "gone", "owner_sales": "p1"}],
        "people_plan": [
            {"person_id": "p2", "pod_id": "Q", "share": 0.75},
            {"person_id": "p2", "pod_id": "P", "share": 0.25},
        ],
    }
    instance = build_instance(from_tables(tables))
    assert instance.owner_today[:, SALES].tolist() == [instance.person_index["p2"], NOBODY]
    assert [str(instance.pods.ids[pod]) for pod in instance.people.pod_today[:2]] == ["P", "Q"]
    with pytest.raises(InputError) as caught:
        from_tables({name: rows for name, rows in tables.items() if name != "people_plan"})
    assert {(each.rule, each.table) for each in caught.value.findings if each.is_error} == {
        ("no_reference_plan", "people_plan")
    }


def test_a_night_without_news_keeps_the_plan_in_force(in_force: Path, tmp_path: Path) -> None:
    """No handover, no move, and the rules pass; today is the plan itself."""
    out = tmp_path / "night"
    rules = ["--accept", "contribution >= 99% of today", "--accept", "moved_revenue <= 3%"]
    assert main(["night", str(in_force), "tiny", *rules, "--work-limit", "1000", "-o", str(out)]) == ExitCode.DONE
    told = summary(out)
    assert told["kpis"]["handovers"] == told["kpis"]["people_moved"] == 0
    assert told["contribution"] == pytest.approx(
        summary(in_force)["contribution"] - summary(in_force)["terms"]["handover_cost"]
    )
    assert [each["passed"] for each in told["acceptance"]] == [True, True]
    assert main(["check", str(out / "input.zip"), str(out)]) == ExitCode.DONE


def test_a_rule_fails_the_nights_plan(in_force: Path, tmp_path: Path) -> None:
    """The plan is written all the same, and the exit code says so."""
    out = tmp_path / "night"
    words = ["--accept", "contribution >= 150% of today", "--work-limit", "1000"]
    assert main(["night", str(in_force), "tiny", *words, "-o", str(out)]) == ExitCode.FAULTS
    assert summary(out)["acceptance"][0]["passed"] is False


def test_the_plan_in_force_is_not_overwritten(in_force: Path) -> None:
    """By no other plan: it would be in force no more."""
    assert main(["scenario", str(in_force), "lose S2", "-o", str(in_force)]) == ExitCode.INPUT
    assert in_force.joinpath("in_force.json").exists()


def test_only_the_plan_in_force_is_planned_from(tiny_folder: Path, tmp_path: Path) -> None:
    """One that nobody has put into force is refused; so is a day that is none, or a rule."""
    out = ["-o", str(tmp_path / "night")]
    assert main(["night", str(tiny_folder), "tiny", *out]) == ExitCode.INPUT
    assert main(["night", str(tiny_folder), "tiny", "--accept", "more is better", *out]) == ExitCode.INPUT
    assert main(["adopt", str(tiny_folder), "--author", "Ann", "--effective", "tomorrow"]) == ExitCode.INPUT


@pytest.mark.parametrize(
    ("words", "passed"),
    [
        ("contribution >= 99% of today", True),
        ("contribution >= 101% of today", False),
        ("moved_revenue <= 3%", False),
        ("gap <= 0.01", True),
        ("hires <= 2", True),
        ("span >= 1", False),
    ],
)
def test_rules_are_held_against_figures(words: str, passed: bool) -> None:
    """A share of today's is taken of its size; what is not known passes nothing."""
    today = {"kpis": {"contribution": -100.0}}
    kpis = {"contribution": -101.0, "moved_revenue": 0.04, "hires": 2, "span": None}
    assert judge([read_rule(words)], {"kpis": kpis, "baseline": today, "gap": 0.01})[0]["passed"] is passed


def test_a_rule_about_nothing_is_answered() -> None:
    """By the figures there are."""
    with pytest.raises(UnknownWords, match="handovers"):
        read_rule("handover <= 3")


def test_many_scenarios_go_on_after_a_kill(tiny_folder: Path, tmp_path: Path) -> None:
    """Killed after the first, and run again: the same table and the same plans as in one go."""
    file = tmp_path / "grid.csv"
    file.write_text(GRID, encoding="utf-8")
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    words = ["scenarios", str(tiny_folder), str(file), "--work-limit", "1000", "-o"]
    assert main([*words, str(whole)]) == ExitCode.DONE
    with subprocess.Popen(command(*words, cut), cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not cut.joinpath("0001-lose").exists():
            threading.Event().wait(0.01)
        process.kill()
    assert cut.joinpath("0001-lose").exists()
    assert main([*words, str(cut)]) == ExitCode.DONE
    table = whole.joinpath("scenarios.csv").read_bytes()
    assert cut.joinpath("scenarios.csv").read_bytes() == table
    folders = sorted(path.name for path in whole.iterdir() if path.is_dir())
    assert folders == [
        "0001-lose",
        "0002-lose",
        "0004-cut-frozen",
        "0005-cut-free",
        "0006-same-frozen",
        "0007-same-free",
    ]
    for name in folders:
        for part in ("summary.json", "accounts_plan.csv", "plan.xlsx"):
            assert cut.joinpath(name, part).read_bytes() == whole.joinpath(name, part).read_bytes()


@pytest.mark.parametrize("text", ["name\na\n", "words,repeat\na,x\n", "words,repeat\na,99999\n"])
def test_what_is_no_file_of_scenarios(tiny_folder: Path, tmp_path: Path, text: str) -> None:
    """No column of words, no number, too many."""
    file = tmp_path / "grid.csv"
    file.write_text(text, encoding="utf-8")
    assert main(["scenarios", str(tiny_folder), str(file), "-o", str(tmp_path / "out")]) == ExitCode.INPUT
