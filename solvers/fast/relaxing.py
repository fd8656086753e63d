"""The first bound, and where to look: the staffing model with fractions of people and openings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solvers.highs import Status, solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.budget import Budget
    from solvers.fast.master import Master


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
    """Solve the relaxation."""
    arrays = master.arrays
    answer = solve(
        replace(arrays, integer=np.zeros(len(arrays.cost), bool)),
        time_limit_s=budget.left(),
        stop_asked=budget.stop_asked,
    )
    prices = np.zeros(len(arrays.row_lower)) if answer.duals is None else answer.duals
    return Relaxed(
        status=answer.status,
        detail=answer.detail,
        values=answer.values if answer.status is Status.OPTIMAL else None,
        regret=regret_at(master, prices),
        bound=answer.bound,
    )


def regret_at(master: Master, prices: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each account column is worth less than its unit's best at row prices (K)."""
    arrays, draft = master.arrays, master.draft
    start, index, value = arrays.matrix
    paid = np.bincount(index, weights=value * np.repeat(prices, np.diff(start)), minlength=len(arrays.cost))
    worth = (arrays.cost - paid)[draft.place]
    best = np.full(len(draft.columns.size), -np.inf)
    np.maximum.at(best, draft.columns.unit, worth)
    return np.asarray(best[draft.columns.unit] - worth)
