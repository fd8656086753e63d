"""How a table, a column and a policy key are declared."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from podplanner.domain.vocabulary import COVERAGES, FUNCTIONS, ROLES

Cell = str | float | bool
"""A constant default: text, number or flag."""


class Kind(StrEnum):
    """What a cell holds; `podplanner.domain.tables` says how it is kept."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, kw_only=True)
class Range:
    """Limits of a number.

    Parameters
    ----------
    low, high
        Least and largest value; infinite where there is none.
    above
        Whether the least value itself is out of range.
    below
        Whether the largest value itself is out of range.
    whole
        Whether only whole numbers are welcome.
    """

    low: float = -math.inf
    high: float = math.inf
    above: bool = False
    below: bool = False
    whole: bool = False

    def holds(self, value: float) -> bool:
        """Whether the value lies inside."""
        low_ok = value > self.low if self.above else value >= self.low
        high_ok = value < self.high if self.below else value <= self.high
        return low_ok and high_ok and (not self.whole or value == math.floor(value))

    def __str__(self) -> str:
        parts = []
        if self.low > -math.inf:
            parts.append(f"{'>' if self.above else '≥'} {self.low:g}")
        if self.high < math.inf:
            parts.append(f"{'<' if self.below else '≤'} {self.high:g}")
        if self.whole:
            parts.append("whole")
        return ", ".join(parts)


ANY = Range()
LARGEST = 1e12
"""Larger amounts are slips of the finger, and their sums would lose the cents."""
NOT_NEGATIVE = Range(low=0, high=LARGEST)
POSITIVE = Range(low=0, above=True, high=LARGEST)
SHARE = Range(low=0, high=1)
COUNT = Range(low=0, high=LARGEST, whole=True)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table, or one key of the policy.

    Parameters
    ----------
    name, kind
        As in the contract.
    meaning
        One clear sentence for a planner.
    unit
        Unit of a number; a unit that starts with ``money`` makes the default one in US dollars.
    required
        Whether a row without it is an error.
    range
        Limits of a number.
    default
        The value that stands for a blank: a constant, or one constant for each value of the row's `default_by`.
    default_by
        Names of the row's columns on which the default depends.
    default_words
        How a computed default comes to be; empty where `default` says it, or where a blank means "none".
    source
        Where the default comes from, or ``assumed``.
    blank
        What a blank means, where it has a meaning of its own.
    choices
        The words allowed in a choice.
    example
        A sound cell, as in the template.
    canonical
        Whether the completed table carries the column (places become coordinates, zones become offsets).
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    required: bool = False
    range: Range = ANY
    default: Cell | Mapping[tuple[str, ...], Cell] | None = None
    default_by: tuple[str, ...] = ()
    default_words: str = ""
    source: str = "assumed"
    blank: str = ""
    choices: tuple[str, ...] = ()
    example: Cell = ""
    canonical: bool = True

    @property
    def is_money(self) -> bool:
        """Whether the column's default is an amount of US dollars."""
        return self.unit.startswith("money")

    @property
    def has_default(self) -> bool:
        """Whether a blank is filled, by a constant or by computation."""
        return self.default is not None or bool(self.default_words)

    def describe_default(self) -> str:
        """Words for the default, for notes and the reference page."""
        if self.default_words:
            return self.default_words
        if isinstance(self.default, Mapping):
            parts = [f"{' '.join(key)} {show(value)}" for key, value in self.default.items()]
            return ", ".join(parts)
        return "" if self.default is None else show(self.default)


@dataclass(frozen=True, kw_only=True)
class TableSchema:
    """One table.

    Parameters
    ----------
    name
        Name of the sheet, file or JSON member.
    meaning
        One sentence for a planner.
    key
        Columns that name a row: no two rows share them, and ``changes.id`` joins them by ``|``.
    columns
        In the order of the completed table.
    required
        Whether planning needs the table.
    hands_through
        Whether unknown columns are kept.
    default_words
        What is added to the table, where defaults add rows.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    required: bool = False
    hands_through: bool = True
    default_words: str = ""
    _by_name: Mapping[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {column.name: column for column in self.columns})

    def __getitem__(self, name: str) -> Column:
        return self._by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(self._by_name)


def show(value: Cell) -> str:
    """A constant as a planner writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value == math.inf:
        return "no maximum"
    return value if isinstance(value, str) else f"{value:.10g}"


def by_coverage(local: Cell, virtual: Cell, direct: Cell) -> Mapping[tuple[str, ...], Cell]:
    """One default for each coverage."""
    return {(coverage,): value for coverage, value in zip(COVERAGES, (local, virtual, direct), strict=True)}


def by_role(*values: Cell) -> Mapping[tuple[str, ...], Cell]:
    """One default for each role: sales, marketing, support, operations, leader."""
    return {(role,): value for role, value in zip(ROLES, values, strict=True)}


def by_coverage_and_function(**values: tuple[Cell, Cell, Cell, Cell]) -> Mapping[tuple[str, ...], Cell]:
    """One default for each coverage and function."""
    return {
        (coverage, function): value
        for coverage in COVERAGES
        for function, value in zip(FUNCTIONS, values[coverage], strict=True)
    }
