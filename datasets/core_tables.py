"""A core problem as input tables of the whole planning model: the core is a special case of planning.

Each pod is a base with one rep and one leader who live there, far from all others. An account brings nothing; it costs
its travel, and takes of the rep's year an hour of service and the time on the road. Nothing but local coverage exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from podplanner.domain import vocabulary
from podplanner.domain.vocabulary import FUNCTIONS

if TYPE_CHECKING:
    from podplanner.domain.core import CoreProblem

LOCAL = vocabulary.COVERAGES[vocabulary.LOCAL]
SALES, LEADER = vocabulary.ROLES[vocabulary.SALES], vocabulary.ROLES[vocabulary.LEADER]
SERVICE_HOURS = 1.0
"""Of each account, the least that the model knows; the rest of its use is the way there and back."""
SALARY = 1.0
DEGREES_APART = 2.0


def core_tables(problem: CoreProblem) -> dict[str, list[dict[str, Any]]]:
    """Input tables whose best contribution is the problem's least cost, negative, less `payroll`.

    Account ``a7`` and pod ``p3`` are those of index 7 and 3.

    Raises
    ------
    ValueError
        Where the problem gives the number of open pods or homes, has a cost below 0, or an account uses less than
        `SERVICE_HOURS`.
    """
    if problem.open_pods is not None or problem.home is not None:
        raise ValueError("a given number of open pods, or homes, cannot be said in tables")
    if (problem.cost < 0).any() or (problem.use < SERVICE_HOURS).any():
        raise ValueError(f"costs below 0 or uses below {SERVICE_HOURS} cannot be said in tables")
    pods, accounts = range(problem.pods), range(problem.accounts)
    places = [
        {"latitude": 0.0, "longitude": DEGREES_APART * (pod - problem.pods / 2), "time_zone": "UTC"} for pod in pods
    ]
    return {
        "accounts": [
            {"account_id": f"a{account}", "revenue": 0.0, "potential": 0.0, **places[0]} for account in accounts
        ],
        "people": [
            {
                "person_id": f"{role}{pod}",
                "role": role,
                "annual_cost": SALARY,
                "annual_hours": hours,
                "can_coach": role == SALES,
                **places[pod],
            }
            for pod in pods
            for role, hours in ((SALES, float(problem.capacity[pod])), (LEADER, 1.0))
        ],
        "pods": [
            {"pod_id": f"p{pod}", "coverage": LOCAL, "fixed_cost": float(problem.opening[pod]), **places[pod]}
            for pod in pods
        ],
        "distances": [
            {
                "account_id": f"a{account}",
                "pod_id": f"p{pod}",
                "km": float(problem.cost[pod, account]),
                "hours": (float(problem.use[pod, account]) - SERVICE_HOURS) / 2,
            }
            for pod in pods
            for account in accounts
        ],
        **_steering(float(problem.cost.max())),
    }


def payroll(problem: CoreProblem) -> float:
    """What the people of `core_tables` cost whatever the plan."""
    return 2 * SALARY * problem.pods


def _steering(longest_km: float) -> dict[str, list[dict[str, Any]]]:
    """Only local coverage and only reps; a visit a year there and back at half a unit of money a km."""
    policy = {
        "direct": "false",
        "coach_required": "false",
        "leader_hours_base": 0,
        "leader_hours_per_member": 0,
        "leader_hours_per_account": 0,
        "max_local_km": longest_km + 1.0,
        "commute_km": 1,
        "travel_cost_per_km": 0.5,
    }
    return {
        "tiers": [{"tier": LOCAL, "coverage": LOCAL, "retain": 1.0, "capture": 0.0, "cost_per_account": 0.0}],
        "service": [
            {
                "tier": LOCAL,
                "role": role,
                "hours_per_account": SERVICE_HOURS,
                "hours_per_million": 0.0,
                "visits": 1.0 if role == SALES else 0.0,
                "served": role == SALES,
            }
            for role in FUNCTIONS
        ],
        "roles": [
            {"role": role, "utilisation": 1.0, "max_hires": 0, "max_pods": 1, "handover_loss": 0.0}
            for role in (*FUNCTIONS, LEADER)
        ],
        "policy": [{"key": key, "value": value} for key, value in policy.items()],
    }
