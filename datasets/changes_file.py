"""Rows of ``changes`` in a file of their own, in and out."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from datasets.cells import text_of
from datasets.found import Found
from datasets.readers import Source, read_csv, read_source
from datasets.schema import TABLES
from podplanner.domain.errors import InputError, UnreadableInput

COLUMNS = tuple(column.name for column in TABLES["changes"].columns)


def read_changes(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file, or of the table ``changes`` of whatever else an input may be.

    Raises
    ------
    InputError
        Where its header is not that of the table.
    UnreadableInput
        Where it has no such table.
    """
    if path.suffix.lower() != ".csv":
        return _rows(read_source(path, Found()))
    if not path.is_file():
        raise UnreadableInput(f"There is no file {path}.")
    return changes_of_csv(path.read_bytes())


def changes_of_csv(content: bytes) -> list[dict[str, str]]:
    """Rows of the content of a CSV file; raises as `read_changes` does."""
    source = Source(Found())
    read_csv("changes", content, source)
    return _rows(source)


def _rows(source: Source) -> list[dict[str, str]]:
    if source.found.unsound_rows("changes"):
        raise InputError(source.found.all())
    if "changes" not in source.tables:
        raise UnreadableInput("There is no table changes in it.")
    columns = source.tables["changes"].columns
    rows = zip(*columns.values(), strict=True)
    return [{name: text_of(cell) for name, cell in zip(columns, row, strict=True) if name in COLUMNS} for row in rows]


def csv_of_changes(rows: Sequence[Mapping[str, str]]) -> bytes:
    """A CSV file that `read_changes` reads back."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
