"""Raw tables become typed ones; every cell that breaks its column's declaration is a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets import cells
from datasets.found import Found
from datasets.near import looks_like, one_edit_away
from datasets.raw import RawCell, RawTable
from datasets.schema import TABLES, Column, Kind, TableSchema

Array = NDArray[Any]

_BLANK: Mapping[Kind, Array] = {
    Kind.TEXT: np.array([""], object),
    Kind.CHOICE: np.array([""], object),
    Kind.NUMBER: np.array([np.nan]),
    Kind.FLAG: np.array([-1], np.int8),
    Kind.DATE: np.array(["NaT"], "datetime64[D]"),
}


@dataclass(frozen=True)
class Typed:
    """One table with a typed array for each declared column, blank where nothing sound was given.

    Parameters
    ----------
    columns
        Every declared column.
    rows
        Spreadsheet row of each row.
    given
        Declared columns that the source has.
    extra
        Unknown columns, typed by their content.
    """

    name: str
    columns: dict[str, Array]
    rows: list[int]
    given: frozenset[str]
    extra: dict[str, Array]

    def __getitem__(self, column: str) -> Array:
        return self.columns[column]

    def __len__(self) -> int:
        return len(self.rows)

    def keys(self) -> list[str]:
        """The key of each row, its columns joined by ``|``; "" where a part is blank."""
        parts: list[list[str]] = [self.columns[name].tolist() for name in TABLES[self.name].key]
        if len(parts) == 1:
            return parts[0]
        return ["|".join(row) if all(row) else "" for row in zip(*parts, strict=True)]

    def without(self, rows: set[int]) -> Typed:
        """The table less some spreadsheet rows."""
        if not rows.intersection(self.rows):
            return self
        keep = np.array([row not in rows for row in self.rows], bool)
        return Typed(
            self.name,
            {name: column[keep] for name, column in self.columns.items()},
            [row for row, kept in zip(self.rows, keep, strict=True) if kept],
            self.given,
            {name: column[keep] for name, column in self.extra.items()},
        )


def blank(kind: Kind, count: int) -> Array:
    """A column of blanks."""
    return np.repeat(_BLANK[kind], count)


def is_blank(column: Array) -> NDArray[np.bool_]:
    """Where a typed column is blank."""
    if column.dtype == object:
        return np.asarray(column == "", bool)
    if column.dtype == np.int8:
        return np.asarray(column < 0, bool)
    return np.asarray(np.isnat(column) if column.dtype.kind == "M" else np.isnan(column), bool)


def empty(name: str) -> Typed:
    """A table that was not given."""
    columns = {column.name: blank(column.kind, 0) for column in TABLES[name].columns}
    return Typed(name, columns, [], frozenset(), {})


def typed(raw: RawTable, found: Found) -> Typed:
    """Type every column, with findings for headers and cells."""
    schema = TABLES[raw.name]
    _check_headers(schema, raw, found)
    columns = {}
    for column in schema.columns:
        if column.name in raw.columns:
            columns[column.name] = typed_column(raw.name, column, raw.columns[column.name], raw, found)
        else:
            columns[column.name] = blank(column.kind, len(raw.rows))
    extra = {}
    for name, values in raw.columns.items():
        if name not in schema and schema.hands_through:
            extra[name], problems = cells.guessed(values)
            for index, rule in problems:
                found.add(rule, raw.name, raw.rows[index], name, ascii(values[index]))
    return Typed(raw.name, columns, raw.rows, frozenset(schema.names) & frozenset(raw.columns), extra)


def _check_headers(schema: TableSchema, raw: RawTable, found: Found) -> None:
    if not raw.columns:
        return  # An empty list, or a sheet without a header: nothing was given.
    unknown = [name for name in raw.columns if name not in schema]
    likeness: dict[str, str] = {}
    for name in unknown:
        near = [
            column.name
            for column in schema.columns
            if column.name not in raw.columns
            and (looks_like(name, column.name) if column.required else one_edit_away(name, column.name))
        ]
        if near:
            likeness.setdefault(near[0], name)
    for column in schema.columns:
        like = likeness.get(column.name)
        if column.name in raw.columns:
            continue
        if column.required:
            found.add("missing_column", raw.name, None, column.name, near=did_you_mean(like))
        elif like:
            found.add("similar_column", raw.name, 1, like, like, near=column.name)


def did_you_mean(like: str | None) -> str:
    """Words that go on from "Add the column" where a column of a similar name is there."""
    return f". Did you mean it by {like}? Rename {like}" if like else ""


def typed_column(table: str, column: Column, values: Sequence[RawCell], raw: RawTable, found: Found) -> Array:
    """Type one column and report its bad and missing cells."""
    result, problems = _parse(column, values)
    for index, rule in problems:
        _report(rule, table, raw.rows[index], column, cells.text_of(values[index]), found)
    damaged = {row: rule for (row, name), rule in raw.damaged.items() if name == column.name}
    for row, rule in sorted(damaged.items()):
        severity = "error" if column.required else None
        found.add(rule, table, row, column.name, severity=severity)
    if column.required:
        for index in (index for index, cell in enumerate(values) if cell is None):
            if raw.rows[index] not in damaged:
                found.add("blank_required", table, raw.rows[index], column.name, meaning=column.meaning)
    return result


def _parse(column: Column, values: Sequence[RawCell]) -> tuple[Array, list[cells.Problem]]:
    if column.kind is Kind.NUMBER:
        result, problems = cells.numbers(values)
        inside = in_range(column, result)
        outside = np.flatnonzero(~inside)
        result[outside] = np.nan
        return result, problems + [(int(index), "out_of_range") for index in outside]
    if column.kind is Kind.CHOICE:
        return cells.choices(values, column.choices)
    return {Kind.TEXT: cells.texts, Kind.FLAG: cells.flags, Kind.DATE: cells.dates}[column.kind](values)


def in_range(column: Column, values: Array) -> NDArray[np.bool_]:
    """Where a number is blank or inside the column's range."""
    limits = column.range
    low_ok = values > limits.low if limits.above else values >= limits.low
    high_ok = values < limits.high if limits.below else values <= limits.high
    inside = low_ok & high_ok & (not limits.whole or values == np.floor(values))
    return np.asarray(inside | np.isnan(values), bool)


def _report(rule: str, table: str, row: int, column: Column, value: str, found: Found) -> None:
    words: dict[str, Any] = {}
    if rule == "out_of_range":
        words = {"range": column.range, "such": ", such as 0.35 for 35 %" if column.unit == "share" else ""}
    elif rule == "unknown_choice":
        near = [word for word in column.choices if one_edit_away(value.casefold(), word)]
        words = {"choices": ", ".join(column.choices), "more": f" Did you mean {near[0]}?" if near else ""}
    found.add(rule, table, row, column.name, ascii(value) if rule == "bad_character" else value, **words)
