"""Steps of shared people's time packed into people: whole ones first, then the rest where it fits best.

A staffing counts heads and steps of a crew, and these do not always come out: of two people with four steps each, three
seats cannot have three, three and two in one head each. Then the seat that loses least either has two people for its
steps, which takes more of its leader's week, or fewer steps.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.kernel import kernel

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Seats(NamedTuple):
    """Seats that want shared time, by crew (each N).

    Parameters
    ----------
    crew, pod, function
        Whose, where, and what they do; `LEADER` for who leads.
    steps, parts
        Steps of time, and over how many people to spread them.
    hours
        Of one step.
    together
        Seats served first, as what is left at the end may be steps of several people.
    may_lose
        Seats that may have fewer steps than they want, but for one.
    """

    crew: Ints
    pod: Ints
    function: Ints
    steps: Ints
    parts: Ints
    hours: Floats
    together: Flags
    may_lose: Flags


class Slack(NamedTuple):
    """What pods do not need; packing uses it up.

    Parameters
    ----------
    free, of_account
        Hours free in each pod and those an account there takes on average, by function; the last is of the leader's
        week (P x 5).
    member
        Hours of a leader's week that a head takes.
    """

    free: Floats
    of_account: Floats
    member: float


@kernel
def pack(seats: Seats, members: tuple[Ints, Ints], kinds: tuple[Ints, Ints], slack: Slack) -> tuple[Ints, Ints, Ints]:
    """Members who take each seat's steps, by best fit decreasing; their free time goes to a pod of theirs.

    Parameters
    ----------
    members
        First free member of each crew, counted through all crews, and how many are free (G).
    kinds
        Steps of a whole person, and the most pods of one (G).
    slack
        What pods can lose; written over.

    Returns
    -------
    member, pod, steps
        Of each placement.
    """
    most = 2 * seats.steps.sum() + 1
    placed = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    count, begin = 0, 0
    while begin < len(seats.crew):
        end = begin
        while end < len(seats.crew) and seats.crew[end] == seats.crew[begin]:
            end += 1
        g = seats.crew[begin]
        count = _pack_crew(seats, (begin, end), (members[1][g], kinds[0][g], kinds[1][g]), slack, placed, count)
        for entry in range(count - 1, -1, -1):
            if placed[0][entry] >= 0:
                break
            placed[0][entry] = members[0][g] - placed[0][entry] - 1
        begin = end
    return placed[0][:count], placed[1][:count], placed[2][:count]


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
def _lost(slack: Slack, pod: int, of: int, hours: float) -> float:
    """Accounts that a pod can no longer serve with so many hours less of a function, or of its leader's week."""
    if slack.of_account[pod, of] <= 0.0:
        return 0.0
    return float(max(0.0, hours - max(0.0, slack.free[pod, of])) / slack.of_account[pod, of])


@kernel
def _loss(seats: Seats, slack: Slack, i: int, steps: int) -> tuple[float, float]:
    """Accounts that a seat's pod loses with a head more, and with so many steps less."""
    pod, function = seats.pod[i], seats.function[i]
    by_head = _lost(slack, pod, LEADER, slack.member) if function != LEADER else 0.0
    by_steps = _lost(slack, pod, function, steps * seats.hours[i]) if seats.may_lose[i] else np.inf
    return by_head, by_steps


@kernel
def _splits(seats: Seats, slack: Slack, i: int, steps: int) -> bool:
    """Whether a seat has one head more for steps that nobody has in one piece, or goes without them; uses up slack."""
    by_head, by_steps = _loss(seats, slack, i, steps)
    if by_head <= by_steps:
        slack.free[seats.pod[i], LEADER] -= slack.member
        return True
    slack.free[seats.pod[i], seats.function[i]] -= steps * seats.hours[i]
    return False


@kernel
def _pack_crew(
    seats: Seats,
    ends: tuple[int, int],
    crew: tuple[int, int, int],
    slack: Slack,
    placed: tuple[Ints, Ints, Ints],
    count: int,
) -> int:
    """Pack one crew; members are written as -1, -2, ... Returns how many placements there are now.

    Parameters
    ----------
    ends
        First of the crew's seats, and the one after the last.
    crew
        Free members, steps of a whole person, and the most pods of one.
    """
    free, whole, max_pods = crew
    who, where, much = placed
    wanted = _wanted(seats.steps[ends[0] : ends[1]], seats.parts[ends[0] : ends[1]], whole)
    room, pods = np.full(free, whole, np.int64), np.zeros(free, np.int64)
    largest = np.full(free, NOBODY, np.int64)
    losses = np.empty(ends[1] - ends[0])
    for k in range(len(losses)):
        losses[k] = min(_loss(seats, slack, ends[0] + k, 1))
    order = np.argsort(-losses, kind="mergesort")  # who would lose most is served first
    begun, full = 0, 0
    for turn in range(2 * whole):
        size = whole - turn % whole
        for k in order:
            i = ends[0] + k
            for _ in range(wanted[k, size] if seats.together[i] == (turn < whole) else 0):
                left = size
                while left > 0:
                    member = _fitting(room, pods, (full, begun, free), left, max_pods)
                    if member < 0:
                        break
                    given = min(left, room[member])
                    room[member] -= given
                    pods[member] += 1
                    left -= given
                    who[count], where[count], much[count] = -member - 1, seats.pod[i], given
                    if largest[member] < 0 or given > much[largest[member]]:
                        largest[member] = count
                    count += 1
                    begun = max(begun, member + 1)
                    while full < begun and room[full] == 0:
                        full += 1
                    if left > 0 and not _splits(seats, slack, i, left):
                        break
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
