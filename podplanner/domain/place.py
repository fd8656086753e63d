"""Who and what may be where: distances, allowed (account, pod) pairs, and which pods a person may join."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.geography import close_pairs, great_circle_km
from podplanner.domain.spans import spans
from podplanner.domain.vocabulary import BAND_HOURS, LOCAL, VIRTUAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance

MAY_NOT, MAY, RELOCATED = 0, 1, 2
"""How a person may join a pod: not at all, as things are, or by relocation."""

TOLERANCE_KM = 1e-9
"""So that an account exactly at the limit is not lost to rounding."""


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


@dataclass(frozen=True)
class Zones:
    """Accounts by what their time zone opens to them: virtual pods in band, and direct pods.

    Virtual pods of one band are alike here, and there may be thousands: whoever asks by zone need not ask by pod.

    Parameters
    ----------
    of
        Zone of each account (A).
    reaches
        Whether a zone's accounts are allowed in each pod without a place; False for local pods (Z x P).
    """

    of: NDArray[np.intp]
    reaches: NDArray[np.bool_]


def make_zones(instance: Instance) -> Zones:
    """Group accounts by their offset: within two hours of a pod's band; a pod without one takes whom no band takes."""
    pods = instance.pods
    virtual = pods.coverage == VIRTUAL
    offset, of = np.unique(instance.accounts.utc_offset, return_inverse=True)
    in_band = np.abs(offset[:, None] - pods.utc_offset[None, :]) <= BAND_HOURS
    has_band = (in_band & virtual).any(axis=1)
    takes = np.where(np.isnan(pods.utc_offset), ~has_band[:, None], in_band)
    return Zones(of, np.where(virtual, takes, pods.coverage != LOCAL))


def allowed(instance: Instance, account: NDArray[np.int32], pod: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether the rule of place allows each (account, pod).

    Parameters
    ----------
    account, pod
        Indices of any shapes that broadcast.
    """
    account, pod = np.broadcast_arrays(account, pod)
    zones = instance.derived.zones
    result: NDArray[np.bool_] = zones.reaches[zones.of[account], pod]
    local = (instance.pods.coverage[pod] == LOCAL) & ~np.isnan(instance.accounts.latitude[account])
    km, _ = _local_way(instance, account[local], pod[local])
    result[local] = km <= instance.policy.max_local_km + TOLERANCE_KM
    return result


def count_allowed(instance: Instance) -> NDArray[np.int64]:
    """How many accounts each pod may take (P)."""
    zones, size = instance.derived.zones, len(instance.pods)
    accounts = np.bincount(zones.of, minlength=len(zones.reaches))
    local = np.bincount(instance.derived.local_pairs.pod, minlength=size)
    result: NDArray[np.int64] = accounts @ zones.reaches + local
    return result


def allowed_pairs(instance: Instance, wanted: NDArray[np.bool_]) -> Pairs:
    """Allowed (account, pod) pairs of some pods, with their distances.

    Parameters
    ----------
    wanted
        The pods (P). A million accounts have billions of pairs with numbered virtual pods: ask for those that stand for
        them.
    """
    local, accounts = instance.derived.local_pairs, len(instance.accounts)
    near = np.flatnonzero(wanted[local.pod])
    account, pod = _pairs_of_zones(instance.derived.zones, wanted)
    if not len(account) and len(near) == len(local):
        return local
    account = np.concatenate([local.account[near], account])
    pod = np.concatenate([local.pod[near], pod])
    blank = np.zeros(len(pod) - len(near))
    # Two sorted runs: a stable sort merges them.
    order = np.argsort(account.astype(np.int64) * len(wanted) + pod, kind="stable")
    return Pairs(
        start=_starts(account, accounts),
        account=account[order],
        pod=pod[order],
        km=np.concatenate([local.km[near], blank])[order],
        hours=np.concatenate([local.hours[near], blank])[order],
    )


def _pairs_of_zones(zones: Zones, wanted: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Account and pod of the pairs without a place, by account, then pod."""
    zone, pod = np.nonzero(zones.reaches & wanted)
    of_zone = np.bincount(zone, minlength=len(zones.reaches))
    first, number = (np.cumsum(of_zone) - of_zone)[zones.of], of_zone[zones.of]
    account = np.repeat(np.arange(len(number), dtype=np.int32), number)
    return account, pod.astype(np.int32)[spans(first, number)]


def local_pairs(instance: Instance) -> Pairs:
    """Allowed (account, local pod) pairs: placed accounts within ``max_local_km``, with their distances."""
    accounts, pods, policy = instance.accounts, instance.pods, instance.policy
    local = np.flatnonzero(pods.coverage == LOCAL).astype(np.int32)
    placed = np.flatnonzero(~np.isnan(accounts.latitude)).astype(np.int32)
    blocks = close_pairs(
        (accounts.latitude[placed], accounts.longitude[placed]),
        (pods.latitude[local], pods.longitude[local]),
        policy.max_local_km / policy.road_factor,
    )
    found = [_within_reach(instance, placed[row], local[column]) for row, column in blocks]
    given = instance.distances
    if len(given):
        own = np.isin(given.account, placed) & (pods.coverage[given.pod] == LOCAL)
        found.append(_within_reach(instance, given.account[own], given.pod[own]))
    empty = (np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0), np.zeros(0))
    account, pod, km, hours = (np.concatenate(column) for column in zip(empty, *found, strict=True))
    if len(given):
        # A given pair may have been found by its distance, too.
        _, first = np.unique(account.astype(np.int64) * len(pods) + pod, return_index=True)
        account, pod, km, hours = account[first], pod[first], km[first], hours[first]
    return Pairs(_starts(account, len(accounts)), account, pod, km, hours)


def _within_reach(
    instance: Instance, account: NDArray[np.int32], pod: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
    km, hours = _local_way(instance, account, pod)
    keep = km <= instance.policy.max_local_km + TOLERANCE_KM
    return account[keep], pod[keep], km[keep], hours[keep]


def _starts(account: NDArray[np.int32], accounts: int) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(np.bincount(account, minlength=accounts)))).astype(np.int64)


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
