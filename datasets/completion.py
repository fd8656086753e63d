"""What completing a table needs: the policy, the findings, and the list of defaults used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from datasets.found import Found
from datasets.geo import resolve_places, utc_offset_at, utc_offset_of_zone
from datasets.policy import Policy
from datasets.schema import TABLES, Column, Kind
from datasets.schema.kinds import show
from datasets.schema.places import PLACE_NAMES, UTC_OFFSET
from datasets.typed import Array, Typed, is_blank
from podplanner.domain.tables import Table

LISTED_ROWS = 20
"""A table of at most so many rows lists its defaults row by row."""

_DTYPES = {Kind.NUMBER: np.float64, Kind.FLAG: np.int8}


class Completion:
    """Fills blanks and remembers in words what was assumed.

    Parameters
    ----------
    policy
        Sound policy values.
    found
        Collector of findings.
    """

    def __init__(self, policy: Policy, found: Found) -> None:
        self.policy = policy
        self.found = found
        self.assumed: list[str] = []
        self.money_used: list[str] = []
        rate = policy.number("usd_rate")
        self.usd_rate = 1.0 if np.isnan(rate) else rate

    def fill(self, table: Typed, name: str, values: object, words: str = "", source: str = "") -> Array:
        """The column with its blanks replaced by ``values``; recorded where there were any."""
        column = TABLES[table.name][name]
        given = table[name]
        empty = is_blank(given)
        if not empty.any():
            return given
        filled = given.copy()
        filled[empty] = np.broadcast_to(np.asarray(values, given.dtype), given.shape)[empty]
        self._record(table, column, empty, filled, words, source)
        return filled

    def constants(self, table: Typed, name: str, keys: Mapping[str, Array] | None = None) -> Array:
        """The column with its blanks replaced by the declared constants.

        Parameters
        ----------
        keys
            Columns that a default depends on, where the table itself does not carry them.
        """
        column = TABLES[table.name][name]
        values = self.declared(table, name, keys)
        if column.is_money:
            if values[is_blank(table[name])].any():
                self.money_used.append(f"{table.name}.{name}")
            values = values * self.usd_rate
        return self.fill(table, name, values)

    def declared(self, table: Typed, name: str, keys: Mapping[str, Array] | None = None) -> Array:
        """The declared constant of each row, as shipped."""
        column = TABLES[table.name][name]
        dtype = _DTYPES.get(column.kind, object)
        if not isinstance(column.default, Mapping):
            return np.full(len(table), column.default, dtype)
        by = [keys[part] if keys else table[part] for part in column.default_by]
        return np.array([column.default[tuple(key)] for key in zip(*by, strict=True)], dtype)

    def _record(self, table: Typed, column: Column, empty: Array, filled: Array, words: str, source: str) -> None:
        if column.default == np.inf or column.name == "name":
            return  # No maximum and a name assume nothing about the business.
        count = int(empty.sum())
        if not words and len(table) <= LISTED_ROWS:
            values = [_shown(value, column) for value in filled[empty].tolist()]
            labels = [key.replace("|", " ") for key, hole in zip(table.keys(), empty, strict=True) if hole]
            pairs = [f"{label} {value}" for label, value in zip(labels, values, strict=True)]
            words = values[0] if len(set(values)) == 1 else ", ".join(pairs)
        words = words or column.describe_default()
        rows = "1 row" if count == 1 else f"{count} rows"
        self.assumed.append(f"{table.name}.{column.name}: {words} ({rows}; {source or column.source})")


def _shown(value: Any, column: Column) -> str:
    return show(bool(value) if column.kind is Kind.FLAG else value)


def places(table: Typed, completion: Completion, consequence: str) -> dict[str, Array]:
    """Latitude, longitude and offset from UTC of each row, nan where there is none.

    Parameters
    ----------
    consequence
        What follows for a row without a place, for its warning; "" for no warning.
    """
    latitude, longitude = table["latitude"].copy(), table["longitude"].copy()
    offset = np.full(len(table), np.nan)
    search = np.isnan(latitude) & ((table["postal_code"] != "") | (table["city"] != ""))
    if search.any():
        found = resolve_places(*(table[name][search] for name in PLACE_NAMES))
        latitude[search], longitude[search], offset[search] = found
    unknown = search & np.isnan(latitude)
    for index in np.flatnonzero(unknown):
        shown = " ".join(filter(None, (table[name][index] for name in PLACE_NAMES)))
        completion.found.add("unknown_place", table.name, table.rows[index], None, shown)
    if consequence:
        _warn_without_place(table, np.isnan(latitude) & ~unknown, completion, consequence)
    missing = np.isnan(offset) & ~np.isnan(latitude)
    offset[missing] = utc_offset_at(latitude[missing], longitude[missing])
    zoned = table["time_zone"] != ""
    offset[zoned] = utc_offset_of_zone(table["time_zone"][zoned])
    return {"latitude": latitude, "longitude": longitude, UTC_OFFSET: offset}


def _warn_without_place(table: Typed, missing: Array, completion: Completion, consequence: str) -> None:
    if len(missing) and missing.all():
        lack = f"None of the {len(missing)} {table.name} has a place"
        completion.found.add("no_place", table.name, lack=lack, consequence=consequence)
        return
    for index in np.flatnonzero(missing):
        completion.found.add(
            "no_place", table.name, table.rows[index], lack="There is no place", consequence=consequence
        )


def as_table(typed: Typed, filled: Mapping[str, Array]) -> Table:
    """The completed table: declared columns in order, then place texts and unknown columns, handed through."""
    columns: dict[str, Array] = {}
    for column in TABLES[typed.name].columns:
        if column.canonical:
            columns[column.name] = np.array(filled.get(column.name, typed[column.name]))
        if column.name == "longitude":
            columns[UTC_OFFSET] = np.array(filled[UTC_OFFSET])
    columns |= {name: filled[name] for name in filled if name not in columns}
    columns |= {name: typed[name] for name in PLACE_NAMES if name in typed.given}
    return Table({**columns, **{name: column for name, column in typed.extra.items() if name not in columns}})
