"""Checks of the rules that planners set by hand (``rules`` table)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.verify.findings import RELATIVE, Violation
from podplanner.domain.vocabulary import LEADER, NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from podplanner.domain.instance import Rule
    from podplanner.domain.verify.recount import Bools, Floats, Recount


def check_pin(recount: Recount) -> Iterator[Violation]:
    """Pinned accounts and people are where they are pinned."""
    return _broken(recount, "pin", "is not kept")


def check_forbid(recount: Recount) -> Iterator[Violation]:
    """Forbidden combinations do not happen."""
    return _broken(recount, "forbid", "happens all the same")


def check_together(recount: Recount) -> Iterator[Violation]:
    """What belongs together is together."""
    return _broken(recount, "together", "are apart")


def check_apart(recount: Recount) -> Iterator[Violation]:
    """What belongs apart is apart."""
    return _broken(recount, "apart", "are together")


def check_limit(recount: Recount) -> Iterator[Violation]:
    """Sums of attributes are within their limits."""
    return _broken(recount, "limit", "is passed")


def _broken(recount: Recount, kind: str, words: str) -> Iterator[Violation]:
    rules = recount.instance.rules
    if not any(rule.kind == kind and rule.soft_cost is None for rule in rules):
        return
    wishes = Wishes(recount)
    for rule in rules:
        if rule.kind == kind and rule.soft_cost is None:
            amount = wishes.amount(rule)
            if not amount <= RELATIVE * _size(rule):
                subjects = (rule.rule_id, *_names(recount, rule))
                message = f"rule {rule.rule_id} ({kind} {', '.join(subjects[1:])}) {words}, by {amount:g}"
                yield Violation(kind, subjects, amount, message)


def _size(rule: Rule) -> float:
    return max(1.0, *(abs(limit) for limit in (rule.minimum, rule.maximum) if np.isfinite(limit)), 0.0)


def _names(recount: Recount, rule: Rule) -> list[str]:
    instance = recount.instance
    columns = (
        (instance.accounts.ids, rule.account),
        (instance.accounts.ids, rule.other_account),
        (instance.people.ids, rule.person),
        (instance.people.ids, rule.other_person),
        (instance.pods.ids, rule.pod),
        (instance.tiers.ids, rule.tier),
        (instance.roles.ids, rule.role),
    )
    found = [str(ids[index]) for ids, index in columns if index != NOBODY]
    return found + ([rule.attribute] if rule.attribute else [])


def soft_cost(recount: Recount) -> float:
    """What broken soft rules cost."""
    wishes = Wishes(recount)
    return sum(rule.soft_cost * wishes.amount(rule) for rule in recount.instance.rules if rule.soft_cost)


@dataclass(frozen=True)
class Wishes:
    """Measures by how much a plan misses each of the planners' rules."""

    recount: Recount

    @cached_property
    def _pods(self) -> dict[int, set[int]]:
        pods: defaultdict[int, set[int]] = defaultdict(set)
        plan = self.recount.plan
        for person, pod in zip(plan.placed_person.tolist(), plan.placed_pod.tolist(), strict=True):
            pods[person].add(pod)
        return pods

    def amount(self, rule: Rule) -> float:
        """Cases, or units of the attribute; 0 where the rule holds."""
        if rule.kind == "limit":
            return self._outside(rule)
        if rule.kind in ("pin", "forbid"):
            holds = self._holds(rule)
            return float(holds if rule.kind == "forbid" else not holds)
        return float(self._shared(rule) if rule.kind == "apart" else self._separate(rule))

    def _holds(self, rule: Rule) -> bool:
        """Whether everything that the rule names comes together."""
        plan, a = self.recount.plan, rule.account
        if a == NOBODY:
            return rule.pod in self._pods.get(rule.person, ())
        return (
            rule.tier in (NOBODY, plan.tier[a])
            and rule.pod in (NOBODY, plan.pod[a])
            and (rule.person == NOBODY or bool((plan.owner[a] == rule.person).any()))
        )

    def _separate(self, rule: Rule) -> bool:
        plan, a, b = self.recount.plan, rule.account, rule.other_account
        if rule.person != NOBODY:
            one, other = self._pods.get(rule.person, set()), self._pods.get(rule.other_person, set())
            return bool(one | other) and one.isdisjoint(other)
        if rule.role != NOBODY:
            return bool(plan.owner[a, rule.role] != plan.owner[b, rule.role])
        return bool(plan.pod[a] != plan.pod[b])

    def _shared(self, rule: Rule) -> bool:
        plan, a, b = self.recount.plan, rule.account, rule.other_account
        if rule.person != NOBODY:
            return not self._pods.get(rule.person, set()).isdisjoint(self._pods.get(rule.other_person, set()))
        if rule.role != NOBODY:
            return bool(plan.owner[a, rule.role] == plan.owner[b, rule.role] != NOBODY)
        return bool(plan.pod[a] == plan.pod[b] and self.recount.heads[plan.pod[a]] > 0)

    def _outside(self, rule: Rule) -> float:
        plan, accounts = self.recount.plan, self.recount.instance.accounts
        value = np.ones(len(accounts)) if rule.attribute == "1" else accounts.numeric[rule.attribute]
        value = np.where(np.isnan(value), 0.0, value)  # a blank cell adds nothing
        counted = np.full(len(accounts), True)
        if rule.pod != NOBODY:
            counted = counted & (plan.pod == rule.pod)
        if rule.tier != NOBODY:
            counted = counted & (plan.tier == rule.tier)
        if rule.person == NOBODY and rule.role == NOBODY:
            unstaffed = rule.pod != NOBODY and self.recount.heads[rule.pod] == 0
            return _miss(float(value[counted].sum()), rule, binds_minimum=not unstaffed)
        return sum(_miss(total, rule, binds_minimum=True) for total in self._books(rule, value, counted))

    def _books(self, rule: Rule, value: Floats, counted: Bools) -> list[float]:
        """Sum over each non-empty book that the rule speaks of."""
        instance, plan = self.recount.instance, self.recount.plan
        role = int(instance.people.role[rule.person]) if rule.role == NOBODY else rule.role
        if role == LEADER:
            return []
        owner = plan.owner[:, role]
        counted = counted & (owner != NOBODY if rule.person == NOBODY else owner == rule.person)
        size = np.bincount(owner[counted], minlength=len(instance.people))
        total = np.bincount(owner[counted], weights=value[counted], minlength=len(instance.people))
        return [float(amount) for amount in total[size > 0]]


def _miss(total: float, rule: Rule, *, binds_minimum: bool) -> float:
    if total > rule.maximum:
        return total - rule.maximum
    return rule.minimum - total if binds_minimum and total < rule.minimum else 0.0
