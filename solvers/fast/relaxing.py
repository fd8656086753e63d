"""The first bound, and where to look: the staffing model with fractions of people and openings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solvers.fast.ascent import ascend, worth_of_columns
from solvers.fast.sift import sifted
from solvers.highs import Status, solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.budget import Budget
    from solvers.fast.master import Master


MOST_COLUMNS = 12_000
"""Columns up to which the simplex method is quicker than prices that rise and fall."""

TIED = 100.0
"""Money a year by which a place may be worse than its unit's best to be in the relaxation after the ascent."""


@dataclass(frozen=True, kw_only=True)
class Relaxed:
    """The relaxation's answer.

    Parameters
    ----------
    values
        Values of the model's columns, fractions allowed; None where none were found.
    regret
        What each account column is worth less than its unit's best, at the prices (K).
    bound
        Proven, ``inf`` without.
    """

    status: Status
    detail: str
    values: NDArray[np.float64] | None
    regret: NDArray[np.float64]
    bound: float


def relax(master: Master, budget: Budget) -> Relaxed:
    """Solve the relaxation: by HiGHS where it is small, else by dual ascent and then over the places it leaves."""
    if len(master.arrays.cost) <= MOST_COLUMNS:
        return _by_simplex(master, budget)
    prices = ascend(master, left=budget.left, stop_asked=budget.stop_asked)
    small = sifted(master, prices, TIED)
    answer = _by_simplex(small.master, budget)
    values = None
    if answer.values is not None:
        values = np.zeros(len(master.arrays.cost))
        values[small.column] = answer.values
    return Relaxed(
        status=Status.TIME if answer.status is Status.INFEASIBLE else answer.status,
        detail=answer.detail,
        values=values,
        regret=_regret(master, worth_of_columns(master, prices)[master.draft.place]),
        bound=prices.bound,
    )


def _by_simplex(master: Master, budget: Budget) -> Relaxed:
    arrays = master.arrays
    answer = solve(
        replace(arrays, integer=np.zeros(len(arrays.cost), bool)),
        time_limit_s=budget.left(),
        stop_asked=budget.stop_asked,
    )
    prices = np.zeros(len(arrays.row_lower)) if answer.duals is None else answer.duals
    start, index, value = arrays.matrix
    paid = np.bincount(index, weights=value * np.repeat(prices, np.diff(start)), minlength=len(arrays.cost))
    return Relaxed(
        status=answer.status,
        detail=answer.detail,
        values=answer.values if answer.status is Status.OPTIMAL else None,
        regret=_regret(master, (arrays.cost - paid)[master.draft.place]),
        bound=answer.bound,
    )


def _regret(master: Master, worth: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each account column is worth less than its unit's best (K)."""
    unit = master.draft.columns.unit
    best = np.full(len(master.draft.columns.size), -np.inf)
    np.maximum.at(best, unit, worth)
    return np.asarray(best[unit] - worth)
