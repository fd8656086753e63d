"""plan.xlsx, read back from the file: its numbers add up to summary.json, and its text is text."""

from __future__ import annotations

import json
import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import openpyxl
import pytest
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from podplanner.domain.baseline import baseline
from podplanner.domain.score import TERMS
from podplanner.report.canvas import Canvas
from podplanner.report.charts import ChartData, Charts
from podplanner.report.columns import OUTPUT_TABLES
from podplanner.report.files import write_plan
from podplanner.report.report import make_report
from podplanner.report.styles import Styles, number_formats
from podplanner.report.summary_sheet import TERM_LABELS
from podplanner.report.workbook import page_names, write_workbook
from tests.report.builders import HOSTILE, result

if TYPE_CHECKING:
    from pathlib import Path

Sheet = list[list[Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A written plan with a baseline."""
    run = result()
    return write_plan(make_report(run, baseline(run.instance)), tmp_path_factory.mktemp("made") / "plan")


@pytest.fixture(scope="module")
def summary(folder: Path) -> dict[str, Any]:
    """Its summary, read from the file."""
    told: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return told


@pytest.fixture(scope="module")
def sheets(folder: Path) -> dict[str, Sheet]:
    """Every sheet's cells, read from the file."""
    book = CalamineWorkbook.from_path(str(folder / "plan.xlsx"))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def column(sheet: Sheet, name: str, header: int = 0) -> list[Any]:
    """Cells under a heading."""
    place = sheet[header].index(name)
    return [line[place] for line in sheet[header + 1 :]]


def line_of(sheet: Sheet, label: str) -> list[Any]:
    """First line that begins with a label, below the tiles."""
    return next(line for line in sheet[9:] if line[0] == label)


def test_every_table_has_its_sheet(sheets: dict[str, Sheet]) -> None:
    """Summary first, then pods and their pages, then all tables under their names, headers in row 1."""
    names = list(sheets)
    assert names[:2] == ["Summary", "Pods"]
    assert names[2:5] == ["Pod Dallas", "Pod Chicago  north south  1", "Pod Virtual"]
    for name, columns in OUTPUT_TABLES.items():
        assert sheets[name][0][: len(columns)] == [each.name for each in columns]


def test_table_sheets_add_up_to_the_summary(sheets: dict[str, Sheet], summary: dict[str, Any]) -> None:
    """accounts_plan, pods_plan and the tier curve end at the contribution; each P&L column is its term."""
    for name in ("accounts_plan", "pods_plan"):
        assert sum(column(sheets[name], "contribution")) == pytest.approx(summary["contribution"], abs=0.01)
    assert column(sheets["tier_curve"], "cumulative_contribution")[-1] == pytest.approx(
        summary["contribution"], abs=0.01
    )
    for term in TERMS:
        assert sum(column(sheets["pods_plan"], term)) == pytest.approx(abs(summary["terms"][term]), abs=0.011)
    assert sum(column(sheets["handovers"], "cost")) == pytest.approx(-summary["terms"]["handover_cost"], abs=0.011)
    revenue = summary["kpis"]["expected_revenue"]
    assert sum(column(sheets["accounts_plan"], "expected_revenue")) == pytest.approx(revenue, abs=0.01)
    assert column(sheets["targets"], "expected_revenue")[-1] == pytest.approx(revenue, abs=0.01)


def test_the_first_sheet_says_what_the_summary_says(sheets: dict[str, Sheet], summary: dict[str, Any]) -> None:
    """Terms of plan and today to the cent, their sums, the tiers and the key figures."""
    sheet, today = sheets["Summary"], summary["baseline"]
    for term in TERMS:
        line = line_of(sheet, TERM_LABELS[term])
        assert line[1:3] == [summary["terms"][term], today["terms"][term]]
        assert line[3] == round(line[1] - line[2], 2)
    assert line_of(sheet, "Contribution")[1:4] == [summary["contribution"], today["contribution"], today["gain"]]
    assert sheet[4][:3] == [summary["contribution"], summary["bound"], summary["gap"]]
    assert line_of(sheet, "gold")[1] == summary["counts"]["accounts_by_tier"]["gold"]
    assert line_of(sheet, "All")[4] == pytest.approx(summary["contribution"], abs=0.01)
    assert line_of(sheet, "Utilisation, sales")[1] == summary["kpis"]["utilisation_sales"]
    assert any("worth" in str(line[0]) for line in sheet)


def test_the_pods_sheet_adds_up(sheets: dict[str, Sheet], summary: dict[str, Any]) -> None:
    """Its last line is the sum of the others, across and down, and the plan's contribution."""
    sheet = sheets["Pods"]
    lines = [line for line in sheet[4:] if line[0]]
    for place in range(7, len(sheet[3])):
        assert sum(line[place] for line in lines[:-1]) == pytest.approx(lines[-1][place], abs=0.01)
    for line in lines:
        assert sum(line[8:-1]) == pytest.approx(line[-1], abs=0.01)
    assert lines[-1][-1] == pytest.approx(summary["contribution"], abs=0.01)


def test_a_pod_page_adds_up(sheets: dict[str, Sheet]) -> None:
    """The leader's week has 40 hours, and the page's P&L ends at the pod's contribution."""
    page = sheets["Pod Dallas"]
    start = next(row for row, line in enumerate(page) if line[0] == "The leader's week")
    end = next(row for row, line in enumerate(page) if line[0] == "Hours a week")
    assert sum(line[1] for line in page[start + 1 : end]) == pytest.approx(40)
    result_lines = [line for line in page[start + 1 :] if isinstance(line[6], float) and line[3]]
    pods = sheets["pods_plan"]
    place = column(pods, "pod_id").index("D")
    named = {line[3]: line[6] for line in result_lines}
    assert named["Contribution"] == pytest.approx(column(pods, "contribution")[place])
    assert sum(value for label, value in list(named.items())[:8]) == pytest.approx(named["Contribution"])


def test_a_pod_page_says_why_there_is_no_coach(sheets: dict[str, Sheet]) -> None:
    """Dallas has one; Chicago has a single rep, and the last pod is virtual."""
    pages = [page for name, page in sheets.items() if name.startswith("Pod ")]
    words = [line[2] for page in pages for line in page if line[0] == "Coach"]
    assert words == ["is the peer who coaches the other reps", "needed from two reps on", "only local pods have one"]


def test_text_is_never_a_formula_or_a_link(folder: Path) -> None:
    """No sheet holds a formula; hostile names are plain text; links lead inside the workbook only."""
    with zipfile.ZipFile(folder / "plan.xlsx") as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                text = archive.read(name).decode("utf-8")
                assert "<f>" not in text
                assert not re.search(r'TargetMode="External"', text)
    book = openpyxl.load_workbook(BytesIO((folder / "plan.xlsx").read_bytes()))
    cell = book["accounts_plan"]["S3"]
    assert (cell.value, cell.data_type) in ((HOSTILE, "s"), (HOSTILE, "inlineStr"))
    book.close()


def test_the_workbook_opens_at_its_first_cell(folder: Path) -> None:
    """The first sheet is active, A1 selected; table headers are frozen and filtered; the charts' sheet is hidden."""
    book = openpyxl.load_workbook(BytesIO((folder / "plan.xlsx").read_bytes()))
    assert book.active is not None
    assert book.active.title == "Summary"
    assert book["Summary"].sheet_view.topLeftCell in (None, "A1")
    assert book["accounts_plan"].freeze_panes == "B2"
    assert book["accounts_plan"].auto_filter.ref == "A1:Z11"
    assert book["chart_data"].sheet_state == "hidden"
    assert len(book["Summary"]._charts) == 4  # noqa: SLF001  # openpyxl offers no other way to count them
    book.close()


def test_long_tables_are_cut_and_say_so(tmp_path: Path) -> None:
    """Beyond the limit a sheet has the first rows and the name of the CSV with all; the first sheet says so too."""
    path = tmp_path / "plan.xlsx"
    write_workbook(make_report(result()), path, most_rows=5)
    book = CalamineWorkbook.from_path(str(path))
    lines = book.get_sheet_by_name("accounts_plan").to_python()
    assert len(lines) == 7
    assert lines[-1][0] == "first 5 of 10 rows; all are in accounts_plan.csv"
    assert any("first 5 of 10 rows" in str(line[0]) for line in book.get_sheet_by_name("Summary").to_python())


def test_page_names_are_allowed_and_distinct() -> None:
    """Forbidden letters go, long names are cut, and names that differ by case only are numbered."""
    names = page_names(["A/B", "a?b", "x" * 50, "X" * 50, "=1'", "tab\there"])
    assert names == ["Pod A B", "Pod a b (2)", "Pod " + "x" * 27, "Pod " + "X" * 23 + " (2)", "Pod =1", "Pod tabhere"]


def test_a_currency_cannot_break_a_number_format() -> None:
    """Letters only; known currencies have their sign."""
    assert number_formats('"]X;')["money"].startswith('"X "')
    assert number_formats("EUR")["money"].startswith('"€"')


def test_of_many_pods_the_chart_shows_both_ends() -> None:
    """Thirty pods: ten best, ten worst, and the title says so."""
    workbook = Workbook(BytesIO(), {"constant_memory": True})
    data = ChartData(Canvas(workbook.add_worksheet("chart_data"), Styles(workbook, "USD")))
    chart = Charts(workbook, data, "USD").pods([f"pod {number}" for number in range(30)], np.arange(30.0))
    shown = chart.series[0]
    assert shown["values"].endswith("$B$21")
    assert "the best and the worst 10" in chart.title.name
    workbook.add_worksheet("first").insert_chart(0, 0, chart)
    workbook.close()
