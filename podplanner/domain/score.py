"""The one objective: yearly contribution of a plan, term by term and by who carries it.

contribution = sum over accounts of margin x expected revenue - people - hires - travel - fixed - cost per account
- relocation - release - moves - handovers - soft rules. Solvers, reports and comparisons use this function only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.facts import Facts
from podplanner.domain.place import way
from podplanner.domain.violation import rule_amounts
from podplanner.domain.vocabulary import LOCAL, NOBODY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan

TERMS = (
    "margin",
    "people_cost",
    "hire_cost",
    "travel_cost",
    "fixed_cost",
    "direct_cost",
    "relocation_cost",
    "release_cost",
    "move_cost",
    "handover_cost",
    "soft_cost",
)
"""Names of the terms. ``people_cost`` is the pay of people and hires, ``hire_cost`` the one-off cost of hiring,
``direct_cost`` the tiers' cost per account, ``soft_cost`` soft rules and missing coaches."""

Amounts = NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """A plan's yearly contribution; every cost is held as a positive amount, money a year.

    Parameters
    ----------
    by_account
        ``margin, direct_cost, travel_cost, handover_cost`` (A each).
    by_person
        ``people_cost, hire_cost, relocation_cost, release_cost, move_cost`` (S each).
    by_pod
        ``fixed_cost, soft_cost`` (the latter for a missing coach) (P each).
    by_rule
        Soft cost of each of ``instance.rules``.
    handover_by_function
        Cost of handovers by account and function (A x R).
    """

    by_account: Mapping[str, Amounts]
    by_person: Mapping[str, Amounts]
    by_pod: Mapping[str, Amounts]
    by_rule: Amounts
    handover_by_function: Amounts

    @cached_property
    def terms(self) -> Mapping[str, float]:
        """The objective term by term, costs negative; they add up to the contribution."""
        cost = {
            name: float(amount.sum())
            for carrier in (self.by_account, self.by_person, self.by_pod)
            for name, amount in carrier.items()
        }
        cost["soft_cost"] += float(self.by_rule.sum())
        return MappingProxyType({name: cost[name] if name == "margin" else 0.0 - cost[name] for name in TERMS})

    @cached_property
    def contribution(self) -> float:
        """Sum of the terms."""
        return sum(self.terms.values())

    @cached_property
    def budget_use(self) -> float:
        """What the budget caps: pay, hires, fixed, cost per account, travel, relocation and release."""
        capped = (
            "people_cost",
            "hire_cost",
            "travel_cost",
            "fixed_cost",
            "direct_cost",
            "relocation_cost",
            "release_cost",
        )
        return -sum(self.terms[name] for name in capped)


def score(instance: Instance, plan: Plan) -> Score:
    """Yearly contribution of a plan, whether or not it keeps the rules."""
    facts = Facts(instance, plan)
    handover = np.where(facts.handed_over, instance.derived.handover_price, 0.0)
    amounts = rule_amounts(facts)
    soft = np.array([rule.soft_cost or 0.0 for rule in instance.rules], dtype=float)
    return Score(
        by_account=MappingProxyType(_account_terms(instance, plan, handover)),
        by_person=MappingProxyType(_person_terms(facts)),
        by_pod=MappingProxyType(_pod_terms(facts)),
        by_rule=amounts * soft,
        handover_by_function=handover,
    )


def _account_terms(instance: Instance, plan: Plan, handover: Amounts) -> dict[str, Amounts]:
    rows = np.arange(len(instance.accounts), dtype=np.int32)
    km, _ = way(instance, rows, plan.pod)
    trips = instance.derived.visits.sum(axis=1)[plan.tier]
    return {
        "margin": instance.accounts.margin * instance.derived.expected[rows, plan.tier],
        "direct_cost": instance.tiers.cost_per_account[plan.tier],
        "travel_cost": np.where(trips > 0, instance.policy.travel_cost_per_km * 2 * km * trips, 0.0),
        "handover_cost": handover.sum(axis=1),
    }


def _person_terms(facts: Facts) -> dict[str, Amounts]:
    instance, people = facts.instance, facts.instance.people
    roles, policy = instance.roles, instance.policy
    once = 1.0 / policy.horizon_years
    relocations = np.bincount(facts.plan.placed_person[facts.relocated], minlength=len(people)).astype(np.float64)
    return {
        "people_cost": facts.paid * people.annual_cost * instance.derived.employed,
        "hire_cost": (facts.placed & people.is_hire) * roles.hire_cost[people.role] * once,
        "relocation_cost": relocations * policy.relocation_cost * once,
        "release_cost": facts.released * roles.release_cost[people.role] * people.annual_cost * once,
        "move_cost": facts.person_moved.astype(np.float64) * policy.move_cost,
    }


def _pod_terms(facts: Facts) -> dict[str, Amounts]:
    instance = facts.instance
    lacks_coach = (
        (instance.pods.coverage == LOCAL)
        & (facts.reps >= 2)
        & (facts.plan.coach == NOBODY)
        & instance.policy.coach_required
    )
    return {
        "fixed_cost": facts.open * instance.pods.fixed_cost,
        "soft_cost": lacks_coach * instance.policy.missing_coach_cost,
    }
