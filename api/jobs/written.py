"""Tables of a plan as they are kept, back as rows of text, the form in which plans are read."""

from __future__ import annotations

import io

import pyarrow
from pyarrow import parquet

from podplanner.domain.tables import Table
from podplanner.report.csv_text import csv_bytes
from podplanner.report.reading import Row


def rows_of_table(content: bytes) -> list[Row]:
    """Rows of a table's file; cells as a written plan has them."""
    rows = _table(content).to_pylist()
    return [
        Row(number, {name: _text(cell) for name, cell in cells.items()}) for number, cells in enumerate(rows, start=2)
    ]


def csv_of_table(content: bytes) -> bytes:
    """A table's file as the CSV file that a written plan has."""
    table = _table(content)
    return csv_bytes(Table({name: column.to_numpy() for name, column in zip(table.column_names, table, strict=True)}))


def _table(content: bytes) -> pyarrow.Table:
    # Not by `parquet.read_table`: the first call loads pandas, half a second in a process that has just been born.
    return parquet.ParquetFile(io.BytesIO(content)).read()


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return "" if cell is None else str(cell)
