"""Tables as read: cells of any type under cleaned headers, with the row each came from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import cast

from datasets.found import Found
from datasets.near import looks_like
from datasets.schema import TABLES, TableSchema
from datasets.schema.kinds import show

RawCell = str | float | int | bool | date | None
EXAMPLE = "(example)"
"""A row whose first key cell starts so is the template's example and is not read."""
_TITLE_ROWS = 20
"""Rows that are searched for a header below a title."""


@dataclass(frozen=True)
class RawTable:
    """Columns of cells.

    Parameters
    ----------
    name
        Name of a declared table.
    columns
        Header -> cells, without blank rows.
    rows
        Spreadsheet row of each (header = 1); below 0 for rows added by ``changes``.
    damaged
        (row, header) -> ``formula_without_value`` or ``cell_error``; those cells are blank.
    """

    name: str
    columns: Mapping[str, list[RawCell]]
    rows: list[int]
    damaged: Mapping[tuple[int, str], str] = field(default_factory=dict)


def clean_header(cell: RawCell) -> str:
    """A header as a column name: ``Account ID`` is ``account_id``."""
    return re.sub(r"\W+", "_", str("" if cell is None else cell).strip().casefold()).strip("_")


def raw_table(
    name: str,
    headers: Sequence[RawCell],
    columns: Sequence[Sequence[RawCell]],
    found: Found,
    damaged: Mapping[tuple[int, int], str] | None = None,
) -> RawTable:
    """Clean headers, strip text, and drop blank and example rows.

    Parameters
    ----------
    headers, columns
        As in the source, column by column; the first cell of a column is in row 2.
    damaged
        (row, column index) -> rule.
    """
    if not _has_header(TABLES[name], headers, columns):
        found.add("no_header", name, where=_where_header_is(TABLES[name], columns))
        return RawTable(name, {}, [])
    kept: dict[str, list[RawCell]] = {}
    places: dict[int, str] = {}
    for index, (header, cells) in enumerate(zip(headers, columns, strict=True)):
        stripped = _stripped(cells)
        title = clean_header(header)
        if not title:
            if any(cell is not None for cell in stripped):
                found.add("column_without_name", name, 1, None, f"column {index + 1}")
        elif title in kept:
            found.add("duplicate_column", name, 1, title, header)
        else:
            kept[title] = stripped
            places[index] = title
    marks = {(row, places[column]): rule for (row, column), rule in (damaged or {}).items() if column in places}
    return _without_blank_rows(RawTable(name, kept, list(range(2, 2 + _height(kept))), marks), found)


def _has_header(schema: TableSchema, headers: Sequence[RawCell], columns: Sequence[Sequence[RawCell]]) -> bool:
    """Whether any header is, or looks like, the name of a column; an empty table needs none."""
    titles = set(map(clean_header, headers))
    if titles & set(schema.names) or not any(any(cell not in (None, "") for cell in cells) for cells in columns):
        return True
    return any(looks_like(title, column) for title in titles for column in schema.names)


def _where_header_is(schema: TableSchema, columns: Sequence[Sequence[RawCell]]) -> str:
    """Way out where row 1 is no header: the first of the next rows that is one, or the columns needed."""
    for index, row in enumerate(islice(zip(*columns, strict=True), _TITLE_ROWS)):
        known = [title for title in map(clean_header, row) if title in schema]
        if known:
            return f"Row {index + 2} looks like it ({', '.join(known[:3])}): delete what stands above it."
    needed = ", ".join(column.name for column in schema.columns if column.required)
    return f"Name at least the columns {needed} there."


def _stripped(cells: Sequence[RawCell]) -> list[RawCell]:
    """Cells with blank text as None."""
    if set(map(type, cells)) == {str}:  # Any column of a CSV file: a million cells are not asked one by one.
        return [cell or None for cell in map(str.strip, cast("Sequence[str]", cells))]
    return [cell.strip() or None if isinstance(cell, str) else cell for cell in cells]


def _height(columns: Mapping[str, list[RawCell]]) -> int:
    return len(next(iter(columns.values()))) if columns else 0


def _without_blank_rows(table: RawTable, found: Found) -> RawTable:
    damaged = {row - 2 for row, _ in table.damaged}
    columns = list(table.columns.values())
    first = columns[0] if columns else []
    keep = [
        index
        for index, cell in enumerate(first)
        if cell is not None or index in damaged or any(column[index] is not None for column in columns)
    ]
    keep = _without_examples(table, keep, found)
    if len(keep) == len(table.rows):
        return table
    return select(table, keep)


def example_row(table: TableSchema) -> dict[str, str]:
    """The example row of the template: column -> text, the column that marks it first."""
    first = table.columns[0 if table.name != "changes" else 2]
    texts = {first.name: f"{EXAMPLE} {show(first.example)}"}
    return texts | {column.name: show(column.example) for column in table.columns if column is not first}


def _without_examples(table: RawTable, keep: list[int], found: Found) -> list[int]:
    example = example_row(TABLES[table.name])
    first = next(iter(example))
    cells = table.columns.get(first)
    if cells is None:
        return keep
    examples = {
        index
        for index in keep
        if isinstance(cell := cells[index], str) and cell[:1] == "(" and cell.casefold().startswith(EXAMPLE)
    }
    for index in sorted(examples):
        # The template's own row may stay; one that somebody wrote into holds what they expect to be read.
        if any(column[index] not in (None, example.get(name)) for name, column in table.columns.items()):
            found.add("example_row", table.name, table.rows[index], first, cells[index], key=first)
    return [index for index in keep if index not in examples] if examples else keep


def select(table: RawTable, keep: Sequence[int]) -> RawTable:
    """The table with only some of its rows, by position."""
    return RawTable(
        table.name,
        {title: [cells[index] for index in keep] for title, cells in table.columns.items()},
        [table.rows[index] for index in keep],
        table.damaged,
    )
