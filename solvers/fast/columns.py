"""Where each unit may go: one column for each (unit, pod, tier), with its value and hours.

A *unit* is an account, or a family whose members share pod and tier and so move as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.place import allowed_pairs
from podplanner.domain.vocabulary import FUNCTIONS, NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance, Rule


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Columns of the model's accounts (K), ordered by unit, pod, tier.

    Parameters
    ----------
    pods
        Number of pods (P).
    unit_of
        Unit of each account (A).
    size
        Accounts of each unit (U).
    unit, pod, tier
        Of each column (K).
    value
        Margin x expected revenue less cost per account and travel, all members; handovers not counted (K).
    hours
        Book and travel hours by function, all members (K x R).
    spend
        Cost per account and travel, a part of the value, for the budget (K).
    """

    pods: int
    unit_of: NDArray[np.int64]
    size: NDArray[np.int64]
    unit: NDArray[np.int64]
    pod: NDArray[np.int64]
    tier: NDArray[np.int64]
    value: NDArray[np.float64]
    hours: NDArray[np.float64]
    spend: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.unit)

    def of_account(self, account: int) -> NDArray[np.int64]:
        """Columns of the account's unit."""
        unit = self.unit_of[account]
        return np.arange(self.start[unit], self.start[unit + 1])

    @cached_property
    def start(self) -> NDArray[np.int64]:
        """First column of each unit, and the end of the last (U + 1)."""
        return np.searchsorted(self.unit, np.arange(len(self.size) + 1))

    @cached_property
    def by_pod(self) -> tuple[NDArray[np.int64], ...]:
        """Columns of each pod, ascending (P)."""
        order = np.argsort(self.pod, kind="stable")
        return tuple(np.split(order, np.searchsorted(self.pod[order], np.arange(1, self.pods))))


def make_columns(instance: Instance, wanted: NDArray[np.bool_], *, held: bool = True) -> Columns:
    """Allowed columns of the wanted pods (P), where ``held`` those that hard pins leave."""
    unit_of, size = _units(instance)
    account, pod, tier, km, way_hours = _member_columns(instance, wanted)
    derived, tiers, policy = instance.derived, instance.tiers, instance.policy
    trips = derived.visits[tier]
    hours = derived.hours[account, tier] + 2 * way_hours[:, None] * trips
    spend = tiers.cost_per_account[tier] + policy.travel_cost_per_km * 2 * km * trips.sum(axis=1)
    margin = instance.accounts.margin[account] * derived.expected[account, tier]
    keys = (unit_of[account] * len(instance.pods) + pod) * len(tiers) + tier
    key, inverse, members = np.unique(keys, return_inverse=True, return_counts=True)
    unit, pod, tier = key // (len(instance.pods) * len(tiers)), key // len(tiers) % len(instance.pods), key % len(tiers)
    whole = members == size[unit]
    if held:
        whole[whole] = _within_pins(instance, unit_of, unit[whole], pod[whole], tier[whole])

    def total(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        summed: NDArray[np.float64] = np.bincount(inverse, weights=weights, minlength=len(key))[whole]
        return summed

    return Columns(
        pods=len(instance.pods),
        unit_of=unit_of,
        size=size,
        unit=unit[whole],
        pod=pod[whole],
        tier=tier[whole],
        value=total(margin - spend),
        hours=np.stack([total(hours[:, r]) for r in range(len(FUNCTIONS))], axis=1),
        spend=total(spend),
    )


def is_held(rule: Rule) -> bool:
    """Whether it is a hard pin of an account."""
    return rule.kind == "pin" and rule.soft_cost is None and rule.account != NOBODY


def _within_pins(
    instance: Instance,
    unit_of: NDArray[np.int64],
    unit: NDArray[np.int64],
    pod: NDArray[np.int64],
    tier: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Columns that hard pins of accounts to pods and tiers leave; where they leave a unit none, the rows say why."""
    kept = np.ones(len(unit), bool)
    start = np.searchsorted(unit, np.arange(unit_of.max(initial=-1) + 2))
    for rule in instance.rules:
        if not is_held(rule):
            continue
        mine = slice(start[unit_of[rule.account]], start[unit_of[rule.account] + 1])
        fits = kept[mine].copy()
        if rule.pod != NOBODY:
            fits &= pod[mine] == rule.pod
        if rule.tier != NOBODY:
            fits &= tier[mine] == rule.tier
        if fits.any():
            kept[mine] = fits
    return kept


def _units(instance: Instance) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    families = instance.derived.families
    accounts = len(instance.accounts)
    leader = np.arange(accounts)
    inside = families.of != NOBODY
    bound = np.zeros(accounts, bool)
    bound[inside] = families.shares_pod[families.of[inside]]
    first = np.full(len(families), accounts)
    np.minimum.at(first, families.of[bound], leader[bound])
    leader[bound] = first[families.of[bound]]
    _, unit_of, size = np.unique(leader, return_inverse=True, return_counts=True)
    return unit_of.astype(np.int64), size.astype(np.int64)


def _member_columns(
    instance: Instance, wanted: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Account, pod, tier, one-way km and hours of each allowed (account, pod, tier)."""
    pairs, tiers = allowed_pairs(instance, wanted), instance.tiers
    parts = []
    for t in range(len(tiers)):
        reaches = instance.derived.tier_allowed[pairs.account, t]
        chosen = np.flatnonzero((instance.pods.coverage[pairs.pod] == tiers.coverage[t]) & reaches)
        parts.append((chosen, np.full(len(chosen), t)))
    pair = np.concatenate([chosen for chosen, _ in parts])
    tier = np.concatenate([tier for _, tier in parts])
    return (
        pairs.account[pair].astype(np.int64),
        pairs.pod[pair].astype(np.int64),
        tier,
        pairs.km[pair],
        pairs.hours[pair],
    )
