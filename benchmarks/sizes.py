"""The size classes, what is aimed at in each, and their companies drawn by seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from datasets.generator import generate, write_tables
from datasets.generator_one_role import generate_one_role

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


@dataclass(frozen=True)
class Goal:
    """What is aimed at: a proven gap within a time.

    Parameters
    ----------
    gap
        (bound - contribution) / |bound|.
    seconds
        Wall time on two cores; also the time limit of all contestants.
    """

    gap: float
    seconds: float


@dataclass(frozen=True)
class SizeClass:
    """A class of companies.

    Parameters
    ----------
    name
        As it is asked for.
    words
        What it stands for.
    accounts, bases, people
        Sizes of a company of the class.
    greenfield, books
        Goals without and with today's owners; None where the class has no companies of the kind.
    warm_s
        Seconds in which a plan is to be as good again after a small change; None where it is not measured.
    memory_mb
        Memory to stay within.
    one_role
        Sales force deployment instead of a whole company.
    """

    name: str
    words: str
    accounts: int
    bases: int
    people: int
    greenfield: Goal
    books: Goal | None
    warm_s: float | None
    memory_mb: float
    one_role: bool = False

    @property
    def sizes(self) -> str:
        """Accounts, bases and people."""
        return " × ".join(f"{count:,}" for count in (self.accounts, self.bases, self.people) if count)

    def has(self, books: bool) -> bool:
        """Whether there are companies of the class with books, or without."""
        return not books or self.books is not None

    def goal(self, books: bool) -> Goal:
        """The goal with or without books; raises KeyError where the class has no such companies."""
        goal = self.books if books else self.greenfield
        if goal is None:
            raise KeyError(f"class {self.name} has no companies with books")
        return goal


@dataclass(frozen=True)
class Drawn:
    """A company of a class, drawn by seed."""

    size: SizeClass
    books: bool
    seed: int

    @property
    def label(self) -> str:
        """What it is, in a few words."""
        return f"{self.size.name}{' with books' if self.books else ''}, seed {self.seed}"

    def tables(self) -> dict[str, pd.DataFrame]:
        """Its tables."""
        size = self.size
        if size.one_role:
            return generate_one_role(seed=self.seed, units=size.accounts, bases=size.bases)
        return generate(size.accounts, seed=self.seed, bases=size.bases, people=size.people, with_books=self.books)

    def written(self, folder: Path) -> Path:
        """Where it lies below the folder; written where it does not yet."""
        path = folder / f"{self.size.name}{'-books' if self.books else ''}-{self.seed}"
        if not path.exists():
            write_tables(self.tables(), path)
        return path


CLASSES = {
    each.name: each
    for each in (
        SizeClass("S", "what-if", 1_000, 10, 80, Goal(0.001, 10), Goal(0.002, 20), 2, 1_024),
        SizeClass("M", "annual plan", 10_000, 60, 770, Goal(0.003, 60), Goal(0.005, 180), 10, 1_024),
        SizeClass("L", "whole company", 100_000, 400, 7_600, Goal(0.0025, 180), Goal(0.005, 600), 60, 2_048),
        SizeClass("XL", "group", 1_000_000, 1_000, 76_000, Goal(0.005, 1_800), Goal(0.01, 3_600), None, 10_240),
        SizeClass("paper", "one role", 500, 50, 0, Goal(0.0001, 60), None, None, 1_024, one_role=True),
    )
}
SMOKE = SizeClass("smoke", "does it run", 60, 2, 12, Goal(0.1, 2), Goal(0.1, 2), 2, 1_024)
"""Stands for a class in a smoke run."""
