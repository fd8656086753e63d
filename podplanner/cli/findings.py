"""Findings of the input, for people and for machines."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from podplanner.domain.findings import Finding


def findings_lines(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Each finding in a line, errors first and as the tables are read, then how many there are."""
    tables = list(dict.fromkeys(finding.table for finding in findings))
    ordered = sorted(findings, key=lambda each: (not each.is_error, tables.index(each.table), each.row or 0))
    return (*(str(finding) for finding in ordered), count_words(findings))


def findings_data(findings: Sequence[Finding]) -> list[dict[str, object]]:
    """Each finding with its fields."""
    return [asdict(finding) for finding in findings]


def count_words(findings: Sequence[Finding]) -> str:
    """How many errors and warnings."""
    errors = sum(finding.is_error for finding in findings)
    return f"{plural(errors, 'error')}, {plural(len(findings) - errors, 'warning')}"


def plural(count: int, word: str) -> str:
    """A count with its word."""
    many = "people" if word == "person" else f"{word}s"
    return f"{count:,} {word if count == 1 else many}"
