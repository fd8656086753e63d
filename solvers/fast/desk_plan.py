"""The desk as a plan: who has a duty stays, who has none is not placed unless a pin or a minimum holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.plan import Plan
from podplanner.domain.vocabulary import NOBODY, ROLES, SALES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance
    from solvers.fast.desk_board import Board
    from solvers.fast.desk_state import State
    from solvers.fast.roster import Roster

SLACK = 1e-9


def plan_of(instance: Instance, board: Board, state: State, roster: Roster) -> Plan:
    """The plan of a desk on which every unit has its place."""
    unit_of, people = board.places.unit_of, board.team.person
    column = state.place[unit_of]
    owner = np.where(state.own >= 0, people[state.own], NOBODY) if len(people) else state.own
    coach = np.where(state.coach >= 0, people[state.coach], NOBODY) if len(people) else state.coach
    kept, coach = _with_duty(instance, board, state, roster, coach)
    staffed = np.zeros(len(instance.pods), bool)
    staffed[roster.pod[kept]] = True
    return Plan(
        pod=state.seat[unit_of].astype(np.int32),
        tier=board.places.tier[column].astype(np.int32),
        owner=owner.astype(np.int32),
        placed_person=roster.person[kept].astype(np.int32),
        placed_pod=roster.pod[kept].astype(np.int32),
        share=roster.share[kept],
        leader=np.where(staffed, roster.leader, NOBODY).astype(np.int32),
        coach=np.where(staffed, coach, NOBODY).astype(np.int32),
    )


def _with_duty(
    instance: Instance, board: Board, state: State, roster: Roster, coach: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Placements to keep, and the coaches of the pods that still need one.

    Kept are owners, coaches, pins, those a minimum needs, and the leaders of pods that have any.
    """
    wide = len(instance.pods)
    key = roster.person * wide + roster.pod
    busy = state.book > 0
    pins = [(rule.person, rule.pod) for rule in instance.rules if rule.kind == "pin" and rule.account == NOBODY]
    pinned = np.array([person * wide + pod for person, pod in pins], dtype=np.int64)
    kept = np.isin(key, np.append(board.team.person[busy] * wide + board.team.pod[busy], pinned))
    role = instance.people.role[roster.person]
    coaches = coach[roster.pod] == roster.person
    reps = np.bincount(roster.pod[(kept | coaches) & (role == SALES)], minlength=wide)
    coach = np.where(reps >= 2, coach, NOBODY)  # alone, there is nobody to coach
    kept |= coach[roster.pod] == roster.person
    leads = roster.leader[roster.pod] == roster.person
    active = np.zeros(wide, bool)
    active[roster.pod[kept]] = True
    kept |= leads & active[roster.pod]
    _fill_minima(instance, roster, kept, active, leads)
    return kept, coach


def _fill_minima(
    instance: Instance, roster: Roster, kept: NDArray[np.bool_], active: NDArray[np.bool_], leads: NDArray[np.bool_]
) -> None:
    """Keep idle people where their pod would have too few heads or too little of a role."""
    least_people, least_role = instance.pods.min_people, instance.roles.min_per_pod
    wide = len(instance.pods)
    role = instance.people.role[roster.person].astype(np.int64)
    heads = np.bincount(roster.pod[kept], minlength=wide)
    cell = roster.pod * len(ROLES) + role
    share = np.bincount(cell[kept], weights=roster.share[kept], minlength=wide * len(ROLES))
    may_lack = (heads < least_people)[roster.pod] | (share[cell] < least_role[role] - SLACK)
    for index in np.flatnonzero(~kept & ~leads & active[roster.pod] & may_lack).tolist():
        pod = roster.pod[index]
        if heads[pod] < least_people[pod] or share[cell[index]] < least_role[role[index]] - SLACK:
            kept[index] = True
            heads[pod] += 1
            share[cell[index]] += roster.share[index]
