"""The company's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The company's settings; names, units and defaults are in the reference page. ``inf``: no cap, None: off.

    ``period_start`` and ``period_end`` are NaT where the input has no dates: everybody is there all the time.
    """

    currency: str
    period_start: np.datetime64
    period_end: np.datetime64
    horizon_years: float
    budget: float
    flexible: bool
    max_headcount: float
    max_hires: float
    max_open_pods: float
    family_scope: str
    max_moved_revenue: float
    max_moved_accounts: float
    max_moved_people: float
    move_cost: float
    max_local_km: float
    commute_km: float
    relocation_cost: float
    travel_cost_per_km: float
    travel_speed_kmh: float
    road_factor: float
    leader_hours_base: float
    leader_hours_per_member: float
    leader_hours_per_account: float
    coaching_hours_per_rep: float
    coach_required: bool
    missing_coach_cost: float
    leavers_own: bool
    balance_workload: float | None
    balance_potential: float | None
    company_target: float | None


def read_policy(given: Mapping[str, str]) -> Policy:
    """The completed policy table, key by key."""

    def number(key: str) -> float:
        return float(given[key])

    def cap(key: str) -> float:
        return float(given[key]) if given[key] else np.inf

    def optional(key: str) -> float | None:
        return float(given[key]) if given[key] else None

    def yes(key: str) -> bool:
        return given[key] == "true"

    numbers = [
        "horizon_years",
        "move_cost",
        "max_local_km",
        "commute_km",
        "relocation_cost",
        "travel_cost_per_km",
        "travel_speed_kmh",
        "road_factor",
        "leader_hours_base",
        "leader_hours_per_member",
        "leader_hours_per_account",
        "coaching_hours_per_rep",
        "missing_coach_cost",
    ]
    caps = [
        "budget",
        "max_headcount",
        "max_hires",
        "max_open_pods",
        "max_moved_revenue",
        "max_moved_accounts",
        "max_moved_people",
    ]
    return Policy(
        currency=given["currency"],
        period_start=np.datetime64(given["period_start"], "D"),
        period_end=np.datetime64(given["period_end"], "D"),
        flexible=given["headcount"] == "flexible",
        family_scope=given["family_scope"],
        coach_required=yes("coach_required"),
        leavers_own=yes("leavers_own"),
        balance_workload=optional("balance_workload"),
        balance_potential=optional("balance_potential"),
        company_target=optional("company_target"),
        **{name: number(name) for name in numbers},
        **{name: cap(name) for name in caps},
    )
