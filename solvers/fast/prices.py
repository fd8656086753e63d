"""Marginal values at a staffing: the duals of hours, leaders' weeks and limits with everybody where they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.result import Prices
from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.highs import solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.master import Master

LEAST = 1e-6
"""Prices below this are rounding."""


def hour_prices(master: Master, values: NDArray[np.float64]) -> Prices | None:
    """Prices at a staffing (values of the integer columns); None where the model is no longer solved by them."""
    arrays, draft = master.arrays, master.draft
    fixed = np.rint(values)
    lp = replace(
        arrays,
        lower=np.where(arrays.integer, fixed, arrays.lower),
        upper=np.where(arrays.integer, fixed, arrays.upper),
        integer=np.zeros(len(arrays.integer), bool),
    )
    answer = solve(lp)
    if answer.duals is None:
        return None
    dual = np.maximum(0.0, answer.duals)
    hour = np.full((len(draft.instance.pods), LEADER + 1), np.nan)
    staffed = (draft.staffed != NOBODY) & (fixed[np.maximum(draft.staffed, 0)] > 0)
    hour[staffed, :LEADER] = dual[draft.hours_row[staffed]]
    hour[staffed, LEADER] = dual[draft.week_row[staffed]]
    limit = {words: float(np.abs(answer.duals[rows]).sum()) for words, rows in draft.clauses}
    return Prices(hour=hour, limit={words: price for words, price in limit.items() if price > LEAST})
