"""Any number of written plans side by side, today among them: key figures of all, and each against the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.domain.errors import UnreadableInput
from podplanner.domain.tables import Table
from podplanner.domain.vocabulary import FUNCTIONS
from podplanner.report.columns import COMPARISON_TABLES
from podplanner.report.compare import NOT_A_NUMBER, Written, compare_written, read_written
from podplanner.report.csv_text import write_csv
from podplanner.report.kpis import KPIS
from podplanner.report.shape import make_table, texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from podplanner.report.compare import Comparison
    from podplanner.report.reading import Row

TODAY = "today"


@dataclass(frozen=True)
class SideBySide:
    """Plans side by side.

    Parameters
    ----------
    names
        Of the plans, no two alike; the first is what all others are compared with.
    kpis
        A row for each key figure: name, label, unit, direction, and a column for each plan.
    pairs
        Each further plan against the first, in order.
    currency
        Of all of them.
    """

    names: tuple[str, ...]
    kpis: Table
    pairs: tuple[Comparison, ...]
    currency: str


def side_by_side(folders: Sequence[Path], *, with_today: bool = False) -> SideBySide:
    """Read and compare plans.

    Parameters
    ----------
    with_today
        Put today's organisation, as the first plan's summary has it, before them.

    Raises
    ------
    UnreadableInput
        Where a folder holds no plan, the currencies differ, or nothing is known of today.
    """
    return lay_side_by_side([read_written(folder) for folder in folders], with_today=with_today)


def lay_side_by_side(plans: Sequence[Written], *, with_today: bool = False) -> SideBySide:
    """Compare plans that are read already; otherwise as `side_by_side`."""
    currencies = {str(plan.summary["currency"]) for plan in plans}
    if len(currencies) > 1:
        raise UnreadableInput(f"The plans are in {' and '.join(sorted(currencies))}: they cannot be compared.")
    pairs = [_against_today(plan, plans[0]) for plan in plans] if with_today else []
    pairs = pairs or [compare_written(plans[0], plan) for plan in plans[1:]]
    summaries = [_of_today(plans[0])] if with_today else []
    summaries += [plan.summary["kpis"] for plan in plans]
    names = _apart([*([TODAY] if with_today else []), *(plan.name for plan in plans)])
    return SideBySide(names, _figures(names, summaries), tuple(pairs), currencies.pop())


def as_data(told: SideBySide) -> dict[str, Any]:
    """The whole comparison as plain values; what is no number is None."""
    pairs = [
        {
            "first": told.names[0],
            "second": name,
            "same_input": pair.same_input,
            **{table: _records(content) for table, content in pair.tables.items() if table != "kpis"},
        }
        for name, pair in zip(told.names[1:], told.pairs, strict=True)
    ]
    return {"plans": list(told.names), "currency": told.currency, "kpis": _records(told.kpis), "pairs": pairs}


def _records(table: Table) -> list[dict[str, Any]]:
    columns = {
        name: [None if value != value else value for value in column.tolist()] for name, column in table.columns.items()
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def write_side_by_side(told: SideBySide, folder: Path) -> None:
    """Write one CSV file a table; those of a pair begin with the number of its second plan."""
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(told.kpis, folder / "kpis.csv")
    for number, pair in enumerate(told.pairs, start=2):
        for name, table in pair.tables.items():
            if name != "kpis":
                write_csv(table, folder / f"{number}_{name}.csv")


def _of_today(plan: Written) -> Mapping[str, float | None]:
    if plan.summary["baseline"] is None:
        raise UnreadableInput(f"Nothing is known of today: the input of {plan.name} has no books.")
    figures: Mapping[str, float | None] = plan.summary["baseline"]["kpis"]
    return figures


def _figures(names: Sequence[str], summaries: Sequence[Mapping[str, float | None]]) -> Table:
    words = {name: texts([getattr(kpi, name) for kpi in KPIS]) for name in ("name", "label", "unit", "direction")}
    figures = {}
    for name, summary in zip(names, summaries, strict=True):
        values = [summary[kpi.name] for kpi in KPIS]
        figures[name] = np.array([NOT_A_NUMBER if value is None else value for value in values], np.float64)
    return Table({**words, **figures})


def _apart(names: Sequence[str]) -> tuple[str, ...]:
    """The names, numbered where two are alike, or like a column of the key figures."""
    taken = {"name", "label", "unit", "direction"}
    apart = []
    for stem in names:
        name, number = stem, 2
        while name in taken:
            name, number = f"{stem} ({number})", number + 1
        taken.add(name)
        apart.append(name)
    return tuple(apart)


def _against_today(plan: Written, of_today: Written) -> Comparison:
    """A plan against today: figures and bridge from the summary, accounts and people from its moves and handovers."""
    _of_today(of_today)
    today = of_today.summary["baseline"]
    nothing: dict[str, list[Row]] = {name: [] for name in plan.tables}
    before = Written(TODAY, {**of_today.summary, **today, "scenario": None}, nothing)
    found = compare_written(before, Written(plan.name, plan.summary, nothing))
    tables = {**found.tables, "accounts": _handed_over(plan), "people": _moved(plan)}
    return type(found)(tables=tables, same_input=found.same_input)


def _handed_over(plan: Written) -> Table:
    rows: dict[str, list[Row]] = plan.by_id("handovers", "account_id")
    cells: dict[str, list[object]] = {column.name: [] for column in COMPARISON_TABLES["accounts"]}
    for account, of in rows.items():
        by_role = {row["role"]: row for row in of}
        cells["account_id"].append(account)
        cells["change"].append(", ".join(by_role))
        for column in ("tier", "pod_id"):
            cells[f"first_{column}"].append("")
            cells[f"second_{column}"].append("")
        for role in FUNCTIONS:
            for which, end in (("first", "from"), ("second", "to")):
                cell = by_role[role][f"{end}_person_id"] if role in by_role else ""
                cells[f"{which}_owner_{role}"].append(cell)
        cells["difference"].append(-sum(float(row["cost"]) for row in of))
        cells["reason"].append("; ".join(dict.fromkeys(row["reason"] for row in of)))
    return make_table("accounts", cells)


def _moved(plan: Written) -> Table:
    rows = plan.tables["moves"]
    cells: dict[str, list[object]] = {
        "person_id": [row["person_id"] for row in rows],
        "change": ["pods" for _ in rows],
        "first_pods": [row["from_pod_id"] for row in rows],
        "second_pods": [row["to_pod_id"] for row in rows],
        "target_difference": [NOT_A_NUMBER for _ in rows],
        "reason": [row["reason"] for row in rows],
    }
    return make_table("people", cells)
