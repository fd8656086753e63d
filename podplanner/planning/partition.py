"""Who and what goes to which region: accounts, people and pods of one company, each to one of several.

What a rule, a family or today's team ties together goes together. Bases are bisected by geography until there are
enough regions, each with about as many accounts [1]_; accounts follow their nearest base, people their books, then the
base they live at; whoever may work anywhere is shared out.

References
----------
.. [1] Berger, M. J., and S. H. Bokhari (1987): A partitioning strategy for nonuniform problems on multiprocessors. IEEE
   Transactions on Computers C-36(5), 570-580.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.geography import close_pairs, great_circle_km
from podplanner.domain.vocabulary import DIRECT, LOCAL, NOBODY, ROLES, SALES, VIRTUAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from podplanner.domain.instance import Instance

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Partition:
    """Regions by number, from 0.

    Parameters
    ----------
    count
        How many there are.
    account, person
        Region of each (A), (S); slots of hires, too.
    pod
        Region of each pod; `NOBODY` of direct pods, which nobody staffs: they are in all regions (P).
    """

    count: int
    account: Ints
    person: Ints
    pod: Ints


def partition(instance: Instance, count: int) -> Partition:
    """Divide a company into at most so many regions; into fewer where what is tied together cannot be divided.

    Parameters
    ----------
    count
        Regions wished for, 1 or more.
    """
    return _Divider(instance, count).divided()


def shared_out(total: int, weight: Floats) -> Ints:
    """Whole numbers that add up to a total, in proportion to weights, by largest remainders."""
    exact = total * (weight / weight.sum() if weight.sum() > 0 else np.full(len(weight), 1 / len(weight)))
    result: Ints = np.floor(exact).astype(np.int64)
    first = np.argsort(result - exact, kind="stable")[: total - int(result.sum())]
    result[first] += 1
    return result


def bisected(latitude: Floats, longitude: Floats, weight: Floats, count: int) -> Ints:
    """Part of each point: the points are cut across their longer side into parts of like weight, again and again."""
    part = np.zeros(len(latitude), np.int64)
    wide = longitude * np.cos(np.radians(latitude.mean())) if len(latitude) else longitude
    waiting = [(np.arange(len(latitude)), 0, min(count, len(latitude)))]
    while waiting:
        rows, first, parts = waiting.pop()
        if parts <= 1:
            part[rows] = first
            continue
        across = latitude if np.ptp(latitude[rows]) > np.ptp(wide[rows]) else wide
        rows = rows[np.argsort(across[rows], kind="stable")]
        fewer = parts // 2
        reached = np.cumsum(weight[rows])
        cut = int(np.searchsorted(reached, reached[-1] * fewer / parts)) + 1
        cut = min(max(cut, fewer), len(rows) - (parts - fewer))
        waiting += [(rows[:cut], first, fewer), (rows[cut:], first + fewer, parts - fewer)]
    return part


class _Divider:
    """Regions of knots: of what is tied together. Nodes are accounts, then people, then pods."""

    def __init__(self, instance: Instance, count: int) -> None:
        self.instance = instance
        accounts, people, pods = len(instance.accounts), len(instance.people), len(instance.pods)
        self._people, self._pods = accounts, accounts + people
        ties = np.array(list(_ties(instance)), np.int64).reshape(-1, 2)
        ties = np.concatenate([ties, *_many_ties(instance)])
        self.knot = _connected(accounts + people + pods, ties)
        self.region = np.full(len(self.knot), NOBODY, np.int64)  # by knot, named by one of its nodes
        self.nearest = _nearest_bases(instance)
        self.count = self._divide_bases(count)

    def divided(self) -> Partition:
        """All three, in an order in which each follows what is known before it."""
        if self.count <= 1:
            return self._whole()
        self._place_accounts()
        self._place_virtual_pods()
        self._place_people()
        region = self.region[self.knot]
        pod = np.where(self.instance.pods.coverage == DIRECT, NOBODY, region[self._pods :])
        return Partition(self.count, region[: self._people], region[self._people : self._pods], pod)

    def _whole(self) -> Partition:
        instance = self.instance
        pod = np.where(instance.pods.coverage == DIRECT, NOBODY, 0)
        return Partition(1, np.zeros(self._people, np.int64), np.zeros(len(instance.people), np.int64), pod)

    def _divide_bases(self, count: int) -> int:
        """Knots with local pods are where these are on average, and weigh what is nearest to them."""
        pods = self.instance.pods
        local = np.flatnonzero(pods.coverage == LOCAL)
        knots, of = np.unique(self.knot[self._pods + local], return_inverse=True)
        heads = np.bincount(of, minlength=len(knots))
        near = np.bincount(self.nearest[self.nearest != NOBODY], minlength=len(pods))[local]
        weight = np.bincount(of, weights=near, minlength=len(knots)).astype(float)
        latitude, longitude = (
            np.bincount(of, weights=column[local], minlength=len(knots)) / heads
            for column in (pods.latitude, pods.longitude)
        )
        self.region[knots] = bisected(latitude, longitude, weight, count)
        return min(count, len(knots))

    def _place_accounts(self) -> None:
        """By the nearest base of most members; those out of reach of all bases fill regions up, zone by zone."""
        knot = self.knot[: self._people]
        near = self.nearest != NOBODY
        wish = self.region[self.knot[self._pods + self.nearest[near]]]
        self._vote(knot[near], wish, np.ones(len(wish)))
        free, first, size = np.unique(knot[self.region[knot] == NOBODY], return_index=True, return_counts=True)
        if not len(free):
            return
        zone = self.instance.accounts.utc_offset[np.flatnonzero(self.region[knot] == NOBODY)[first]]
        order = np.lexsort((free, zone))
        taken = np.bincount(self.region[knot][self.region[knot] != NOBODY], minlength=self.count)
        room = np.cumsum(np.maximum(0.0, len(knot) / self.count - taken))
        middle = np.cumsum(size[order]) - size[order] / 2
        self.region[free[order]] = np.minimum(np.searchsorted(room, middle * room[-1] / size.sum()), self.count - 1)

    def _place_virtual_pods(self) -> None:
        """The pods of a band in proportion to the accounts that they may take."""
        pods, zones = self.instance.pods, self.instance.derived.zones
        region = self.region[self.knot[: self._people]]
        accounts = np.zeros((len(zones.reaches), self.count))
        np.add.at(accounts, (zones.of, region), 1.0)
        virtual = np.flatnonzero(pods.coverage == VIRTUAL)
        bands, band = np.unique(pods.utc_offset[virtual], return_inverse=True)
        for number in range(len(bands)):
            rows = virtual[band == number]
            self._fill_up(self._pods + rows, zones.reaches[:, rows[0]] @ accounts)

    def _place_people(self) -> None:
        """By their books of today; else by the base near which they live; else in proportion to the accounts."""
        instance = self.instance
        people, account, size = instance.people, self.region[self.knot[: self._people]], len(instance.people)
        a, r = np.nonzero(instance.owner_today >= 0)
        self._vote(self.knot[self._people + instance.owner_today[a, r]], account[a], instance.accounts.revenue[a] + 1.0)
        home = _homes(instance)
        lives = np.flatnonzero(home != NOBODY)
        self._vote(
            self.knot[self._people + lives], self.region[self.knot[self._pods + home[lives]]], np.ones(len(lives))
        )
        weight = np.bincount(account, minlength=self.count).astype(float)
        order = np.lexsort((np.arange(size), people.utc_offset))
        for role in range(len(ROLES)):
            for is_hire in (False, True):
                rows = order[(people.role[order] == role) & (people.is_hire[order] == is_hire)]
                self._fill_up(self._people + rows, weight)

    def _vote(self, knot: Ints, wish: Ints, weight: Floats) -> None:
        """Knots without a region get the one that most of their members wish for."""
        open_ = (self.region[knot] == NOBODY) & (wish != NOBODY)
        voting, of = np.unique(knot[open_], return_inverse=True)
        votes = np.zeros((len(voting), self.count))
        np.add.at(votes, (of, wish[open_]), weight[open_])
        self.region[voting] = votes.argmax(axis=1)

    def _fill_up(self, nodes: Ints, weight: Floats) -> None:
        """Nodes of one kind that have no region yet, in order, so that all of the kind are shared out by weight."""
        region = self.region[self.knot[nodes]]
        taken = np.bincount(region[region != NOBODY], minlength=self.count)
        lack = np.maximum(0, shared_out(len(nodes), weight) - taken).astype(float)
        free = nodes[region == NOBODY]
        self.region[self.knot[free]] = np.repeat(np.arange(self.count), shared_out(len(free), lack))


def _ties(instance: Instance) -> Iterator[tuple[int, int]]:
    """What planners' rules bind together, as pairs of nodes."""
    people, pods = len(instance.accounts), len(instance.accounts) + len(instance.people)
    for rule in instance.rules:
        if rule.kind not in ("pin", "together"):
            continue
        named = [
            *(each for each in (rule.account, rule.other_account) if each != NOBODY),
            *(people + each for each in (rule.person, rule.other_person) if each != NOBODY),
        ]
        if rule.pod != NOBODY and instance.pods.coverage[rule.pod] != DIRECT:
            named.append(pods + rule.pod)
        yield from ((named[0], other) for other in named[1:])


def _many_ties(instance: Instance) -> list[Ints]:
    """Families; people and their pods of today; where moves are capped, accounts and their sales owners of today."""
    people, pods, policy = len(instance.accounts), len(instance.accounts) + len(instance.people), instance.policy
    family = instance.derived.families.of
    member = np.flatnonzero(family != NOBODY)
    _, first = np.unique(family[member], return_index=True)
    today = instance.people.pod_today
    placed = np.flatnonzero((today != NOBODY) & (instance.pods.coverage[today] != DIRECT))
    ties: list[tuple[Any, Any]] = [(member[first][family[member]], member), (people + placed, pods + today[placed])]
    if np.isfinite([policy.max_moved_revenue, policy.max_moved_accounts]).any():
        owner = instance.owner_today[:, SALES]
        owned = np.flatnonzero(owner >= 0)
        ties.append((owned, people + owner[owned]))
    return [np.column_stack(pair).astype(np.int64) for pair in ties]


def _connected(nodes: int, ties: Ints) -> Ints:
    """The lowest node of each node's connected component, by pointer jumping."""
    label = np.arange(nodes)
    while True:
        low = label[ties].min(axis=1)
        lower = label.copy()
        for end in ties.T:
            np.minimum.at(lower, end, low)
            np.minimum.at(lower, label[end], low)
        lower = lower[lower]
        if np.array_equal(lower, label):
            return label
        label = lower


def _nearest_bases(instance: Instance) -> Ints:
    """The local pod from which each account is reached with the least travel, `NOBODY` where none may take it (A)."""
    pairs = instance.derived.local_pairs
    result = np.full(len(instance.accounts), NOBODY, np.int64)
    order = np.lexsort((pairs.pod, pairs.km, pairs.account))
    account, first = np.unique(pairs.account[order], return_index=True)
    result[account] = pairs.pod[order[first]]
    return result


def _homes(instance: Instance) -> Ints:
    """The local pod nearest to where each person lives, within a commute; `NOBODY` where none is (S)."""
    people, pods, policy = instance.people, instance.pods, instance.policy
    result = np.full(len(people), NOBODY, np.int64)
    lives, base = np.flatnonzero(~np.isnan(people.latitude)), np.flatnonzero(pods.coverage == LOCAL)
    spots = (people.latitude[lives], people.longitude[lives]), (pods.latitude[base], pods.longitude[base])
    for row, column in close_pairs(*spots, policy.commute_km / policy.road_factor):
        person, pod = lives[row], base[column]
        km = policy.road_factor * great_circle_km(
            people.latitude[person], people.longitude[person], pods.latitude[pod], pods.longitude[pod]
        )
        order = np.lexsort((pod, km, person))
        order = order[km[order] <= policy.commute_km]
        found, first = np.unique(person[order], return_index=True)
        result[found] = pod[order[first]]
    return result
