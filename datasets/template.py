"""The empty workbook that a planner downloads, fills in and hands back.

Every table is a sheet with all its columns; a column's note says what goes into it. The example row of each sheet
starts with ``(example)`` and is never read, so an untouched template is refused as empty and can never be planned by
mistake. The policy sheet lists every key with a blank value, which stands for the default beside it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from datasets.raw import EXAMPLE, example_row
from datasets.schema import POLICY_KEYS, TABLES, Column, Kind, TableSchema

README_SHEET = "Read me"
LAST_ROW = 1_048_575
"""Validation lists reach to the sheet's last row (from 0)."""

_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  # workbooks know no zone; a fixed date keeps the bytes the same
_GUIDE = (
    "Fill in accounts and people; every other sheet may stay empty, and its defaults are listed with the plan.",
    "Columns with a dark header are required. In accounts, give revenue or potential, or both.",
    "Point at a header to read what goes into the column, its unit, its range and its default.",
    f"Rows that start with {EXAMPLE} show how a row looks and are not read; write over them or delete them.",
    "Ids are text: leading zeros stay where the column is formatted as text, as it is here.",
    "Money is a year's, in policy currency; hours are a year's; distances are one-way road km.",
    "Columns of your own are kept and handed through. Sheets that are not needed may be deleted.",
)


def write_template(path: str | Path) -> None:
    """Write the template workbook; equal bytes every time.

    Parameters
    ----------
    path
        Where to, ending in ``.xlsx``; a file there is replaced.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": "podplanner input", "created": _CREATED})
        formats = {
            "required": book.add_format({"bold": True, "bg_color": "#1F4E5F", "font_color": "white", "border": 1}),
            "optional": book.add_format({"bold": True, "bg_color": "#D9E8EC", "border": 1}),
            "example": book.add_format({"italic": True, "font_color": "#808080"}),
            Kind.TEXT: book.add_format({"num_format": "@"}),
            Kind.CHOICE: book.add_format({"num_format": "@"}),
            Kind.DATE: book.add_format({"num_format": "yyyy-mm-dd"}),
            "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        _write_guide(book, formats)
        for table in TABLES.values():
            _write_table(book, table, formats)


def _write_guide(book: Any, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(README_SHEET)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 100, formats["wrapped"])
    sheet.write(0, 0, "How to fill in", formats["required"])
    for row, line in enumerate(_GUIDE):
        sheet.write(row, 1, line, formats["wrapped"])
    start = len(_GUIDE) + 1
    for row, table in enumerate(TABLES.values(), start):
        sheet.write_url(row, 0, f"internal:'{table.name}'!A1", string=table.name)
        needed = " Required." if table.required else ""
        sheet.write(row, 1, table.meaning + needed, formats["wrapped"])


def _write_table(book: Any, table: TableSchema, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(table.name)
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 20)
    example = example_row(table)
    for index, column in enumerate(table.columns):
        sheet.set_column(index, index, max(12, len(column.name) + 4), formats.get(column.kind))
        sheet.write_string(0, index, column.name, formats["required" if column.required else "optional"])
        sheet.write_comment(0, index, note(column), {"x_scale": 2.2, "y_scale": 1.6})
        words = column.choices or (("true", "false") if column.kind is Kind.FLAG else ())
        if words:
            rule = {"validate": "list", "source": list(words), "error_message": f"One of {', '.join(words)}."}
            sheet.data_validation(1, index, LAST_ROW, index, rule)
        if table.name != "policy":
            sheet.write_string(1, index, example[column.name], formats["example"])
    if table.name == "policy":
        _write_policy(sheet, formats)


def _write_policy(sheet: Any, formats: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 28)
    sheet.set_column(2, 2, 34)
    sheet.set_column(3, 4, 60)
    for index, title in enumerate(("default", "meaning"), 2):
        sheet.write_string(0, index, title, formats["optional"])
    for row, key in enumerate(POLICY_KEYS.values(), 1):
        sheet.write_string(row, 0, key.name)
        sheet.write_string(row, 2, key.describe_default() or key.blank, formats["example"])
        sheet.write_string(row, 3, f"{key.meaning} {_unit_and_range(key)}".strip(), formats["example"])
        words = key.choices or (("true", "false") if key.kind is Kind.FLAG else ())
        if words:
            sheet.data_validation(row, 1, row, 1, {"validate": "list", "source": list(words)})


def note(column: Column) -> str:
    """The words at a column's header: meaning, unit and range, and what a blank stands for."""
    lines = [column.meaning, _unit_and_range(column)]
    if column.choices:
        lines.append(f"One of {', '.join(column.choices)}.")
    if column.required:
        lines.append("Required.")
    elif column.has_default:
        lines.append(f"Default: {column.describe_default()} ({column.source}).")
    elif column.blank:
        lines.append(f"Blank: {column.blank}.")
    return "\n".join(filter(None, lines))


def _unit_and_range(column: Column) -> str:
    parts = [part for part in (column.unit, str(column.range)) if part]
    return f"[{'; '.join(parts)}]" if parts else ""
