"""What a scenario may take over from its parent's bound, held to proven optima; and regions by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from datasets import Given, successor, take
from datasets.geo import names_of_regions, same_country, same_region
from podplanner.domain.build import build_instance
from podplanner.domain.result import Reason
from podplanner.domain.score import score
from podplanner.whatif.facts import Facts, only_forbids
from podplanner.whatif.words import UnknownWords, rows_of
from solvers.engine import Limits, Progress
from solvers.reference.engine import ENGINE
from tests.solvers.random_tables import random_tables

if TYPE_CHECKING:
    from podplanner.domain.plan import Plan

SEEDS = 70


def optimum(given: Given) -> tuple[float, Plan | None]:
    """The proven best contribution, ``-inf`` where there is no plan, and its plan."""
    instance = build_instance(given.tables)
    outcome = ENGINE.solve(instance, Limits(gap=0), hint=None, progress=Progress())
    assert outcome.termination.reason in (Reason.OPTIMAL, Reason.INFEASIBLE)
    plan = outcome.plan
    return (-np.inf if plan is None else score(instance, plan).contribution), plan


def scopes(seed: int) -> list[tuple[float, float, bool, bool]]:
    """Of a random tiny company, planned again only in each of its pods.

    The optimum before and after, whether the rows only forbid, and whether one pins a person to a pod.
    """
    given = take(random_tables(seed))
    before, plan = optimum(given)
    if plan is None:
        return []
    facts = Facts(given, build_instance(given.tables), plan)
    found = []
    for pod in facts.names("POD")[0]:
        if not facts.inside(pod).any():
            continue
        rows = rows_of(f"only re-plan {pod}", facts)
        pins = {row["id"] for row in rows if row["column"] == "person_id"}
        pins -= {row["id"] for row in rows if row["column"] == "account_id"}
        after, _ = optimum(take(successor(given, rows)))
        found.append((before, after, only_forbids(facts.instance, rows), bool(pins)))
    return found


def test_a_scope_that_only_forbids_has_no_better_plan() -> None:
    """Nor a worse one, as the plan itself stays possible; people are pinned in some of these."""
    found = [each for seed in range(SEEDS) for each in scopes(seed)]
    assert all(after >= before - 0.01 for before, after, _, _ in found)
    assert all(after <= before + 0.01 for before, after, forbids, _ in found if forbids)
    assert sum(forbids and pins for _, _, forbids, pins in found) >= 5


def two_reps() -> Given:
    """One account for two reps, of whom the second would have to be paid 100,000 to go, and 10,000 to stay."""
    people: list[dict[str, Any]] = [
        {"person_id": name, "role": role, "annual_cost": 1e4, "time_zone": "UTC-6"}
        for name, role in (("s", "sales"), ("t", "sales"), ("l", "leader"))
    ]
    return take(
        {
            "accounts": [{"account_id": "a", "revenue": 1e7, "time_zone": "UTC-6"}],
            "people": people,
            "pods": [{"pod_id": "V", "coverage": "virtual", "time_zone": "UTC-6"}],
            "service": [
                {"tier": "virtual", "role": role, "served": False} for role in ("marketing", "support", "operations")
            ],
            "roles": [{"role": "sales", "release_cost": 10.0}],
            "policy": [{"key": "headcount", "value": "flexible"}, {"key": "horizon_years", "value": "1"}],
        }
    )


@pytest.mark.parametrize(
    ("said", "forbids"),
    [
        (("keep t in V",), False),
        (("keep t in V", "keep a in V"), False),
        (("keep t in V", "keep a in V", "keep a with s"), False),
        (("keep t in V", "keep a in V", "keep a with t"), True),
        (("keep l in V", "keep a in V"), False),
        (("keep l in V", "keep a in V", "keep a with t"), True),
        (("keep a in V", "take a from s"), True),
        (("hire up to 1 sales",), False),
    ],
)
def test_who_is_pinned_may_be_idle_unless_an_account_is_pinned_too(said: tuple[str, ...], forbids: bool) -> None:
    """Without a pin one of both reps goes, for 100,000 - 10,000 more: the other alone owns the account.

    Who is pinned stays without one, and no bound from before holds; but with the account pinned to the same rep nothing
    is gained.
    """
    given = two_reps()
    before, plan = optimum(given)
    assert plan is not None
    facts = Facts(given, build_instance(given.tables), plan)
    rows = [row for words in said for row in rows_of(words, facts)]
    assert only_forbids(facts.instance, rows) == forbids
    after, _ = optimum(take(successor(given, rows)))
    gained = "keep t in V" in said and "keep a with t" not in said
    assert after == pytest.approx(before + (90_000.0 if gained else 0.0), abs=0.01)


def test_regions_are_known_by_name_and_by_code() -> None:
    """Whichever of both the table has; a name of another country's region is none of these."""
    region = np.array(["TX", "Texas", "CA", "", "Bayern"], object)
    country = np.array(["US", "", "US", "US", "Germany"], object)
    assert same_region(region, country, "texas").tolist() == [True, True, False, False, False]
    assert same_region(region, country, "TX").tolist() == [True, True, False, False, False]
    assert same_region(region, country, "Bayern").tolist() == [False, False, False, False, True]
    assert not same_region(region, country, "").any()
    assert same_country(country, "United States").tolist() == [True, False, True, True, False]
    assert not same_country(country, "").any()
    assert {"Texas", "California"} <= set(names_of_regions(region, country))


def test_a_region_is_asked_for_by_its_name() -> None:
    """``Texas`` is ``TX``; the name is offered where it is misspelt."""
    tables = {"accounts": [{"account_id": "a", "revenue": 1e6, "city": "Dallas", "region": "TX", "country": "US"}]}
    given = take({**tables, "people": [{"person_id": "s", "role": "sales", "annual_cost": 1e4}]})
    instance = build_instance(given.tables)
    _, plan = optimum(given)
    assert plan is not None
    facts = Facts(given, instance, plan)
    for name in ("TX", "texas", "Dallas", "USA"):
        assert facts.inside(name).all()
    assert not facts.inside("Utah").any()
    with pytest.raises(UnknownWords, match="is it Texas"):
        rows_of("only re-plan Texs", facts)
