"""Who could be in which pod, in sums over people: without a cell for each of a million pairs of person and pod."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.geography import close_pairs
from podplanner.domain.place import MAY_NOT, join_mode
from podplanner.domain.spans import spans
from podplanner.domain.vocabulary import LEADER, LOCAL, NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Joins:
    """People by the pods that they could be in: most are like others, those bound to a home are not.

    Parameters
    ----------
    fit
        Present, and leaders with duties, as they lead (S).
    group
        People of a group may join the same pods but for local ones near a home (S).
    of_group
        Whether the group's people may join each pod wherever they live (G x P).
    start, near
        Local pods that each person may join for where they live or are today (S + 1; pairs).
    """

    fit: Bools
    group: NDArray[np.intp]
    of_group: Bools
    start: NDArray[np.intp]
    near: NDArray[np.intp]

    def count(self, people: Bools) -> NDArray[np.int64]:
        """How many of the people could be in each pod (P)."""
        rows = np.flatnonzero(people & self.fit)
        by_group = np.bincount(self.group[rows], minlength=len(self.of_group))
        result: NDArray[np.int64] = by_group @ self.of_group
        return result + np.bincount(self._near_of(rows)[1], minlength=len(result))

    def most(self, people: Bools, amount: Floats) -> Floats:
        """Largest amount (S) of the people who could be in each pod, -inf where nobody could (P)."""
        rows = np.flatnonzero(people & self.fit)
        by_group = np.full(len(self.of_group), -np.inf)
        np.maximum.at(by_group, self.group[rows], amount[rows])
        result: Floats = np.where(self.of_group, by_group[:, None], -np.inf).max(axis=0, initial=-np.inf)
        person, pod = self._near_of(rows)
        np.maximum.at(result, pod, amount[person])
        return result

    @property
    def anywhere(self) -> Bools:
        """Who could be in some pod (S)."""
        by_group: Bools = np.asarray(self.of_group.any(axis=1), bool)
        result: Bools = self.fit & (by_group[self.group] | (np.diff(self.start) > 0))
        return result

    def _near_of(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        number = np.diff(self.start)[rows]
        return np.repeat(rows, number), self.near[spans(self.start[rows], number)]


def make_joins(instance: Instance) -> Joins:
    """Group the people, and find the pods near those who are bound to a home."""
    people, derived = instance.people, instance.derived
    free = people.is_hire | people.relocatable | ~instance.roles.on_site[people.role]
    placed = ~np.isnan(people.latitude)
    likeness = np.stack([np.nan_to_num(people.utc_offset, nan=np.inf), placed, people.is_hire, free])
    _, example, group = np.unique(likeness, axis=1, return_index=True, return_inverse=True)
    every = np.arange(len(instance.pods), dtype=np.int32)
    of_group: Bools = join_mode(instance, example.astype(np.int32)[:, None], every[None, :]) != MAY_NOT
    of_group &= free[example, None] | (instance.pods.coverage != LOCAL)
    person, pod = _near_home(instance, np.flatnonzero(placed & ~free).astype(np.int32))
    return Joins(
        fit=derived.present & (derived.has_duties | (people.role != LEADER)),
        group=group,
        of_group=of_group,
        start=np.concatenate(([0], np.cumsum(np.bincount(person, minlength=len(people))))).astype(np.intp),
        near=pod,
    )


def _near_home(instance: Instance, bound: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Person and local pod where the person may join it, by person."""
    people, pods, policy = instance.people, instance.pods, instance.policy
    bases = np.flatnonzero(pods.coverage == LOCAL)
    today = people.pod_today[bound]
    inside = (today != NOBODY) & (pods.coverage[today] == LOCAL)
    person, pod = [bound[inside]], [today[inside].astype(np.intp)]
    for row, column in close_pairs(
        (people.latitude[bound], people.longitude[bound]),
        (pods.latitude[bases], pods.longitude[bases]),
        policy.commute_km / policy.road_factor,
    ):
        person.append(bound[row])
        pod.append(bases[column])
    pair = np.unique(np.concatenate(person).astype(np.intp) * len(pods) + np.concatenate(pod))
    may: Bools = join_mode(instance, pair // len(pods), pair % len(pods)) != MAY_NOT
    return pair[may] // len(pods), pair[may] % len(pods)
