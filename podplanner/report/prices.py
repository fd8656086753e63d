"""What an hour is worth, and what that makes of an account's place and of its next best one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.domain.place import way
from podplanner.domain.vocabulary import DIRECT, FUNCTIONS, LEADER, NOBODY, ROLES
from podplanner.report.rivals import Rivals, first_of_best

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.report.ledger import Ledger

    Floats = NDArray[np.float64]

HOUR, AVERAGE_HOUR, LIMIT = "hour", "average_hour", "limit"
"""Kinds of price: marginal value of an hour, mean pay for an hour where no marginal value is known, limit relaxed."""


def average_rates(ledger: Ledger) -> Floats:
    """Mean pay for a plannable hour of each role in each pod (P x 5).

    Of the people in the pod; where a pod has none of the role, of all who are paid in it; where nobody is, of a hire.
    """
    instance, plan = ledger.instance, ledger.plan
    pay, plannable = ledger.score.by_person["people_cost"], instance.derived.plannable
    roles, role = instance.roles, instance.people.role
    size = (len(instance.pods), len(ROLES))
    cell = plan.placed_pod.astype(np.int64) * len(ROLES) + role[plan.placed_person]

    def total(amount: Floats) -> Floats:
        weights = plan.share * amount[plan.placed_person]
        return _sum_by(cell, weights, size[0] * size[1]).reshape(size)

    paid = pay > 0
    company_hours = _sum_by(role[paid], plannable[paid], len(ROLES))
    company_pay = _sum_by(role[paid], pay[paid], len(ROLES))
    hire = _quotient(roles.annual_cost, roles.annual_hours * roles.utilisation, np.zeros(len(ROLES)))
    company = _quotient(company_pay, company_hours, hire)
    return _quotient(total(pay), total(plannable), np.broadcast_to(company, size))


def _sum_by(group: NDArray[Any], amount: Floats, groups: int) -> Floats:
    return np.bincount(group, weights=amount, minlength=groups).astype(np.float64)


def _quotient(amount: Floats, hours: Floats, otherwise: Floats) -> Floats:
    result: Floats = np.array(otherwise, dtype=np.float64)
    return np.divide(amount, hours, out=result, where=hours > 0)


@dataclass(frozen=True)
class PricedPlaces:
    """Every open place of every account at given prices.

    A place is an allowed pod that is open (or direct), at a tier that the account's potential reaches. Its priced value
    is margin - cost per account - travel - hours x price (travel and the leader's hours per account included) -
    handovers, these counted where today's owner is not in that pod or the tier does not serve the function. What a
    further account would change for others (balance, families, limits) is not in it.

    Parameters
    ----------
    rate
        Money an hour by pod and role (P x 5).
    """

    ledger: Ledger
    rate: Floats

    @cached_property
    def priced(self) -> Floats:
        """Priced value of each account where it is, with the handovers that the plan makes (A)."""
        ledger = self.ledger
        account = np.arange(len(ledger.instance.accounts), dtype=np.int32)
        value = self._gross(account, ledger.plan.pod, ledger.plan.tier)
        result: Floats = value - ledger.score.by_account["handover_cost"]
        return result

    @cached_property
    def next_best(self) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
        """Pod, tier and priced value of the best other place; `NOBODY` and nan where there is none (A each)."""
        return self._best(other_only=True, direct_only=False)

    @cached_property
    def direct(self) -> Floats:
        """Priced value of the best direct place, nan where there is none (A)."""
        return self._best(other_only=False, direct_only=True)[2]

    def _best(self, *, other_only: bool, direct_only: bool) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
        instance = self.ledger.instance
        size = len(instance.accounts)
        best_pod, best_tier = np.full(size, NOBODY, np.int32), np.full(size, NOBODY, np.int32)
        best = np.full(size, -np.inf)
        coverage = instance.pods.coverage
        usable = (coverage == DIRECT) | (self.ledger.facts.open & (not direct_only))
        rivals = Rivals(self.ledger, self.rate, usable, other_only=other_only)
        for tier in range(len(instance.tiers)):
            for account, pod in rivals.at(tier):
                tiers = np.full(len(account), tier, np.int32)
                value = self.value(account, pod, tiers)
                first = first_of_best(account, value)
                better = first[value[first] > best[account[first]]]
                best[account[better]], best_pod[account[better]] = value[better], pod[better]
                best_tier[account[better]] = tier
        return best_pod, best_tier, np.where(np.isfinite(best), best, np.nan)

    def value(self, account: NDArray[np.int32], pod: NDArray[np.int32], tier: NDArray[np.int32]) -> Floats:
        """Priced value of each account at each of these places."""
        return self._gross(account, pod, tier) - self._handovers(account, pod, tier)

    def _gross(self, account: NDArray[np.int32], pod: NDArray[np.int32], tier: NDArray[np.int32]) -> Floats:
        instance, derived, policy = self.ledger.instance, self.ledger.instance.derived, self.ledger.instance.policy
        km, one_way = way(instance, account, pod)
        visits = derived.visits[tier]
        trips = visits.sum(axis=1)
        served = instance.tiers.served[tier]
        travel = np.where(visits > 0, 2.0 * one_way[:, None] * visits, 0.0)
        hours = np.where(served, derived.hours[account, tier] + travel, 0.0)
        leads = np.where(self.ledger.plan.leader[pod] == NOBODY, 0.0, policy.leader_hours_per_account)
        value: Floats = (
            instance.accounts.margin[account] * derived.expected[account, tier]
            - instance.tiers.cost_per_account[tier]
            - np.where(trips > 0, policy.travel_cost_per_km * 2.0 * km * trips, 0.0)
            - (hours * self.rate[pod, : len(FUNCTIONS)]).sum(axis=1)
            - leads * self.rate[pod, LEADER]
        )
        return value

    def _handovers(self, account: NDArray[np.int32], pod: NDArray[np.int32], tier: NDArray[np.int32]) -> Floats:
        instance = self.ledger.instance
        cost = np.zeros(len(account))
        for function in range(len(FUNCTIONS)):
            rows = np.flatnonzero(instance.owner_today[account, function] != NOBODY)
            today, price = (
                each[account[rows], function] for each in (instance.owner_today, instance.derived.handover_price)
            )
            keeps = (self.ledger.position(today, pod[rows]) >= 0) & instance.tiers.served[tier[rows], function]
            cost[rows] += np.where(keeps, 0.0, price)
        return cost
