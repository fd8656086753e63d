"""Text that a spreadsheet program must not take for a formula when it opens a CSV file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import csv

if TYPE_CHECKING:
    from pathlib import Path

    from podplanner.domain.tables import Column, Table

STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
GUARD = "'"


def guarded(text: str) -> str:
    """The text with a leading ' where it would start a formula; text that looks guarded already is guarded again."""
    return GUARD + text if text.lstrip(GUARD).startswith(STARTS_FORMULA) else text


def unguarded(text: str) -> str:
    """Inverse of `guarded`."""
    return text[1:] if text.startswith(GUARD) and text.lstrip(GUARD).startswith(STARTS_FORMULA) else text


def arrow(table: Table, *, guard: bool) -> pa.Table:
    """Arrow table; blank numbers are null, text is guarded where asked for."""
    names = [guarded(name) if guard else name for name in table.columns]
    return pa.table([_arrow_column(column, guard=guard) for column in table.columns.values()], names=names)


def _arrow_column(column: Column, *, guard: bool) -> pa.Array:
    if column.dtype == object:
        values = [guarded(value) for value in column.tolist()] if guard else column.tolist()
        return pa.array(values, type=pa.string())
    if column.dtype.kind == "f":
        return pa.array(column, mask=np.isnan(column))
    return pa.array(column)


def write_csv(table: Table, path: Path) -> None:
    """Write a table as CSV: UTF-8, comma, text in quotes, numbers and true/false without."""
    csv.write_csv(arrow(table, guard=True), path)


def csv_bytes(table: Table) -> bytes:
    """The same as the content of a file."""
    content = pa.BufferOutputStream()
    csv.write_csv(arrow(table, guard=True), content)
    return bytes(content.getvalue())
