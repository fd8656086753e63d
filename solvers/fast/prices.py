"""Marginal values at a staffing: the duals of hours, leaders' weeks and limits with everybody where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.result import Prices
from podplanner.domain.vocabulary import LEADER, NOBODY

if TYPE_CHECKING:
    from solvers.fast.search import Search, Staffing

LEAST = 1e-6
"""Prices below this are rounding."""
LONGEST_S = 5.0
"""Wall seconds beyond the end of a run."""


def hour_prices(search: Search, staffing: Staffing, *, timed: bool) -> Prices | None:
    """Prices at a staffing; None where its accounts cannot be spread again.

    Parameters
    ----------
    timed
        Whether the run has a time limit; then these end too, and what takes longer has the relaxation's prices.
    """
    dual = search.duals(staffing, LONGEST_S if timed else None)
    if dual is None:
        return None
    draft = search.master.draft
    hour = np.full((len(draft.instance.pods), LEADER + 1), np.nan)
    has = draft.staffed != NOBODY
    staffed = np.zeros(len(has), bool)
    staffed[has] = staffing.values[draft.staffed[has]] > 0
    of = draft.site[staffed[draft.site]]
    hour[staffed[draft.site], :LEADER] = np.maximum(0.0, dual[draft.hours_row[of]])
    hour[staffed[draft.site], LEADER] = np.maximum(0.0, dual[draft.week_row[of]])
    limit = {words: float(np.abs(dual[rows]).sum()) for words, rows in draft.clauses}
    return Prices(hour=hour, limit={words: price for words, price in limit.items() if price > LEAST})
