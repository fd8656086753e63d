"""Steps of shared people's time packed into people: whole ones first, then the rest where it fits best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import NOBODY
from solvers.kernel import kernel

Ints = NDArray[np.int64]


@kernel
def pack(
    crew: Ints,
    pod: Ints,
    steps: Ints,
    parts: Ints,
    together: NDArray[np.bool_],
    members: tuple[Ints, Ints],
    kinds: tuple[Ints, Ints],
) -> tuple[Ints, Ints, Ints]:
    """Members who take each seat's steps, by best fit decreasing; their free time goes to a pod of theirs.

    Parameters
    ----------
    crew, pod, steps, parts
        Of each seat, by crew: steps of time, and over how many people to spread them (N).
    together
        Seats served first, as what is left at the end may be steps of several people (N).
    members
        First free member of each crew, counted through all crews, and how many are free (G).
    kinds
        Steps of a whole person, and the most pods of one (G).

    Returns
    -------
    member, pod, steps
        Of each placement.
    """
    most = 2 * steps.sum() + 1
    who, where, much = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    count, begin = 0, 0
    while begin < len(crew):
        end = begin
        while end < len(crew) and crew[end] == crew[begin]:
            end += 1
        g = crew[begin]
        wanted = _wanted(steps[begin:end], parts[begin:end], kinds[0][g])
        last = (~together[begin:end]).astype(np.int64)
        count = _pack_crew(
            wanted, pod[begin:end], last, members[1][g], kinds[0][g], kinds[1][g], who, where, much, count
        )
        for entry in range(count - 1, -1, -1):
            if who[entry] >= 0:
                break
            who[entry] = members[0][g] - who[entry] - 1
        begin = end
    return who[:count], where[:count], much[:count]


@kernel
def _wanted(steps: Ints, parts: Ints, whole: int) -> Ints:
    """How many parts of each size each seat wants (seats x sizes): whole people and a rest, or even parts."""
    wanted = np.zeros((len(steps), whole + 1), np.int64)
    for i in range(len(steps)):
        full, rest = divmod(steps[i], whole)
        if parts[i] <= full + (rest > 0):
            wanted[i, whole] = full
            if rest:
                wanted[i, rest] += 1
        else:
            each, more = divmod(steps[i], min(parts[i], steps[i]))
            wanted[i, each] += min(parts[i], steps[i]) - more
            if more:
                wanted[i, each + 1] += more
    return wanted


@kernel
def _pack_crew(
    wanted: Ints,
    pod: Ints,
    last: Ints,
    free: int,
    whole: int,
    max_pods: int,
    who: Ints,
    where: Ints,
    much: Ints,
    count: int,
) -> int:
    """Pack one crew; members are written as -1, -2, ... Returns how many placements there are now.

    Parameters
    ----------
    last
        1 for seats that wait for those with 0 (seats).
    """
    room, pods = np.full(free, whole, np.int64), np.zeros(free, np.int64)
    largest = np.full(free, NOBODY, np.int64)
    begun, full = 0, 0
    for turn in range(2 * whole):
        size = whole - turn % whole
        for i in np.flatnonzero(last == turn // whole):
            for _ in range(wanted[i, size]):
                left = size
                while left > 0:
                    member = _fitting(room, pods, (full, begun, free), left, max_pods)
                    if member < 0:
                        break
                    given = min(left, room[member])
                    room[member] -= given
                    pods[member] += 1
                    left -= given
                    who[count], where[count], much[count] = -member - 1, pod[i], given
                    if largest[member] < 0 or given > much[largest[member]]:
                        largest[member] = count
                    count += 1
                    begun = max(begun, member + 1)
                    while full < begun and room[full] == 0:
                        full += 1
    for member in range(begun):
        if largest[member] >= 0:
            much[largest[member]] += room[member]
    return count


@kernel
def _fitting(room: Ints, pods: Ints, ends: tuple[int, int, int], left: int, max_pods: int) -> int:
    """Who has least room among those with enough; else somebody new; else who has most room; `NOBODY` without any.

    Parameters
    ----------
    ends
        Members before the first are full, those from the second on have not begun; the third is their number.
    """
    full, begun, free = ends
    best, most = NOBODY, NOBODY
    for member in range(full, begun):
        if pods[member] < max_pods and room[member] > 0:
            if room[member] >= left and (best < 0 or room[member] < room[best]):
                best = member
            if most < 0 or room[member] > room[most]:
                most = member
    if best >= 0:
        return best
    return begun if begun < free else most
