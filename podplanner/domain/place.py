"""Who and what may be where: distances, allowed (account, pod) pairs, and which pods a person may join."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.geography import great_circle_km, least_cosine, unit_vectors
from podplanner.domain.vocabulary import BAND_HOURS, LOCAL, VIRTUAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance

MAY_NOT, MAY, RELOCATED = 0, 1, 2
"""How a person may join a pod: not at all, as things are, or by relocation."""

TOLERANCE_KM = 1e-9
"""So that an account exactly at the limit is not lost to rounding."""

_CHUNK = 4096


@dataclass(frozen=True)
class Pairs:
    """Allowed (account, pod) pairs in compressed rows: the pairs of account a are ``start[a]:start[a + 1]``.

    Parameters
    ----------
    start
        A + 1 offsets.
    pod
        Pod index (K), ascending within an account.
    account
        Account index (K).
    km, hours
        One way, road; 0 for virtual and direct pods (K).
    """

    start: NDArray[np.int64]
    account: NDArray[np.int32]
    pod: NDArray[np.int32]
    km: NDArray[np.float64]
    hours: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.pod)

    def find(self, account: NDArray[np.int32], pod: NDArray[np.int32]) -> NDArray[np.int64]:
        """Position of each (account, pod), -1 where it is not allowed."""
        wide = int(self.pod.max(initial=0)) + 2
        keys = self.account.astype(np.int64) * wide + self.pod
        wanted = np.asarray(account, np.int64) * wide + pod
        position = np.searchsorted(keys, wanted)
        position[position == len(keys)] = 0
        found = keys[position] == wanted if len(keys) else np.zeros(len(wanted), bool)
        return np.where(found, position, -1)


def way(
    instance: Instance, account: NDArray[np.int32], pod: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One-way road km and hours of each (account, pod); 0 for virtual and direct pods, nan without a place.

    The planner's ``distances`` replace what is computed, cell by cell.
    """
    km, hours = np.zeros(len(pod)), np.zeros(len(pod))
    local = np.flatnonzero(instance.pods.coverage[pod] == LOCAL)
    km[local], hours[local] = _local_way(instance, account[local], pod[local])
    return km, hours


def _local_way(
    instance: Instance, account: NDArray[np.int32], pod: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    accounts, pods, policy = instance.accounts, instance.pods, instance.policy
    km = policy.road_factor * great_circle_km(
        accounts.latitude[account], accounts.longitude[account], pods.latitude[pod], pods.longitude[pod]
    )
    given_km, given_hours = _given_way(instance, account, pod)
    km = np.where(np.isnan(given_km), km, given_km)
    return km, np.where(np.isnan(given_hours), km / policy.travel_speed_kmh, given_hours)


def _given_way(
    instance: Instance, account: NDArray[np.int32], pod: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    given = instance.distances
    km, hours = np.full(len(account), np.nan), np.full(len(account), np.nan)
    if len(given):
        wide = len(instance.pods)
        key = given.account.astype(np.int64) * wide + given.pod
        order = np.argsort(key, kind="stable")
        wanted = np.asarray(account, np.int64) * wide + pod
        position = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
        hit = key[order][position] == wanted
        km[hit] = given.km[order][position[hit]]
        hours[hit] = given.hours[order][position[hit]]
    return km, hours


def banded(instance: Instance) -> NDArray[np.bool_]:
    """Whether each account's zone has a band: a virtual pod within two hours of it."""
    bands = np.unique(instance.pods.utc_offset[instance.pods.coverage == VIRTUAL])
    bands = bands[~np.isnan(bands)]
    zone = instance.accounts.utc_offset
    result = np.zeros(len(zone), bool)
    for band in bands:
        result |= np.abs(zone - band) <= BAND_HOURS
    return result


def allowed_pairs(instance: Instance) -> Pairs:
    """All (account, pod) pairs that the rule of place allows, with their distances."""
    accounts, pods = instance.accounts, instance.pods
    has_band, band = banded(instance), pods.utc_offset
    found_account: list[NDArray[np.int32]] = []
    found_pod: list[NDArray[np.int32]] = []
    for start in range(0, len(accounts), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(accounts)), dtype=np.int32)
        zone = accounts.utc_offset[rows, None]
        in_band = np.where(np.isnan(band), ~has_band[rows, None], np.abs(zone - band) <= BAND_HOURS)
        allowed = np.where(pods.coverage == VIRTUAL, in_band, pods.coverage != LOCAL)
        _mark_local(instance, rows, allowed)
        row, column = np.nonzero(allowed)
        found_account.append(rows[row])
        found_pod.append(column.astype(np.int32))
    account = np.concatenate([np.zeros(0, np.int32), *found_account])
    pod = np.concatenate([np.zeros(0, np.int32), *found_pod])
    km, hours = way(instance, account, pod)
    start_of = np.concatenate(([0], np.cumsum(np.bincount(account, minlength=len(accounts))))).astype(np.int64)
    return Pairs(start_of, account, pod, km, hours)


def _mark_local(instance: Instance, rows: NDArray[np.int32], allowed: NDArray[np.bool_]) -> None:
    """Mark local pods within ``max_local_km``: by unit vectors first (a dot product), then by the exact way."""
    local = np.flatnonzero(instance.pods.coverage == LOCAL).astype(np.int32)
    placed = rows[~np.isnan(instance.accounts.latitude[rows])]
    if not len(local) or not len(placed):
        return
    limit = instance.policy.max_local_km
    straight = limit / instance.policy.road_factor
    dots = unit_vectors(instance.accounts.latitude[placed], instance.accounts.longitude[placed]) @ (
        unit_vectors(instance.pods.latitude[local], instance.pods.longitude[local]).T
    )
    close = dots >= least_cosine(straight)
    if len(instance.distances):
        given = instance.distances
        inside = np.isin(given.account, placed) & (instance.pods.coverage[given.pod] == LOCAL)
        column = np.searchsorted(local, given.pod[inside])
        close[np.searchsorted(placed, given.account[inside]), column] = True
    row, column = np.nonzero(close)
    km, _ = way(instance, placed[row], local[column])
    keep = km <= limit + TOLERANCE_KM
    allowed[placed[row[keep]] - rows[0], local[column[keep]]] = True


def join_mode(instance: Instance, person: NDArray[np.int32], pod: NDArray[np.int32]) -> NDArray[np.int8]:
    """How each person may join each pod: `MAY_NOT`, `MAY` or `RELOCATED`.

    Parameters
    ----------
    person, pod
        Indices of any shapes that broadcast, such as ``people[:, None], pods[None, :]``.
    """
    people, pods, policy = instance.people, instance.pods, instance.policy
    person, pod = np.broadcast_arrays(person, pod)
    coverage = pods.coverage[pod]
    zone, band = people.utc_offset[person], pods.utc_offset[pod]
    joins_virtual = np.isnan(zone) | np.isnan(band) | (np.abs(zone - band) <= BAND_HOURS)
    placed = ~np.isnan(people.latitude[person]) | people.is_hire[person]
    km = policy.road_factor * great_circle_km(
        people.latitude[person], people.longitude[person], pods.latitude[pod], pods.longitude[pod]
    )
    at_home = (
        ~instance.roles.on_site[people.role[person]]
        | people.is_hire[person]
        | (km <= policy.commute_km + TOLERANCE_KM)
        | ((people.pod_today[person] == pod) & pods.given[pod])
    )
    local = np.where(at_home, MAY, np.where(people.relocatable[person], RELOCATED, MAY_NOT)) * placed
    mode = np.where(coverage == LOCAL, local, np.where(coverage == VIRTUAL, joins_virtual, placed))
    return mode.astype(np.int8)
