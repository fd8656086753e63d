"""A worksheet that is composed in any order and written row by row, as a workbook of constant memory needs it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from podplanner.report.styles import Styles

Cell = str | float | int | bool | None
"""None, and a number that is not finite, make a blank cell."""


class Canvas:
    """Cells of one sheet; text is always text, never a formula or a link.

    Parameters
    ----------
    sheet
        Where `flush` writes to.
    """

    def __init__(self, sheet: Worksheet, styles: Styles) -> None:
        self.sheet = sheet
        self.styles = styles
        self._cells: dict[tuple[int, int], tuple[Cell, Format]] = {}
        self._links: dict[tuple[int, int], str] = {}

    def put(self, row: int, column: int, value: Cell, look: str = "plain", kind: str = "text") -> None:
        """Set one cell (both numbers from 0)."""
        self._cells[row, column] = (value, self.styles.get(look, kind))

    def put_row(self, row: int, column: int, values: Sequence[Cell], look: str, kinds: Sequence[str]) -> None:
        """Set cells side by side."""
        for place, (value, kind) in enumerate(zip(values, kinds, strict=True)):
            self.put(row, column + place, value, look, kind)

    def link(self, row: int, column: int, text: str, sheet: str) -> None:
        """Set one cell that leads to another sheet of the workbook."""
        self.put(row, column, text, "link")
        self._links[row, column] = "internal:'" + sheet.replace("'", "''") + "'!A1"

    def section(self, row: int, column: int, title: str, width: int) -> None:
        """Set a heading with a rule under it."""
        for place in range(width):
            self.put(row, column + place, title if place == 0 else None, "section")

    def flush(self) -> None:
        """Write all cells, row by row."""
        for (row, column), (value, style) in sorted(self._cells.items(), key=lambda item: item[0]):
            target = self._links.get((row, column))
            if target is None:
                write_cell(self.sheet, row, column, value, style)
            else:
                self.sheet.write_url(row, column, target, style, str(value))


def write_cell(sheet: Worksheet, row: int, column: int, value: Cell, style: Format) -> None:
    """Write one cell by its type."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, style)
    else:
        sheet.write_number(row, column, value, style)
