"""Plans edited by hand: read where they can be, and all that is wrong told at once."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import openpyxl
import pytest

from podplanner.domain.errors import InputError, UnreadableInput
from podplanner.report import reading
from podplanner.report.files import write_plan
from podplanner.report.reading import read_plan
from podplanner.report.report import make_report
from tests.report.builders import instance, result

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A written plan."""
    return write_plan(make_report(result()), tmp_path / "plan")


def edit(folder: Path, table: str, old: str, new: str) -> None:
    """Replace a text in a table's CSV, once."""
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_an_edited_workbook_is_read(folder: Path) -> None:
    """A planner gives A6 another pod and tier, types an id as a number, and saves."""
    path = folder / "plan.xlsx"
    book = openpyxl.load_workbook(BytesIO(path.read_bytes()))
    sheet = book["accounts_plan"]
    row = next(line[0].row for line in sheet.iter_rows(min_row=2) if line[0].value == "A6")
    sheet.cell(row, 2).value, sheet.cell(row, 3).value = "web", "W"
    for place in range(4, 8):
        sheet.cell(row, place).value = None
    sheet.cell(5, 1).value = -4
    book.save(path)
    given = instance()
    plan = read_plan(path, given)
    account = given.account_index["A6"]
    assert (plan.pod[account], plan.tier[account]) == (given.pod_index["W"], given.tier_index["web"])
    assert plan.owner[account].tolist() == [-1] * 4
    assert plan.pod[given.account_index["-4"]] == given.pod_index["C"]


def test_all_findings_come_at_once(folder: Path) -> None:
    """Unknown ids, a missing and a doubled account, bad shares and contradictions, each with table, row and column."""
    edit(folder, "accounts_plan", '"001","gold","D"', '"001","golden","D"')
    edit(folder, "accounts_plan", '"A7","silver"', '"A8","silver"')
    edit(folder, "accounts_plan", '"s3","m2"', '"nobody","m2"')
    edit(folder, "people_plan", '"s1","sales","D",1', '"s1","sales","D",x')
    edit(folder, "people_plan", '"s2","sales","D",1', '"s2","sales","D",2')
    edit(folder, "people_plan", '"s4","sales","V",1,false', '"s4","sales","V",1,true')
    edit(folder, "people_plan", '"m1","marketing","D",0.75,false', '"m1","marketing","D",0.75,maybe')
    with pytest.raises(InputError) as caught:
        read_plan(folder, instance())
    found = {(each.table, each.row, each.column, each.rule) for each in caught.value.findings}
    assert found == {
        ("accounts_plan", 2, "tier", "unknown_reference"),
        ("accounts_plan", 5, "owner_sales", "unknown_reference"),
        ("accounts_plan", 9, "account_id", "duplicate_key"),
        ("accounts_plan", None, "account_id", "missing_account"),
        ("people_plan", 2, "share", "not_a_number"),
        ("people_plan", 3, "share", "out_of_range"),
        ("people_plan", 5, "is_leader", "contradiction"),
        ("people_plan", 7, "is_leader", "not_a_flag"),
    }


def test_missing_tables_and_columns_are_told(folder: Path) -> None:
    """A table that is gone and a column that was renamed are findings, not crashes."""
    folder.joinpath("pods_plan.csv").unlink()
    edit(folder, "accounts_plan", '"owner_support"', '"support"')
    with pytest.raises(InputError) as caught:
        read_plan(folder, instance())
    assert [(each.table, each.column, each.rule) for each in caught.value.findings] == [
        ("accounts_plan", "owner_support", "missing_column"),
        ("pods_plan", None, "missing_table"),
    ]


def test_a_plan_may_be_made_elsewhere(tmp_path: Path) -> None:
    """Only the columns of decisions are needed; flags and figures may be missing."""
    given, run = instance(), result()
    folder = write_plan(make_report(run), tmp_path / "plan")
    for name, columns in reading.NEEDED.items():
        table = make_report(run).tables[name]
        lines = [",".join(columns)]
        lines += [",".join(f'"{table[column][row]}"' for column in columns) for row in range(len(table))]
        folder.joinpath(f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")
    plan = read_plan(folder, given)
    assert plan.leader.tolist() == run.plan.leader.tolist()


@pytest.mark.parametrize("name", ["empty", "text.xlsx", "other.xlsx"])
def test_what_is_no_plan_is_unreadable(tmp_path: Path, name: str) -> None:
    """An empty folder, a text file and another workbook are refused with the reason."""
    path = tmp_path / name
    if name == "empty":
        path.mkdir()
    elif name == "text.xlsx":
        path.write_text("no workbook", encoding="utf-8")
    else:
        openpyxl.Workbook().save(path)
    with pytest.raises(UnreadableInput):
        read_plan(path, instance())


def test_a_workbook_that_swells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to more than any plan is not unpacked."""
    monkeypatch.setattr(reading, "LARGEST_WORKBOOK_BYTES", 10)
    path = tmp_path / "plan.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "x" * 11)
    with pytest.raises(UnreadableInput, match="more than any plan"):
        read_plan(path, instance())
