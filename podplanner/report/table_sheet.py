"""A worksheet whose rows are written a block at a time: a table of a million cells in seconds, not minutes.

The library writes cell by cell, some 15 microseconds each. Here a column's cells are put into words at once. What
stands in the file is the same: SpreadsheetML, ECMA-376 part 1, sections 18.3.1.4 (c), 18.3.1.53 (is) and 18.3.1.96 (v),
and 22.9.2.19 (how text holds characters that XML does not allow).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.format import Format

    from podplanner.domain.tables import Column

BLOCK = 4096
"""Rows that are held as text at one time."""
LONGEST_TEXT = 32_767 // 2
"""Letters of a cell: the format allows so many UTF-16 units, of which a letter may take two."""
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0B-\x1F\uFFFE\uFFFF]")


class TableSheet(Worksheet):  # type: ignore[misc]  # the library ships no types
    """A worksheet of a workbook of constant memory; made by ``add_worksheet(name, TableSheet)``."""

    def write_columns(self, first_row: int, columns: Sequence[Column], formats: Sequence[Format]) -> None:
        """Write columns side by side, from the first column on; blank text and numbers that are not finite get no cell.

        Parameters
        ----------
        first_row
            From 0; below all that was written before.
        columns
            Of equal length: text, numbers or true and false.
        """
        rows = len(columns[0])
        if not rows:
            return
        last_row = first_row + rows - 1
        self._write_single_row(last_row)
        self._check_dimensions(last_row, len(columns) - 1)
        # The library numbers a format when it is first used.
        styles = [style._get_xf_index() for style in formats]  # noqa: SLF001  # it has no public way to ask
        known: dict[str, str] = {}
        for begin in range(0, rows, BLOCK):
            numbers = range(first_row + 1 + begin, first_row + 1 + min(begin + BLOCK, rows))
            cells = [
                _cells(
                    column[begin : begin + BLOCK], f'<c r="{xl_col_to_name(place)}', f'" s="{style}"', numbers, known
                )
                for place, (column, style) in enumerate(zip(columns, styles, strict=True))
            ]
            self.fh.write(
                "".join(f'<row r="{row}">{"".join(line)}</row>' for row, *line in zip(numbers, *cells, strict=True))
            )


def _cells(column: Column, place: str, style: str, rows: range, known: dict[str, str]) -> list[str]:
    """The column's cells as XML, "" for none."""
    if column.dtype == object:
        return [
            f"{place}{row}{style}{known.get(text) or _known(text, known)}" if text else ""
            for row, text in zip(rows, column.tolist(), strict=True)
        ]
    if column.dtype == np.bool_:
        return [
            f'{place}{row}{style} t="b"><v>{flag:d}</v></c>' for row, flag in zip(rows, column.tolist(), strict=True)
        ]
    shown = np.isfinite(column).tolist()
    return [
        f"{place}{row}{style}><v>{number:.16G}</v></c>" if there else ""
        for row, number, there in zip(rows, column.tolist(), shown, strict=True)
    ]


def _known(text: str, known: dict[str, str]) -> str:
    """The rest of a cell of this text, kept for the next one."""
    escaped = _ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text[:LONGEST_TEXT])
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    keep = ' xml:space="preserve"' if escaped.strip() != escaped else ""
    known[text] = f' t="inlineStr"><is><t{keep}>{escaped}</t></is></c>'
    return known[text]
