"""An edited workbook's sheets again, cell by cell as they were typed, with marks and answers at the cells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell

from podplanner.report.styles import Styles
from podplanner.report.workbook import FIXED_DATE, OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from podplanner.domain.tables import Table

ANSWERS = "Answers"
"""The first sheet: all answers, one row each."""
GRANTED, REFUSED, TOLD = "granted", "refused", "told"
"""Looks of a mark: it has a price; it has none, for a reason; it asks for nothing."""
NUMBERS_OF_DAYS = {datetime: "yyyy-mm-dd hh:mm:ss", date: "yyyy-mm-dd", time: "hh:mm:ss", timedelta: "[h]:mm:ss"}
WIDTH = 14
WIDTHS = {"cell": 7, "column": 17, "challenge": 10, "wish": 32, "accepted": 10, "note": 30, "why": 55}
"""Of columns of the answers, in letters; of all others `WIDTH`."""
YES_OR_NO = ("no", "yes")


@dataclass(frozen=True)
class Mark:
    """What is said at a cell: its look, and the words of its comment."""

    look: str
    words: str


def cell_name(row: int, column: int) -> str:
    """Name of a cell whose row and column count from 0, as ``B7``."""
    return str(xl_rowcol_to_cell(row, column))


def write_marked(
    path: Path,
    sheets: Mapping[str, Sequence[Sequence[object]]],
    marks: Mapping[tuple[str, int, int], Mark],
    answers: Table,
    currency: str,
) -> None:
    """Write the sheets with their marks, and a first sheet of all answers.

    Parameters
    ----------
    marks
        By sheet, row and column, the latter two from 0.
    currency
        Of the prices.
    """
    # Comments and dates need all rows at hand; text stays text.
    workbook = Workbook(str(path), {**OPTIONS, "constant_memory": False})
    workbook.set_properties({"created": FIXED_DATE, "title": "podplanner answers"})
    styles = Styles(workbook, currency)
    _write_answers(workbook.add_worksheet(ANSWERS), styles, answers)
    days = {kind: workbook.add_format({"num_format": number}) for kind, number in NUMBERS_OF_DAYS.items()}
    for name, lines in sheets.items():
        sheet = workbook.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, max(map(len, lines), default=1), WIDTH)
        for row, line in enumerate(lines):
            for column, cell in enumerate(line):
                mark = marks.get((name, row, column))
                plain = styles.get("table_head") if row == 0 else days.get(type(cell))
                _write(sheet, row, column, cell, plain if mark is None else styles.get(mark.look))
        for row, column, mark in ((at[1], at[2], mark) for at, mark in marks.items() if at[0] == name):
            sheet.write_comment(row, column, mark.words, {"author": "podplanner", "x_scale": 2})
    workbook.close()


def _write(sheet: Worksheet, row: int, column: int, cell: object, look: Format | None) -> None:
    if isinstance(cell, str):
        if cell:
            sheet.write_string(row, column, cell, look)
        elif look is not None:
            sheet.write_blank(row, column, None, look)
    elif isinstance(cell, bool):
        sheet.write_boolean(row, column, cell, look)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell, look)
    elif isinstance(cell, datetime | date | time | timedelta):
        sheet.write_datetime(row, column, cell, look)


def _write_answers(sheet: Worksheet, styles: Styles, answers: Table) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(2, 0)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0, 2)
    sheet.autofilter(0, 0, max(len(answers), 1), len(answers.columns) - 1)
    for column, (name, cells) in enumerate(answers.columns.items()):
        sheet.set_column(column, column, WIDTHS.get(name, WIDTH))
        sheet.write_string(0, column, name, styles.get("table_head"))
        look = styles.get("table_cell", "money" if name == "price" else "text")
        for row, cell in _there(cells.tolist()):
            # As words: programs show a flag as TRUE, or as 1, as they please.
            shown = YES_OR_NO[cell] if isinstance(cell, bool) else cell
            _write(sheet, row, column, shown, look)


def _there(cells: Iterable[object]) -> Iterable[tuple[int, object]]:
    """Cells that hold something, with their rows below the head."""
    pairs = enumerate(cells, start=1)
    return [(row, cell) for row, cell in pairs if not (isinstance(cell, float) and np.isnan(cell))]
