"""``plan.xlsx``: what a planner shows to leaders and finance, and all tables behind it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from xlsxwriter import Workbook

from podplanner import __version__
from podplanner.report.canvas import Canvas, write_cell
from podplanner.report.charts import SHEET, ChartData, Charts
from podplanner.report.columns import OUTPUT_TABLES
from podplanner.report.pod_sheets import MOST_PAGES, PodPages, fill_pods, paged_pods
from podplanner.report.styles import A4, Styles
from podplanner.report.summary_sheet import fill_summary
from podplanner.report.table_sheet import TableSheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from xlsxwriter.worksheet import Worksheet

    from podplanner.domain.tables import Column, Table
    from podplanner.report.ledger import Ledger
    from podplanner.report.report import Report

MOST_ROWS = 200_000
MOST_COLUMNS_OF_PAGE = 14
MOST_ROWS_OF_WIDTH = 1_000
"""Rows that a column's width is taken from."""
WIDEST = 80
FIXED_DATE = datetime(2000, 1, 1)  # noqa: DTZ001  # the format knows no zone; fixed, so that bytes repeat
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
KIND_WIDTHS = {
    "id": 13,
    "text": 26,
    "money": 15,
    "rate": 11,
    "hours": 11,
    "count": 10,
    "number": 10,
    "share": 9,
    "flag": 9,
}
LONGEST_NAME = 31
NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def write_workbook(report: Report, path: Path, *, most_rows: int = MOST_ROWS) -> None:
    """Write the workbook of a report that has a plan.

    Parameters
    ----------
    most_rows
        A table with more rows is cut there; a last line and the first sheet name the CSV that has all of them.
    """
    ledger = report.ledger
    if ledger is None:
        raise ValueError("a report without a plan has no workbook")
    workbook = Workbook(str(path), OPTIONS)
    workbook.set_properties(
        {"created": FIXED_DATE, "title": "podplanner plan", "comments": f"podplanner {__version__}"}
    )
    styles = Styles(workbook, ledger.instance.policy.currency)
    summary, pods = (Canvas(workbook.add_worksheet(name), styles) for name in ("Summary", "Pods"))
    paged = paged_pods(ledger).tolist()
    names = page_names(str(ledger.instance.pods.names[pod] or ledger.instance.pods.ids[pod]) for pod in paged)
    for pod, name in zip(paged, names, strict=True):
        page = Canvas(workbook.add_worksheet(name), styles)
        PodPages(ledger, report.tables).fill(page, pod)
        page.flush()
    for name, table in report.tables.items():
        _write_table(workbook.add_worksheet(name, TableSheet), styles, name, table, most_rows)
    _write_columns(Canvas(workbook.add_worksheet("columns"), styles))
    data = ChartData(Canvas(workbook.add_worksheet(SHEET), styles))
    charts = Charts(workbook, data, ledger.instance.policy.currency)
    fill_summary(summary, charts, report, ledger, _notes(report, ledger, most_rows))
    fill_pods(pods, report.tables["pods_plan"], dict(zip(ledger.instance.pods.ids[paged].tolist(), names, strict=True)))
    for canvas in (summary, pods, data.canvas):
        canvas.flush()
    data.canvas.sheet.hide()
    for sheet in (summary.sheet, pods.sheet):
        sheet.hide_gridlines(2)
    summary.sheet.activate()
    workbook.close()


def _notes(report: Report, ledger: Ledger, most_rows: int) -> list[str]:
    notes = [
        f"The sheet {name} has the first {most_rows:,} of {len(table):,} rows; all are in {name}.csv."
        for name, table in report.tables.items()
        if len(table) > most_rows
    ]
    staffed = int(ledger.facts.staffed.sum())
    if staffed > MOST_PAGES:
        notes.append(f"The {MOST_PAGES} largest of {staffed} staffed pods have a page; the sheet Pods has them all.")
    return notes


def page_names(pods: Iterable[str]) -> list[str]:
    """Sheet names of these pods' pages: allowed by the format, and no two alike but for case."""
    taken = {name.lower() for name in ("Summary", "Pods", "columns", SHEET, *OUTPUT_TABLES)}
    names = []
    for pod in pods:
        stem = "".join(letter for letter in f"Pod {pod}".translate(NOT_IN_NAMES) if letter.isprintable())
        name, number = stem[:LONGEST_NAME].strip(), 2
        while name.lower() in taken:
            ending = f" ({number})"
            name, number = stem[: LONGEST_NAME - len(ending)].strip() + ending, number + 1
        taken.add(name.lower())
        names.append(name)
    return names


def _write_table(sheet: TableSheet, styles: Styles, name: str, table: Table, most_rows: int) -> None:
    """One table as it is: header in row 1, so that rows and columns are those of the CSV."""
    declared = {column.name: column.kind for column in OUTPUT_TABLES[name]}
    kinds = [declared.get(title) or _kind(values) for title, values in table.columns.items()]
    rows = min(len(table), most_rows)
    for place, ((title, values), kind) in enumerate(zip(table.columns.items(), kinds, strict=True)):
        sheet.set_column(place, place, max(_width(values, kind), min(len(title) + 4, 40)))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(rows, 1), len(kinds) - 1)
    _print_setup(sheet, name, pages_wide=1 if len(kinds) <= MOST_COLUMNS_OF_PAGE else 2)
    sheet.set_row(0, 22)
    for place, (title, kind) in enumerate(zip(table.columns, kinds, strict=True)):
        write_cell(sheet, 0, place, title, styles.get("table_head", kind))
    formats = [styles.get("table_cell", kind) for kind in kinds]
    # A blank cell of a table holds nothing at all: filters and sums pass it by.
    sheet.write_columns(1, [values[:rows] for values in table.columns.values()], formats)
    if len(table) > most_rows:
        write_cell(
            sheet, rows + 1, 0, f"first {rows:,} of {len(table):,} rows; all are in {name}.csv", styles.get("note")
        )


def _kind(values: Column) -> str:
    """Kind of a column that the input brought along: whole numbers are shown as such."""
    if values.dtype.kind != "f":
        return "text"
    known = values[np.isfinite(values)]
    return "count" if bool((known == np.round(known)).all()) else "number"


def _width(values: Column, kind: str) -> int:
    """Letters that a column takes: sentences are wider than names."""
    if kind not in ("id", "text"):
        return KIND_WIDTHS[kind]
    longest = max((len(str(value)) for value in values[:MOST_ROWS_OF_WIDTH].tolist()), default=0)
    return min(max(KIND_WIDTHS[kind], longest + 2), WIDEST)


def _write_columns(canvas: Canvas) -> None:
    heads: Sequence[str] = ("table", "column", "kind", "meaning")
    canvas.put_row(0, 0, heads, "table_head", ("text",) * 4)
    row = 1
    for name, columns in OUTPUT_TABLES.items():
        for column in columns:
            canvas.put_row(row, 0, (name, column.name, column.kind, column.meaning), "plain", ("text",) * 4)
            row += 1
    for place, width in enumerate((16, 26, 10, 100)):
        canvas.sheet.set_column(place, place, width)
    canvas.sheet.freeze_panes(1, 0)
    canvas.sheet.autofilter(0, 0, row - 1, 3)
    _print_setup(canvas.sheet, "columns", pages_wide=1)
    canvas.flush()


def _print_setup(sheet: Worksheet, name: str, *, pages_wide: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(pages_wide, 0)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0)
    sheet.set_footer(f"&L{name}&RPage &P of &N")
