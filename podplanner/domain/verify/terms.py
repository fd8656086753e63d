"""The objective recomputed, term by term, by the verifier's own arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.verify.recount import BY_RELOCATION
from podplanner.domain.verify.wish_checks import soft_cost
from podplanner.domain.vocabulary import LEADER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from podplanner.domain.verify.recount import Recount

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
"""In the order in which they are shown."""

CAPPED = (
    "people_cost",
    "hire_cost",
    "travel_cost",
    "fixed_cost",
    "direct_cost",
    "relocation_cost",
    "release_cost",
)
"""Terms that the budget caps."""


def terms(recount: Recount) -> Mapping[str, float]:
    """Terms of the objective, costs negative; they add up to the contribution."""
    instance, plan = recount.instance, recount.plan
    people, roles, pods, policy = instance.people, instance.roles, instance.pods, instance.policy
    accounts = instance.accounts
    pay = people.annual_cost * recount.employed
    hired = recount.placed & people.is_hire
    let_go = roles.release_cost[people.role] * people.annual_cost
    trips = recount.visits.sum(axis=1)
    travelling = trips > 0
    at_risk = accounts.margin * accounts.revenue * (recount.handed_over @ roles.handover_loss[:LEADER])
    one_off = {
        "hire_cost": roles.hire_cost[people.role[hired]].sum(),
        "relocation_cost": policy.relocation_cost * np.count_nonzero(recount.how_placed == BY_RELOCATION),
        "release_cost": let_go[recount.released].sum(),
    }
    yearly = {
        "people_cost": pay[recount.paid].sum(),
        "travel_cost": 2 * policy.travel_cost_per_km * (recount.km[travelling] @ trips[travelling]),
        "fixed_cost": pods.fixed_cost[recount.open].sum(),
        "direct_cost": instance.tiers.cost_per_account[plan.tier].sum(),
        "move_cost": policy.move_cost * np.count_nonzero(recount.changed_pod),
        "handover_cost": at_risk.sum(),
        "soft_cost": soft_cost(recount) + policy.missing_coach_cost * np.count_nonzero(recount.lacks_coach),
    }
    costs = yearly | {name: amount / policy.horizon_years for name, amount in one_off.items()}
    value = {"margin": float(accounts.margin @ recount.expected)}
    value |= {name: 0.0 - float(cost) for name, cost in costs.items()}
    return {name: value[name] for name in TERMS}
