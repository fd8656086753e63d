"""Completed tiers and service."""

from __future__ import annotations

from typing import Any

import numpy as np

from datasets.completion import Completion, as_table
from datasets.schema import TABLES
from datasets.typed import Array, Typed, blank
from podplanner.domain.tables import Table
from podplanner.domain.vocabulary import COVERAGES, FUNCTIONS


def with_rows(table: Typed, rows: dict[str, list[Any]]) -> Typed:
    """The table and further rows, blank in the columns not named; their row number is 0."""
    count = len(next(iter(rows.values())))
    columns = {}
    for column in TABLES[table.name].columns:
        added = blank(column.kind, count)
        if column.name in rows:
            added[:] = rows[column.name]
        columns[column.name] = np.concatenate([table[column.name], added])
    extra = {
        name: np.concatenate([old, np.full(count, "" if old.dtype == object else np.nan, old.dtype)])
        for name, old in table.extra.items()
    }
    return Typed(table.name, columns, table.rows + [0] * count, table.given, extra)


def complete_tiers(table: Typed, completion: Completion) -> Table:
    """Given tiers, then one for each coverage that has none."""
    missing = [coverage for coverage in COVERAGES if coverage not in table["coverage"]]
    taken = set(table["tier"])
    names = [f"{coverage}-default" if coverage in taken else coverage for coverage in missing]
    if missing:
        table = with_rows(table, {"tier": names, "coverage": missing})
    columns = ("retain", "capture", "cost_per_account", "min_potential", "max_accounts")
    return as_table(table, {name: completion.constants(table, name) for name in columns})


def complete_service(table: Typed, tiers: Table, roles: Table, completion: Completion) -> Table:
    """One row for each (tier, function), given ones first within their tier's order."""
    pairs = [(tier, function) for tier in tiers["tier"] for function in FUNCTIONS]
    given = set(zip(table["tier"], table["role"], strict=True))
    missing = [pair for pair in pairs if pair not in given]
    if missing:
        table = with_rows(table, {"tier": [tier for tier, _ in missing], "role": [role for _, role in missing]})
    table = _ordered(table, {pair: index for index, pair in enumerate(pairs)})
    coverage_of = dict(zip(tiers["tier"], tiers["coverage"], strict=True))
    coverage = np.array([coverage_of[tier] for tier in table["tier"]], object)
    keys = {"coverage": coverage, "role": table["role"]}
    given_hours = np.nan_to_num(table["hours_per_account"]) + np.nan_to_num(table["hours_per_million"]) > 0
    per_million = completion.declared(table, "hours_per_million", keys) / completion.usd_rate
    min_hours = completion.constants(table, "min_hours")
    plannable = dict(zip(roles["role"], roles["annual_hours"] * roles["utilisation"], strict=True))
    half = np.array([plannable[role] / 2 for role in table["role"]])
    return as_table(
        table,
        {
            "hours_per_account": completion.constants(table, "hours_per_account", keys),
            "hours_per_million": completion.fill(table, "hours_per_million", per_million),
            "min_hours": min_hours,
            "max_hours": completion.fill(table, "max_hours", np.maximum(half, min_hours)),
            "visits": completion.constants(table, "visits", keys),
            "served": completion.fill(table, "served", _served(coverage, given_hours)),
        },
    )


def _served(coverage: Array, given_hours: Array) -> Array:
    return np.asarray((coverage != "direct") | given_hours, np.int8)


def _ordered(table: Typed, position: dict[tuple[str, str], int]) -> Typed:
    """Rows in the order of the pairs; rows of unknown tiers are left out (they are findings)."""
    pairs = list(zip(table["tier"], table["role"], strict=True))
    order = sorted((index for index, pair in enumerate(pairs) if pair in position), key=lambda i: position[pairs[i]])
    return Typed(
        table.name,
        {name: column[order] for name, column in table.columns.items()},
        [table.rows[index] for index in order],
        table.given,
        {name: column[order] for name, column in table.extra.items()},
    )
