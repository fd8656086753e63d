"""Values of whole people that break rows, by what was rounded or as sites were emptied: accounts can go round it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY
from solvers.fast.neighbourhoods import WHOLE
from solvers.highs import solve
from solvers.sparse import distinct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from solvers.fast.budget import Budget
    from solvers.fast.search import Search, Staffing

FEW = 100
"""Broken rows up to which some of their units are tried at first, and units of each: those in most doubt."""


def repaired(search: Search, values: NDArray[np.float64], budget: Budget) -> Staffing | None:
    """A staffing with the same people; None where there is none, or it is not found in time.

    Parameters
    ----------
    values
        Changed to those of the staffing, or to what is nearest.
    """
    for units in _units_to_move(search, values):
        if budget.over():
            return None
        part = search.accounts_only(values, keeps_all=True, units=units)
        answer = solve(part.model, time_limit_s=budget.left(), stop_asked=budget.stop_asked)
        if answer.values is not None:
            values[part.columns] = answer.values
            staffing = search.checked(values)
            if staffing is not None:
                return staffing
    return None


def _units_to_move(search: Search, values: NDArray[np.float64]) -> Iterator[NDArray[np.bool_]]:
    """Some units that are in broken rows, all that could be in one of those, and all there are (each U)."""
    count = len(search.doubt)
    rows = search.whole.broken(values)
    if len(rows) <= FEW:
        inside = np.zeros(count, bool)
        for row in rows:
            columns = search.whole.columns_of(np.array([row]))
            units = search.blocks.unit[columns[values[columns] > WHOLE]]
            units = distinct(units[units != NOBODY])
            inside[units[np.argsort(search.doubt[units], kind="stable")[:FEW]]] = True
        yield inside
    concerned = np.zeros(count + 1, bool)  # the last: of no unit
    concerned[search.blocks.unit[search.whole.columns_of(rows)]] = True
    yield concerned[:-1]
    yield np.ones(count, bool)
