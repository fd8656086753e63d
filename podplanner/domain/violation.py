"""By how much a plan breaks the planner's own rules (``rules`` table): one amount a rule, 0 where it holds.

A unit is one violation, or for ``limit`` one unit of its attribute. Soft rules pay ``soft_cost`` a unit; the verifier
measures hard ones by code of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import FUNCTIONS, NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.facts import Facts
    from podplanner.domain.instance import Accounts, Rule


def rule_amounts(facts: Facts) -> NDArray[np.float64]:
    """Amount by which each rule is broken (one for each of ``instance.rules``)."""
    measure = {"pin": _pin, "forbid": _forbid, "together": _together, "apart": _apart, "limit": _limit}
    return np.array([measure[rule.kind](facts, rule) for rule in facts.instance.rules], dtype=float)


def _pods_of(facts: Facts, person: int) -> frozenset[int]:
    return frozenset(facts.plan.placed_pod[facts.plan.placed_person == person].tolist())


def _parts_met(facts: Facts, rule: Rule) -> list[bool]:
    """For each thing that the rule names beside its subject, whether the plan has it so."""
    if rule.account == NOBODY:
        return [rule.pod in _pods_of(facts, rule.person)]
    met = []
    if rule.tier != NOBODY:
        met.append(int(facts.plan.tier[rule.account]) == rule.tier)
    if rule.pod != NOBODY:
        met.append(int(facts.plan.pod[rule.account]) == rule.pod)
    if rule.person != NOBODY:
        met.append(rule.person in facts.plan.owner[rule.account].tolist())
    return met


def _pin(facts: Facts, rule: Rule) -> float:
    return float(not all(_parts_met(facts, rule)))


def _forbid(facts: Facts, rule: Rule) -> float:
    return float(all(_parts_met(facts, rule)))


def _together(facts: Facts, rule: Rule) -> float:
    plan = facts.plan
    if rule.person != NOBODY:
        one, other = _pods_of(facts, rule.person), _pods_of(facts, rule.other_person)
        return float(bool(one or other) and not one & other)
    if rule.role != NOBODY:
        return float(plan.owner[rule.account, rule.role] != plan.owner[rule.other_account, rule.role])
    return float(plan.pod[rule.account] != plan.pod[rule.other_account])


def _apart(facts: Facts, rule: Rule) -> float:
    plan = facts.plan
    if rule.person != NOBODY:
        return float(bool(_pods_of(facts, rule.person) & _pods_of(facts, rule.other_person)))
    if rule.role != NOBODY:
        owner = plan.owner[rule.account, rule.role]
        return float(owner != NOBODY and owner == plan.owner[rule.other_account, rule.role])
    pod = plan.pod[rule.account]
    return float(pod == plan.pod[rule.other_account] and facts.staffed[pod])


def _limit(facts: Facts, rule: Rule) -> float:
    """Sum of shortfalls and excesses over the things the limit binds; minima bind what is not empty."""
    instance, plan = facts.instance, facts.plan
    value = attribute(instance.accounts, rule.attribute)
    chosen = np.ones(len(instance.accounts), bool)
    if rule.tier != NOBODY:
        chosen &= plan.tier == rule.tier
    if rule.pod != NOBODY:
        chosen &= plan.pod == rule.pod
    if rule.person != NOBODY or rule.role != NOBODY:
        return _limit_of_books(facts, rule, value, chosen)
    binds_minimum = bool(facts.staffed[rule.pod]) if rule.pod != NOBODY else True
    return _outside(np.array([value[chosen].sum()]), np.array([binds_minimum]), rule)


def _limit_of_books(facts: Facts, rule: Rule, value: NDArray[np.float64], chosen: NDArray[np.bool_]) -> float:
    instance, plan = facts.instance, facts.plan
    function = rule.role if rule.role != NOBODY else int(instance.people.role[rule.person])
    if function >= len(FUNCTIONS):
        return 0.0
    owner = plan.owner[:, function]
    owned = chosen & (owner != NOBODY)
    if rule.person != NOBODY:
        owned &= owner == rule.person
    people = np.unique(owner[owned])
    total = np.bincount(owner[owned], weights=value[owned], minlength=len(instance.people))[people]
    return _outside(total, np.ones(len(people), bool), rule)


def _outside(total: NDArray[np.float64], binds_minimum: NDArray[np.bool_], rule: Rule) -> float:
    short = np.where(binds_minimum, np.maximum(0.0, rule.minimum - total), 0.0)
    over = np.maximum(0.0, total - rule.maximum)
    return float((short + over).sum())


def attribute(accounts: Accounts, name: str) -> NDArray[np.float64]:
    """The account column that a ``limit`` sums, a blank cell as 0; ``"1"`` counts accounts (A)."""
    return np.ones(len(accounts)) if name == "1" else np.nan_to_num(accounts.numeric[name])
