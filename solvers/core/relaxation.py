"""The core problem with "each account once" relaxed by a price for each account: one knapsack a pod.

Whatever the prices, their sum and the pods' knapsacks together are a proven lower limit of the cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.core import CAPACITY_TOLERANCE
from solvers.core.knapsack import Flags, Floats, Ints, best_set, limits
from solvers.kernel import kernel

if TYPE_CHECKING:
    from podplanner.domain.core import CoreProblem

GRID_STEPS = 20_000
"""Units that a pod's capacity is counted in where its data are not whole numbers, or larger."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Relaxation:
    """A core problem as the kernels want it.

    Parameters
    ----------
    weight, room
        Use and capacity in whole units of the pod's own grid, rounded to the safe side: what fits, fits here too.
    home
        As in the problem, -1 without homes.
    open_pods
        As in the problem, -1 where openings are free.
    """

    cost: Floats
    weight: Ints
    room: Ints
    opening: Floats
    home: Ints
    open_pods: int


def relaxed(problem: CoreProblem) -> Relaxation:
    """Put a core problem onto whole units."""
    whole = (problem.use == np.round(problem.use)).all(axis=1) & (problem.capacity <= GRID_STEPS)
    scale = np.where(whole, 1.0, GRID_STEPS / np.maximum(problem.capacity, CAPACITY_TOLERANCE))
    return Relaxation(
        cost=problem.cost,
        weight=np.floor(problem.use * scale[:, None]).astype(np.int64),
        room=np.floor((problem.capacity + CAPACITY_TOLERANCE) * scale).astype(np.int64),
        opening=problem.opening,
        home=np.full(problem.pods, -1) if problem.home is None else problem.home,
        open_pods=-1 if problem.open_pods is None else problem.open_pods,
    )


@kernel
def items(
    cost: Floats, weight: Ints, room: int, home: int, prices: Floats, item: Ints, worth: Floats, heavy: Ints
) -> int:
    """Accounts that pay for themselves in a pod, without its home; returns how many."""
    count = 0
    for account in range(len(prices)):
        gain = prices[account] - cost[account]
        if gain > 0 and weight[account] <= room and account != home:
            item[count], worth[count], heavy[count] = account, gain, weight[account]
            count += 1
    return count


@kernel
def price_pods(
    cost: Floats,
    weight: Ints,
    room: Ints,
    opening: Floats,
    home: Ints,
    open_pods: int,
    prices: Floats,
    value: Floats,
    hour: Floats,
    inside: NDArray[np.bool_],
    is_open: Flags,
) -> float:
    """Solve the relaxation at given prices.

    Parameters
    ----------
    prices
        Of each account.
    value
        Filled with each pod's cost if it opens (a lower limit of it for those that do not open).
    hour
        Filled with the worth of one more unit of each pod's capacity.
    inside
        Filled with the accounts of each pod that opens (P x A).
    is_open
        Filled with the pods that open.

    Returns
    -------
    float
        A lower limit of the cost of every assignment, ``inf`` where too few pods can open.
    """
    pods, accounts = cost.shape
    item, worth, heavy = np.empty(accounts, np.int64), np.empty(accounts), np.empty(accounts, np.int64)
    chosen = np.empty(accounts, np.bool_)
    own, some = np.empty(pods), np.empty(pods)
    for pod in range(pods):
        own[pod], free = opening[pod], room[pod]
        if home[pod] >= 0:
            own[pod] += cost[pod, home[pod]] - prices[home[pod]]
            free -= weight[pod, home[pod]]
        if free < 0:
            value[pod], some[pod], hour[pod] = np.inf, np.inf, 0.0
            continue
        count = items(cost[pod], weight[pod], free, home[pod], prices, item, worth, heavy)
        reached, limit, hour[pod] = limits(worth[:count], heavy[:count], free)
        value[pod], some[pod] = own[pod] - limit, own[pod] - reached
    edge = 0.0 if open_pods < 0 else np.sort(some)[open_pods - 1]
    for pod in range(pods):
        inside[pod] = False
        if value[pod] <= edge and value[pod] < np.inf:
            free = room[pod]
            if home[pod] >= 0:
                free -= weight[pod, home[pod]]
                inside[pod, home[pod]] = True
            count = items(cost[pod], weight[pod], free, home[pod], prices, item, worth, heavy)
            gained, _ = best_set(worth[:count], heavy[:count], free, chosen[:count])
            value[pod] = own[pod] - gained
            for place in range(count):
                inside[pod, item[place]] = chosen[place]
    order = np.argsort(value, kind="mergesort")
    is_open[:] = False
    total = float(prices.sum())
    for place in range(pods):
        pod = order[place]
        if place == open_pods or (open_pods < 0 and value[pod] >= 0):
            break
        total += value[pod]
        is_open[pod] = True
    return total
