"""``compare.xlsx``: plans side by side, a bridge with its picture for each pair, and who and what is elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlsxwriter import Workbook

from podplanner import __version__
from podplanner.domain.score import TERMS
from podplanner.report.canvas import Canvas
from podplanner.report.charts import SHEET, ChartData, Charts
from podplanner.report.columns import COMPARISON_TABLES
from podplanner.report.kpis import KPIS
from podplanner.report.styles import A4, Styles
from podplanner.report.workbook import FIXED_DATE, MOST_ROWS, OPTIONS

if TYPE_CHECKING:
    from pathlib import Path

    from podplanner.domain.tables import Table
    from podplanner.report.compare import Comparison
    from podplanner.report.side_by_side import SideBySide

LISTED = ("accounts", "people", "pods", "tiers")
WIDE, NARROW = 34, 16
CHART_SIZE = {"width": 980, "height": 420}


def write_comparison(told: SideBySide, path: Path) -> None:
    """Write the workbook; equal comparisons are equal bytes."""
    with Workbook(str(path), OPTIONS | {"constant_memory": False}) as book:
        properties = {"created": FIXED_DATE, "title": "podplanner comparison", "comments": f"podplanner {__version__}"}
        book.set_properties(properties)
        styles = Styles(book, told.currency)
        _figures(Canvas(book.add_worksheet("Figures"), styles), told)
        data = ChartData(Canvas(book.add_worksheet(SHEET), styles))
        charts = Charts(book, data, told.currency)
        for number, pair in enumerate(told.pairs, start=2):
            _bridge(book, styles, charts, told, number, pair)
            for name in LISTED:
                _list(Canvas(book.add_worksheet(f"{number} {name}"), styles), name, pair.tables[name])
        data.canvas.flush()
        data.canvas.sheet.hide()


def _close(canvas: Canvas) -> None:
    """Set the page up for printing, and write it."""
    canvas.sheet.set_landscape()
    canvas.sheet.set_paper(A4)
    canvas.sheet.fit_to_pages(1, 0)
    canvas.flush()


def _figures(canvas: Canvas, told: SideBySide) -> None:
    canvas.put(0, 0, "Plans side by side", "title")
    canvas.put_row(2, 0, ("Key figure", "better", *told.names), "table_head", ("text", "text", *told.names))
    arrows = {"up": "more", "down": "less", "": ""}
    for row, kpi in enumerate(KPIS, start=3):
        values = [float(told.kpis[name][row - 3]) for name in told.names]
        canvas.put_row(row, 0, (kpi.label, arrows[kpi.direction]), "cell", ("text", "text"))
        canvas.put_row(row, 2, values, "cell", (kpi.unit,) * len(values))
    canvas.sheet.set_column(0, 0, WIDE)
    canvas.sheet.set_column(1, 1 + len(told.names), NARROW)
    canvas.sheet.freeze_panes(3, 2)
    _close(canvas)


def _bridge(book: Workbook, styles: Styles, charts: Charts, told: SideBySide, number: int, pair: Comparison) -> None:
    canvas = Canvas(book.add_worksheet(f"{number} bridge"), styles)
    first, second = told.names[0], told.names[number - 1]
    canvas.put(0, 0, f"From {first} to {second}", "title")
    terms = pair.tables["terms"]
    canvas.put_row(2, 0, ("Step", first, second, "difference", "so far"), "table_head", ("text", *("money",) * 4))
    columns = ("first", "second", "difference", "cumulative")
    for row in range(len(terms)):
        look = "total" if row in (0, len(terms) - 1) else "cell"
        canvas.put(row + 3, 0, _label(str(terms["term"][row])), look)
        canvas.put_row(row + 3, 1, [float(terms[name][row]) for name in columns], look, ("money",) * 4)
    steps = {_label(name): float(terms["difference"][row]) for row, name in enumerate(TERMS, start=1)}
    chart = charts.bridge((first, second), float(terms["cumulative"][0]), steps)
    chart.set_size(CHART_SIZE)
    canvas.sheet.insert_chart(len(terms) + 4, 0, chart)
    canvas.sheet.set_column(0, 0, WIDE)
    canvas.sheet.set_column(1, 4, NARROW)
    canvas.sheet.hide_gridlines(2)
    _close(canvas)


def _label(term: str) -> str:
    return term.replace("_", " ").capitalize()


def _list(canvas: Canvas, name: str, table: Table) -> None:
    """One table as it is; of a longer one the first rows."""
    kinds = [column.kind for column in COMPARISON_TABLES[name]]
    canvas.put_row(0, 0, tuple(table.columns), "table_head", kinds)
    rows = zip(*(column[:MOST_ROWS].tolist() for column in table.columns.values()), strict=True)
    for row, cells in enumerate(rows, start=1):
        canvas.put_row(row, 0, cells, "table_cell", kinds)
    for place, title in enumerate(table.columns):
        canvas.sheet.set_column(place, place, max(NARROW, len(title) + 4))
    canvas.sheet.freeze_panes(1, 1)
    _close(canvas)
