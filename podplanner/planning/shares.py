"""What caps the whole plan, shared out to regions: whoever keeps the share, keeps the cap together with the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import DIRECT, NOBODY
from podplanner.planning.partition import shared_out

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance, Rule, Tiers
    from podplanner.domain.policy import Policy
    from podplanner.planning.partition import Partition

Floats = NDArray[np.float64]


def shared_caps(instance: Instance, parts: Partition, number: int) -> tuple[Policy, Tiers, Floats]:
    """A region's policy, tiers, and most accounts of each pod, were the pod direct (P).

    What a region must use whatever its plan comes first: pay, open bases, the accounts' cheapest service, the pods kept
    open; what is then left of a cap is shared out by accounts.
    """
    policy, people = instance.policy, instance.people
    accounts = np.bincount(parts.account, minlength=parts.count).astype(float)
    heads = _of_regions(parts, ~people.is_hire & instance.derived.present)
    slots = _of_regions(parts, people.is_hire)
    kept = instance.pods.keep_open & (instance.pods.coverage != DIRECT)
    open_pods = np.bincount(parts.pod[kept], minlength=parts.count).astype(float)
    nothing = np.zeros(parts.count)
    shared = replace(
        policy,
        budget=_share(policy.budget, _least_spent(instance, parts), accounts, number),
        max_headcount=_whole(policy.max_headcount, nothing if policy.flexible else heads, accounts, number),
        max_hires=_whole(policy.max_hires, nothing, slots, number),
        max_open_pods=_whole(policy.max_open_pods, open_pods, accounts, number),
        max_moved_accounts=_whole(policy.max_moved_accounts, nothing, accounts, number),
        max_moved_people=_whole(policy.max_moved_people, nothing, heads, number),
    )
    tiers = instance.tiers
    most = np.array([_whole(cap, nothing, accounts, number) for cap in tiers.max_accounts.tolist()])
    direct = np.array([_whole(cap, nothing, accounts, number) for cap in instance.pods.max_accounts.tolist()])
    return shared, replace(tiers, max_accounts=most), direct


def shared_rule(instance: Instance, parts: Partition, number: int, rule: Rule) -> Rule | None:
    """A region's part of a rule; None where the region has none.

    A limit on pods that only the region staffs, or on books, is as it is: each is in one region whole. One on a tier,
    or on direct pods, is shared out by the attribute; one on all accounts is the same whatever the plan.
    """
    if rule.kind != "limit":
        return rule
    has_pod = rule.pod != NOBODY and instance.pods.coverage[rule.pod] != DIRECT
    if has_pod:
        return rule if parts.pod[rule.pod] == number else None
    if rule.person != NOBODY or rule.role != NOBODY:
        return rule
    if rule.tier == NOBODY and rule.pod == NOBODY:
        return None
    value = np.ones(len(parts.account)) if rule.attribute == "1" else instance.accounts.numeric[rule.attribute]
    weight = np.bincount(parts.account, weights=np.abs(np.nan_to_num(value)), minlength=parts.count)
    part = weight[number] / weight.sum() if weight.sum() > 0 else 1 / parts.count
    bounds = {name: getattr(rule, name) for name in ("minimum", "maximum")}
    return replace(rule, **{name: bound * part for name, bound in bounds.items() if np.isfinite(bound)})


def _of_regions(parts: Partition, wanted: NDArray[np.bool_]) -> Floats:
    return np.bincount(parts.person[wanted], minlength=parts.count).astype(float)


def _share(cap: float, least: Floats, weight: Floats, number: int) -> float:
    """What every region must have, and its part of the rest; of a cap below all that, its part of the cap."""
    left = cap - least.sum()
    if left < 0:
        return float(cap * least[number] / least.sum())
    return float(least[number] + left * weight[number] / weight.sum()) if np.isfinite(cap) else cap


def _whole(cap: float, least: Floats, weight: Floats, number: int) -> float:
    """The same in whole numbers."""
    if not np.isfinite(cap):
        return cap
    left = int(np.floor(cap)) - int(least.sum())
    if left < 0:
        return float(shared_out(int(np.floor(cap)), least)[number])
    return float(least[number] + shared_out(left, weight)[number])


def _least_spent(instance: Instance, parts: Partition) -> Floats:
    """What a region's plan spends of the budget at least, money a year (regions)."""
    people, pods, tiers, policy = instance.people, instance.pods, instance.tiers, instance.policy
    pay = np.where(people.is_hire, 0.0, people.annual_cost * instance.derived.employed)
    if policy.flexible:
        release = people.annual_cost * instance.roles.release_cost[people.role] / policy.horizon_years
        pay = np.minimum(pay, release)
    spent = np.bincount(parts.person, weights=pay, minlength=parts.count)
    kept = pods.keep_open & (pods.coverage != DIRECT)
    spent += np.bincount(parts.pod[kept], weights=pods.fixed_cost[kept], minlength=parts.count)
    direct = pods.coverage == DIRECT
    # Every region pays for the direct pods it has; in the whole that is paid once.
    spent += pods.fixed_cost[direct].sum()
    cheapest = tiers.cost_per_account[tiers.coverage == DIRECT].min()
    return np.asarray(spent + cheapest * np.bincount(parts.account, minlength=parts.count))
