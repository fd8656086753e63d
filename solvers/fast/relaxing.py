"""The first bound, and where to look: the staffing model with fractions of people and openings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solvers.fast.ascent import ascend, worth_of_columns
from solvers.fast.search import NEAR
from solvers.fast.sift import sifted
from solvers.highs import Status, solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.ascent import Ascent
    from solvers.fast.budget import Budget
    from solvers.fast.master import Master


MOST_COLUMNS = 12_000
"""Columns up to which the simplex method is quicker than prices that rise and fall."""

TIED = 100.0
"""Money a year by which a place may be worse than its unit's best to be in the relaxation after the ascent."""


MOST_TIED = 50_000
"""Columns after the ascent up to which the simplex method is worth its time."""

MOST_SEARCHED = 200_000
"""Columns up to which the search has the whole model; beyond, that of the places near their unit's best."""


@dataclass(frozen=True, kw_only=True)
class Relaxed:
    """The relaxation's answer.

    Parameters
    ----------
    master
        The model to search on: the whole one, or that of the places that may matter.
    values
        Values of the model's columns, fractions allowed; None where none were found.
    regret
        What each account column is worth less than its unit's best, at the prices (K).
    bound
        Proven, ``inf`` without.
    """

    master: Master
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
    regret = _regret(master, worth_of_columns(master, prices)[master.draft.place])
    values, detail = _by_ties(master, prices, budget)
    relaxed = Relaxed(
        master=master, status=Status.TIME, detail=detail, values=values, regret=regret, bound=prices.bound
    )
    if len(master.arrays.cost) <= MOST_SEARCHED:
        return relaxed
    small = sifted(master, prices, NEAR)
    return replace(
        relaxed,
        master=small.master,
        values=None if values is None else values[small.column],
        regret=regret[small.place],
    )


def _by_ties(master: Master, prices: Ascent, budget: Budget) -> tuple[NDArray[np.float64] | None, str]:
    """Values over the places that the prices leave, None where that is too much for the simplex method."""
    small = sifted(master, prices, TIED)
    if len(small.master.arrays.cost) > MOST_TIED:
        return None, "dual ascent"
    answer = _by_simplex(small.master, budget)
    if answer.values is None:
        return None, answer.detail
    values = np.zeros(len(master.arrays.cost))
    values[small.column] = answer.values
    return values, answer.detail


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
        master=master,
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
