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
from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.engine import Limits, Progress
from solvers.fast import engine, pools
from solvers.fast.ascent import ascend
from solvers.fast.crews import named
from solvers.fast.duals import PERSON, duals_of, row_prices
from solvers.fast.master import Master, build_master
from solvers.fast.sift import sifted
from solvers.fast.sites import site_of_pods
from solvers.highs import Status, solve
from solvers.registry import get_engine
from tests.solvers.random_tables import random_company, random_tables
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


@pytest.mark.parametrize("seed", range(150))
def test_people_who_differ_have_pools_of_their_own(seed: int) -> None:
    """As above where people of a role differ in pay, place, skills, hours and today's pod."""
    whole, fewer = models(random_company(seed, accounts=6, people=12))
    best = solve(whole.arrays, gap=0.0)
    if best.status is Status.OPTIMAL:
        assert solve(fewer.arrays, gap=0.0).objective >= best.objective - 1e-6 * max(1.0, abs(best.objective))


@pytest.mark.parametrize("seed", range(60))
def test_who_may_not_lend_does_not(seed: int) -> None:
    """Leaders, hires and those whom a rule names are no part of a pool."""
    instance = twins(seed)
    crews = models(instance)[1].draft.crews
    alone = named(instance) | instance.people.is_hire | (instance.people.role == LEADER)
    of = crews.of[alone & (crews.of != NOBODY)]
    assert (crews.pool[of] == NOBODY).all()


def test_owners_may_stay_wherever_their_accounts_may_go() -> None:
    """No owner of today is lost, and nobody's seat of today: to stay there would cost what a move does."""
    instance = company(150, with_books=True)
    whole, fewer = models(instance)
    assert len(fewer.draft.own.column) == len(whole.draft.own.column)
    for seed in range(20):
        whole, fewer = models(twins(seed))
        people = whole.draft.instance.people
        who = np.flatnonzero((whole.draft.crews.of != NOBODY) & (people.pod_today != NOBODY))
        today = people.pod_today[who].astype(np.int64)
        there, still = (each.draft.find_seats(each.draft.crews.of[who], today) != NOBODY for each in (whole, fewer))
        assert (still == there).all()


def test_who_is_somewhere_in_a_plan_keeps_that_seat() -> None:
    """A seat that pools would take stays where an earlier plan has somebody on it."""
    instance = company(240, with_books=True)
    whole, fewer = (each.draft for each in models(instance))
    crew, pod = whole.crews.seat_crew, whole.crews.seat_pod
    lost = np.flatnonzero(fewer.find_seats(crew, pod) == NOBODY)[:1]
    assert len(lost) == 1
    person = whole.crews.person[crew[lost]]
    plan = get_engine("fast").solve(instance, Limits(work_limit=1), hint=None, progress=Progress()).plan
    assert plan is not None
    who, there = person.astype(np.int32), pod[lost].astype(np.int32)
    plan = replace(plan, placed_person=who, placed_pod=there, share=np.ones(1))
    draft = build_master(instance, site_of_pods(instance), most_seats=ALL, plan=plan).draft
    assert (draft.find_seats(draft.crews.of[person], pod[lost]) != NOBODY).all()


def test_nobody_sits_in_a_pool() -> None:
    """What is left for people to be placed in has no pool's seat, and nobody's time is lent."""
    _, fewer = models(company(240, with_books=True))
    draft = sifted(fewer, ascend(fewer, iterations=100), np.inf).master.draft
    assert draft.crews.pools == 0
    assert len(draft.crews) == len(draft.used) == fewer.draft.crews.pool.size - fewer.draft.crews.pools
    assert (draft.lent == NOBODY).all()


def test_a_company_with_pools_is_planned() -> None:
    """The plan is clean and within its bound, which is that of the model without pools but for a thousandth."""
    instance = company(240, with_books=True)
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
