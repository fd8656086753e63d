"""What is wrong or odd in the input, in a form that points at the cell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing found in the input.

    Parameters
    ----------
    severity
        ``"error"`` stops the run, ``"warning"`` is told and listed in the result.
    table, row, column
        Where. ``row`` is the row as a spreadsheet counts it (the header is row 1), or None for a whole table or
        column; ``column`` may be None likewise.
    value
        The offending value as text ("" where there is none).
    rule
        Stable snake_case code of the rule that it breaks; listed in the reference page.
    message
        What is wrong, in the planner's words, with value and rule.
    way_out
        What to do about it.
    """

    severity: str
    table: str
    row: int | None
    column: str | None
    value: str
    rule: str
    message: str
    way_out: str

    @property
    def is_error(self) -> bool:
        """Whether the finding stops the run."""
        return self.severity == "error"

    def __str__(self) -> str:
        place = self.table + (f" row {self.row}" if self.row else "") + (f", {self.column}" if self.column else "")
        shown = f" = {self.value!r}" if self.value else ""
        return f"{self.severity}: {place}{shown}: {self.message} {self.way_out}".rstrip()
