"""The best load of one person's time: a 0/1 knapsack of real hours, solved exactly.

From the set that is best in fractions, items come in or go out in turn, those of nearly the same worth an hour first;
of all sets so reached those are kept that no other beats in both worth and hours, and that may still beat the best
(Pisinger 1997, "A minimal algorithm for the 0-1 knapsack problem", Operations Research 45, sections 2 and 3). What
`solvers.core.knapsack` does for whole units by dynamic programming takes ten times as long on hours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import NOBODY
from solvers.kernel import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NO_PRICE = 1e300
"""Worth an hour of what is never taken out."""


@kernel
def best_load(worth: Floats, hours: Floats, room: float, least: float, most_sets: int, chosen: Flags) -> float:
    """Most that a set of items within the room is worth, or a limit on it.

    Parameters
    ----------
    worth, hours
        Of each item, > 0.
    room
        Hours.
    least
        Where fractions are worth no more than that, their worth is returned.
    most_sets
        Sets looked at, beyond which the limit in fractions stands.
    chosen
        Filled with the best set found; with none of the items where that is not looked for.

    Returns
    -------
    float
        Worth of the best set; more where it has too many rivals to be sure.
    """
    count = len(worth)
    chosen[:] = False
    order = np.argsort(-worth / hours)
    first, left, total = count, room, 0.0
    for place in range(count):
        item = order[place]
        if hours[item] > left:
            first = place
            break
        left -= hours[item]
        total += worth[item]
    if first == count:
        chosen[:] = total > least
        return total
    price = worth[order[first]] / hours[order[first]]
    if total + left * price <= least:
        return float(total + left * price)
    _fill(worth, hours, order, first, left, chosen)
    return _best_set(worth, hours, order, first, left, total, most_sets, chosen)


@kernel
def _fill(worth: Floats, hours: Floats, order: Ints, first: int, left: float, chosen: Flags) -> None:
    """The set that is best in fractions, and what else fits, in order."""
    for place in range(len(order)):
        item = order[place]
        if place < first or hours[item] <= left:
            chosen[item] = True
            left -= hours[item] if place >= first else 0.0


@kernel
def _best_set(
    worth: Floats, hours: Floats, order: Ints, first: int, left: float, total: float, most_sets: int, chosen: Flags
) -> float:
    """Let items come in and go out until no set left can beat the best.

    Parameters
    ----------
    order, first
        Items by worth an hour, and the first that does not fit with all before it.
    left, total
        Hours that those before it leave, and their worth.
    chosen
        A set that fits, and afterwards the best.
    """
    price = worth[order[first]] / hours[order[first]]
    best, found, limit, rest = 0.0, NOBODY, total + left * price, -np.inf
    for item in range(len(worth)):
        best += worth[item] if chosen[item] else 0.0
    over, gain, number = np.array([-left]), np.array([total]), np.array([0])
    before, changed, sets = np.empty(most_sets, np.int64), np.empty(most_sets, np.int64), 1
    before[0] = NOBODY
    inner, outer, comes = first - 1, first, False
    while len(over) and (inner >= 0 or outer < len(order)):
        comes = outer < len(order) and (inner < 0 or not comes)
        item = order[outer] if comes else order[inner]
        outer, inner = (outer + 1, inner) if comes else (outer, inner - 1)
        if limit - abs(worth[item] - price * hours[item]) <= best:
            continue
        if sets + len(over) > most_sets:
            rest = float((gain - price * over).max())
            break
        sign = 1.0 if comes else -1.0
        above = worth[order[inner]] / hours[order[inner]] if inner >= 0 else NO_PRICE
        below = worth[order[outer]] / hours[order[outer]] if outer < len(order) else 0.0
        over, gain, number, source = _joined(over, gain, number, sign * hours[item], sign * worth[item])
        for k in range(len(over)):
            if source[k] >= 0:
                before[sets], changed[sets] = source[k], item
                number[k] = sets
                sets += 1
            if over[k] <= 0.0 and gain[k] > best:
                best, found = gain[k], number[k]
        kept = gain - np.where(over <= 0.0, below, above) * over > best
        over, gain, number = over[kept], gain[kept], number[kept]
    if found >= 0:
        chosen[:] = False
        chosen[order[:first]] = True
        while before[found] >= 0:
            chosen[changed[found]] = not chosen[changed[found]]
            found = before[found]
    return max(best, rest)


@kernel
def _joined(over: Floats, gain: Floats, number: Ints, hours: float, worth: float) -> tuple[Floats, Floats, Ints, Ints]:
    """The sets, and the same with one change, by hours; without those that another beats in both.

    Returns
    -------
    tuple
        Hours above the room, worth and number of each; and of which one it is the changed one, `NOBODY` of none.
    """
    count, size, most = len(over), 0, -np.inf
    both_over, both_gain = np.empty(2 * count), np.empty(2 * count)
    both_number, source = np.empty(2 * count, np.int64), np.empty(2 * count, np.int64)
    same, other = 0, 0
    while same < count or other < count:
        if other == count or (same < count and over[same] <= over[other] + hours):
            here, there, mine, of = over[same], gain[same], number[same], NOBODY
            same += 1
        else:
            here, there, mine, of = over[other] + hours, gain[other] + worth, NOBODY, number[other]
            other += 1
        if there > most:
            both_over[size], both_gain[size], both_number[size], source[size] = here, there, mine, of
            size += 1
            most = there
    return both_over[:size], both_gain[:size], both_number[:size], source[:size]
