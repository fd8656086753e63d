"""Values of whole people that break a row by what they were rounded: that is little, and accounts can go round it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY
from solvers.fast.neighbourhoods import WHOLE
from solvers.highs import solve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from solvers.fast.budget import Budget
    from solvers.fast.search import Search, Staffing

FEW = 100
"""Units of a broken row that may go round it at first; else all of these rows, or all there are."""


def repaired(search: Search, values: NDArray[np.float64], budget: Budget) -> Staffing | None:
    """A staffing with the same people; None where there is none, or it is not found in time.

    Parameters
    ----------
    values
        Changed to those of the staffing, or to what is nearest.
    """
    for units in _units_to_move(search, values):
        part = search.accounts_only(values, keeps_all=True, units=units)
        answer = solve(part.model, time_limit_s=budget.left(), stop_asked=budget.stop_asked)
        if answer.values is not None:
            values[part.columns] = answer.values
            staffing = search.checked(values)
            if staffing is not None:
                return staffing
    return None


def _units_to_move(search: Search, values: NDArray[np.float64]) -> Iterator[NDArray[np.bool_]]:
    """Some units of each broken row, all of them, and all there are (each U)."""
    draft, count = search.master.draft, len(search.master.draft.columns.size)
    rows = search.whole.broken(values)
    for most in (FEW, count):
        units = np.zeros(count, bool)
        for row in rows.tolist():
            spots = search.place_of[search.whole.columns_of(row)]
            spots = spots[spots != NOBODY]
            units[search.active(spots[values[draft.place[spots]] > WHOLE], most)] = True
        yield units
    yield np.ones(count, bool)
