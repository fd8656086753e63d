"""Figures as Markdown tables, and the page that keeps them by version."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from podplanner import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True)
class Result:
    """Figures of one run of a case.

    Parameters
    ----------
    case, size
        Name of the case, and what it worked on.
    figures
        Value by column.
    """

    case: str
    size: str
    figures: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """Headers of the table that it belongs to."""
        return ("case", "size", *self.figures)

    @property
    def row(self) -> tuple[str, ...]:
        """Its cells."""
        return (self.case, self.size, *self.figures.values())


def section(results: Iterable[Result], command: str) -> str:
    """What one run of the benchmarks found: where, with which command, and a table for each kind of case."""
    return "\n".join([f"## {__version__} · {machine()}", "", f"`{command}`", *tables(results)]) + "\n"


def tables(results: Iterable[Result]) -> list[str]:
    """Lines of Markdown: a table for each kind of case, with a blank line before it."""
    lines = []
    for columns, rows in groupby(results, key=lambda result: result.columns):
        lines += ["", _line(columns), _line(["---"] * len(columns)), *(_line(result.row) for result in rows)]
    return lines


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def machine() -> str:
    """What it ran on, in a few words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}"


def record(text: str, page: Path) -> None:
    """Add a section to a page."""
    with page.open("a", encoding="utf-8") as file:
        file.write(f"\n{text}")
