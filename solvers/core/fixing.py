"""Choices that no better assignment has: left out by the relaxation's bound when they are forced."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.core import CAPACITY_TOLERANCE

if TYPE_CHECKING:
    from podplanner.domain.core import CoreProblem
    from solvers.core.ascent import Prices

Flags = NDArray[np.bool_]


def left_over(problem: CoreProblem, prices: Prices, limit: float) -> Flags:
    """Choices that an assignment of less cost than the limit may have (P x A).

    To force an account into a pod opens the pod, in place of the dearest open one where their number is given. The
    pod's knapsack with the account forced is bounded from below by its own price of capacity: whatever that price is,
    the sum of the gains above it is a bound.
    """
    fits = problem.use <= problem.capacity[:, None] + CAPACITY_TOLERANCE
    if math.isinf(limit):
        return fits
    paid = problem.cost + prices.hour[:, None] * problem.use - prices.account
    paid_home = np.zeros(problem.pods)
    if problem.home is not None:
        # The home is in the pod whatever it costs: its gain is no choice.
        own = (np.arange(problem.pods), problem.home)
        paid_home = np.maximum(paid[own], 0.0)
    alone = problem.opening - prices.hour * (problem.capacity + CAPACITY_TOLERANCE) + np.minimum(paid, 0.0).sum(axis=1)
    forced = (alone + paid_home)[:, None] + np.maximum(paid, 0.0)
    if problem.home is not None:
        forced[own] = alone + paid_home
    if problem.open_pods is None:
        instead = np.minimum(prices.value, 0.0)
    else:
        dearest = prices.value[prices.is_open].max()
        instead = np.where(prices.is_open, prices.value, dearest)
    slack = 1e-9 * max(1.0, abs(limit), float(np.abs(prices.account).sum()))
    left: Flags = fits & (prices.bound + forced - instead[:, None] < limit + slack)
    return left
