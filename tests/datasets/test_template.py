"""The template and the reference page follow the declaration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

import datasets
from datasets.raw import EXAMPLE
from datasets.reference import PAGE, reference
from datasets.schema import POLICY_KEYS, TABLES, Column
from datasets.template import README_SHEET, write_template
from podplanner.domain.errors import InputError

DECLARED = [(name, column) for name, table in TABLES.items() for column in table.columns]
DECLARED += [("policy", key) for key in POLICY_KEYS.values()]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template as downloaded."""
    path = tmp_path_factory.mktemp("template") / "template.xlsx"
    write_template(path)
    return path


def test_an_untouched_template_is_never_planned(template: Path) -> None:
    """Its examples do not count: accounts and people are empty."""
    with pytest.raises(InputError) as caught:
        datasets.read(template)
    errors = {(finding.rule, finding.table) for finding in caught.value.findings if finding.is_error}
    assert errors == {("empty_table", "accounts"), ("empty_table", "people")}


def test_a_filled_template_is_read(template: Path, tmp_path: Path) -> None:
    """Examples may stay above the planner's own rows."""
    book = openpyxl.load_workbook(template)
    for name, cells in (("accounts", {"account_id": "007", "revenue": 9}),
                        ("people", {"person_id": "1", "role": "sales", "annual_cost": 5}),
                        ("changes", {"table": "accounts", "id": "007", "column": "revenue", "value": 7})):  # fmt: skip
        headers = [cell.value for cell in book[name][1]]
        for title, cell in cells.items():
            book[name].cell(3, headers.index(title) + 1, cell)
    book["policy"].cell([cell.value for cell in book["policy"]["A"]].index("margin") + 1, 2, 0.5)
    book.save(tmp_path / "filled.xlsx")
    tables = datasets.read(tmp_path / "filled.xlsx")
    assert tables["accounts"]["account_id"].tolist() == ["007"]
    assert tables["accounts"]["revenue"].tolist() == [7]
    assert tables["accounts"]["margin"].tolist() == [0.5]
    assert "example_row" not in {finding.rule for finding in tables.warnings}


def test_an_example_row_that_was_written_into_is_told(template: Path, tmp_path: Path) -> None:
    """Whoever wrote beside the mark expects the row to be read."""
    book = openpyxl.load_workbook(template)
    headers = [cell.value for cell in book["people"][1]]
    book["people"].cell(2, headers.index("annual_cost") + 1, 77)
    book.save(tmp_path / "half.xlsx")
    told = [finding for finding in datasets.validate(tmp_path / "half.xlsx") if finding.rule == "example_row"]
    assert [(finding.table, finding.row, finding.column) for finding in told] == [("people", 2, "person_id")]
    assert "Write the row's own person_id there" in told[0].way_out


def test_every_column_has_a_sheet_a_note_and_a_list(template: Path) -> None:
    """Headers are frozen; notes tell the meaning; choices and flags have validation lists."""
    book = openpyxl.load_workbook(template)
    assert book.sheetnames == [README_SHEET, *TABLES]
    for name, table in TABLES.items():
        sheet = book[name]
        assert sheet.freeze_panes == "A2"
        headers = {cell.value: cell for cell in sheet[1]}
        lists = {str(rule.sqref).split(":")[0][:-1]: rule.formula1 for rule in sheet.data_validations.dataValidation}
        for column in table.columns:
            header = headers[column.name]
            assert column.meaning in header.comment.text
            if column.choices:
                assert lists[header.column_letter] == f'"{",".join(column.choices)}"'
        if name != "policy":
            assert any(str(cell.value).startswith(EXAMPLE) for cell in sheet[2])


def test_two_templates_are_the_same_bytes(template: Path, tmp_path: Path) -> None:
    """No clock is in it."""
    write_template(tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == template.read_bytes()


def test_the_reference_page_is_up_to_date() -> None:
    """``python -m datasets.reference`` was run after the last change of the declaration."""
    assert PAGE.read_text(encoding="utf-8") == reference()


@pytest.mark.parametrize(("table", "column"), DECLARED, ids=[f"{name}.{column.name}" for name, column in DECLARED])
def test_every_declaration_is_complete(table: str, column: Column) -> None:
    """One sentence of meaning, a unit for every number, choices for every choice, defaults within the range."""
    assert column.meaning.endswith("."), table
    assert bool(column.unit) == (column.kind == "number")
    assert bool(column.choices) == (column.kind == "choice")
    assert not column.has_default or column.source
    values = column.default.values() if isinstance(column.default, Mapping) else [column.default]
    for value in values:
        if column.kind == "number" and value is not None and value != float("inf"):
            assert column.range.holds(float(value))
