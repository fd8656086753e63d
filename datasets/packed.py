"""An input put by for later: its tables as they were given, in one small file that reads back as the same input."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING

from datasets.cells import text_of

if TYPE_CHECKING:
    from datasets.raw import RawTable

_DAY = (2000, 1, 1, 0, 0, 0)
"""Fixed, so that equal tables are equal bytes."""
_LEVEL = 6


def packed(tables: Mapping[str, RawTable]) -> bytes:
    """A zip with one CSV file a table; rows keep the numbers that findings point at, but for added ones.

    Parameters
    ----------
    tables
        As read, changes applied.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name, table in sorted(tables.items()):
            archive.writestr(zipfile.ZipInfo(f"{name}.csv", _DAY), _csv(table), zipfile.ZIP_DEFLATED, _LEVEL)
    return content.getvalue()


def _csv(table: RawTable) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    blank = [""] * len(table.columns)
    next_row = 2
    for row, cells in zip(table.rows, zip(*table.columns.values(), strict=True), strict=True):
        # Blank rows of the source were left out; the rows below them keep their numbers.
        writer.writerows([blank] * (row - next_row))
        writer.writerow([text_of(cell) for cell in cells])
        next_row = max(row, next_row) + 1
    return text.getvalue()
