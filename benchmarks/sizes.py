"""The size classes, and what is aimed at in each."""

from __future__ import annotations

from dataclasses import dataclass


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
