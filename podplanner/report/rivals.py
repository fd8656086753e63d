"""Which open pods come into question as the best for an account: few of thousands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.domain.spans import spans
from podplanner.domain.vocabulary import FUNCTIONS, LEADER, LOCAL, NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from podplanner.report.ledger import Ledger

    Floats = NDArray[np.float64]
    Places = tuple[NDArray[np.int32], NDArray[np.int32]]

_BLOCK = 1 << 18
"""Places, or cells of a table of prices, looked at together."""
_NEAR_TIE = 1e-9
"""Costs that differ by less than this part of the value may come to one value: rounding is far below."""


def first_of_best(account: NDArray[np.int32], value: Floats) -> NDArray[np.intp]:
    """Row of each account's largest value, the first among equals; rows stand by account."""
    start = np.flatnonzero(np.diff(account, prepend=-1))
    if not len(start):
        return start
    best = np.repeat(np.maximum.reduceat(value, start), np.diff(start, append=len(account)))
    rows = np.flatnonzero(value == best)
    return rows[np.flatnonzero(np.diff(account[rows], prepend=-1))]


@dataclass(frozen=True)
class Rivals:
    """Places among which is each account's best, at given prices.

    Local pods come into question where they are in reach. Of pods without a place, only travel-free prices and today's
    owners tell one from another: those that are cheapest for the account's hours, and those where an owner of today is.

    Parameters
    ----------
    rate
        Money an hour by pod and role (P x 5).
    usable
        Pods that come into question (P).
    other_only
        Leave out where each account is in the plan.
    """

    ledger: Ledger
    rate: Floats
    usable: NDArray[np.bool_]
    other_only: bool

    def at(self, tier: int) -> Iterator[Places]:
        """Blocks of (account, pod) at the tier, by account, then pod; all of an account's in one block."""
        instance = self.ledger.instance
        fits = instance.derived.tier_allowed[:, tier]
        local = instance.tiers.coverage[tier] == LOCAL
        for account, pod in self._local(fits) if local else self._without_place(fits, tier):
            keep = np.ones(len(account), bool)
            if self.other_only:
                plan = self.ledger.plan
                keep = (plan.pod[account] != pod) | (plan.tier[account] != tier)
            yield account[keep], pod[keep]

    def _local(self, fits: NDArray[np.bool_]) -> Iterator[Places]:
        pairs = self.ledger.instance.derived.local_pairs
        begin = 0
        while begin < len(fits):
            end = max(begin + 1, int(np.searchsorted(pairs.start, pairs.start[begin] + _BLOCK)))
            rows = slice(pairs.start[begin], pairs.start[min(end, len(fits))])
            account, pod = pairs.account[rows], pairs.pod[rows]
            keep = self.usable[pod] & fits[account]
            yield account[keep], pod[keep]
            begin = end

    def _without_place(self, fits: NDArray[np.bool_], tier: int) -> Iterator[Places]:
        instance = self.ledger.instance
        zones = instance.derived.zones
        of_tier = self.usable & (instance.pods.coverage == instance.tiers.coverage[tier])
        for zone, reaches in enumerate(zones.reaches):
            shown = self._unlike(np.flatnonzero(reaches & of_tier))
            if not len(shown):
                continue
            accounts = np.flatnonzero(fits & (zones.of == zone)).astype(np.int32)
            step = max(1, _BLOCK // len(shown))
            for begin in range(0, len(accounts), step):
                block = accounts[begin : begin + step]
                cheap, owned = self._cheap(block, shown, tier), self._owned(block, reaches & of_tier)
                key = np.unique(np.concatenate([cheap, owned]))
                yield (key // len(of_tier)).astype(np.int32), (key % len(of_tier)).astype(np.int32)

    @cached_property
    def _lead_cost(self) -> Floats:
        """What leading one account more costs in each pod (P)."""
        hours = np.where(self.ledger.plan.leader == NOBODY, 0.0, self.ledger.instance.policy.leader_hours_per_account)
        cost: Floats = hours * self.rate[:, LEADER]
        return cost

    def _unlike(self, pods: NDArray[np.intp]) -> NDArray[np.intp]:
        """The first two pods of each price, so that one is left for who is in the other."""
        price = np.concatenate([self.rate[pods, : len(FUNCTIONS)], self._lead_cost[pods, None]], axis=1)
        _, kind = np.unique(price, axis=0, return_inverse=True)
        order = np.argsort(kind, kind="stable")
        third = np.zeros(len(pods), bool)
        third[order[2:]] = kind[order[2:]] == kind[order[:-2]]
        return pods[~third]

    def _cheap(self, account: NDArray[np.int32], pods: NDArray[np.intp], tier: int) -> NDArray[np.int64]:
        """Keys (account x P + pod) of the pods that cost each account least, but for rounding."""
        instance, plan = self.ledger.instance, self.ledger.plan
        served = instance.tiers.served[tier]
        hours = np.where(served, instance.derived.hours[account, tier], 0.0)
        cost = hours @ self.rate[pods, : len(FUNCTIONS)].T + self._lead_cost[pods]
        if self.other_only:
            place = np.minimum(np.searchsorted(pods, plan.pod[account]), len(pods) - 1)
            own = np.flatnonzero((plan.tier[account] == tier) & (pods[place] == plan.pod[account]))
            cost[own, place[own]] = np.inf
        least = cost.min(axis=1)
        margin = instance.accounts.margin[account] * instance.derived.expected[account, tier]
        slack = _NEAR_TIE * (1.0 + np.abs(margin) + np.where(np.isfinite(least), least, 0.0))
        row, column = np.nonzero(cost <= (least + slack)[:, None])
        result: NDArray[np.int64] = account[row].astype(np.int64) * len(plan.leader) + pods[column]
        return result

    def _owned(self, account: NDArray[np.int32], takes: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Keys of the pods that take the accounts and that an owner of today works in."""
        instance, plan = self.ledger.instance, self.ledger.plan
        row, function = np.nonzero(instance.owner_today[account] >= 0)
        person: NDArray[Any] = instance.owner_today[account[row], function]
        first, last = (np.searchsorted(plan.placed_person, person, side=side) for side in ("left", "right"))
        pod = plan.placed_pod[spans(first, last - first)]
        key = np.repeat(account[row].astype(np.int64) * len(takes), last - first) + pod
        result: NDArray[np.int64] = key[takes[pod]]
        return result
