"""check and compare: plans that are there, judged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import openpyxl
import pytest

from podplanner.cli import ExitCode
from podplanner.domain.vocabulary import FUNCTIONS
from tests.cli.processes import NORTHWIND, write_json

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Call, Planned


@pytest.fixture
def edited(tiny_plan: Planned, tmp_path: Path) -> Path:
    """The tiny plan with A4 put into Dallas by hand."""
    for path in tiny_plan.folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    accounts = (tmp_path / "accounts_plan.csv").read_text(encoding="utf-8")
    before, after = '"A4","direct","direct","","","","",""', '"A4","local","dallas","S1","M1","U1","O1"'
    assert before in accounts
    (tmp_path / "accounts_plan.csv").write_text(accounts.replace(before, after), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["", "plan.xlsx"])
def test_check_accepts_a_plan(tiny_plan: Planned, call: Call, name: str) -> None:
    """As folder and as workbook; the terms add up to the contribution."""
    told = call("check", "tiny", tiny_plan.folder / name)
    assert told.code == ExitCode.DONE
    assert told.out.splitlines()[-1] == "every rule holds"
    assert "contribution              71,700.00" in told.out


def test_check_tells_what_a_hand_broke(edited: Path, call: Call) -> None:
    """Rules in words with amounts, and figures that no longer fit."""
    told = call("check", "tiny", edited)
    assert told.code == ExitCode.FAULTS
    assert "account_place: account A4 is 385.0 km from local pod dallas, more than 150.0 km (by 235)" in told.out
    assert "hours: S1 has " in told.out
    assert "summary.json has 201,600.00 for margin, the plan comes to 215,600.00" in told.out
    assert "as written                71,700.00  (+" in told.out
    assert told.out.splitlines()[-1].startswith("2 broken rules, ")


def test_check_reads_a_workbook_edited_by_hand(tiny_plan: Planned, tmp_path: Path, call: Call) -> None:
    """S2 no longer owns A3, in a spreadsheet: the account lacks its owner, and S2 a book."""
    book = openpyxl.load_workbook(tiny_plan.folder / "plan.xlsx")
    sheet = book["accounts_plan"]
    header = [cell.value for cell in sheet[1]]
    (row,) = [cells for cells in sheet.iter_rows(min_row=2) if cells[0].value == "A3"]
    assert row[header.index("owner_sales")].value == "S2"
    row[header.index("owner_sales")].value = None
    book.save(tmp_path / "edited.xlsx")
    told = call("check", "tiny", tmp_path / "edited.xlsx")
    assert told.code == ExitCode.FAULTS
    assert "named_team: account A3 has no owner for sales (by 1)" in told.out
    assert "idle: S2 is in pod dallas without a book or a coach's duty (by 1)" in told.out


def test_check_of_hidden_pay(tmp_path: Path, call: Call) -> None:
    """Hiring stands inside the pay there, which is no wrong figure."""
    tables = {
        "accounts": [{"account_id": f"A{number}", "revenue": 5_000_000} for number in range(3)],
        "people": [{"person_id": role, "role": role, "annual_cost": 50_000} for role in FUNCTIONS],
    }
    source, out = write_json(tmp_path / "input.json", tables), tmp_path / "out"
    assert call("plan", source, "-o", out, "--hide-pay", "--work-limit", 1000).code == ExitCode.DONE
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["kpis"]["hires"] == 1
    told = call("check", source, out)
    assert (told.code, told.out.splitlines()[-1]) == (ExitCode.DONE, "every rule holds")


def test_check_answers_machines(edited: Path, call: Call) -> None:
    """The same as one object."""
    answer = json.loads(call("check", "tiny", edited, "--json").out)
    assert answer["valid"] is False
    assert {each["code"] for each in answer["violations"]} == {"account_place", "hours"}
    assert answer["contribution"] == pytest.approx(sum(answer["terms"].values()))
    assert answer["written_contribution"] == pytest.approx(71_700)


def test_check_needs_no_summary(edited: Path, call: Call) -> None:
    """A plan made elsewhere has no figures of its own; a summary that is none is told."""
    (edited / "summary.json").unlink()
    told = call("check", "tiny", edited)
    assert "wrong figure" not in told.out
    (edited / "summary.json").write_text('{"terms": null}', encoding="utf-8")
    told = call("check", "tiny", edited)
    assert (told.code, told.out) == (ExitCode.INPUT, "")
    assert "no summary of a plan" in told.err


def test_check_refuses_what_is_no_plan(tiny_plan: Planned, tmp_path: Path, call: Call) -> None:
    """An empty folder, and the plan of another input with all its unknown ids."""
    assert call("check", "tiny", tmp_path).code == ExitCode.INPUT
    told = call("check", NORTHWIND, tiny_plan.folder)
    assert (told.code, told.out) == (ExitCode.INPUT, "")
    assert "A1" in told.err


def test_compare_builds_a_bridge(tiny_plan: Planned, tmp_path: Path, call: Call) -> None:
    """From one contribution to the other by terms, then figures, accounts, people and pods that differ."""
    assert call("plan", NORTHWIND, "-o", tmp_path / "out", "--work-limit", 5).code == ExitCode.DONE
    told = call("compare", tiny_plan.folder, tmp_path / "out")
    assert told.code == ExitCode.DONE
    lines = told.out.splitlines()
    assert lines[0] == "out -> out (2)"
    assert lines[1] == "The plans are of different inputs."
    assert lines[2].split() == ["contribution", "of", "the", "first", "plan", "+71,700.00"]
    assert "Accounts                                     6 -> 91" in lines
    assert "accounts changed: 97, the 20 largest:" in lines
    assert "  dallas: closed (contribution -54,100.00)" in told.out


def test_compare_needs_folders(tiny_plan: Planned, tmp_path: Path, call: Call) -> None:
    """A workbook, and a folder without a plan, are told as what they are."""
    for path in (tiny_plan.folder / "plan.xlsx", tmp_path):
        told = call("compare", tiny_plan.folder, path)
        assert (told.code, told.out) == (ExitCode.INPUT, "")
        assert f"{path} is no folder of a plan: it has no summary.json." in told.err


def test_compare_writes_workbooks_and_folders_only(tiny_plan: Planned, tmp_path: Path, call: Call) -> None:
    """What asks for a page, or a file of another kind, gets no folder of that name."""
    told = call("compare", "--today", tiny_plan.folder, "-o", tmp_path / "side.html")
    assert (told.code, told.out) == (ExitCode.INPUT, "")
    assert "side.html is neither a workbook (.xlsx) nor a folder" in told.err
    assert not (tmp_path / "side.html").exists()


def test_compare_of_a_plan_with_itself(tiny_plan: Planned, call: Call) -> None:
    """Nothing differs."""
    same = json.loads(call("compare", tiny_plan.folder, tiny_plan.folder, "--json").out)["pairs"][0]
    assert same["same_input"] is True
    assert same["accounts"] == same["people"] == []
