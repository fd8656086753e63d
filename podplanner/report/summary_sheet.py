"""First sheet of the workbook: the plan's key numbers, how good it is and what proves it, today beside the plan."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.domain.score import TERMS
from podplanner.domain.vocabulary import COVERAGES
from podplanner.report.kpis import KPIS
from podplanner.report.styles import A4

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from podplanner.domain.tables import Table
    from podplanner.report.canvas import Canvas, Cell
    from podplanner.report.charts import Charts
    from podplanner.report.ledger import Ledger
    from podplanner.report.report import Report

TERM_LABELS = {
    "margin": "Margin",
    "people_cost": "Pay",
    "hire_cost": "Hiring",
    "travel_cost": "Travel",
    "fixed_cost": "Bases",
    "direct_cost": "Cost per account",
    "relocation_cost": "Relocation",
    "release_cost": "Release",
    "move_cost": "Moves",
    "handover_cost": "Handovers",
    "soft_cost": "Soft rules",
}
REASONS = {
    "optimal": "the plan is proven to be the best",
    "gap_reached": "the gap that was asked for is reached",
    "feasible": "{limit}",
}
LIMITS = {
    "time": "the time limit was reached",
    "work": "the work limit was reached (asked for, or the engine's own)",
    "cancelled": "it was stopped by hand",
}
WIDTHS = (30, 17, 17, 17, 17, 3, *[11] * 8)
CHART_COLUMN = 6
CHART_ROWS = 16
FIRST_CHART = 3
LINE_LETTERS = 140
"""Letters of a line of text beside the charts."""

MOST_LINES = 60
"""Lines of assumptions that are shown; the rest is in summary.json."""


@dataclass
class _Cursor:
    row: int = 0


def fill_summary(canvas: Canvas, charts: Charts, report: Report, ledger: Ledger, notes: Sequence[str]) -> None:
    """Compose the sheet.

    Parameters
    ----------
    notes
        What a reader must know about this workbook, such as shortened sheets.
    """
    summary, cursor = report.summary, _Cursor()
    for column, width in enumerate(WIDTHS):
        canvas.sheet.set_column(column, column, width)
    _head(canvas, cursor, summary, ledger)
    _quality(canvas, cursor, summary, notes)
    _terms(canvas, cursor, summary)
    tiers = _tiers(canvas, cursor, report.tables["accounts_plan"], ledger)
    second_page = max(cursor.row, FIRST_CHART + 2 * CHART_ROWS)
    cursor.row = second_page
    _kpis(canvas, cursor, summary)
    cursor.row = max(cursor.row, second_page + 2 * CHART_ROWS)
    _list(canvas, cursor, "What was assumed", summary["assumed"], "No default was used.")
    _place_charts(canvas, charts, report, second_page, (ledger.instance.tiers.ids.tolist(), tiers))
    canvas.sheet.set_landscape()
    canvas.sheet.set_paper(A4)
    canvas.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    canvas.sheet.fit_to_pages(1, 0)
    canvas.sheet.set_h_pagebreaks([second_page])


def _head(canvas: Canvas, cursor: _Cursor, summary: Mapping[str, Any], ledger: Ledger) -> None:
    policy, figures, baseline = ledger.instance.policy, summary["kpis"], summary["baseline"]
    period = "" if np.isnat(policy.period_start) else f"{policy.period_start} to {policy.period_end}; "
    canvas.put(0, 0, "Plan of pods, tiers and named teams", "title")
    canvas.put(1, 0, f"{period}money in {summary['currency']} a year; input {summary['input_sha256'][:12]}", "subtitle")
    gain = None if baseline is None else baseline["gain"]
    missing = "not shown" if ledger.instance.has_books else "no books"
    no_gain = missing if baseline is None else "not like for like"
    tiles: list[list[tuple[str, Cell, str]]] = [
        [
            ("Contribution", summary["contribution"], "money"),
            ("Proven bound", _or_words(summary["bound"], "not known"), "money"),
            ("Gap", _or_words(summary["gap"], "not known"), "percent"),
            ("Today", missing if baseline is None else baseline["contribution"], "money"),
            ("Gain over today", no_gain if gain is None else gain, "money"),
        ],
        [
            ("Expected revenue", figures["expected_revenue"], "money"),
            ("Local / virtual / direct", _counts(figures, "accounts", COVERAGES), "text"),
            ("Local / virtual pods", _counts(figures, "pods", COVERAGES[:2]), "text"),
            ("People in pods", figures["people"], "count"),
            ("Handovers", figures["handovers"], "count"),
        ],
    ]
    for line, row in enumerate(tiles):
        for column, (label, value, kind) in enumerate(row):
            canvas.put(3 + 3 * line, column, label, "tile_label")
            canvas.put(4 + 3 * line, column, value, "tile", kind)
    cursor.row = 9


def _or_words(value: float | None, words: str) -> Cell:
    return words if value is None else value


def _counts(figures: Mapping[str, Any], name: str, kinds: Sequence[str]) -> str:
    return " / ".join(f"{figures[f'{name}_{kind}']:,}" for kind in kinds)


def _quality(canvas: Canvas, cursor: _Cursor, summary: Mapping[str, Any], notes: Sequence[str]) -> None:
    counts = summary["counts"]
    reason = REASONS[summary["reason"]].format(limit=LIMITS.get(summary["limit"]))
    lines = [f"The run ended because {reason} (engine {summary['engine']}, seed {summary['seed']})."]
    if summary["bound"] is not None:
        lines.append(
            f"Proof: no plan of these accounts, people, {counts['candidate_pods']:,} candidate pods, "
            f"{counts['allowed_pairs']:,} allowed pairs of account and pod, and rules can bring more than the bound."
        )
    if summary["gap_of_gain"] is not None:
        gain = summary["bound"] - summary["all_direct"]
        lines.append(
            f"Over serving everybody directly, coverage can add {gain:,.0f} at most; "
            f"at most {summary['gap_of_gain']:.1%} of that is still open."
        )
    if summary["baseline"] is not None:
        broken = sum(summary["baseline"]["violations"].values())
        lines.append(
            "Today is scored by the same yardstick; where hours lack, its coverage earns less (it would be worth "
            f"{summary['baseline']['uncorrected']:,.0f} if all of it were served in full). "
            f"Rules that it breaks: {broken:,}{', listed on the sheet warnings' if broken else ''}."
        )
        if free := summary["baseline"]["taken_as_served"]:
            lines.append(
                f"Today is taken at its word: books name nobody for {', '.join(free)}, which count as served in full, "
                "and without further pay; bases and leaders' weeks are not asked of it. So no gain is shown, and "
                "today may stand above the bound; rows of books for these functions make it comparable."
            )
    if summary["pay_hidden"]:
        lines.append(
            "Pay is hidden: everybody is shown at the same pay, so that only its sum is true. "
            "It holds hiring and release. Today is not shown where the difference would tell the pay of one or two."
        )
    if summary["warnings"]:
        many = summary["warnings"] != 1
        lines.append(f"The input has {summary['warnings']:,} warning{'s' * many}: see the sheet 'warnings'.")
    _list(canvas, cursor, "How good it is", [*lines, *notes], "")


def _list(canvas: Canvas, cursor: _Cursor, title: str, lines: Sequence[str], otherwise: str) -> None:
    canvas.section(cursor.row, 0, title, 5)
    shown = [part for line in lines[:MOST_LINES] for part in textwrap.wrap(line, LINE_LETTERS)] or [otherwise]
    if len(lines) > MOST_LINES:
        shown.append(f"and {len(lines) - MOST_LINES} more, in summary.json")
    for line in shown:
        cursor.row += 1
        canvas.put(cursor.row, 0, line)
    cursor.row += 2


def _terms(canvas: Canvas, cursor: _Cursor, summary: Mapping[str, Any]) -> None:
    terms, baseline = summary["terms"], summary["baseline"]
    today = None if baseline is None else baseline["terms"]
    canvas.section(cursor.row, 0, "What the contribution is made of", 5)
    compared = ["", ""] if today is None else ["Today", "Difference"]
    heads: list[Cell] = ["", "Plan", *compared, "Share of margin"]
    rows = [(TERM_LABELS[name], terms[name], None if today is None else today[name]) for name in TERMS]
    rows.append(("Contribution", summary["contribution"], None if baseline is None else baseline["contribution"]))
    canvas.put_row(cursor.row + 1, 0, heads, "head", ("text", "money", "money", "money", "share"))
    for place, (label, plan, then) in enumerate(rows):
        difference = None if then is None else round(plan - then, 2)
        share = plan / terms["margin"] if terms["margin"] else None
        canvas.put_row(
            cursor.row + 2 + place,
            0,
            [label, plan, then, difference, share],
            "total" if label == "Contribution" else "cell",
            ("text", "money", "money", "money", "share"),
        )
    cursor.row += len(rows) + 3


def _tiers(canvas: Canvas, cursor: _Cursor, accounts: Table, ledger: Ledger) -> dict[str, list[float]]:
    """Table of the tiers; returns each tier's shares for the chart."""
    tiers, plan = ledger.instance.tiers, ledger.plan
    columns = {
        "accounts": np.ones(len(plan.tier)),
        "potential": ledger.instance.accounts.potential,
        "expected revenue": ledger.expected,
        "contribution": accounts["contribution"][:-1],
    }
    sums = {name: np.bincount(plan.tier, weights=values, minlength=len(tiers)) for name, values in columns.items()}
    kinds = ("text", "count", "money", "money", "money")
    rest = float(accounts["contribution"][-1])
    canvas.section(cursor.row, 0, "Tiers", 5)
    canvas.put_row(cursor.row + 1, 0, ["", *(name.capitalize() for name in columns)], "head", kinds)
    for place, tier in enumerate(tiers.ids.tolist()):
        values = [float(sums[name][place]) for name in columns]
        canvas.put_row(cursor.row + 2 + place, 0, [tier, *values], "cell", kinds)
    row = cursor.row + 2 + len(tiers)
    canvas.put_row(row, 0, ["unused hours, bases, one-off costs", None, None, None, rest], "cell", kinds)
    totals = [float(sums[name].sum()) for name in columns]
    canvas.put_row(row + 1, 0, ["All", *totals[:3], totals[3] + rest], "total", kinds)
    cursor.row = row + 3
    return {
        name: [float(value) for value in sums[name] / sums[name].sum()]
        for name in ("accounts", "expected revenue")
        if sums[name].sum()
    }


def _kpis(canvas: Canvas, cursor: _Cursor, summary: Mapping[str, Any]) -> None:
    baseline = summary["baseline"]
    canvas.section(cursor.row, 0, "Key figures", 5)
    heads: list[Cell] = ["", "Plan", "" if baseline is None else "Today"]
    cursor.row += 1
    canvas.put_row(cursor.row, 0, heads, "head", ("text", "count", "count"))
    canvas.put(cursor.row, 3, "Meaning", "note")
    for kpi in KPIS:
        cursor.row += 1
        then = None if baseline is None else baseline["kpis"][kpi.name]
        canvas.put_row(
            cursor.row, 0, [kpi.label, summary["kpis"][kpi.name], then], "cell", ("text", kpi.unit, kpi.unit)
        )
        canvas.put(cursor.row, 3, kpi.meaning, "note")
    cursor.row += 2


def _place_charts(
    canvas: Canvas, charts: Charts, report: Report, second_page: int, tiers: tuple[list[str], dict[str, list[float]]]
) -> None:
    pods = report.tables["pods_plan"]
    is_open = pods["open"]
    names = [str(name or pod) for name, pod in zip(pods["name"][is_open], pods["pod_id"][is_open], strict=True)]
    made = (
        charts.waterfall({name: report.summary["terms"][name] for name in TERMS}, TERM_LABELS),
        charts.shares_by_tier(*tiers),
        charts.tier_curve(report.tables["tier_curve"]),
        charts.pods(names, pods["contribution"][is_open]),
    )
    rows = (FIRST_CHART, FIRST_CHART + CHART_ROWS, second_page, second_page + CHART_ROWS)
    for row, chart in zip(rows, made, strict=True):
        canvas.sheet.insert_chart(row, CHART_COLUMN, chart, {"y_offset": 6})
