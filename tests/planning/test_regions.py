"""Regions: everybody and everything in one of them, and their plans together a plan of the whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from datasets import from_tables
from datasets.generator import generate
from podplanner.domain.build import build_instance
from podplanner.domain.result import Reason
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import DIRECT, LOCAL
from podplanner.planning.partition import bisected, shared_out
from podplanner.planning.pipeline import plan
from podplanner.planning.regions import joined, regions
from solvers.engine import Limits, Progress
from solvers.registry import get_engine
from tests.solvers.random_tables import random_company

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan

EXACT = Limits(gap=0)


def solved(instance: Instance) -> Plan | None:
    """The best plan, where there is any."""
    return get_engine("reference").solve(instance, EXACT, hint=None, progress=Progress()).plan


def company(accounts: int, *, bases: int) -> Instance:
    """A company as the size classes have them, only smaller."""
    tables = generate(accounts, seed=1, bases=bases, people=12, with_books=True)
    return build_instance(from_tables({name: table.to_dict("records") for name, table in tables.items()}))


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_everybody_is_in_one_region(seed: int, count: int) -> None:
    """Accounts, people and slots of hires once, pods once but the direct ones, and no more regions than wished for."""
    instance = random_company(seed, accounts=9, people=9)
    parts = regions(instance, count)
    assume(parts)
    assert len(parts) <= count
    assert np.array_equal(np.sort(np.concatenate([each.accounts for each in parts])), np.arange(len(instance.accounts)))
    people = np.concatenate([each.people for each in parts])
    assert len(np.unique(people)) == len(people)
    assert set(np.flatnonzero(~instance.people.is_hire)) <= set(people)
    staffed = np.sum([each.pods for each in parts], axis=0)
    assert np.array_equal(staffed, instance.pods.coverage != DIRECT)


@given(st.integers(0, 10_000))
def test_plans_of_regions_are_a_plan(seed: int) -> None:
    """Each keeps its region's rules, and together they keep all rules and caps of the whole."""
    instance = random_company(seed, accounts=7, people=7)
    parts = regions(instance, 2)
    assume(len(parts) == 2)
    plans = [solved(each.instance) for each in parts]
    # Where a region has no plan, its accounts are direct, which a rule may forbid.
    assume(None not in plans)
    whole = joined(instance, parts, plans)
    assert verify(instance, whole).violations == ()
    outcome = get_engine("reference").solve(instance, EXACT, hint=whole, progress=Progress())
    assert outcome.termination.reason is Reason.OPTIMAL
    assert score(instance, whole).contribution <= outcome.bound + 1e-2


@pytest.mark.long
@given(st.integers(0, 10_000))
def test_the_wholes_bound_holds(seed: int) -> None:
    """Joined and made better, the bound is that of the whole model: never below the proven optimum."""
    instance = random_company(seed, accounts=7, people=7)
    parts = regions(instance, 2)
    assume(len(parts) == 2)
    hint = joined(instance, parts, [solved(each.instance) for each in parts])
    best = solved(instance)
    assume(best is not None)
    assert best is not None
    found = plan(instance, get_engine("fast"), Limits(work_limit=1), engine_reason="", hint=hint)
    assert found.outcome.bound >= score(instance, best).contribution - 1e-2


def test_a_company_goes_by_regions() -> None:
    """Of like size, each near its bases; what the whole makes of their plans is no worse, within the whole's bound."""
    instance = company(40, bases=4)
    parts = regions(instance, 2)
    assert [len(each.accounts) for each in parts] == [20, 20]
    limits, fast = Limits(work_limit=1), get_engine("fast")
    plans = [plan(each.instance, fast, limits, engine_reason="").outcome.plan for each in parts]
    together = joined(instance, parts, plans)
    assert verify(instance, together).violations == ()
    found = plan(instance, fast, limits, engine_reason="", hint=together)
    assert found.score is not None
    assert score(instance, together).contribution <= found.score.contribution <= found.outcome.bound + 1e-6


def test_a_region_without_a_plan_is_direct() -> None:
    """Nobody works there; the other is as it was planned."""
    instance = company(40, bases=4)
    first, second = regions(instance, 2)
    found = plan(first.instance, get_engine("fast"), Limits(work_limit=1), engine_reason="").outcome.plan
    together = joined(instance, (first, second), (found, None))
    assert verify(instance, together).violations == ()
    assert (instance.pods.coverage[together.pod[second.accounts]] == DIRECT).all()
    assert found is not None
    assert np.array_equal(together.pod[first.accounts], found.pod)


def test_what_needs_somebody_everywhere_is_not_divided() -> None:
    """Without a place that needs nobody no region could be sure of a plan."""
    instance = company(40, bases=4)
    served = instance.tiers.served.copy()
    served[instance.tiers.coverage == DIRECT, 0] = True
    assert regions(replace(instance, tiers=replace(instance.tiers, served=served)), 2) == ()


def test_today_is_kept_together() -> None:
    """People are where their pods of today are, and so are accounts and their owners where moves are capped."""
    instance = company(40, bases=4)
    capped = replace(instance, policy=replace(instance.policy, max_moved_accounts=3.0))
    for each in regions(capped, 2):
        today = instance.people.pod_today[each.people]
        local = today[(today >= 0) & (instance.pods.coverage[today] == LOCAL)]
        assert each.pods[local].all()
        owners = instance.owner_today[each.accounts, 0]
        assert set(owners[owners >= 0].tolist()) <= set(each.people.tolist())


@given(st.integers(0, 1000), st.lists(st.floats(0, 100), min_size=1, max_size=8))
def test_shares_add_up(total: int, weight: list[float]) -> None:
    """Whole numbers, none more than one away from its exact part."""
    shares = shared_out(total, np.array(weight))
    assert shares.sum() == total
    assert (shares >= 0).all()


def test_points_are_cut_across_their_longer_side() -> None:
    """Four towns in a row: the heavier end is a part of its own."""
    longitude = np.array([0.0, 1.0, 2.0, 3.0])
    assert bisected(np.zeros(4), longitude, np.array([3.0, 1.0, 1.0, 1.0]), 2).tolist() == [0, 1, 1, 1]
    assert bisected(np.zeros(4), longitude, np.ones(4), 9).tolist() == [0, 1, 2, 3]
