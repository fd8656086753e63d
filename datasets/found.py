"""The collector that checks report to."""

from __future__ import annotations

from collections import Counter

from datasets.findings_catalogue import FINDING_RULES
from podplanner.domain.findings import Finding

SHOWN_WARNINGS = 20
"""Warnings of one kind in one table that are listed row by row; the rest is counted."""

WHOLE_TABLE = 0
"""The row number of an error that concerns a table or column as such."""


class Found:
    """Findings so far, and the rows they make unsound.

    A row number below 0 is a row that ``changes`` added: its finding points at that row of ``changes``. A cell that
    ``changes`` set does likewise.
    """

    def __init__(self) -> None:
        self._items: list[Finding] = []
        self._unsound: dict[str, set[int]] = {}
        self._changed: dict[tuple[str, int, str], int] = {}
        self._shown: Counter[tuple[str, str]] = Counter()

    def changed(self, table: str, row: int, column: str, changes_row: int) -> None:
        """Remember that a row of ``changes`` wrote the cell."""
        self._changed[table, row, column] = changes_row

    def add(
        self,
        rule: str,
        table: str,
        row: int | None = None,
        column: str | None = None,
        value: object = "",
        *,
        severity: str | None = None,
        **words: object,
    ) -> None:
        """Add a finding of a declared rule; ``words`` fill its sentences.

        Parameters
        ----------
        row
            Row of the table as read.
        severity
            Instead of the rule's own.
        """
        declared = FINDING_RULES[rule]
        severity = severity or declared.severity
        if severity == "error":
            self._unsound.setdefault(table, set()).add(WHOLE_TABLE if row is None else row)
        else:
            self._shown[table, rule] += 1
            if self._shown[table, rule] > SHOWN_WARNINGS:
                return
        place = self._place(table, row, column)
        self._items.append(
            Finding(
                severity=severity,
                table=place[0],
                row=place[1],
                column=column,
                value=str(value),
                rule=rule,
                message=declared.message.format(table=table, **words),
                way_out=declared.way_out.format(table=table, **words),
            )
        )

    def unsound_rows(self, table: str) -> set[int]:
        """Rows with an error, and `WHOLE_TABLE` where the table as such has one."""
        return self._unsound.get(table, set())

    @property
    def has_errors(self) -> bool:
        """Whether any error was found."""
        return bool(self._unsound)

    def all(self) -> tuple[Finding, ...]:
        """Errors first, each in the order of the checks; warnings beyond the shown ones are counted."""
        more = [
            Finding(
                severity="warning",
                table=table,
                row=None,
                column=None,
                value="",
                rule="and_more",
                message=FINDING_RULES["and_more"].message.format(count=count - SHOWN_WARNINGS, rule=rule),
                way_out=FINDING_RULES["and_more"].way_out,
            )
            for (table, rule), count in self._shown.items()
            if count > SHOWN_WARNINGS
        ]
        return tuple(sorted([*self._items, *more], key=lambda finding: not finding.is_error))

    def _place(self, table: str, row: int | None, column: str | None) -> tuple[str, int | None]:
        if row is None:
            return table, None
        if row < 0:
            return "changes", -row
        by_change = self._changed.get((table, row, column or ""))
        return ("changes", by_change) if by_change else (table, row)
