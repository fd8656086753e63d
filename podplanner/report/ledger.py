"""Who uses whose hours, and who carries which cost: the books behind every output table.

Pay is allocated to accounts by used hours: a person's pay an hour is pay / plannable hours, and an account carries the
hours and travel of its owners at that rate. A leader's hours per account go to each account of the pod alike; the other
hours of leading, and the coach's, go to the pod's accounts in proportion to their team's hours. Pay of hours that no
account uses stays unused. A pod carries the share of time that it takes from each person; what no pod takes is
unassigned, as are releases and soft rules that name no pod or account.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.facts import Facts
from podplanner.domain.place import way
from podplanner.domain.vocabulary import FUNCTIONS, NOBODY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from podplanner.domain.score import Score

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ledger:
    """Hours and money of one plan; each figure is computed when first asked for."""

    instance: Instance
    plan: Plan
    score: Score

    @cached_property
    def facts(self) -> Facts:
        """Heads, open pods, moves."""
        return Facts(self.instance, self.plan)

    @cached_property
    def expected(self) -> Floats:
        """Expected revenue at the account's tier (A)."""
        rows = np.arange(len(self.instance.accounts))
        result: Floats = self.instance.derived.expected[rows, self.plan.tier]
        return result

    @cached_property
    def hours(self) -> Floats:
        """Hours on the account by function, without travel (A x R)."""
        rows = np.arange(len(self.instance.accounts))
        return np.where(self.plan.owner == NOBODY, 0.0, self.instance.derived.hours[rows, self.plan.tier])

    @cached_property
    def travel_hours(self) -> Floats:
        """Hours on the road by function (A x R)."""
        _, one_way = way(self.instance, np.arange(len(self.instance.accounts), dtype=np.int32), self.plan.pod)
        visits = np.where(self.plan.owner == NOBODY, 0.0, self.instance.derived.visits[self.plan.tier])
        return np.where(visits > 0, 2.0 * one_way[:, None] * visits, 0.0)

    def position(self, person: NDArray[np.int32], pod: NDArray[np.int32]) -> NDArray[np.int64]:
        """Row of each (person, pod) among the placements, -1 where the person is not placed there."""
        wide = len(self.instance.pods)
        keys = self.plan.placed_person.astype(np.int64) * wide + self.plan.placed_pod
        wanted = np.where(person < 0, -1, person.astype(np.int64) * wide + pod)
        place = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        return np.where(keys[place] == wanted, place, -1) if len(keys) else np.full(wanted.shape, -1)

    @cached_property
    def owner_position(self) -> NDArray[np.int64]:
        """Placement row of each named owner in the account's pod, -1 without (A x R)."""
        return self.position(self.plan.owner, np.broadcast_to(self.plan.pod[:, None], self.plan.owner.shape))

    def by_placement(self, amount: Floats) -> Floats:
        """Sum of an amount by account and function (A x R) over each placement's book (N)."""
        named = self.owner_position >= 0
        return np.bincount(
            self.owner_position[named], weights=amount[named], minlength=len(self.plan.placed_person)
        ).astype(np.float64)

    @cached_property
    def leading_hours(self) -> Floats:
        """Hours of leading by pod, 0 without a leader (P)."""
        policy, facts = self.instance.policy, self.facts
        hours = self._leading_overhead + policy.leader_hours_per_account * facts.accounts
        return np.where(self.plan.leader == NOBODY, 0.0, hours)

    @cached_property
    def _leading_overhead(self) -> Floats:
        policy = self.instance.policy
        hours = policy.leader_hours_base + policy.leader_hours_per_member * np.maximum(self.facts.heads - 1, 0)
        return np.where(self.plan.leader == NOBODY, 0.0, hours)

    @cached_property
    def coaching_hours(self) -> Floats:
        """Hours of coaching by pod, 0 without a coach (P)."""
        hours = self.instance.policy.coaching_hours_per_rep * np.maximum(self.facts.reps - 1, 0)
        return np.where(self.plan.coach == NOBODY, 0.0, hours)

    @cached_property
    def is_leader(self) -> NDArray[np.bool_]:
        """Whether the placement leads its pod (N)."""
        return np.asarray(self.plan.leader[self.plan.placed_pod] == self.plan.placed_person)

    @cached_property
    def is_coach(self) -> NDArray[np.bool_]:
        """Whether the placement coaches its pod (N)."""
        return np.asarray(self.plan.coach[self.plan.placed_pod] == self.plan.placed_person)

    @cached_property
    def placement_hours(self) -> Mapping[str, Floats]:
        """Hours of each placement: ``available, accounts, travel, coaching, leading`` (N each)."""
        pod = self.plan.placed_pod
        return {
            "available": self.plan.share * self.instance.derived.plannable[self.plan.placed_person],
            "accounts": self.by_placement(self.hours),
            "travel": self.by_placement(self.travel_hours),
            "coaching": np.where(self.is_coach, self.coaching_hours[pod], 0.0),
            "leading": np.where(self.is_leader, self.leading_hours[pod], 0.0),
        }

    @cached_property
    def pay_rate(self) -> Floats:
        """Pay for one plannable hour, 0 where nothing is paid or plannable (S)."""
        pay, plannable = self.score.by_person["people_cost"], self.instance.derived.plannable
        return np.divide(pay, plannable, out=np.zeros_like(plannable), where=plannable > 0)

    @cached_property
    def account_pay(self) -> Floats:
        """Pay allocated to each account by used hours (A)."""
        plan, pod = self.plan, self.plan.pod
        used = self.hours + self.travel_hours
        team = (used * _rate_of(self.pay_rate, plan.owner)).sum(axis=1)
        weight = used.sum(axis=1)
        total = np.bincount(pod, weights=weight, minlength=len(self.instance.pods))[pod]
        part = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
        leader_rate, coach_rate = _rate_of(self.pay_rate, plan.leader), _rate_of(self.pay_rate, plan.coach)
        spread = self._leading_overhead * leader_rate + self.coaching_hours * coach_rate
        each = self.instance.policy.leader_hours_per_account * leader_rate
        return np.asarray(team + each[pod] + spread[pod] * part)

    @cached_property
    def by_account(self) -> Mapping[str, Floats]:
        """Money of each account: the score's own terms, and ``people_cost`` (A each)."""
        return {**self.score.by_account, "people_cost": self.account_pay}

    @cached_property
    def by_pod(self) -> Mapping[str, Floats]:
        """Each of the score's terms by pod, as positive amounts; the last entry is what belongs to no pod (P + 1)."""
        size = len(self.instance.pods)
        account = {
            name: np.append(np.bincount(self.plan.pod, weights=amount, minlength=size), 0.0)
            for name, amount in self.score.by_account.items()
        }
        person = {name: self._split(name) for name in self.score.by_person}
        pod = {name: np.append(amount, 0.0) for name, amount in self.score.by_pod.items()}
        pod["soft_cost"] += self._rules_by_pod()
        return {**account, **person, **pod}

    def _split(self, name: str) -> Floats:
        """A person's cost over pods: pay by share of the year, one-off costs by share of what is placed."""
        plan, amount = self.plan, self.score.by_person[name]
        share = plan.share
        if name != "people_cost":
            total = np.bincount(plan.placed_person, weights=share, minlength=len(amount))
            share = share / total[plan.placed_person]
        taken = np.bincount(
            plan.placed_pod, weights=share * amount[plan.placed_person], minlength=len(self.instance.pods)
        )
        return np.append(taken, amount.sum() - taken.sum())

    def _rules_by_pod(self) -> Floats:
        """Soft rules by the pod of their account, or that they name; the others last (P + 1)."""
        cost = np.zeros(len(self.instance.pods) + 1)
        for rule, amount in zip(self.instance.rules, self.score.by_rule.tolist(), strict=True):
            cost[int(self.plan.pod[rule.account]) if rule.account != NOBODY else rule.pod] += amount
        return cost

    def book_sum(self, amount: Floats) -> Floats:
        """Sum of an account column (A) over each placement's accounts; a leader's are the pod's (N)."""
        wide = np.broadcast_to(amount[:, None], (len(amount), len(FUNCTIONS)))
        pod = np.bincount(self.plan.pod, weights=amount, minlength=len(self.instance.pods))
        return self.by_placement(wide) + np.where(self.is_leader, pod[self.plan.placed_pod], 0.0)


def _rate_of(rate: Floats, person: NDArray[np.int32]) -> Floats:
    return np.where(person >= 0, rate[person], 0.0)
