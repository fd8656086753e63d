"""What many accounts share: limits of tiers, pods and the plan, the budget, the caps on moved accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.plan import Plan
from podplanner.domain.score import score
from podplanner.domain.violation import attribute
from podplanner.domain.vocabulary import FUNCTIONS, NOBODY, SALES

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance, Rule
    from solvers.fast.draft import Draft
    from solvers.fast.roster import Roster

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SPEND, KEPT, KEPT_REVENUE = range(3)
"""The counters that every desk has, before those of tiers and rules."""


class Caps(NamedTuple):
    """Counters (J) and what they must keep to.

    Parameters
    ----------
    any, soft
        Whether any of them binds at all, and any at a price.
    low, high
        Limits; infinite where open (J).
    price
        Money for each unit outside, ``inf`` where the limit is hard (J).
    tier, pod
        What a counter from the fourth on counts; `NOBODY`: all (J).
    weight
        Of each unit in it (J - 3 x U).
    spend
        What the budget caps, of each column (K, or 1 without a budget).
    owned, revenue
        Whether somebody is today's sales owner, who would be moved, and the revenue that moves (A).
    """

    any: bool
    soft: bool
    low: Floats
    high: Floats
    price: Floats
    tier: Ints
    pod: Ints
    weight: Floats
    spend: Floats
    owned: NDArray[np.bool_]
    revenue: Floats


def make_caps(draft: Draft, roster: Roster, staffed: NDArray[np.bool_], opened: NDArray[np.bool_]) -> Caps:
    """Counters of an instance; ``staffed`` and ``opened`` mark pods with people, and with anything at all (P)."""
    instance, columns = draft.instance, draft.columns
    policy, tiers = instance.policy, instance.tiers
    owned = instance.owner_today[:, SALES] >= 0
    revenue = instance.accounts.revenue
    limited = np.flatnonzero(np.isfinite(tiers.max_accounts))
    rules = [rule for rule in instance.rules if _counts(rule)]
    low = [-np.inf, owned.sum() - policy.max_moved_accounts, _kept_revenue(instance, owned)]
    high = [_budget_left(draft, roster, opened), np.inf, np.inf]
    bound = [rule.minimum if rule.pod == NOBODY or staffed[rule.pod] else -np.inf for rule in rules]
    low += [-np.inf] * len(limited) + bound
    high += [*tiers.max_accounts[limited].tolist(), *(rule.maximum for rule in rules)]
    hard = [np.inf] * (3 + len(limited))
    weights = [columns.size.astype(float)] * len(limited) + [_weight(draft, rule) for rule in rules]
    capped = np.isfinite(policy.budget)
    nothing = [NOBODY] * 3
    return Caps(
        any=bool(np.isfinite(low).any() or np.isfinite(high).any()),
        soft=any(rule.soft_cost is not None for rule in rules),
        low=np.array(low, dtype=float),
        high=np.array(high, dtype=float),
        price=np.array(hard + [np.inf if rule.soft_cost is None else rule.soft_cost for rule in rules]),
        tier=np.array(nothing + limited.tolist() + [rule.tier for rule in rules], dtype=np.int64),
        pod=np.array(nothing + [NOBODY] * len(limited) + [rule.pod for rule in rules], dtype=np.int64),
        weight=np.array(weights, dtype=float).reshape(len(weights), len(columns.size)),
        spend=columns.spend if capped else np.zeros(1),
        owned=owned,
        revenue=revenue,
    )


def _counts(rule: Rule) -> bool:
    """Limits of a tier or a pod: moving accounts does not change one of the whole plan, and books are naming's."""
    somewhere = rule.pod != NOBODY or rule.tier != NOBODY
    return rule.kind == "limit" and rule.person == NOBODY and rule.role == NOBODY and somewhere


def _weight(draft: Draft, rule: Rule) -> Floats:
    value = attribute(draft.instance.accounts, rule.attribute)
    return np.bincount(draft.columns.unit_of, weights=value, minlength=len(draft.columns.size)).astype(float)


def _kept_revenue(instance: Instance, owned: NDArray[np.bool_]) -> float:
    """Revenue that must stay with its sales owner."""
    most = instance.policy.max_moved_revenue
    return float(instance.accounts.revenue[owned].sum() * (1.0 - most)) if np.isfinite(most) else -np.inf


def _budget_left(draft: Draft, roster: Roster, opened: NDArray[np.bool_]) -> float:
    """What people and open pods leave of the budget."""
    instance = draft.instance
    if not np.isfinite(instance.policy.budget):
        return np.inf
    accounts = len(instance.accounts)
    people_only = Plan(
        pod=np.zeros(accounts, np.int32),
        tier=np.zeros(accounts, np.int32),
        owner=np.full((accounts, len(FUNCTIONS)), NOBODY, np.int32),
        placed_person=roster.person.astype(np.int32),
        placed_pod=roster.pod.astype(np.int32),
        share=roster.share,
        leader=roster.leader.astype(np.int32),
        coach=np.full(len(instance.pods), NOBODY, np.int32),
    )
    by_person = score(instance, people_only).by_person
    capped = ("people_cost", "hire_cost", "relocation_cost", "release_cost")
    people = sum(float(by_person[name].sum()) for name in capped)
    return instance.policy.budget - people - float(instance.pods.fixed_cost[opened].sum())
