"""Interchangeable people as one crew: the symmetry between them is what makes whole models slow.

People are interchangeable when nothing in the model tells them apart: role, usable hours, skills, pods they may join,
today's pod, pay where it depends on the plan. Who is named in today's books or in a rule is a crew of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.place import join_mode
from podplanner.domain.vocabulary import LEADER, NOBODY, ROLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance

CHUNK = 4096
"""People whose ways to pods are computed at a time: memory is bounded by them."""


@dataclass(frozen=True, kw_only=True)
class Crews:
    """Crews (G) and the seats they may take.

    Parameters
    ----------
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
        Seats: which crew may join which pod, and how (`place.MAY` or `place.RELOCATED`); by crew, then pod (Q).
    pool, pools
        The crew to which members lend time where they have no seat, `NOBODY` without (G); how many of such there are.
        They are the last, and of nobody: see `pools`.
    """

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
    pool: NDArray[np.int64]
    pools: int = 0

    def __len__(self) -> int:
        return len(self.size)

    @property
    def is_pool(self) -> NDArray[np.bool_]:
        """Crews that are pools (G)."""
        return np.arange(len(self)) >= len(self) - self.pools


def make_crews(instance: Instance, staffable: NDArray[np.bool_]) -> Crews:
    """Group the people who can be placed; ``staffable`` marks the pods that people may serve (P)."""
    people, derived = instance.people, instance.derived
    usable = derived.present & (derived.has_duties | _may_idle(instance))
    alone = np.where(_told_apart(instance), np.arange(len(people)), NOBODY)
    traits = np.column_stack([alone, people.pod_today, likeness(instance)])
    pods = np.flatnonzero(staffable)
    mode = _modes(instance, pods)
    of = np.full(len(people), NOBODY, np.int64)
    of[usable] = _grouped(traits[usable], mode[usable])
    order = np.flatnonzero(usable)
    order = order[np.argsort(of[order], kind="stable")]
    size = np.bincount(of[order])
    first = np.cumsum(size) - size
    person = order[first]
    seat_crew, seat_pod = np.nonzero(mode[person])
    seat_mode = mode[person][seat_crew, seat_pod]
    return Crews(
        of=of,
        role=people.role[person].astype(np.int64),
        plannable=np.where(derived.has_duties[person], derived.plannable[person], 0.0),
        size=size,
        person=person,
        step=derived.share_step[person],
        max_pods=people.max_pods[person].astype(np.int64),
        seat_crew=seat_crew,
        seat_pod=pods[seat_pod],
        seat_mode=seat_mode,
        pool=np.full(len(person), NOBODY),
    )


def _modes(instance: Instance, pods: NDArray[np.int64]) -> NDArray[np.int8]:
    """How each person may join each of some pods (S x pods asked for)."""
    mode = np.empty((len(instance.people), len(pods)), np.int8)
    for first in range(0, len(mode), CHUNK):
        some = np.arange(first, min(first + CHUNK, len(mode)), dtype=np.int32)
        mode[some] = join_mode(instance, some[:, None], pods[None, :].astype(np.int32))
    return mode


def _grouped(traits: NDArray[np.float64], mode: NDArray[np.int8]) -> NDArray[np.int64]:
    """Number of each row's group of equal rows, in order of their first appearance."""
    if not len(mode):
        return np.zeros(0, np.int64)
    plain = np.ascontiguousarray(traits + 0.0).view(np.uint8).reshape(len(mode), -1)
    rows = np.ascontiguousarray(np.concatenate([plain, mode.view(np.uint8)], axis=1))
    _, first, of = np.unique(
        rows.view(np.dtype((np.void, rows.shape[1]))).ravel(), return_index=True, return_inverse=True
    )
    number = np.empty(len(first), np.int64)
    number[np.argsort(first, kind="stable")] = np.arange(len(first))
    return number[of]


def _may_idle(instance: Instance) -> NDArray[np.bool_]:
    """Leavers without duties who may still be placed: by pin, or to fill a minimum of heads or shares (S)."""
    minima = (instance.pods.min_people > 1).any() or (instance.roles.min_per_pod > 0).any()
    pinned = [rule.person for rule in instance.rules if rule.kind == "pin" and rule.account == NOBODY]
    return np.asarray((np.isin(np.arange(len(instance.people)), pinned) | minima) & (instance.people.role != LEADER))


def _told_apart(instance: Instance) -> NDArray[np.bool_]:
    alone = named(instance)
    alone[instance.owner_today[instance.owner_today >= 0]] = True
    return alone


def named(instance: Instance) -> NDArray[np.bool_]:
    """People whom a rule names (S)."""
    alone = np.zeros(len(instance.people), bool)
    for rule in instance.rules:
        for person in (rule.person, rule.other_person):
            if person != NOBODY:
                alone[person] = True
    return alone


def likeness(instance: Instance) -> NDArray[np.float64]:
    """What tells people apart beside the pods that they may join, the one of today and books, by person (S x ...)."""
    people, derived = instance.people, instance.derived
    counts = np.logical_or(instance.policy.flexible, people.is_hire) & (people.annual_cost != 0)
    columns = (
        people.role,
        derived.plannable,
        np.where(counts, derived.employed, 0.0),
        np.where(counts, people.annual_cost, 0.0),
        people.skill_set,
        people.can_coach,
        people.is_hire,
        derived.leaver,
        people.max_pods,
    )
    return np.stack([np.asarray(column, float) for column in columns], axis=1)


def holds(instance: Instance, person: int, need: frozenset[str], role: str) -> bool:
    """Whether a person holds what an account needs of a role."""
    have = instance.skill_sets[instance.people.skill_set[person]]
    return all(skill in have for skill in need if skill.split(":", 1)[0] == role)


def may_serve(instance: Instance, account: NDArray[np.int64], person: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each person holds what each account needs of the person's role, pair by pair."""
    need, have = instance.accounts.skill_set[account], instance.people.skill_set[person]
    wide = len(instance.skill_sets)
    key, of = np.unique((instance.people.role[person] * wide + need) * wide + have, return_inverse=True)
    result = [
        all(skill in instance.skill_sets[have] for skill in instance.skill_sets[need] if skill.split(":", 1)[0] == role)
        for role, need, have in ((ROLES[k // wide**2], k // wide % wide, k % wide) for k in key.tolist())
    ]
    return np.array(result, bool)[of]
