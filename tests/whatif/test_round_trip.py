"""The plan's workbook, edited and fed back: every edit has its price or its reason, and nothing typed is lost."""

from __future__ import annotations

import csv
import io
import random
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from podplanner.cli import ExitCode, main
from podplanner.report.reading import read_plan, read_sheets
from podplanner.whatif.parent import read_parent
from podplanner.whatif.round_trip import read_edited
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OFFICE = shutil.which("soffice")
LEADING_ZEROS = ("007", "7", "0042")


def head(sheet: Any, name: str) -> int:
    """Column of a head, from 1."""
    return int(next(cell.column for cell in sheet[1] if cell.value == name))


def line(sheet: Any, key: str) -> int:
    """Row of a key, from 1."""
    return int(next(cell.row for cell in sheet["A"] if cell.value == key))


def edit(plan: Path, path: Path, type_in: Callable[[Any], None]) -> Path:
    """Save the plan's workbook with edits."""
    workbook = openpyxl.load_workbook(plan / "plan.xlsx")
    type_in(workbook)
    workbook.save(path)
    return path


def put(workbook: Any, table: str, key: str, column: str, value: object) -> str:
    """Type over one cell; its name is returned."""
    sheet = workbook[table]
    cell = sheet.cell(line(sheet, key), head(sheet, column))
    cell.value = value
    return str(cell.coordinate)


def answered(plan: Path, workbook: Path, out: Path, *options: str) -> list[dict[str, str]]:
    """Rows of edits.csv."""
    effort = ("--work-limit", "1000", "--gap", "0", "--workers", "1")
    assert (
        main(["challenge", str(plan), "--workbook", str(workbook), "-o", str(out), *effort, *options]) == ExitCode.DONE
    )
    return list(csv.DictReader(io.StringIO((out / "edits.csv").read_text(encoding="utf-8"))))


def saved_by_office(path: Path, folder: Path) -> Path:
    """The workbook as LibreOffice saves it."""
    assert OFFICE is not None, "needs LibreOffice: install Debian's libreoffice-calc, then run it again"
    home = f"-env:UserInstallation={(folder / 'home').as_uri()}"
    command = [OFFICE, "--headless", home, "--convert-to", "xlsx", "--outdir", str(folder / "saved"), str(path)]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    return folder / "saved" / path.name


def type_all_kinds(workbook: Any) -> None:
    """Good edits, bad ones, notes, rows of changes, sentences, and scribbles."""
    put(workbook, "accounts_plan", "A4", "owner_sales", "S1")
    put(workbook, "accounts_plan", "A1", "tier", "direct")
    put(workbook, "accounts_plan", "A2", "owner_sales", "M1")
    put(workbook, "accounts_plan", "A3", "pod_id", "nowhere")
    put(workbook, "accounts_plan", "A5", "contribution", 1)
    put(workbook, "accounts_plan", "A6", "tier", None)
    put(workbook, "people_plan", "S2", "pod_id", "virtual")
    sheet = workbook["accounts_plan"]
    last = sheet.max_column + 1
    sheet.cell(1, last, "note")
    sheet.cell(line(sheet, "A4"), last, "her friend")
    sheet.cell(1, last + 1, "mood")
    sheet.cell(line(sheet, "A2"), last + 1, "glad")
    workbook["Summary"]["B3"] = "who has made this?"
    changes = workbook.create_sheet("changes")
    for row in (
        ("table", "id", "column", "value"),
        ("policy", "budget", "value", 90_000),
        ("accounts", "A1", "revenue", "x"),
    ):
        changes.append(row)
    wishes = workbook.create_sheet("wishes")
    for sentence in ("wish", "freeze hiring", "make it nice"):
        wishes.append((sentence,))
    workbook.create_sheet("mine").append(("a line of my own", 12.5))


EXPECTED = {
    ("accounts_plan", "A4", "owner_sales"): "priced",
    ("accounts_plan", "A4", "note"): "note",
    ("accounts_plan", "A1", "tier"): "priced",
    ("accounts_plan", "A2", "owner_sales"): "kept",
    ("accounts_plan", "A2", "mood"): "kept",
    ("accounts_plan", "A3", "pod_id"): "kept",
    ("accounts_plan", "A5", "contribution"): "kept",
    ("accounts_plan", "A6", "tier"): "kept",
    ("people_plan", "S2", "pod_id"): "priced",
}


def test_every_edit_is_priced_or_has_its_reason(tiny_folder: Path, tmp_path: Path) -> None:
    """In edits.csv, and in a copy of the sheets with the answer as a comment at the cell."""
    path, out = edit(tiny_folder, tmp_path / "edited.xlsx", type_all_kinds), tmp_path / "out"
    rows = answered(tiny_folder, path, out, "--author", "Ann", "--accept", "2")
    outcomes = {(row["sheet"], row["id"], row["column"]): row["outcome"] for row in rows if row["column"]}
    assert outcomes == EXPECTED
    others = {(row["sheet"], row["typed"]): row["outcome"] for row in rows if not row["column"]}
    assert others == {
        ("Summary", "who has made this?"): "kept",
        ("changes", "policy | budget | value | 90000"): "impossible",
        ("changes", "accounts | A1 | revenue | x"): "unclear",
        ("wishes", "freeze hiring"): "priced",
        ("wishes", "make it nice"): "unclear",
        ("mine", "a line of my own | 12.5"): "kept",
    }
    assert all((row["outcome"] == "priced") == bool(row["price"]) for row in rows)
    assert all(row["why"] or row["price"] for row in rows)
    asked = next(row for row in rows if row["wish"] == "A4 to S1")
    assert (asked["note"], asked["author"], asked["accepted"]) == ("her friend", "Ann", "true")
    granted = read_parent(out / "plan")
    assert [(rule.note) for rule in granted.instance.rules] == ["her friend"]
    marked = openpyxl.load_workbook(out / "answered.xlsx")
    for row in rows:
        cell = marked[row["sheet"]][row["cell"]]
        assert cell.comment is not None
        assert row["why"] in cell.comment.text
        there = [str(each.value) for each in marked[row["sheet"]][cell.row] if each.value is not None]
        assert all(each in there for each in row["typed"].split(" | ") if each)


def test_a_workbook_as_it_was_written_asks_for_nothing(tiny_folder: Path, company_folder: Path) -> None:
    """Nor does one whose rows were sorted."""
    for folder in (tiny_folder, company_folder):
        parent = read_parent(folder)
        assert read_edited(folder / "plan.xlsx", parent).edits == ()


def test_sorted_rows_are_no_edits(company_folder: Path, tmp_path: Path) -> None:
    """A planner sorts; rows are found by their ids."""

    def turn(workbook: Any) -> None:
        for name in ("accounts_plan", "people_plan", "targets"):
            sheet = workbook[name]
            rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
            for number, row in enumerate(reversed(rows), start=2):
                for column, value in enumerate(row, start=1):
                    sheet.cell(number, column).value = value

    path = edit(company_folder, tmp_path / "turned.xlsx", turn)
    assert read_edited(path, read_parent(company_folder)).edits == ()


def test_rows_and_columns_that_are_gone_are_told(tiny_folder: Path, tmp_path: Path) -> None:
    """And rows that are new, or twice."""

    def type_in(workbook: Any) -> None:
        sheet = workbook["accounts_plan"]
        sheet.append(("A99", "local"))
        sheet.append(("A1", "direct"))
        sheet.delete_rows(line(sheet, "A3"))
        workbook["people_plan"].delete_cols(head(workbook["people_plan"], "target"))

    edits = read_edited(edit(tiny_folder, tmp_path / "gone.xlsx", type_in), read_parent(tiny_folder)).edits
    told = {(each.sheet, each.id or each.was) for each in edits}
    assert told == {
        ("accounts_plan", "A99"),
        ("accounts_plan", "A1"),
        ("accounts_plan", "A3"),
        ("people_plan", "target"),
    }
    assert all(each.wish is None and each.why for each in edits)


@pytest.fixture(scope="module")
def zeros_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny sample with ids that a spreadsheet would take for numbers."""
    folder = tmp_path_factory.mktemp("zeros")
    given = folder / "given"
    shutil.copytree(ROOT / "datasets" / "samples" / "tiny", given, ignore=shutil.ignore_patterns("*.md"))
    ids = dict(zip(("A1", "A2", "A4"), LEADING_ZEROS, strict=True))
    for path in given.glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        for old, new in ids.items():
            text = text.replace(f"{old},", f"{new},")
        path.write_text(text, encoding="utf-8")
    assert main(["plan", str(given), "-o", str(folder / "plan"), "--work-limit", "1000", "--gap", "0"]) == 0
    return folder / "plan"


@pytest.mark.long
def test_libreoffice_keeps_every_id_and_number(zeros_folder: Path, tmp_path: Path) -> None:
    """The workbook as it saves it is the same plan, and asks for nothing; an edit in it is found."""
    parent = read_parent(zeros_folder)
    saved = saved_by_office(zeros_folder / "plan.xlsx", tmp_path)
    assert read_edited(saved, parent).edits == ()
    plan = read_plan(saved, parent.instance)
    assert all((getattr(plan, name) == getattr(parent.plan, name)).all() for name in plan.__dataclass_fields__)

    def type_in(workbook: Any) -> None:
        put(workbook, "accounts_plan", "0042", "owner_sales", "S1")
        # Typed over with its number, as a spreadsheet keeps it: still 0042, and not 7 or 007.
        put(workbook, "accounts_plan", "0042", "account_id", 42)

    edited = saved_by_office(edit(zeros_folder, tmp_path / "typed.xlsx", type_in), tmp_path)
    assert [each.wish and each.wish.words for each in read_edited(edited, parent).edits] == ["0042 to S1"]
    assert read_sheets(edited)["accounts_plan"][1][0] == "007"


def typed_at_random(folder: Path, path: Path, count: int, seed: int) -> tuple[Path, set[tuple[str, str]]]:
    """A workbook with so many cells typed over, and where they are."""
    draw = random.Random(seed)
    parent = read_parent(folder)
    people = [str(each) for each in parent.instance.people.ids]
    pods = [str(each) for each in parent.instance.pods.ids]
    tiers = [str(each) for each in parent.instance.tiers.ids]
    roles = ("sales", "marketing", "support", "operations")
    choices = {"tier": tiers, "pod_id": pods, **{f"owner_{role}": people for role in roles}}
    places: set[tuple[str, str]] = set()

    def type_in(workbook: Any) -> None:
        while len(places) < count:
            table = draw.choice(("accounts_plan", "accounts_plan", "people_plan"))
            sheet = workbook[table]
            column = draw.choice(("pod_id",) if table == "people_plan" else tuple(choices))
            row = draw.randrange(2, sheet.max_row + (table == "people_plan"))
            cell = sheet.cell(row, head(sheet, column))
            value = draw.choice([*choices[column], draw.choice(["nobody", 12, None, "=1/0", "  ", True])])
            if (table, cell.coordinate) not in places and str(value or "").strip() != str(cell.value or ""):
                cell.value = value
                places.add((table, cell.coordinate))

    return edit(folder, path, type_in), places


@pytest.mark.parametrize(
    ("count", "effort"), [(8, "1"), pytest.param(50, "20", marks=pytest.mark.long)], ids=["eight", "fifty"]
)
def test_random_edits_are_all_answered(company_folder: Path, tmp_path: Path, count: int, effort: str) -> None:
    """As many answers as cells typed over, each a price or a reason."""
    path, places = typed_at_random(company_folder, tmp_path / "random.xlsx", count, seed=count)
    rows = answered(company_folder, path, tmp_path / "out", "--work-limit", effort, "--gap", "0.9")
    assert {(row["sheet"], row["cell"]) for row in rows} == places
    assert len(rows) == count
    assert all(bool(row["price"]) != bool(row["why"]) for row in rows)
