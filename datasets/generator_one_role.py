"""The sales force deployment problem of the literature as tables: one role, one rep a base, one local tier.

Haase & Müller (2014), "Upper and lower bounds for the sales force deployment problem with explicit contiguity
constraints", European Journal of Operational Research 237(2), 677-689: which of the possible locations get a rep,
and which rep covers which unit, for the greatest profit within the reps' hours. Here each unit is an account, each
location a local base with at most one rep (a hire), and what no rep covers is direct, which brings nothing. There are
no contiguity rows, and effort is one level a unit. Numbers are assumed, and chosen so that the last rep hardly pays.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from datasets.geo.zips import us_zips
from podplanner.domain.geography import great_circle_km
from podplanner.domain.vocabulary import FUNCTIONS, ROLES

UNITS, BASES = 500, 50
"""Sizes of the largest instances of the paper."""
CENTRE, RADIUS_KM = (40.0, -75.5), 220.0
"""New York, Philadelphia, Baltimore and what lies between: every account reaches several bases."""
MEDIAN_POTENTIAL, SPREAD = 220_000.0, 1.1
"""US dollars, and the standard deviation of the logarithm, as in drawn companies."""
MARGIN, CAPTURE = 0.35, 0.2
REP_COST = 90_000.0
FIXED_COST = (10_000.0, 50_000.0)
LEADER_COST = 1.0
"""A base has a leader by rule; pay is never 0."""


def generate_one_role(*, seed: int, units: int = UNITS, bases: int = BASES) -> dict[str, pd.DataFrame]:
    """Draw an instance of sales force deployment.

    Parameters
    ----------
    seed
        The same numbers and seed give the same tables.
    units
        Accounts, at least 1.
    bases
        Possible locations, at least 1.

    Returns
    -------
    dict
        Tables ``accounts``, ``people`` (a leader for each base, whose hours bind nothing), ``pods``, ``tiers``,
        ``service``, ``roles`` and ``policy``.

    Raises
    ------
    ValueError
        A number is too small.
    """
    if units < 1 or bases < 1:
        raise ValueError(f"needs at least 1 unit and 1 base, not {units}, {bases}")
    random = np.random.default_rng(seed)
    at_unit, at_base = _places(units, random), _places(bases, random)
    customers = pd.DataFrame({"account_id": _ids("A", units)} | at_unit)
    customers["potential"] = np.round(np.exp(random.normal(np.log(MEDIAN_POTENTIAL), SPREAD, units)), -2)
    customers["revenue"] = 0.0
    pods = pd.DataFrame({"pod_id": _ids("B", bases), "coverage": "local"} | at_base)
    pods["fixed_cost"] = np.round(random.uniform(*FIXED_COST, bases), -2)
    pods["max_people"] = 2
    staff = pd.DataFrame({"person_id": _ids("P", bases), "role": "leader"} | at_base)
    staff["annual_cost"] = LEADER_COST
    return {"accounts": customers, "people": staff, "pods": pods, **_one_role(bases)}


def _one_role(bases: int) -> dict[str, pd.DataFrame]:
    """Tiers, service, roles and policy that leave sales alone, and nothing of a handover or a leader's week."""
    tiers = [("local", "local", 1.0, CAPTURE), ("direct", "direct", 0.0, 0.0)]
    service = [("local", function, function == "sales") for function in FUNCTIONS]
    roles = [(role, REP_COST, 0.0, 0.0, bases if role == "sales" else 0) for role in ROLES]
    policy = {
        "margin": MARGIN,
        "coach_required": False,
        "leader_hours_base": 0,
        "leader_hours_per_member": 0,
        "leader_hours_per_account": 0,
    }
    return {
        "tiers": pd.DataFrame(tiers, columns=["tier", "coverage", "retain", "capture"]).assign(cost_per_account=0.0),
        "service": pd.DataFrame(service, columns=["tier", "role", "served"]),
        "roles": pd.DataFrame(roles, columns=["role", "annual_cost", "hire_cost", "handover_loss", "max_hires"]),
        "policy": pd.DataFrame(list(policy.items()), columns=["key", "value"]),
    }


def _places(count: int, random: np.random.Generator) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Zips of the region, drawn by population."""
    zips = us_zips()
    latitude, longitude = zips["latitude"].to_numpy(dtype=float), zips["longitude"].to_numpy(dtype=float)
    near = great_circle_km(np.array(CENTRE[0]), np.array(CENTRE[1]), latitude, longitude) <= RADIUS_KM
    weight = np.where(near, zips["population"].to_numpy(dtype=float), 0.0)
    row = random.choice(len(zips), count, p=weight / weight.sum())
    return {"latitude": latitude[row], "longitude": longitude[row]}


def _ids(letter: str, count: int) -> list[str]:
    digits = len(str(count))
    return [f"{letter}{number:0{digits}d}" for number in range(1, count + 1)]
