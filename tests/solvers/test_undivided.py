"""Where teams are of one, the search places whole accounts itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import datasets
from datasets.generator_one_role import generate_one_role
from podplanner.domain.build import build_instance
from podplanner.domain.instance import Instance
from podplanner.domain.plan import Plan
from podplanner.domain.result import Reason
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import NOBODY
from solvers.engine import Limits, Progress
from solvers.fast.budget import Budget
from solvers.fast.master import build_master
from solvers.fast.proof import MOST_COLUMNS, worth_proving
from solvers.fast.relaxing import relax
from solvers.fast.search import Search
from solvers.fast.sites import site_of_pods
from solvers.fast.undivided import has_teams_of_one, undivided
from solvers.registry import get_engine

Rows = list[dict[str, Any]]
HERE = {"latitude": 40.0, "longitude": -75.0}
BUDGET = Budget(seed=1, workers=1, tries=40, left=lambda: None, stop_asked=lambda: False)


def company(hours: list[int], *, reps_each: int = 1) -> Instance:
    """Two bases at one spot with a leader each and reps of 100 hours; an account is worth 1,000 for each of its hours.

    A leader and a rep are paid 10,000 each; the bases cost nothing.
    """
    unserved: Rows = [
        {"tier": "local", "role": role, "served": False} for role in ("marketing", "support", "operations")
    ]
    sales = {"tier": "local", "role": "sales", "max_hours": 100, "hours_per_account": 1, "hours_per_million": 0}
    tables: dict[str, Rows] = {
        "accounts": [
            {"account_id": f"A{n}", "revenue": 0.0, "potential": hour * 1e4, "hours_sales": float(hour), **HERE}
            for n, hour in enumerate(hours)
        ],
        "people": [
            {"person_id": f"{role}{n}", "role": role, "annual_cost": 1e4, **HERE}
            for role, count in (("sales", 2 * reps_each), ("leader", 2))
            for n in range(count)
        ],
        "pods": [
            {"pod_id": base, "coverage": "local", "fixed_cost": 0.0, "max_people": 1 + reps_each, **HERE}
            for base in ("north", "south")
        ]
        + [{"pod_id": "web", "coverage": "direct"}],
        "tiers": [
            {"tier": "local", "coverage": "local", "retain": 1.0, "capture": 0.2, "cost_per_account": 0.0},
            {"tier": "direct", "coverage": "direct", "retain": 0.0, "capture": 0.0, "cost_per_account": 0.0},
        ],
        "service": [*unserved, {**sales, "visits": 0}],
        "roles": [
            {"role": "sales", "annual_hours": 100, "utilisation": 1.0, "handover_loss": 0.0},
            *({"role": role, "handover_loss": 0.0} for role in ("marketing", "support", "operations")),
        ],
        "policy": [
            {"key": "margin", "value": 0.5},
            {"key": "coach_required", "value": False},
            *({"key": f"leader_hours_{what}", "value": 0} for what in ("base", "per_member", "per_account")),
        ],
    }
    return build_instance(datasets.from_tables(tables))


def planned(instance: Instance, pod: list[int], *, rep_pod: list[int]) -> Plan:
    """Accounts in pods 0 to 2, each of the first two led by its leader, and owned by its first rep."""
    reps, leaders = len(rep_pod), np.array([len(rep_pod), len(rep_pod) + 1])
    where = np.array(pod, np.int32)
    first = np.array([rep_pod.index(0), rep_pod.index(1), NOBODY])
    owner = np.full((len(pod), 4), NOBODY, np.int32)
    owner[:, 0] = first[where]
    duty = np.full(len(instance.pods), NOBODY, np.int32)
    lead = duty.copy()
    lead[:2] = leaders
    return Plan(
        pod=where,
        tier=np.where(where < 2, 0, 1).astype(np.int32),
        owner=owner,
        placed_person=np.arange(reps + 2, dtype=np.int32),
        placed_pod=np.array([*rep_pod, 0, 1], np.int32),
        share=np.ones(reps + 2),
        leader=lead,
        coach=duty,
    )


def search_of(instance: Instance) -> Search:
    """A search by sites."""
    master = build_master(instance, site_of_pods(instance))
    return Search(master, relax(master, BUDGET).regret)


def test_whole_accounts_are_exchanged_until_bases_are_full() -> None:
    """Two of 40 hours share a base and one of 60 is direct: 60 + 40 in both bases is worth 200,000 - 40,000 pay.

    No account can move alone, nor two change places: both bases have to be filled again together.
    """
    instance = company([60, 60, 40, 40])
    plan = planned(instance, [1, 2, 0, 0], rep_pod=[0, 1])
    assert not verify(instance, plan).violations
    assert score(instance, plan).contribution == pytest.approx(140_000 - 40_000)
    search = search_of(instance)
    found = undivided(search, plan, BUDGET)
    assert found is not None
    assert found.objective == pytest.approx(160_000)
    place = found.values[search.master.draft.place]
    assert np.array_equal(place, np.rint(place))


def test_teams_of_one_are_told_from_others() -> None:
    """One rep a base is a team of one, two are not; a plan without owners has none to place whole accounts for."""
    alone, pair = company([60, 40]), company([60, 40], reps_each=2)
    of_alone, of_pair = (search_of(instance).master.draft for instance in (alone, pair))
    assert has_teams_of_one(of_alone, planned(alone, [0, 1], rep_pod=[0, 1]))
    assert not has_teams_of_one(of_pair, planned(pair, [0, 1], rep_pod=[0, 0, 1, 1]))
    assert not has_teams_of_one(of_alone, planned(alone, [2, 2], rep_pod=[0, 1]))


@pytest.mark.parametrize("seed", range(12))
def test_held_to_the_reference(seed: int) -> None:
    """Seven accounts with more hours than two reps have: a clean plan, none better, and a bound above the optimum."""
    hours = np.random.default_rng(seed).integers(15, 70, 7)
    instance = company(hours.tolist())
    truth = get_engine("reference").solve(instance, Limits(gap=1e-6), hint=None, progress=Progress())
    assert truth.termination.reason is Reason.OPTIMAL
    assert truth.plan is not None
    best = score(instance, truth.plan).contribution
    outcome = get_engine("fast").solve(instance, Limits(gap=0, work_limit=20), hint=None, progress=Progress())
    assert outcome.plan is not None
    assert not verify(instance, outcome.plan).violations
    assert outcome.bound >= best - 0.01
    assert score(instance, outcome.plan).contribution == pytest.approx(best)


def test_one_function_is_worth_proving_with_more_columns() -> None:
    """The largest size of the literature has more columns than what is proven of whole companies."""
    instance = build_instance(datasets.from_tables(rows_of(generate_one_role(seed=1, units=400, bases=50))))
    master = build_master(instance, site_of_pods(instance))
    assert len(master.arrays.cost) > MOST_COLUMNS
    assert worth_proving(master)


def rows_of(tables: dict[str, Any]) -> dict[str, Rows]:
    """Frames as rows."""
    return {name: table.to_dict("records") for name, table in tables.items()}
