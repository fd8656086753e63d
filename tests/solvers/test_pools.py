"""Pools of people who are alike but for their books: whatever these can do a pool can do, and nobody sits in one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import datasets
from podplanner.domain.build import build_instance
from podplanner.domain.instance import Instance
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import NOBODY
from solvers.engine import Limits, Progress
from solvers.fast import engine, pools
from solvers.fast.ascent import ascend
from solvers.fast.duals import PERSON, duals_of, row_prices
from solvers.fast.master import Master, build_master
from solvers.fast.sift import sifted
from solvers.fast.sites import site_of_pods
from solvers.highs import Status, solve
from solvers.registry import get_engine
from tests.solvers.random_tables import random_tables
from tests.solvers.test_fast_search import company

ALL = 0
"""Most seats that have no pools."""


@pytest.fixture(autouse=True)
def pools_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small companies have pools too, and few seats beside them."""
    monkeypatch.setattr(pools, "WIDE", 0)
    monkeypatch.setattr(pools, "OTHERS", 1)
    monkeypatch.setattr(engine, "MANY_SEATS", ALL)


def models(instance: Instance) -> tuple[Master, Master]:
    """The staffing model as it is, and with pools."""
    site = site_of_pods(instance)
    return build_master(instance, site), build_master(instance, site, most_seats=ALL)


def twins(seed: int) -> Instance:
    """A random company with every kind of rule, in which people of a role differ by books and the pod of today only."""
    tables = random_tables(seed, accounts=6, people=9)
    first: dict[str, dict[str, object]] = {}
    for row in tables["people"]:
        like = first.setdefault(row["role"], row)
        mine = {name: row[name] for name in ("person_id", "pod_id") if name in row}
        shared = {name: cell for name, cell in like.items() if name not in ("person_id", "pod_id")}
        row.clear()
        row |= shared | mine
    return build_instance(datasets.from_tables(tables))


@pytest.mark.parametrize("seed", range(60))
def test_a_model_with_pools_is_worth_no_less(seed: int) -> None:
    """Neither its best staffing nor what prices prove of it."""
    whole, fewer = models(twins(seed))
    best = solve(whole.arrays, gap=0.0)
    if best.status is not Status.OPTIMAL:
        return
    least = best.objective - 1e-6 * max(1.0, abs(best.objective))
    assert solve(fewer.arrays, gap=0.0).objective >= least
    assert ascend(fewer, iterations=100).bound >= least


def test_random_companies_have_pools() -> None:
    """Else the test above would tell nothing: a third of them at least."""
    count = sum(models(twins(seed))[1].draft.crews.pools > 0 for seed in range(60))
    assert count >= 20


def test_pools_cost_hardly_any_of_the_bound() -> None:
    """People who are alike earn nothing by being told apart where they own nothing: 0.1 % of the linear program."""
    whole, fewer = models(company(240, with_books=True))
    assert fewer.draft.crews.pools > 0
    assert len(fewer.draft.crews.seat_crew) < len(whole.draft.crews.seat_crew)
    value = ascend(whole).bound
    assert ascend(fewer).bound <= value * 1.001


def test_everybody_keeps_the_seats_of_book_today_and_plan() -> None:
    """Owners may stay wherever an account of theirs may go, and who is somewhere in a plan stays there."""
    instance = company(150, with_books=True)
    whole, fewer = models(instance)
    assert len(fewer.draft.own.column) == len(whole.draft.own.column)
    plan = get_engine("fast").solve(instance, Limits(work_limit=1), hint=None, progress=Progress()).plan
    assert plan is not None
    draft = build_master(instance, site_of_pods(instance), most_seats=ALL, plan=plan).draft
    crew, pod = draft.crews.of[plan.placed_person], draft.site[plan.placed_pod]
    assert (draft.find_seats(crew, pod) != NOBODY).all()


def test_nobody_sits_in_a_pool() -> None:
    """What is left for people to be placed in has no pool's seat, and nobody's time is lent."""
    _, fewer = models(company(240, with_books=True))
    draft = sifted(fewer, ascend(fewer, iterations=100), np.inf).master.draft
    assert not draft.crews.is_pool[draft.crews.seat_crew].any()
    assert (draft.lent == NOBODY).all()


def test_a_company_with_pools_is_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan is clean and within its bound, which is that of the model without pools but for a thousandth."""
    instance = company(240, with_books=True)
    monkeypatch.setattr("solvers.fast.relaxing.MOST_COLUMNS", 0)
    monkeypatch.setattr("solvers.fast.relaxing.worth_proving", lambda _: False)
    outcome = get_engine("fast").solve(instance, Limits(work_limit=2), hint=None, progress=Progress())
    assert outcome.plan is not None
    assert not verify(instance, outcome.plan).violations
    assert score(instance, outcome.plan).contribution <= outcome.bound
    assert outcome.bound <= ascend(models(instance)[0]).bound * 1.001


def test_prices_of_a_pool_stay_when_the_one_who_stands_for_it_leaves() -> None:
    """Its time is priced by its role, not by the person whose traits it has."""
    _, fewer = models(company(240, with_books=True))
    prices, crews = ascend(fewer).row, fewer.draft.crews
    known = duals_of(fewer, prices)
    left = ~np.isin(known.about[:, 1 + PERSON], crews.person[crews.is_pool])
    known = replace(known, about=known.about[left], price=known.price[left])
    rows = fewer.draft.time_row[crews.is_pool]
    assert (prices[rows] > 0).any()
    assert (row_prices(fewer, known)[rows] == prices[rows]).all()
