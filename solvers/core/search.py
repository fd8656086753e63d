"""Assignments for a given set of open pods: a greedy start, then simulated annealing with a price on overload.

Moves are a shift, a swap of two accounts, and an ejection: an account goes where it does not fit, and one from there
goes on to where it does (the chain of length two of Yagiura, Ibaraki & Glover 2004, "An ejection chain approach for
the generalized assignment problem", INFORMS Journal on Computing 16, section 3). Overload is priced, and the price
follows what it achieves, as in their section 3.4: tight instances are crossed through overloaded assignments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.core import CAPACITY_TOLERANCE
from solvers.core.knapsack import Floats, Ints
from solvers.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.core import CoreProblem

CHOICES = 3
"""Pods that an account may move to: those cheapest for it when capacity is paid for."""

LOOKS = 30
"""Most accounts of the pod moved to that are looked at for the one that leaves."""

SWEEP = 500
"""Moves between two changes of the price of overload."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Draft:
    """An assignment that may overload pods.

    Parameters
    ----------
    pod
        Of each account (A).
    cost
        With openings, without any charge for overload.
    overload
        Use above capacity, summed over the pods; 0 where every rule holds.
    """

    pod: Ints
    cost: float
    overload: float

    def beats(self, other: Draft | None) -> bool:
        """Whether it is better: less overload first, then less cost."""
        return other is None or (self.overload, self.cost) < (other.overload, other.cost)


def weighed(problem: CoreProblem, pod: Ints) -> Draft:
    """Cost and overload of an assignment."""
    accounts = np.arange(problem.accounts)
    load = np.bincount(pod, weights=problem.use[pod, accounts], minlength=problem.pods)
    is_open = np.bincount(pod, minlength=problem.pods) > 0
    over = load - problem.capacity
    return Draft(
        pod=pod,
        cost=float(problem.cost[pod, accounts].sum() + problem.opening[is_open].sum()),
        overload=float(over[over > CAPACITY_TOLERANCE].sum()),
    )


def greedy(problem: CoreProblem, is_open: NDArray[np.bool_], hour: Floats, held: Ints | None = None) -> Draft:
    """Accounts to the open pods, those first that lose most by their second choice.

    Parameters
    ----------
    hour
        Worth of one unit of each pod's capacity (P).
    held
        Open pod of each account that stays where it is, -1 for the others (A); None where none stays.
    """
    opened = np.flatnonzero(is_open)
    use = problem.use[opened]
    paid = problem.cost[opened] + hour[opened, None] * use
    ahead = np.sort(paid, axis=0)
    order = np.argsort(ahead[0] - ahead[min(1, len(opened) - 1)], kind="stable")
    pinned = _pinned(problem, opened)
    if held is not None:
        pinned = np.where((pinned < 0) & (held >= 0), np.searchsorted(opened, held), pinned)
    place = _greedy(paid, use, problem.capacity[opened], order, pinned)
    return weighed(problem, opened[place])


def anneal(
    problem: CoreProblem, start: Draft, hour: Floats, *, moves: int, heat: float, seed: int, wanders: bool = False
) -> Draft:
    """A better assignment to the pods that are open at the start; some of them may close where openings are free.

    Parameters
    ----------
    heat
        Temperature to begin with, as a share of what an account typically loses by its second choice.
    wanders
        Whether to return where the annealing ends, be it worse than the start.
    """
    opened = np.unique(start.pod)
    if len(opened) == 1:
        return start
    use = np.ascontiguousarray(problem.use[opened])
    cost = np.ascontiguousarray(problem.cost[opened])
    paid = cost + hour[opened, None] * use
    paid[use > problem.capacity[opened, None]] += 1e6 * (np.abs(paid).max() + 1)
    count = min(CHOICES, len(opened))
    choice = np.ascontiguousarray(np.argsort(paid, axis=0, kind="stable")[:count].T)
    ranked = np.take_along_axis(paid, choice.T, axis=0)
    hot = heat * float(np.median(ranked[1] - ranked[0])) + 1e-9
    price = 2 * (float(hour[opened].mean()) + hot / max(float(np.median(use)), 1e-9))
    place = _anneal(
        cost,
        use,
        problem.capacity[opened] + CAPACITY_TOLERANCE,
        problem.opening[opened],
        problem.open_pods is not None,
        choice,
        np.searchsorted(opened, start.pod),
        _pinned(problem, opened) >= 0,
        price,
        hot,
        moves,
        wanders,
        np.random.default_rng(seed),
    )
    found = weighed(problem, opened[place])
    return found if wanders or found.beats(start) else start


def _pinned(problem: CoreProblem, opened: Ints) -> Ints:
    """Of each account the open pod that it is home to, by its place among the open ones; -1 for the others."""
    pinned = np.full(problem.accounts, -1)
    if problem.home is not None:
        pinned[problem.home[opened]] = np.arange(len(opened))
    return pinned


@kernel
def _greedy(paid: Floats, use: Floats, capacity: Floats, order: Ints, pinned: Ints) -> Ints:
    """Cheapest pod with room for each account in turn; the least overloaded one where there is none."""
    left = capacity.copy()
    place = pinned.copy()
    for account in range(len(order)):
        if place[account] >= 0:
            left[place[account]] -= use[place[account], account]
    for account in order:
        if place[account] >= 0:
            continue
        best, roomiest = -1, 0
        for pod in range(len(left)):
            if use[pod, account] <= left[pod]:
                if best < 0 or paid[pod, account] < paid[best, account]:
                    best = pod
            elif left[pod] - use[pod, account] > left[roomiest] - use[roomiest, account]:
                roomiest = pod
        place[account] = best if best >= 0 else roomiest
        left[place[account]] -= use[place[account], account]
    return place


@kernel
def _over(load: float, capacity: float) -> float:
    return load - capacity if load > capacity else 0.0


@kernel
def _move(account: int, to: int, place: Ints, slot: Ints, member: Ints, count: Ints, load: Floats, use: Floats) -> None:
    """Put an account into a pod, and keep the lists of members."""
    pod = place[account]
    last = member[pod, count[pod] - 1]
    member[pod, slot[account]] = last
    slot[last] = slot[account]
    count[pod] -= 1
    load[pod] -= use[pod, account]
    place[account] = to
    slot[account] = count[to]
    member[to, count[to]] = account
    count[to] += 1
    load[to] += use[to, account]


@kernel
def _chain(
    account: int,
    to: int,
    first: int,
    cost: Floats,
    use: Floats,
    capacity: Floats,
    opening: Floats,
    choice: Ints,
    place: Ints,
    fixed: NDArray[np.bool_],
    member: Ints,
    count: Ints,
    load: Floats,
    price: float,
) -> tuple[float, float, int, int]:
    """What it costs to put an account into a pod, with the best account from there that goes elsewhere, if any.

    Parameters
    ----------
    first
        Member of the pod to look at first; no more than `LOOKS` are looked at.

    Returns
    -------
    tuple
        Change of cost and of overload; the account that leaves (-1: none), and where it goes.
    """
    here = place[account]
    gain = cost[to, account] - cost[here, account]
    out, into = load[here] - use[here, account], load[to] + use[to, account]
    before = _over(load[here], capacity[here]) + _over(load[to], capacity[to])
    left = _over(out, capacity[here])
    closing = opening[here] if count[here] == 1 else 0.0
    if count[to] == 0:
        gain += opening[to]
    best_gain, best_change = gain - closing, left + _over(into, capacity[to]) - before
    best, best_other, best_on = best_gain + price * best_change, -1, -1
    for look in range(min(count[to], LOOKS)):
        other = member[to, (first + look) % count[to]]
        if fixed[other]:
            continue
        base = gain - cost[to, other]
        kept = _over(into - use[to, other], capacity[to]) - before
        for rank in range(-1, choice.shape[1]):
            on = here if rank < 0 else choice[other, rank]
            if on == to or (on == here and rank >= 0):
                continue
            total = base + cost[on, other]
            if on == here:
                change = kept + _over(out + use[here, other], capacity[here])
            else:
                change = kept + left + _over(load[on] + use[on, other], capacity[on]) - _over(load[on], capacity[on])
                total += (opening[on] if count[on] == 0 else 0.0) - closing
            if total + price * change < best:
                best, best_gain, best_change = total + price * change, total, change
                best_other, best_on = other, on
    return best_gain, best_change, best_other, best_on


@kernel
def _anneal(
    cost: Floats,
    use: Floats,
    capacity: Floats,
    opening: Floats,
    stay_open: bool,
    choice: Ints,
    start: Ints,
    fixed: NDArray[np.bool_],
    price: float,
    hot: float,
    moves: int,
    wanders: bool,
    rng: np.random.Generator,
) -> Ints:
    """Simulated annealing over places among the open pods; returns the best without overload, or the last."""
    pods, accounts = cost.shape
    place, slot = start.copy(), np.empty(accounts, np.int64)
    member, count, load = np.empty((pods, accounts), np.int64), np.zeros(pods, np.int64), np.zeros(pods)
    now, over = 0.0, 0.0
    for account in range(accounts):
        pod = place[account]
        slot[account] = count[pod]
        member[pod, count[pod]] = account
        count[pod] += 1
        load[pod] += use[pod, account]
        now += cost[pod, account]
    for pod in range(pods):
        over += _over(load[pod], capacity[pod])
        now += opening[pod]
    best, best_cost = place.copy(), now if over <= 1e-9 else np.inf
    heat, cool, least = hot, 0.01 ** (SWEEP / max(moves, 1)), price / 8
    seen_free = over <= 1e-9
    for turn in range(moves):
        if turn % SWEEP == 0:
            heat *= cool
            price = max(price * 0.9, least) if seen_free else price * 1.2
            seen_free = False
        account = int(rng.random() * accounts)
        to = choice[account, int(rng.random() * choice.shape[1])]
        here = place[account]
        if fixed[account] or to == here or (stay_open and count[here] == 1):
            continue
        first = int(rng.random() * count[to])
        gain, change, other, on = _chain(
            account, to, first, cost, use, capacity, opening, choice, place, fixed, member, count, load, price
        )
        delta = gain + price * change
        if delta > 0.0 and rng.random() >= np.exp(-delta / heat):
            continue
        _move(account, to, place, slot, member, count, load, use)
        if other >= 0:
            _move(other, on, place, slot, member, count, load, use)
        now += gain
        over += change
        if over <= 1e-9:
            seen_free = True
            if now < best_cost - 1e-9:
                best_cost = now
                best[:] = place
    return best if best_cost < np.inf and not wanders else place
