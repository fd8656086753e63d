"""All accounts of a large staffing at their best, with everybody where they are, a part of the accounts at a time.

One linear program of all accounts takes longer the more there are, by more than their number: 3.9 s at 100,000, 96 to
209 at a million. Accounts that could go to the same bases are in one part; what others take of sites that parts share
stays theirs: four parts at 100,000 lose 0.015 %, ten at a million 0.026 %, for half of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.draft import Draft

MOST, OWNED_MOST, LEAST = 1_000_000, 25_000, 10_000
"""Units of a part: the fewer, the fewer of them trade with each other. Where today's owners count, a unit has eight
columns: one program of 100,000 takes 1.2 GB and twice the time of four parts, which lose 0.012 %."""

SECONDS, UNITS, POWER = 4.0, 100_000, 1.4
"""Seconds that a part of so many units takes, and the power of their number by which it takes more."""

SHARE = 0.25
"""Share of the time left that all parts together may take."""


def units_in_time(units: int, left: float | None, *, owned: bool) -> int:
    """Units of a part of so many, whose owners count or not, where some seconds are left, None: no limit.

    All parts together take the less, the smaller they are.
    """
    most = OWNED_MOST if owned else MOST
    if left is None:
        return most
    at_least = SECONDS * units / UNITS  # what they take in parts of `UNITS`
    return int(np.clip(UNITS * (SHARE * max(left, 0.0) / at_least) ** (1 / (POWER - 1)), LEAST, most))


def parts_of_units(
    draft: Draft, regret: NDArray[np.float64], rivals: NDArray[np.float64], units: int
) -> list[NDArray[np.bool_]]:
    """Units by parts of about the same size (each U): those whose best sites with people are near each other.

    Parameters
    ----------
    regret
        What each account column is worth less than its unit's best (K).
    rivals
        Units that two sites could both take (P x P).
    units
        Of a part at most.
    """
    columns = draft.columns
    count = len(columns.size)
    parts = -(-count // units)
    if parts <= 1:
        return [np.ones(count, bool)]
    home = homes_of(draft, regret)
    rank = np.empty(len(draft.copies), np.int64)
    rank[_chained(rivals)] = np.arange(len(rank))
    order = np.lexsort((np.arange(count), rank[home]))
    return [np.isin(np.arange(count), some) for some in np.array_split(order, parts)]


def homes_of(draft: Draft, regret: NDArray[np.float64]) -> NDArray[np.int64]:
    """The best site of each unit, one with a single pod where there is one: who can go to several has no home (U)."""
    columns = draft.columns
    several = (draft.copies != 1) | ~draft.serves
    order = np.lexsort((regret, several[columns.pod], columns.unit))
    first = np.searchsorted(columns.unit[order], np.arange(len(columns.size)))
    return np.asarray(columns.pod[order[first]])


def _chained(rivals: NDArray[np.float64]) -> NDArray[np.int64]:
    """Sites in a row, each followed by the one left that shares most units with those just before it."""
    left = np.ones(len(rivals), bool)
    near = np.zeros(len(rivals))
    chain = np.empty(len(rivals), np.int64)
    for position in range(len(rivals)):
        site = int(np.argmax(np.where(left, near, -1.0)))
        left[site] = False
        chain[position] = site
        near = 0.5 * near + rivals[site]
    return chain
