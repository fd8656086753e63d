"""From crews to people: who exactly sits where, and with which share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.fast.roster import Roster
from solvers.fast.split import split_people

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.draft import Draft
    from solvers.fast.roster import Entries


def make_roster(draft: Draft, values: NDArray[np.float64]) -> Roster:
    """Spread each crew's heads and steps over its members; free time goes to the pods they are in."""
    crews = draft.crews
    entries: Entries = []
    for crew in range(len(crews)):
        seats = draft.seats(crew=crew)
        heads = np.rint(values[draft.heads[seats]]).astype(int)
        steps = np.where(draft.steps[seats] == NOBODY, 0, np.rint(values[draft.steps[seats]])).astype(int)
        taken = np.flatnonzero(heads > 0)
        if not len(taken):
            continue
        seats, heads, steps = seats[taken], heads[taken], steps[taken]
        members = crews.members[crew].tolist()
        shared = draft.steps[seats] != NOBODY
        for seat, count in zip(seats[~shared], heads[~shared], strict=True):
            entries.extend((members.pop(0), int(crews.seat_pod[seat]), 1.0) for _ in range(count))
        if shared.any():
            pods = crews.seat_pod[seats[shared]].tolist()
            entries.extend(
                _pack(members, pods, steps[shared].tolist(), float(crews.step[crew]), int(crews.max_pods[crew]))
            )
    return _roster(draft, split_people(draft, values, entries))


def _pack(members: list[int], pods: list[int], steps: list[int], step: float, max_pods: int) -> Entries:
    """Whole people first, then the rest by first fit decreasing, split only where nothing else fits."""
    whole = round(1 / step)
    room = dict.fromkeys(members, whole)
    given: dict[tuple[int, int], int] = {}
    rest: list[tuple[int, int]] = []

    def pods_of(person: int) -> int:
        return sum(1 for s, _ in given if s == person)

    def give(person: int, pod: int, count: int) -> None:
        given[person, pod] = given.get((person, pod), 0) + count
        room[person] -= count

    for pod, count in zip(pods, steps, strict=True):
        full, part = divmod(count, whole)
        for _ in range(full):
            give(next(s for s in members if room[s] == whole), pod, whole)
        if part:
            rest.append((part, pod))
    for part, pod in sorted(rest, key=lambda item: (-item[0], item[1])):
        fits = [s for s in members if room[s] >= part and pods_of(s) < max_pods]
        # Prefer who has begun already: fewer people are touched, fewer hires are used.
        fits.sort(key=lambda s: (room[s] == whole, room[s], members.index(s)))
        if fits:
            give(fits[0], pod, part)
            continue
        for s in members:
            if part and room[s] and pods_of(s) < max_pods:
                count = min(part, room[s])
                give(s, pod, count)
                part -= count
    for person in members:
        mine = [pod for s, pod in given if s == person]
        if mine and room[person]:
            give(person, max(mine, key=lambda pod: (given[person, pod], -pod)), room[person])
    return [(person, pod, count * step) for (person, pod), count in given.items()]


def _roster(draft: Draft, entries: Entries) -> Roster:
    entries = sorted(entries)
    person = np.array([s for s, _, _ in entries], dtype=np.int64)
    pod = np.array([p for _, p, _ in entries], dtype=np.int64)
    role = draft.instance.people.role[person]
    leader = np.full(len(draft.instance.pods), NOBODY, np.int64)
    leader[pod[role == LEADER]] = person[role == LEADER]
    return Roster(person=person, pod=pod, share=np.array([z for _, _, z in entries], dtype=float), leader=leader)
