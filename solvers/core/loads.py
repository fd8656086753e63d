"""Loads: sets of accounts that one pod could have, all of them that are nearly as good as its best at given prices.

At given prices an assignment costs the relaxation's bound and, for each of its loads, the load's excess over the pod's
best one, none of which is negative. Few accounts a pod make few loads of small excess, and an assignment better than
the best known has no load whose excess is more than the gap (Baldacci, Hadjiconstantinou, Maniezzo & Mingozzi 2002, "A
new method for solving capacitated location problems based on a set partitioning approach", Computers & Operations
Research 29, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.core import CAPACITY_TOLERANCE
from solvers.core.knapsack import Floats, Ints
from solvers.kernel import kernel

if TYPE_CHECKING:
    from podplanner.domain.core import CoreProblem
    from solvers.core.ascent import Prices
    from solvers.core.relaxation import Relaxation

NOTHING = np.zeros(0, np.int64)

HALVINGS = 30
"""Of the reach, until its loads are few enough."""
LARGER = 1.5
"""Of the reach after the last halving, tried once."""
LOOKS = 50
"""Branches of the enumeration, for each cell that the loads may have."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Loads:
    """Sets of accounts for pods.

    Parameters
    ----------
    pod
        Of each load (L).
    load, account
        Its accounts, as pairs (N).
    """

    pod: Ints
    load: Ints
    account: Ints

    @property
    def cells(self) -> int:
        """How many pairs of a load and an account there are."""
        return len(self.account)

    def cost(self, problem: CoreProblem) -> Floats:
        """Of each load, with its pod's opening (L)."""
        cost = problem.cost[self.pod[self.load], self.account]
        return np.bincount(self.load, weights=cost, minlength=len(self.pod)) + problem.opening[self.pod]


def loads_of(pod: Ints) -> Loads:
    """The loads of an assignment, by the pod of each account."""
    opened, load = np.unique(pod, return_inverse=True)
    return Loads(pod=opened, load=load, account=np.arange(len(pod)))


def together(first: Loads, second: Loads) -> Loads:
    """Loads one after the other."""
    return Loads(
        pod=np.concatenate((first.pod, second.pod)),
        load=np.concatenate((first.load, second.load + len(first.pod))),
        account=np.concatenate((first.account, second.account)),
    )


def best_loads(
    problem: CoreProblem, relaxation: Relaxation, prices: Prices, *, reach: float, cells: int
) -> tuple[Loads, float]:
    """The loads of least excess, and the excess below which none is missing.

    Parameters
    ----------
    reach
        Most excess wanted.
    cells
        Most pairs of a load and an account.
    """
    found = loads_within(problem, relaxation, prices, reach=reach, cells=cells)
    if found is not None:
        return found, reach
    for _ in range(HALVINGS):
        reach /= 2
        found = loads_within(problem, relaxation, prices, reach=reach, cells=cells)
        if found is not None:
            more = loads_within(problem, relaxation, prices, reach=LARGER * reach, cells=cells)
            return (found, reach) if more is None else (more, LARGER * reach)
    return Loads(pod=NOTHING, load=NOTHING, account=NOTHING), 0.0


def loads_within(
    problem: CoreProblem, relaxation: Relaxation, prices: Prices, *, reach: float, cells: int
) -> Loads | None:
    """All loads of no more excess; None where they have more cells than that, or take too long to find."""
    edge = 0.0 if problem.open_pods is None else float(np.sort(prices.value)[problem.open_pods - 1])
    pod, end, account = np.empty(cells, np.int64), np.zeros(cells, np.int64), np.empty(cells, np.int64)
    count = _enumerate(
        relaxation.cost,
        relaxation.weight,
        relaxation.room,
        relaxation.opening - np.minimum(prices.value, edge) - reach,
        relaxation.home,
        prices.account,
        reach,
        pod,
        end,
        account,
    )
    if count < 0:
        return None
    size = np.diff(end[:count], prepend=0)
    loads = Loads(pod=pod[:count], load=np.repeat(np.arange(count), size), account=account[: size.sum()])
    return _fitting(problem, loads)


def _fitting(problem: CoreProblem, loads: Loads) -> Loads:
    """Those within the capacity itself: on the relaxation's grid a little more fits."""
    use = np.bincount(loads.load, weights=problem.use[loads.pod[loads.load], loads.account], minlength=len(loads.pod))
    fits = use <= problem.capacity[loads.pod] + CAPACITY_TOLERANCE
    kept = fits[loads.load]
    place = np.cumsum(fits) - 1
    return Loads(pod=loads.pod[fits], load=place[loads.load[kept]], account=loads.account[kept])


@kernel
def _enumerate(
    cost: Floats,
    weight: Ints,
    room: Ints,
    least: Floats,
    home: Ints,
    prices: Floats,
    reach: float,
    pod_of: Ints,
    end: Ints,
    account_of: Ints,
) -> int:
    """Fill in the loads of every pod that are worth at least so much; returns how many, -1 where there is no room.

    Parameters
    ----------
    least
        Worth of a load that is just within the reach (P).
    reach
        No account in a load within the reach costs more than this above its price.
    pod_of, end
        Of each load, its pod and where its accounts end.
    """
    pods, accounts = cost.shape
    item, worth, heavy = np.empty(accounts, np.int64), np.empty(accounts), np.empty(accounts, np.int64)
    loads, cells, looks = 0, 0, LOOKS * len(account_of)
    for pod in range(pods):
        free, own = room[pod], least[pod]
        if home[pod] >= 0:
            free -= weight[pod, home[pod]]
            own += cost[pod, home[pod]] - prices[home[pod]]
        if free < 0 or not np.isfinite(own):
            continue
        count = _ranked(cost[pod], weight[pod], free, home[pod], prices, reach, item, worth, heavy)
        some, cells, looks = _enumerate_pod(
            worth[:count], heavy[:count], item, free, own, home[pod], cells, looks, end[loads:], account_of
        )
        if some < 0:
            return -1
        pod_of[loads : loads + some] = pod
        loads += some
    return loads


@kernel
def _ranked(
    cost: Floats,
    weight: Ints,
    room: int,
    home: int,
    prices: Floats,
    reach: float,
    item: Ints,
    worth: Floats,
    heavy: Ints,
) -> int:
    """Fill in the accounts that a pod's load may have beside its home, by worth a unit; returns how many."""
    gain = prices - cost
    order = np.argsort(-gain / np.maximum(weight, 1e-9), kind="mergesort")
    count = 0
    for account in order:
        if gain[account] >= -reach and weight[account] <= room and account != home:
            item[count], worth[count], heavy[count] = account, gain[account], weight[account]
            count += 1
    return count


@kernel
def _enumerate_pod(
    worth: Floats,
    heavy: Ints,
    item: Ints,
    room: int,
    least: float,
    home: int,
    cells: int,
    looks: int,
    end: Ints,
    account_of: Ints,
) -> tuple[int, int, int]:
    """Depth first, each account in before out; returns how many loads (-1: no room), cells and the looks left."""
    taken = np.empty(len(worth), np.int64)
    loads, place, depth, total, left = 0, 0, 0, 0.0, room
    while looks > 0:
        looks -= 1
        is_possible = _most(worth, heavy, place, total, left) >= least
        if is_possible and place < len(worth):
            if heavy[place] <= left:
                taken[depth] = place
                depth += 1
                total += worth[place]
                left -= heavy[place]
            place += 1
            continue
        size = depth + (home >= 0)
        if is_possible and size > 0:
            if cells + size > len(account_of):
                return -1, cells, looks
            for rank in range(depth):
                account_of[cells + rank] = item[taken[rank]]
            if home >= 0:
                account_of[cells + depth] = home
            cells += size
            end[loads] = cells
            loads += 1
        if depth == 0:
            return loads, cells, looks
        depth -= 1
        place = taken[depth]
        total -= worth[place]
        left += heavy[place]
        place += 1
    return -1, cells, looks


@kernel
def _most(worth: Floats, heavy: Ints, place: int, total: float, left: int) -> float:
    """What a load can still be worth, when the last account may be in it in part."""
    for item in range(place, len(worth)):
        if worth[item] <= 0.0:
            break
        if heavy[item] > left:
            return float(total + worth[item] * left / heavy[item])
        total += worth[item]
        left -= heavy[item]
    return total
