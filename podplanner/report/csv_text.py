"""Text that a spreadsheet program must not take for a formula when it opens a CSV file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import csv

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

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
    """An Arrow array from its bytes: to take values as they are, the library imports pandas first, half a second."""
    if column.dtype == object:
        values = [guarded(value) for value in column.tolist()] if guard else column.tolist()
        return _text([value.encode() for value in values])
    known = _bits(~np.isnan(column)) if column.dtype.kind == "f" else None
    values = _bits(column) if column.dtype == np.bool_ else pa.py_buffer(np.ascontiguousarray(column))
    return pa.Array.from_buffers(pa.from_numpy_dtype(column.dtype), len(column), [known, values])


def _text(values: Sequence[bytes]) -> pa.Array:
    ends = np.cumsum([0, *map(len, values)], dtype=np.int64)
    return pa.Array.from_buffers(
        pa.large_string(), len(values), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(values))]
    )


def _bits(flags: NDArray[np.bool_]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(flags, bitorder="little"))


def write_csv(table: Table, path: Path) -> None:
    """Write a table as CSV: UTF-8, comma, text in quotes, numbers and true/false without."""
    csv.write_csv(arrow(table, guard=True), path)


def csv_bytes(table: Table) -> bytes:
    """The same as the content of a file."""
    content = pa.BufferOutputStream()
    csv.write_csv(arrow(table, guard=True), content)
    return bytes(content.getvalue())
