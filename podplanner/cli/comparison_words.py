"""What differs between two plans, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from podplanner.domain.tables import Table
    from podplanner.report.compare import Comparison

SHOWN = 20
"""Accounts, people and pods told one by one; --json has all."""


def comparison_lines(comparison: Comparison) -> tuple[str, ...]:
    """The bridge from one contribution to the other, key figures that differ, then who and what is elsewhere."""
    return (
        *([] if comparison.same_input else ["The plans are of different inputs."]),
        *_bridge(comparison.tables["terms"]),
        *_figures(comparison.tables["kpis"]),
        *_changed("accounts", comparison.tables["accounts"], "account_id", ("difference", "contribution")),
        *_changed("people", comparison.tables["people"], "person_id", ("target_difference", "target")),
        *_pods(comparison.tables["pods"]),
    )


def _bridge(terms: Table) -> Iterator[str]:
    last = len(terms) - 1
    for row in range(len(terms)):
        amount = terms["cumulative" if row in (0, last) else "difference"][row]
        if row in (0, last) or amount != 0:
            yield f"{terms['term'][row]:<34}{amount:>+20,.2f}"


def _figures(kpis: Table) -> Iterator[str]:
    """Key figures that are not the same; money is in the bridge."""
    for row in range(len(kpis)):
        one, other = (float(kpis[name][row]) for name in ("first", "second"))
        unit = str(kpis["unit"][row])
        if unit != "money" and not (one == other or np.isnan([one, other]).all()):
            yield f"{kpis['label'][row]:<34}{_shown(one, unit):>12} -> {_shown(other, unit)}"


def _shown(value: float, unit: str) -> str:
    if np.isnan(value):
        return "none"
    return {"share": f"{value:.1%}", "count": f"{value:,.0f}", "number": f"{value:,.2f}"}[unit]


def _changed(word: str, table: Table, key: str, measure: tuple[str, str]) -> Iterator[str]:
    """The changes that matter most in money: its column, and what to call it."""
    money, label = measure
    yield f"{word} changed: {len(table):,}" + (f", the {SHOWN} largest:" if len(table) > SHOWN else "")
    for row in np.argsort(-np.abs(table[money]), kind="stable")[:SHOWN].tolist():
        yield f"  {table[key][row]}: {table['change'][row]} ({label} {table[money][row]:+,.2f})"


def _pods(pods: Table) -> Iterator[str]:
    changed = [row for row in range(len(pods)) if pods["change"][row]]
    yield f"pods opened or closed: {len(changed):,}"
    for row in changed[:SHOWN]:
        yield f"  {pods['pod_id'][row]}: {pods['change'][row]} (contribution {pods['difference'][row]:+,.2f})"
