"""Books told as a whole: what their owners keep of them is what they would keep account by account."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from podplanner.domain.instance import Instance
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import NOBODY, SALES
from solvers.engine import Limits, Progress
from solvers.fast import kept_books, owners
from solvers.fast.ascent import ascend
from solvers.fast.budget import Budget
from solvers.fast.master import Master, build_master
from solvers.fast.relaxing import relax
from solvers.fast.search import Search
from solvers.fast.sift import sifted
from solvers.fast.sites import site_of_pods
from solvers.fast.starts import empty_staffing
from solvers.highs import Status, solve
from solvers.registry import get_engine
from tests.solvers import shop
from tests.solvers.random_tables import random_company
from tests.solvers.test_fast_search import company

ALONE, BOOKS = 400_000, 0
"""Owners told one by one at most: all, none but those that a rule or cap speaks of."""


def model(instance: Instance, most: int, monkeypatch: pytest.MonkeyPatch) -> Master:
    """The staffing model with so many owners told one by one at most."""
    monkeypatch.setattr(owners, "MOST_ALONE", most)
    return build_master(instance, site_of_pods(instance))


def optimum(master: Master) -> float:
    """Of the model."""
    answer = solve(master.arrays, gap=0.0)
    assert answer.status is Status.OPTIMAL
    return answer.objective


def owned(hours: float, *, share_step: float = 1.0, max_pods: int = 1, reps: int = 1) -> Instance:
    """Acme and bolt are ann's, who would lose 4 % of their revenue of 100,000 and 50,000 by a handover."""
    owner = np.full((2, 4), NOBODY, np.int32)
    owner[:, SALES] = 0
    return replace(
        shop.shop(
            accounts=shop.accounts(2, revenue=np.array([100_000.0, 50_000.0]), potential=300_000.0),
            people=shop.people(reps=reps, max_pods=max_pods),
            tiers=shop.hours_of(hours),
            roles=shop.roles(share_step=share_step, handover_loss=[0.04, 0, 0, 0, 0]),
        ),
        owner_today=owner,
    )


def saved(instance: Instance, most: int, monkeypatch: pytest.MonkeyPatch, steps: float = np.inf) -> float:
    """Of the prices of 2,000 and 1,000 that handovers cost, what staying saves in the best staffing.

    Parameters
    ----------
    steps
        Of ann's time at the base at most.
    """
    nobody = replace(instance, owner_today=np.full_like(instance.owner_today, NOBODY))
    without, master = model(nobody, most, monkeypatch), model(instance, most, monkeypatch)
    upper, step = master.arrays.upper.copy(), master.draft.steps[master.draft.seat(0, 0)]
    if step != NOBODY:
        upper[step] = min(upper[step], steps)
    kept = optimum(replace(master, arrays=replace(master.arrays, upper=upper)))
    price = instance.derived.handover_price.sum()
    assert price == pytest.approx(3_000.0)
    return kept - optimum(without) + float(price)


@pytest.mark.parametrize("most", [ALONE, BOOKS])
def test_who_stays_with_a_book_saves_all_of_it(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both at the base take 200 of ann's 1,000 hours: 2,000 + 1,000."""
    assert saved(owned(100.0), most, monkeypatch) == pytest.approx(3_000.0)


@pytest.mark.parametrize("most", [ALONE, BOOKS])
def test_no_more_of_a_book_is_kept_than_fits(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both at the base take 700 of ann's and bob's 2,000 hours each; ann has 1,000: 2,000 + 300 / 700 x 1,000."""
    assert saved(owned(700.0, reps=2), most, monkeypatch) == pytest.approx(2_000.0 + 3_000.0 / 7.0)


@pytest.mark.parametrize("most", [ALONE, BOOKS])
def test_no_more_of_a_book_is_kept_than_a_share_has_time_for(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ann's 1,000 hours a quarter is at the base, where 150 go to each account: 2,000 + 100 / 150 x 1,000."""
    instance = owned(150.0, share_step=0.25, max_pods=4, reps=2)
    assert saved(instance, most, monkeypatch, steps=1.0) == pytest.approx(2_000.0 + 2_000.0 / 3.0)


def drawn(seed: int) -> Instance:
    """A random company of up to eight accounts."""
    return random_company(seed, accounts=8, people=7)


@pytest.mark.parametrize("seed", range(150))
def test_books_promise_no_less_than_their_accounts(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every kind of rule: neither the best staffing by books, nor what prices prove of it."""
    instance = drawn(seed)
    monkeypatch.setattr(kept_books, "CHUNK", 1)
    alone, by_book = (model(instance, part, monkeypatch) for part in (ALONE, BOOKS))
    best = solve(alone.arrays, gap=0.0)
    if best.status is not Status.OPTIMAL:
        return
    least = best.objective - 1e-6 * max(1.0, abs(best.objective))
    assert optimum(by_book) >= least
    prices = ascend(by_book, iterations=100)
    assert prices.bound >= least
    assert optimum(by_book) >= solve(sifted(by_book, prices, 1_000.0).master.arrays, gap=0.0).objective - abs(
        1e-6 * best.objective
    )


def test_random_companies_have_books() -> None:
    """Else the test above would tell nothing: a third of them at least."""
    some = [build_master(each, site_of_pods(each)).draft for each in map(drawn, range(60))]
    assert sum(draft.has_owners for draft in some) >= 20


@pytest.mark.parametrize("accounts", [150, 240])
def test_books_are_hardly_looser(accounts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fractions of people may keep a book that they are not all there for: 0.1 % of the linear program, for a third."""
    instance = company(accounts, with_books=True)
    alone, by_book = (model(instance, part, monkeypatch) for part in (ALONE, BOOKS))
    loose = [replace(each.arrays, integer=np.zeros_like(each.arrays.integer)) for each in (alone, by_book)]
    least, most = (solve(each).objective for each in loose)
    assert least - 1.0 <= most <= least * 1.001
    assert len(by_book.draft.own.column) == 0
    assert len(by_book.draft.kept_books.column) < len(alone.draft.own.column) / 3


@pytest.mark.parametrize("seed", range(60))
def test_the_engine_is_held_to_the_reference(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """All by books: a clean plan, no better than the proven optimum, and a bound that is not below it."""
    monkeypatch.setattr(owners, "MOST_ALONE", BOOKS)
    instance = random_company(seed)
    exact, fast = (
        get_engine(name).solve(instance, limits, hint=None, progress=Progress())
        for name, limits in (("reference", Limits(gap=0.0)), ("fast", Limits(gap=0.0, work_limit=1)))
    )
    assert (exact.plan is None) == (fast.plan is None)
    if exact.plan is None or fast.plan is None:
        return
    best = score(instance, exact.plan).contribution
    assert not verify(instance, fast.plan).violations
    assert score(instance, fast.plan).contribution <= best + 1e-6 * max(1.0, abs(best))
    assert fast.bound >= best - 1e-6 * max(1.0, abs(best))


def test_accounts_leave_a_book_outside_of_a_neighbourhood(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is restaffed keeps every row, those of books elsewhere included, and gains as much as account by account."""
    gained = []
    for part in (ALONE, BOOKS):
        monkeypatch.setattr(owners, "MOST_ALONE", part)
        instance = company(240, with_books=True)
        master = build_master(instance, site_of_pods(instance))
        budget = Budget(seed=1, workers=1, tries=40, left=lambda: None, stop_asked=lambda: False)
        relaxed = relax(master, budget)
        search = Search(relaxed.master, relaxed.regret)
        start = empty_staffing(search, time_limit_s=None)
        assert start is not None
        found = search.respread(search.improve(start, budget), budget)
        assert search.whole.feasible(found.values)
        gained.append(found.objective)
    assert gained[1] == pytest.approx(gained[0], rel=2e-3)
