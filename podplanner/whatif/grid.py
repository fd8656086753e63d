"""Many scenarios of one plan from one file, planned one after the other; what is done stays done.

The file is CSV. Each row is a scenario: ``name`` and ``words``, its sentences separated by ``;``. Rows with an
``axis`` are options of it instead, and every combination of one option of each axis is a scenario. ``repeat`` plans a
row with so many seeds.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from podplanner.domain.errors import UnreadableInput
from podplanner.report.files import SUMMARY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

COLUMNS = ("name", "words", "axis", "repeat")
MOST = 10_000
"""Scenarios of one file: more is a slip of the pen."""
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
LONGEST_SLUG = 40


@dataclass(frozen=True)
class Wanted:
    """One scenario of the file, with the seed that it is planned with."""

    number: int
    name: str
    words: tuple[str, ...]
    seed: int

    @property
    def folder(self) -> str:
        """Name of its folder."""
        slug = _NOT_IN_NAMES.sub("-", self.name.casefold()).strip("-")[:LONGEST_SLUG]
        return f"{self.number:04d}-{slug or 'scenario'}"


def read_grid(path: Path) -> list[Wanted]:
    """All scenarios of a file, in order.

    Raises
    ------
    UnreadableInput
        Where it is no such file, or has too many of them.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if "words" not in (reader.fieldnames or ()):
                raise UnreadableInput(f"{path} has no column words; it may have {', '.join(COLUMNS)}.")
            rows = [{name: (row.get(name) or "").strip() for name in COLUMNS} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableInput(f"{path} cannot be read as UTF-8 CSV: {error}") from error
    wanted = [(name, words, seed) for name, words, repeat in _combined(path, rows) for seed in range(repeat)]
    if len(wanted) > MOST:
        raise UnreadableInput(f"{path} asks for {len(wanted):,} scenarios; at most {MOST:,} are planned.")
    return [Wanted(number, name, words, seed) for number, (name, words, seed) in enumerate(wanted, start=1)]


def _combined(path: Path, rows: Sequence[dict[str, str]]) -> Iterator[tuple[str, tuple[str, ...], int]]:
    axes: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        if row["axis"]:
            axes.setdefault(row["axis"], []).append(row)
        elif any(row.values()):
            yield row["name"] or row["words"], _sentences(row["words"]), _repeat(path, row)
    for options in product(*axes.values()) if axes else ():
        words = tuple(said for option in options for said in _sentences(option["words"]))
        name = ", ".join(option["name"] or option["words"] for option in options)
        yield name, words, max(_repeat(path, option) for option in options)


def _sentences(words: str) -> tuple[str, ...]:
    return tuple(said.strip() for said in words.split(";") if said.strip())


def _repeat(path: Path, row: dict[str, str]) -> int:
    text = row["repeat"] or "1"
    if not text.isdigit() or not 0 < int(text) <= MOST:
        raise UnreadableInput(f"{path}: {text!r} is no number of repetitions.")
    return int(text)


def done(folder: Path, wanted: Wanted, parent_id: str, effort: dict[str, Any]) -> dict[str, Any] | None:
    """Summary of a scenario that was planned already, from the same plan with the same effort; None where it was not.

    A folder is there whole or not at all, however the run before ended.
    """
    path = folder / wanted.folder / SUMMARY
    if not path.is_file():
        return None
    summary: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    part = summary["scenario"]
    asked = (list(wanted.words), wanted.name, parent_id, effort)
    return summary if (part["words"], part["name"], part["parent_id"], part["effort"]) == asked else None
