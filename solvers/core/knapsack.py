"""The best set of accounts for one pod at given prices: a 0/1 knapsack, solved exactly on a grid of whole units.

Sorting by worth a unit gives the value of the continuous knapsack; items that cannot change place in a better set are
fixed by it, and dynamic programming decides about the few that are left (Martello, Pisinger & Toth 1999, "Dynamic
programming and strong bounds for the 0-1 knapsack problem", Management Science 45, section 3).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solvers.kernel import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@kernel
def ranked(worth: Floats, weight: Ints, capacity: int) -> tuple[Ints, int, int, float]:
    """Items by worth a unit, and where the knapsack breaks.

    Parameters
    ----------
    worth
        Of each item, > 0.
    weight
        Of each item, 0 to capacity.

    Returns
    -------
    tuple
        Item order; how many of the first fit together; capacity that they leave; worth of one more unit (0 where all
        items fit).
    """
    count = len(worth)
    rate = np.empty(count)
    for item in range(count):
        rate[item] = -worth[item] / weight[item] if weight[item] > 0 else -np.inf
    order = np.argsort(rate, kind="mergesort")
    room = capacity
    for place in range(count):
        item = order[place]
        if weight[item] > room:
            return order, place, room, -rate[item]
        room -= weight[item]
    return order, count, room, 0.0


@kernel
def limits(worth: Floats, weight: Ints, capacity: int) -> tuple[float, float, float]:
    """Worth of some set that fits, a limit on the worth of any, and the worth of one more unit of capacity."""
    order, fitting, room, price = ranked(worth, weight, capacity)
    first = 0.0
    for place in range(fitting):
        first += worth[order[place]]
    some = first
    left = room
    for place in range(fitting, len(order)):
        item = order[place]
        if weight[item] <= left:
            left -= weight[item]
            some += worth[item]
    return some, first + room * price, price


@kernel
def best_set(worth: Floats, weight: Ints, capacity: int, chosen: Flags) -> tuple[float, float]:
    """Most worth within the capacity.

    Parameters
    ----------
    chosen
        Filled with the set.

    Returns
    -------
    tuple
        The set's worth, and the worth of one more unit of capacity in the continuous knapsack.
    """
    order, fitting, room, price = ranked(worth, weight, capacity)
    chosen[:] = False
    first = 0.0
    for place in range(fitting):
        chosen[order[place]] = True
        first += worth[order[place]]
    if fitting == len(order):
        return first, 0.0
    some = first
    left = room
    for place in range(fitting, len(order)):
        item = order[place]
        if weight[item] <= left:
            left -= weight[item]
            some += worth[item]
            chosen[item] = True
    if some >= first + room * price:
        return some, price
    core = np.empty(len(order), np.int64)
    count = 0
    fixed = 0.0
    free = capacity
    for place in range(len(order)):
        item = order[place]
        side = 1 if place < fitting else -1  # what the item loses when it changes place, at the price of capacity
        turned = first + room * price - side * (worth[item] - weight[item] * price)
        if turned > some:
            core[count] = item
            count += 1
        elif place < fitting:
            fixed += worth[item]
            free -= weight[item]
    gained = _fill(worth, weight, core[:count], free, some - fixed, chosen)
    if gained < 0:
        return some, price  # the greedy set was best
    for place in range(len(order)):
        item = order[place]
        side = 1 if place < fitting else -1
        if first + room * price - side * (worth[item] - weight[item] * price) <= some:
            chosen[item] = place < fitting
    return fixed + gained, price


@kernel
def _fill(worth: Floats, weight: Ints, core: Ints, capacity: int, to_beat: float, chosen: Flags) -> float:
    """Dynamic programming over the core items; where it beats a worth it marks its set, else it returns -1."""
    total = 0
    for item in core:
        total += weight[item]
    size = min(capacity, total) + 1
    best = np.zeros(size)
    taken = np.zeros((len(core), size), np.bool_)
    for place in range(len(core)):
        item = core[place]
        heavy, gain = weight[item], worth[item]
        for used in range(size - 1, heavy - 1, -1):
            value = best[used - heavy] + gain
            if value > best[used]:
                best[used] = value
                taken[place, used] = True
    if best[size - 1] <= to_beat:
        return -1.0
    used = size - 1
    for place in range(len(core) - 1, -1, -1):
        item = core[place]
        chosen[item] = taken[place, used]
        if taken[place, used]:
            used -= weight[item]
    return float(best[size - 1])
