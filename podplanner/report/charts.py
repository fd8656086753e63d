"""Native charts of the workbook; their figures stand on the sheet ``chart_data``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.report.styles import FONT, GAIN, INK, LINE, LOSS, QUIET, SERIES, TOTAL, number_formats

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from xlsxwriter import Workbook
    from xlsxwriter.chart import Chart

    from podplanner.domain.tables import Table
    from podplanner.report.canvas import Canvas, Cell

SHEET = "chart_data"
CURVE_POINTS = 400
MOST_PODS = 20
AIR = 0.5
"""How far below the lowest level a bridge's axis begins, as a share of its span."""
SIZE = {"width": 620, "height": 300}
SMALL = {"name": FONT, "size": 9, "color": QUIET, "bold": False}
NO_FILL = {"fill": {"none": True}, "border": {"none": True}}

Range = list[Any]


@dataclass
class ChartData:
    """The sheet behind the charts: columns are added from left to right."""

    canvas: Canvas
    used: int = 0

    def column(self, title: str, values: Sequence[Cell], kind: str = "text") -> Range:
        """Add a column and return the range of its values."""
        self.canvas.put(0, self.used, title, "table_head")
        for row, value in enumerate(values, start=1):
            self.canvas.put(row, self.used, value, "plain", kind)
        self.used += 1
        return [SHEET, 1, self.used - 1, max(len(values), 1), self.used - 1]


@dataclass(frozen=True)
class Charts:
    """Makes the charts of one workbook."""

    workbook: Workbook
    data: ChartData
    currency: str

    def waterfall(self, terms: Mapping[str, float], labels: Mapping[str, str]) -> Chart:
        """Terms from margin down to the contribution; terms of 0 are left out."""
        names = [name for name, value in terms.items() if value]
        steps = np.array([terms[name] for name in names])
        end = np.cumsum(steps)
        start = end - steps
        start, end = np.append(start, 0.0), np.append(end, steps.sum())
        colours = [*(GAIN if step > 0 else LOSS for step in steps.tolist()), TOTAL]
        titles = [*(labels[name] for name in names), "Contribution"]
        chart = self._steps("From margin to contribution, a year", titles, (start, end), colours)
        self._value_axis(chart, _money_kind(float(np.abs(end).max(initial=0.0))))
        return chart

    def bridge(self, ends: tuple[str, str], first: float, steps: Mapping[str, float]) -> Chart:
        """From one plan's contribution to another's; the axis begins near them where all are far above 0.

        Parameters
        ----------
        ends
            Names of the plans.
        first
            Contribution of the first.
        steps
            What each step adds, by its label; those of 0 are left out.
        """
        shown = {label: step for label, step in steps.items() if step}
        change = np.array(list(shown.values()))
        level = first + np.cumsum(change)
        last = float(level[-1]) if len(level) else first
        start = np.concatenate([[0.0], level - change, [0.0]])
        end = np.concatenate([[first], level, [last]])
        colours = [TOTAL, *(GAIN if step > 0 else LOSS for step in change.tolist()), TOTAL]
        chart = self._steps(f"From {ends[0]} to {ends[1]}, a year", [ends[0], *shown, ends[1]], (start, end), colours)
        low, high = float(end.min()), float(end.max())
        base = _rounded_down(low - AIR * (high - low), high - low)
        self._value_axis(chart, _money_kind(high - low), base if base > 0 and high > low else None)
        return chart

    def _steps(
        self, title: str, names: list[str], ends: tuple[NDArray[np.float64], NDArray[np.float64]], colours: list[str]
    ) -> Chart:
        """Columns that float between two levels, on either side of 0."""
        start, end = ends
        above = np.maximum(np.minimum(start, end), 0.0)
        below = np.minimum(np.maximum(start, end), 0.0)
        parts = (
            ("floor above", above, False),
            ("floor below", below, False),
            ("above", np.maximum(np.maximum(start, end), 0.0) - above, True),
            ("below", np.minimum(np.minimum(start, end), 0.0) - below, True),
        )
        categories = self.data.column("step", names)
        chart = self._chart("column", "stacked", title)
        for name, values, shown in parts:
            points = [{"fill": {"color": colour}, "border": {"none": True}} for colour in colours]
            series = {"categories": categories, "values": self.data.column(name, values.tolist(), "money"), "gap": 40}
            chart.add_series({**series, "points": points} if shown else {**series, **NO_FILL})
        chart.set_legend({"none": True})
        chart.set_x_axis({"num_font": SMALL, "line": {"color": LINE}, "label_position": "low"})
        return chart

    def shares_by_tier(self, tiers: Sequence[str], shares: Mapping[str, Sequence[float]]) -> Chart:
        """Bars of each tier's share of several totals."""
        chart = self._chart("bar", "clustered", "What each tier takes and brings")
        categories = self.data.column("tier", list(tiers))
        for colour, (title, values) in zip(SERIES, shares.items(), strict=False):
            chart.add_series(
                {
                    "name": title,
                    "categories": categories,
                    "values": self.data.column(title, list(values), "share"),
                    "fill": {"color": colour},
                    "border": {"none": True},
                    "gap": 60,
                    "data_labels": {"value": True, "num_format": "0%", "font": SMALL},
                }
            )
        chart.set_legend({"position": "bottom", "font": SMALL})
        self._bars(chart)
        return chart

    def tier_curve(self, curve: Table) -> Chart:
        """Cumulative priced contribution over accounts, best first: it falls where profit is lost."""
        count = len(curve) - 1
        shown = np.unique(np.linspace(0, count - 1, num=min(count, CURVE_POINTS)).round().astype(np.int64))
        values = np.append(0.0, curve["cumulative_priced"][shown])
        ranks = np.append(0, curve["rank"][shown])
        chart = self._chart(
            "scatter", "straight", "Contribution of the best accounts, added up (hours at their prices)"
        )
        chart.add_series(
            {
                "categories": self.data.column("accounts", ranks.tolist(), "count"),
                "values": self.data.column("cumulative priced contribution", values.tolist(), "money"),
                "line": {"color": GAIN, "width": 2.25},
                "marker": {"type": "none"},
            }
        )
        chart.set_legend({"none": True})
        chart.set_x_axis(
            {
                "name": "accounts, best first",
                "name_font": SMALL,
                "num_font": SMALL,
                "num_format": "#,##0",
                "min": 0,
                "max": max(count, 1),
                "line": {"color": LINE},
                "major_gridlines": {"visible": False},
                "label_position": "low",
            }
        )
        self._value_axis(chart, _money_kind(float(np.abs(values).max(initial=0.0))))
        return chart

    def pods(self, names: Sequence[str], contribution: NDArray[np.float64]) -> Chart:
        """Bars of the pods by contribution, the best first; of many pods the best and the worst."""
        order = np.argsort(-contribution, kind="stable")
        title = "Pods by contribution"
        if len(order) > MOST_PODS:
            order = np.concatenate([order[: MOST_PODS // 2], order[-MOST_PODS // 2 :]])
            title = f"Pods by contribution: the best and the worst {MOST_PODS // 2}"
        values = contribution[order]
        kind = _money_kind(float(np.abs(values).max(initial=0.0)))
        chart = self._chart("bar", "clustered", title)
        chart.add_series(
            {
                "categories": self.data.column("pod", [names[place] for place in order.tolist()]),
                "values": self.data.column("contribution of the pod", values.tolist(), "money"),
                "points": [{"fill": {"color": GAIN if value >= 0 else LOSS}} for value in values.tolist()],
                "border": {"none": True},
                "gap": 40,
                "data_labels": {"value": True, "num_format": number_formats(self.currency)[kind], "font": SMALL},
            }
        )
        self._bars(chart)
        chart.set_legend({"none": True})
        return chart

    def _chart(self, kind: str, subtype: str, title: str) -> Chart:
        chart = self.workbook.add_chart(
            {"type": kind, "subtype": subtype} if subtype != "clustered" else {"type": kind}
        )
        assert chart is not None  # only an unknown kind makes none
        chart.set_title({"name": title, "name_font": {"name": FONT, "size": 11, "color": INK}, "overlay": False})
        chart.set_chartarea({"border": {"color": LINE}})
        chart.set_size(SIZE)
        return chart

    def _bars(self, chart: Chart) -> None:
        """Axes of a bar chart: categories from the top down, values as labels of the bars."""
        chart.set_y_axis({"reverse": True, "num_font": SMALL, "line": {"color": LINE}, "label_position": "low"})
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})

    def _value_axis(self, chart: Chart, kind: str, least: float | None = None) -> None:
        chart.set_y_axis(
            {
                "min": least,
                "num_format": number_formats(self.currency)[kind],
                "num_font": SMALL,
                "line": {"none": True},
                "major_gridlines": {"visible": True, "line": {"color": LINE, "width": 0.5}},
            }
        )


def _rounded_down(value: float, span: float) -> float:
    """A value where an axis of some span may begin: its marks are then round numbers."""
    unit = 10.0 ** math.floor(math.log10(span)) if span > 0 else 1.0
    return math.floor(value / unit) * unit


def _money_kind(largest: float) -> str:
    return "millions" if largest >= 1e6 else "money"
