"""Families as the verifier sees them: who is whose kin, and what they must share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.verify.findings import ROUNDING
from podplanner.domain.verify.sphere import EARTH_RADIUS_KM, Floats, on_sphere
from podplanner.domain.vocabulary import LOCAL, NOBODY

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Kinship:
    """Sharing families: two or more accounts with a place under one topmost known parent.

    Parameters
    ----------
    family
        Family number of each account, `NOBODY` for who shares nothing (A).
    first
        Lowest account index of each family (F).
    one_pod
        True: the family shares pod and tier; False: it shares the coverage (F).
    """

    family: Ints
    first: Ints
    one_pod: Bools


def kinship(instance: Instance) -> Kinship:
    """Families of an instance that share something, by ``policy.family_scope``."""
    top = _topmost(instance.accounts.parent.tolist())
    placed = ~np.isnan(instance.accounts.latitude)
    _, group = np.unique(top, return_inverse=True)
    together = placed & (np.bincount(group[placed], minlength=int(group.max(initial=-1)) + 1)[group] >= 2)
    members = np.flatnonzero(together)
    first, number = np.unique(group[members], return_index=True, return_inverse=True)[1:]
    scope = instance.policy.family_scope
    one_pod = _within_one_base(instance, members, number) if scope == "auto" else np.full(len(first), scope == "pod")
    shares = one_pod | (scope == "coverage")
    renumbered = np.where(shares, np.cumsum(shares) - 1, NOBODY)
    family = np.full(len(placed), NOBODY, np.int64)
    family[members] = renumbered[number]
    return Kinship(family, members[first[shares]], one_pod[shares])


def _topmost(parent: list[int]) -> Ints:
    """Climb from each account to its topmost known parent, once for each step of the tree."""
    top = list(range(len(parent)))
    settled = [above == NOBODY for above in parent]
    for account in range(len(parent)):
        path = []
        here = account
        while not settled[here]:
            path.append(here)
            here = parent[here]
        for below in path:
            top[below] = top[here]
            settled[below] = True
    return np.array(top, np.int64)


def _within_one_base(instance: Instance, members: Ints, number: Ints) -> Bools:
    """Whether one local base reaches all members, for each family; base by base, nearby latitudes only."""
    size = np.bincount(number)
    order = np.argsort(instance.accounts.latitude[members], kind="stable")
    latitude = instance.accounts.latitude[members[order]]
    spot = on_sphere(latitude, instance.accounts.longitude[members[order]])
    angle = min(np.pi, instance.policy.max_local_km / instance.policy.road_factor / EARTH_RADIUS_KM)
    window, chord = np.degrees(angle) + 1e-6, 2.0 * np.sin(angle / 2.0) + ROUNDING / EARTH_RADIUS_KM
    result = np.zeros(len(size), bool)
    rank = np.full(len(instance.accounts), NOBODY)
    rank[members[order]] = np.arange(len(members))
    for pod in np.flatnonzero(instance.pods.coverage == LOCAL):
        reached = np.zeros(len(members), bool)
        low, high = np.searchsorted(
            latitude, [instance.pods.latitude[pod] - window, instance.pods.latitude[pod] + window]
        )
        base = on_sphere(instance.pods.latitude[pod], instance.pods.longitude[pod])
        reached[low:high] = _squared(spot[low:high] - base) <= chord**2
        _replace_given(instance, int(pod), rank, reached)
        result |= np.bincount(number[order[reached]], minlength=len(size)) == size
    return result


def _squared(vectors: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->i", vectors, vectors))


def _replace_given(instance: Instance, pod: int, rank: Ints, reached: Bools) -> None:
    """Where the planner gave the km to this pod, they decide."""
    given = instance.distances
    if not len(given):
        return
    row = np.flatnonzero((given.pod == pod) & ~np.isnan(given.km) & (rank[given.account] != NOBODY))
    reached[rank[given.account[row]]] = given.km[row] <= instance.policy.max_local_km + ROUNDING
