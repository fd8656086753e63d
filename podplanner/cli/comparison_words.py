"""What differs between two plans, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.report.kpis import KPIS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from podplanner.domain.tables import Table
    from podplanner.report.compare import Comparison
    from podplanner.report.side_by_side import SideBySide

SHOWN = 20
"""Accounts, people and pods told one by one; --json has all."""


def comparison_lines(told: SideBySide) -> tuple[str, ...]:
    """Each plan against the first: the bridge, key figures that differ, then who and what is elsewhere."""
    lines: list[str] = []
    if len(told.pairs) > 1:
        lines += [*_all_figures(told), ""]
    for name, pair in zip(told.names[1:], told.pairs, strict=True):
        lines += [f"{told.names[0]} -> {name}", *_pair_lines(pair), ""]
    return tuple(lines[:-1])


def _all_figures(told: SideBySide) -> Iterator[str]:
    """Key figures of all plans; those that are the same in all are left out."""
    yield f"{'':<34}" + "".join(f"{name[:18]:>20}" for name in told.names)
    for row, kpi in enumerate(KPIS):
        values = [float(told.kpis[name][row]) for name in told.names]
        if not (len(set(values)) == 1 or np.isnan(values).all()):
            yield f"{kpi.label:<34}" + "".join(f"{kpi.shown(value):>20}" for value in values)


def _pair_lines(comparison: Comparison) -> tuple[str, ...]:
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
    for row, kpi in enumerate(KPIS):
        one, other = (float(kpis[name][row]) for name in ("first", "second"))
        if kpi.unit != "money" and not (one == other or np.isnan([one, other]).all()):
            yield f"{kpi.label:<34}{kpi.shown(one):>12} -> {kpi.shown(other)}"


def _changed(word: str, table: Table, key: str, measure: tuple[str, str]) -> Iterator[str]:
    """The changes that matter most in money: its column, and what to call it."""
    money, label = measure
    yield f"{word} changed: {len(table):,}" + (f", the {SHOWN} largest:" if len(table) > SHOWN else "")
    for row in np.argsort(-np.nan_to_num(np.abs(table[money])), kind="stable")[:SHOWN].tolist():
        amount = "" if np.isnan(table[money][row]) else f" ({label} {table[money][row]:+,.2f})"
        yield f"  {table[key][row]}: {table['change'][row]}{amount}: {table['reason'][row]}"


def _pods(pods: Table) -> Iterator[str]:
    changed = [row for row in range(len(pods)) if pods["change"][row]]
    yield f"pods opened or closed: {len(changed):,}"
    for row in changed[:SHOWN]:
        yield f"  {pods['pod_id'][row]}: {pods['change'][row]} (contribution {pods['difference'][row]:+,.2f})"
