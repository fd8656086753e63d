"""Which pods to open: a cover at given prices, and moves of whole pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.core import CAPACITY_TOLERANCE
from solvers.core.knapsack import Floats, Ints, best_set
from solvers.core.relaxation import items
from solvers.core.search import weighed
from solvers.kernel import kernel

if TYPE_CHECKING:
    from podplanner.domain.core import CoreProblem
    from solvers.core.relaxation import Relaxation
    from solvers.core.search import Draft

Flags = NDArray[np.bool_]


def cover(problem: Relaxation, prices: Floats, *, demand: float) -> Flags:
    """Pods opened one after the other, each the one that is worth most to the accounts that none has taken yet.

    Parameters
    ----------
    prices
        Of the accounts (A).
    demand
        Capacity that the open pods have together, at least, where openings are free.
    """
    return _cover(
        problem.cost, problem.weight, problem.room, problem.opening, problem.home, problem.open_pods, prices, demand
    )


def frequent(problem: CoreProblem, often: Floats, *, demand: float) -> Flags:
    """Pods by falling frequency in the relaxation's solutions, until they have that capacity together."""
    order = np.argsort(-often, kind="stable")
    count = int(np.searchsorted(np.cumsum(problem.capacity[order]), demand)) + 1
    is_open = np.zeros(problem.pods, np.bool_)
    is_open[order[:count]] = True
    return is_open


def resited(problem: CoreProblem, draft: Draft) -> Draft:
    """The draft with each open pod in turn replaced, its accounts and all, by the closed pod that does it cheapest."""
    home = np.full(problem.pods, -1) if problem.home is None else problem.home
    pod = _resite(problem.cost, problem.use, problem.capacity + CAPACITY_TOLERANCE, problem.opening, home, draft.pod)
    found = weighed(problem, pod)
    return found if found.beats(draft) else draft


@kernel
def _cover(
    cost: Floats,
    weight: Ints,
    room: Ints,
    opening: Floats,
    home: Ints,
    open_pods: int,
    prices: Floats,
    demand: float,
) -> Flags:
    """Values only rise as accounts are taken: the least of the old values is checked first, and most are never."""
    pods, accounts = cost.shape
    item, worth, heavy = np.empty(accounts, np.int64), np.empty(accounts), np.empty(accounts, np.int64)
    chosen = np.empty(accounts, np.bool_)
    left = prices.copy()
    value, is_open, is_fresh = np.full(pods, -np.inf), np.zeros(pods, np.bool_), np.zeros(pods, np.bool_)
    count, capacity = 0, 0.0
    while count < pods and count != open_pods:
        pod = int(np.argmin(value))
        if value[pod] == np.inf or (open_pods < 0 and is_fresh[pod] and value[pod] >= 0.0 and capacity >= demand):
            break
        free, base = room[pod], opening[pod]
        if home[pod] >= 0:
            free -= weight[pod, home[pod]]
            base += cost[pod, home[pod]] - left[home[pod]]
        if free < 0 or (home[pod] >= 0 and left[home[pod]] == -np.inf):
            value[pod] = np.inf
            continue
        size = items(cost[pod], weight[pod], free, home[pod], left, item, worth, heavy)
        gained, _ = best_set(worth[:size], heavy[:size], free, chosen[:size])
        value[pod] = base - gained
        if not is_fresh[pod]:
            is_fresh[pod] = True
            continue
        value[pod] = np.inf
        is_open[pod] = True
        is_fresh[:] = False
        count += 1
        capacity += room[pod]
        for place in range(size):
            if chosen[place]:
                left[item[place]] = -np.inf
        if home[pod] >= 0:
            left[home[pod]] = -np.inf
    return is_open


@kernel
def _resite(cost: Floats, use: Floats, capacity: Floats, opening: Floats, home: Ints, start: Ints) -> Ints:
    """One pass over the open pods; a pod with a home moves to one whose home it serves."""
    pods, accounts = cost.shape
    place = start.copy()
    member, is_open = np.empty(accounts, np.int64), np.zeros(pods, np.bool_)
    for account in range(accounts):
        is_open[place[account]] = True
    for pod in range(pods):
        if not is_open[pod]:
            continue
        size = 0
        for account in range(accounts):
            if place[account] == pod:
                member[size] = account
                size += 1
        best = _best_site(pod, cost, use, capacity, opening, home, place, is_open, member[:size])
        is_open[pod], is_open[best] = False, True
        for account in member[:size]:
            place[account] = best
    return place


@kernel
def _best_site(
    pod: int,
    cost: Floats,
    use: Floats,
    capacity: Floats,
    opening: Floats,
    home: Ints,
    place: Ints,
    is_open: Flags,
    member: Ints,
) -> int:
    """The cheapest of a pod and the closed pods for the pod's members together."""
    best, least = pod, opening[pod]
    for account in member:
        least += cost[pod, account]
    for other in range(len(opening)):
        if is_open[other] or (home[other] >= 0 and place[home[other]] != pod):
            continue
        total, load = opening[other], 0.0
        for account in member:
            total += cost[other, account]
            load += use[other, account]
        if load <= capacity[other] and total < least - 1e-9:
            best, least = other, total
    return best
