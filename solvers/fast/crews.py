"""Interchangeable people as one crew: the symmetry between them is what makes whole models slow.

People are interchangeable when nothing in the model tells them apart: role, usable hours, skills, pods they may join,
today's pod, pay where it depends on the plan. Who is named in today's books or in a rule is a crew of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.place import join_mode
from podplanner.domain.vocabulary import LEADER, NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance


@dataclass(frozen=True, kw_only=True)
class Crews:
    """Crews (G) and the seats they may take.

    Parameters
    ----------
    members
        Person indices of each crew, ascending.
    of
        Crew of each person, `NOBODY` for those who cannot be placed (S).
    role, plannable, size
        Of a member; number of members (G).
    person
        A member that stands for all (G).
    step
        Smallest step of a member's time: 1 where the member is in one pod at most (G).
    max_pods
        Of a member (G).
    seat_crew, seat_pod, seat_mode
        Seats: which crew may join which pod, and how (`place.MAY` or `place.RELOCATED`) (Q).
    """

    members: tuple[NDArray[np.int64], ...]
    of: NDArray[np.int64]
    role: NDArray[np.int64]
    plannable: NDArray[np.float64]
    size: NDArray[np.int64]
    person: NDArray[np.int64]
    step: NDArray[np.float64]
    max_pods: NDArray[np.int64]
    seat_crew: NDArray[np.int64]
    seat_pod: NDArray[np.int64]
    seat_mode: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.members)


def make_crews(instance: Instance, staffable: NDArray[np.bool_]) -> Crews:
    """Group the people who can be placed; ``staffable`` marks the pods that people may serve (P)."""
    people, derived = instance.people, instance.derived
    usable = derived.present & (derived.has_duties | _may_idle(instance))
    alone = _told_apart(instance)
    pods = np.flatnonzero(staffable)
    mode = np.zeros((len(people), len(instance.pods)), np.int8)
    mode[:, pods] = join_mode(instance, np.arange(len(people), dtype=np.int32)[:, None], pods[None, :].astype(np.int32))
    groups: dict[tuple[object, ...], list[int]] = {}
    for s in np.flatnonzero(usable).tolist():
        groups.setdefault(_likeness(instance, s, mode[s], bool(alone[s])), []).append(s)
    members = tuple(np.array(group) for group in groups.values())
    person = np.array([group[0] for group in members], dtype=np.int64)
    of = np.full(len(people), NOBODY, np.int64)
    for crew, group in enumerate(members):
        of[group] = crew
    seat_crew, seat_pod = np.nonzero(mode[person])
    max_pods = people.max_pods[person].astype(np.int64)
    return Crews(
        members=members,
        of=of,
        role=people.role[person].astype(np.int64),
        plannable=np.where(derived.has_duties[person], derived.plannable[person], 0.0),
        size=np.array([len(group) for group in members], dtype=np.int64),
        person=person,
        step=derived.share_step[person],
        max_pods=max_pods,
        seat_crew=seat_crew,
        seat_pod=seat_pod,
        seat_mode=mode[person][seat_crew, seat_pod],
    )


def _may_idle(instance: Instance) -> NDArray[np.bool_]:
    """Leavers without duties who may still be placed: by pin, or to fill a minimum of heads or shares (S)."""
    minima = (instance.pods.min_people > 1).any() or (instance.roles.min_per_pod > 0).any()
    pinned = [rule.person for rule in instance.rules if rule.kind == "pin" and rule.account == NOBODY]
    return np.asarray((np.isin(np.arange(len(instance.people)), pinned) | minima) & (instance.people.role != LEADER))


def _told_apart(instance: Instance) -> NDArray[np.bool_]:
    alone = np.zeros(len(instance.people), bool)
    alone[instance.owner_today[instance.owner_today >= 0]] = True
    for rule in instance.rules:
        for person in (rule.person, rule.other_person):
            if person != NOBODY:
                alone[person] = True
    return alone


def _likeness(instance: Instance, s: int, mode: NDArray[np.int8], alone: bool) -> tuple[object, ...]:
    people, derived = instance.people, instance.derived
    pay = people.annual_cost[s] if instance.policy.flexible or people.is_hire[s] else 0.0
    return (
        s if alone else NOBODY,
        int(people.role[s]),
        float(derived.plannable[s]),
        float(derived.employed[s]) if pay else 0.0,
        float(pay),
        int(people.skill_set[s]),
        bool(people.can_coach[s]),
        bool(people.is_hire[s]),
        bool(derived.leaver[s]),
        int(people.pod_today[s]),
        int(people.max_pods[s]),
        mode.tobytes(),
    )


def holds(instance: Instance, person: int, need: frozenset[str], role: str) -> bool:
    """Whether a person holds what an account needs of a role."""
    have = instance.skill_sets[instance.people.skill_set[person]]
    return all(skill in have for skill in need if skill.split(":", 1)[0] == role)
