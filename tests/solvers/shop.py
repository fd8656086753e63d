"""The smallest company that has something to decide; each test of a rule changes one thing in it.

One account, ``acme``: revenue 100,000, potential 300,000, margin 0.5. In the local pod ``base`` (fixed cost 20,000) it
brings 0.5 x (100,000 + 0.5 x 200,000) = 100,000, in the direct pod ``web`` 0.5 x (80,000 + 0.1 x 200,000) = 50,000.
Local accounts are served by sales only, at 100 hours of a rep's 1,000. Two people at 10,000 a year: ``ann``, a rep,
and ``leo``, a leader. Everything lies at one spot.

Local: 100,000 - 20,000 pay - 20,000 base = 60,000. Direct: 50,000 - 20,000 pay = 30,000.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.domain.vocabulary import DIRECT, LEADER, LOCAL, SALES
from tests.domain import builders

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance

NAN = float("nan")
LOCAL_ONLY, DIRECT_ONLY = 60_000.0, 30_000.0


def accounts(count: int = 1, **given: Any) -> Any:
    """Accounts like acme."""
    ids = ["acme", "bolt", "cask", "dune"][:count]
    return builders.accounts(ids, **({"revenue": 100_000.0, "potential": 300_000.0} | given))


def people(reps: int = 1, leaders: int = 1, hires: int = 0, **given: Any) -> Any:
    """Reps ann, bob, cid, leaders leo and lea, and slots of sales hires, all alike but for their role."""
    ids = [*["ann", "bob", "cid"][:reps], *["leo", "lea"][:leaders], *[f"hire-sales-{n + 1}" for n in range(hires)]]
    home = [0.0] * (reps + leaders) + [NAN] * hires
    made = {
        "role": [SALES] * reps + [LEADER] * leaders + [SALES] * hires,
        "latitude": home,
        "longitude": home,
        "utc_offset": home,
        "annual_cost": 10_000.0,
        "is_hire": [False] * (reps + leaders) + [True] * hires,
        "max_pods": 1,
    }
    return builders.people(ids, **(made | given))


def pods(**given: Any) -> Any:
    """The local pod ``base`` and the direct pod ``web``."""
    made = {"coverage": [LOCAL, DIRECT], "fixed_cost": [20_000.0, 0.0]}
    return builders.pods(["base", "web"], **(made | given))


def two_bases() -> Any:
    """Two local pods for one account each, and the web."""
    return builders.pods(
        ["base", "second", "web"],
        coverage=[LOCAL, LOCAL, DIRECT],
        fixed_cost=[20_000.0, 20_000.0, 0.0],
        max_accounts=[1.0, 1.0, np.inf],
    )


def tiers(**given: Any) -> Any:
    """Local serves sales at 100 hours; virtual likewise at 40; direct nobody. No cost, no visits."""
    made = {
        "served": np.array([[True, False, False, False], [True, False, False, False], [False] * 4]),
        "hours_per_account": np.array([[100.0, 0, 0, 0], [40.0, 0, 0, 0], [0.0] * 4]),
        "cost_per_account": np.zeros(3),
    }
    return builders.tiers(**(made | given))


def hours_of(sales: float) -> Any:
    """The tiers, with so many hours of sales for a local account."""
    return tiers(hours_per_account=np.array([[sales, 0, 0, 0], [40.0, 0, 0, 0], [0.0] * 4]))


def roles(**given: Any) -> Any:
    """As in the builders, without slots of hires; everybody is dedicated."""
    return builders.roles(
        **({"max_hires": 0, "share_step": 1.0, "annual_cost": 10_000.0, "hire_cost": 5_000.0} | given)
    )


def shop(**given: Any) -> Instance:
    """The company, with parts replaced."""
    made = {"accounts": accounts(), "people": people(), "pods": pods(), "tiers": tiers(), "roles": roles()}
    return builders.instance(**(made | given))
