"""From crews to people: who exactly sits where, and with which share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import FUNCTIONS, LEADER, NOBODY, ROLES
from solvers.fast.packing import Seats, Slack, pack
from solvers.fast.roster import Roster
from solvers.fast.split import split_people

if TYPE_CHECKING:
    from collections.abc import Callable

    from podplanner.domain.plan import Plan
    from solvers.fast.draft import Draft

Ints = NDArray[np.int64]


def make_roster(
    draft: Draft,
    values: NDArray[np.float64],
    left: Callable[[], float | None] = lambda: None,
    near: Roster | None = None,
) -> Roster:
    """Spread each crew's heads and steps over its members, and a site's people over its pods.

    Free time of shared people goes to the pods they are in.

    Parameters
    ----------
    left
        Seconds left for dealing a site's people, None without limit.
    near
        A roster whose deal of them to stay near.
    """
    crews = draft.crews
    heads = np.rint(values[draft.heads]).astype(np.int64)
    shared = draft.steps != NOBODY
    steps = np.where(shared, np.rint(values[draft.steps]).astype(np.int64), 0)
    order, first = _members(draft)
    alone = np.where(shared, 0, heads)
    person, seat = _dedicated(draft, order, first, alone)
    chosen = np.flatnonzero(shared & (heads > 0) & (steps > 0))
    used = np.bincount(crews.seat_crew, weights=alone, minlength=len(crews)).astype(np.int64)
    paid = np.rint(values[draft.used]).astype(np.int64)
    whole = np.rint(1.0 / crews.step).astype(np.int64)
    crew, together = crews.seat_crew[chosen], _of_one(draft, values)[chosen]
    role, least = crews.role[crew], draft.instance.roles.min_per_pod
    who, where, parts = pack(
        Seats(
            crew=crew,
            pod=crews.seat_pod[chosen],
            function=role.astype(np.int64),
            steps=steps[chosen],
            parts=_parts(draft, heads, steps, chosen),
            hours=(crews.step * crews.plannable)[crew],
            together=together,
            may_lose=~together & (role != LEADER) & (least[role] == 0),
        ),
        (first + used, np.where(_paid_by_head(draft), np.maximum(paid, used), crews.size) - used),
        (whole, crews.max_pods),
        _slack(draft, values, heads),
    )
    part = np.concatenate([np.ones(len(person)), parts / whole[crews.of[order[who]]]])
    entries = (np.append(person, order[who]), np.append(crews.seat_pod[seat], where), part)
    return _roster(draft, *split_people(draft, values, *entries, left, near))


def roster_of(draft: Draft, plan: Plan) -> Roster:
    """The roster of a plan."""
    person, pod = plan.placed_person.astype(np.int64), plan.placed_pod.astype(np.int64)
    return Roster(person=person, pod=pod, share=plan.share.copy(), leader=plan.leader.astype(np.int64))


def _members(draft: Draft) -> tuple[Ints, Ints]:
    """People by crew, and where each crew's begin."""
    of = draft.crews.of
    placed = np.flatnonzero(of >= 0)
    order = placed[np.argsort(of[placed], kind="stable")]
    return order, np.cumsum(draft.crews.size) - draft.crews.size


def _dedicated(draft: Draft, order: Ints, first: Ints, heads: Ints) -> tuple[Ints, Ints]:
    """Person and seat of each whole head, members in their order, seats in theirs."""
    seat = np.repeat(np.arange(len(heads)), heads)
    crew = draft.crews.seat_crew[seat]
    rank = np.arange(len(seat)) - np.searchsorted(crew, crew)
    return order[first[crew] + rank], seat


def _parts(draft: Draft, heads: Ints, steps: Ints, chosen: Ints) -> Ints:
    """People who share the steps of each chosen seat: as few as can, or all the heads where the pod must have them."""
    crews, pods = draft.crews, draft.instance.pods
    whole = np.rint(1.0 / crews.step[crews.seat_crew]).astype(np.int64)
    fewest = np.where(draft.steps == NOBODY, heads, -(-steps // whole))
    people = np.bincount(crews.seat_pod, weights=fewest, minlength=len(pods))
    short = people < pods.min_people * draft.copies
    return np.where(short[crews.seat_pod], np.maximum(heads, fewest), fewest)[chosen]


def _of_one(draft: Draft, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Seats where an account needs more than one step of somebody: time of two people would not do (Q)."""
    columns, crews = draft.columns, draft.crews
    there = np.flatnonzero((values[draft.place] > 0.5) & (columns.size[columns.unit] == 1))
    most = np.zeros((len(draft.copies), len(FUNCTIONS)))
    np.maximum.at(most, columns.pod[there], columns.hours[there])
    role = crews.role[crews.seat_crew]
    needed = np.where(role < LEADER, most[crews.seat_pod, np.minimum(role, LEADER - 1)], 0.0)
    return np.asarray(needed > (crews.step * crews.plannable)[crews.seat_crew])


def _slack(draft: Draft, values: NDArray[np.float64], heads: Ints) -> Slack:
    """Hours that nobody needs in each pod, of its people and its leader's week, and those that an account takes."""
    columns, crews, policy = draft.columns, draft.crews, draft.instance.policy
    pods, shares = len(draft.copies), values[draft.place]
    size = columns.size[columns.unit].astype(float)
    hours = np.column_stack([columns.hours, policy.leader_hours_per_account * size]) * shares[:, None]
    need, has = np.zeros((pods, len(ROLES))), np.zeros((pods, len(ROLES)))
    np.add.at(need, columns.pod, hours)
    accounts = np.bincount(columns.pod, weights=shares * size, minlength=pods)
    column, share = draft.share(np.arange(len(crews.seat_crew)))
    role = crews.role[crews.seat_crew]
    np.add.at(has, (crews.seat_pod, role), values[column] * share * crews.plannable[crews.seat_crew])
    led = np.bincount(crews.seat_pod, weights=heads * (role != LEADER), minlength=pods)
    staffed = np.where(draft.staffed != NOBODY, values[draft.staffed], 0.0)
    need_to_lead = policy.leader_hours_base * staffed + policy.leader_hours_per_member * led
    free = has - need
    free[:, LEADER] -= need_to_lead
    return Slack(free, need / np.maximum(accounts, 1e-9)[:, None], float(policy.leader_hours_per_member))


def _paid_by_head(draft: Draft) -> NDArray[np.bool_]:
    """Crews of whom one person more costs money (G)."""
    instance, person = draft.instance, draft.crews.person
    moves = (instance.people.pod_today[person] != NOBODY) & (instance.policy.move_cost > 0)
    return np.asarray(instance.people.is_hire[person] | instance.policy.flexible | moves)


def _roster(draft: Draft, person: Ints, pod: Ints, share: NDArray[np.float64]) -> Roster:
    order = np.lexsort((pod, person))
    person, pod, share = person[order], pod[order], share[order]
    leads = draft.instance.people.role[person] == LEADER
    leader = np.full(len(draft.instance.pods), NOBODY, np.int64)
    leader[pod[leads]] = person[leads]
    return Roster(person=person, pod=pod, share=share, leader=leader)
