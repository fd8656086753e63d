"""Averages of a dual ascent made whole, site after site."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.fast import relaxing, rounding, site_staffing, turns
from solvers.fast.ascent import Ascent, ascend
from solvers.fast.averages import even_averages, far_seats, share_out, tied_units
from solvers.fast.blocks import row_sites
from solvers.fast.budget import Budget
from solvers.fast.master import Master, build_master
from solvers.fast.relaxing import by_ascent
from solvers.fast.repair import repaired
from solvers.fast.rounding import rounded
from solvers.fast.search import Search, Staffing
from solvers.fast.site_staffing import Moment, SiteStaffing
from solvers.fast.sites import site_of_pods
from solvers.highs import Answer, Arrays, Status, solve
from tests.solvers.test_fast_search import budget, company, staffed_with_nobody


@pytest.mark.parametrize(("accounts", "with_books", "split"), [(240, False, 30), (150, True, 30), (150, True, -1)])
def test_averages_are_made_whole(accounts: int, with_books: bool, split: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row is kept with whole people, also in turns; the bound is not passed, and any threads give the same."""
    monkeypatch.setattr(turns, "SPLIT", split)
    master = build_master(
        company(accounts, with_books=with_books), site_of_pods(company(accounts, with_books=with_books))
    )
    relaxed = by_ascent(master, budget())
    assert relaxed.prices is not None
    search = Search(relaxed.master, relaxed.regret, relaxed.prices.row)
    first, again = (rounded(search, relaxed.prices, budget(workers=workers)) for workers in (1, 2))
    assert first is not None
    assert again is not None
    assert np.array_equal(first.values, again.values)
    assert search.checked(first.values) is not None
    assert staffed_with_nobody(search).objective < first.objective <= relaxed.bound + 0.01


@pytest.mark.parametrize("with_books", [True, False])
def test_averages_of_many_owners_come_nearer(with_books: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Short steps over the places that are left follow where there are owners; the bound stays that of all places."""
    instance = company(150, with_books=with_books)
    master = build_master(instance, site_of_pods(instance))
    coarse, climbs = by_ascent(master, budget()), []

    def watched(model: Master, *, iterations: int | None, **given: Any) -> Ascent:
        climbs.append((model, iterations))
        return ascend(model, iterations=iterations, **given)

    monkeypatch.setattr(relaxing, "COARSE", 1)
    monkeypatch.setattr(relaxing, "ascend", watched)
    near = by_ascent(master, budget())
    assert climbs == [(master, None), (near.master, relaxing.CLOSER)][: 1 + with_books]
    assert near.bound == coarse.bound
    assert near.prices is not None
    assert coarse.prices is not None
    assert np.array_equal(near.prices.mean, coarse.prices.mean) is not with_books
    staffing = rounded(Search(near.master, near.regret, near.prices.row), near.prices, budget())
    assert staffing is not None
    assert staffing.objective <= near.bound + 0.01


def test_free_memory_goes_back_before_a_large_site(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for each site whose model is large; the answer is the same."""
    instance = company(150, with_books=False)
    relaxed = by_ascent(build_master(instance, site_of_pods(instance)), budget())
    assert relaxed.prices is not None
    search = Search(relaxed.master, relaxed.regret, relaxed.prices.row)
    given: list[None] = []
    before = rounded(search, relaxed.prices, budget())
    monkeypatch.setattr(site_staffing, "give_back", lambda: given.append(None))
    assert before is not None
    for many, least in ((10**9, 0), (1, 1)):
        monkeypatch.setattr(site_staffing, "MANY", many)
        after = rounded(search, relaxed.prices, budget())
        assert after is not None
        assert np.array_equal(after.values, before.values)
        assert min(len(given), 1) == least


def test_what_no_other_site_waits_for_costs_the_last_one_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """While others wait somebody costs more than opening does, and hours beyond the averages cost; then nothing."""
    instance = company(240, with_books=False)
    relaxed = by_ascent(build_master(instance, site_of_pods(instance)), budget())
    assert relaxed.prices is not None
    search = Search(relaxed.master, relaxed.regret, relaxed.prices.row)
    even = even_averages(search, relaxed.prices)
    staffing, models = SiteStaffing(search, relaxed.prices, budget(), even), []

    def watched(model: Arrays, **options: Any) -> Answer:
        models.append(model)
        return solve(model, **options)

    monkeypatch.setattr(site_staffing, "solve", watched)
    site = int(np.flatnonzero(staffing.with_work)[0])
    others = staffing.with_work.copy()
    others[site] = False
    for waiting in (others, np.zeros_like(others)):
        assert staffing.staffed(Moment(search.whole.at(even), waiting, 1.0, 3.0), site) is not None
    first, last = models[0], models[-1]
    dearest, opening = first.cost[first.integer].min(), last.cost[last.integer].min()
    assert dearest < opening == -instance.pods.fixed_cost[site]
    assert (first.cost[-2:] < 0).all()


def test_averages_that_lose_a_unit_and_a_site_without_answer_are_made_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit of which averages have nothing is placed; a site that never finds an answer has nobody, others theirs."""
    instance = company(400, with_books=False)
    relaxed = by_ascent(build_master(instance, site_of_pods(instance)), budget())
    assert relaxed.prices is not None
    draft, mean = relaxed.master.draft, relaxed.prices.mean.copy()
    mean[draft.place[draft.columns.unit == 3]] = 0.0
    search = Search(relaxed.master, relaxed.regret, relaxed.prices.row)
    tries = count()

    def deaf_at_first(model: Arrays, **options: Any) -> Answer:
        if next(tries) < len(site_staffing.REACHES):
            return Answer(status=Status.TIME, detail="", values=None, objective=-np.inf, bound=np.inf)
        return solve(model, **options)

    monkeypatch.setattr(site_staffing, "solve", deaf_at_first)
    monkeypatch.delattr(rounding, "settle")
    found = rounded(search, replace(relaxed.prices, mean=mean), budget())
    assert found is not None
    assert search.checked(found.values) is not None
    assert staffed_with_nobody(search).objective < found.objective


def test_sites_that_time_is_too_short_for_have_nobody() -> None:
    """Time gets short after the first: its people stay, all others have no pod; a stop, or no time: nothing."""
    instance = company(400, with_books=False)
    relaxed = by_ascent(build_master(instance, site_of_pods(instance)), budget())
    assert relaxed.prices is not None
    search = Search(relaxed.master, relaxed.regret, relaxed.prices.row)
    looks = count()
    part = replace(budget(), left=lambda: 100.0 if next(looks) < 3 else 10.0)
    some, whole = rounded(search, relaxed.prices, part), rounded(search, relaxed.prices, budget())
    assert some is not None
    assert whole is not None
    assert search.checked(some.values) is not None
    assert staffed_with_nobody(search).objective < some.objective < whole.objective
    assert rounded(search, relaxed.prices, budget(left=0.0)) is None
    stopped = Budget(seed=0, workers=1, tries=None, left=lambda: None, stop_asked=lambda: True)
    assert rounded(search, relaxed.prices, stopped) is None


def test_accounts_of_sites_left_out_need_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where time is over they are served by nobody at once, and what is left to repair is who has moved.

    A program of all accounts would not end in time.
    """
    broken = []

    def noted(search: Search, values: NDArray[np.float64], budget: Budget) -> Staffing | None:
        rows = search.whole.broken(values)
        broken.extend(search.blocks.unit[search.whole.columns_of(rows)].tolist())
        return repaired(search, values, budget)

    monkeypatch.setattr(rounding, "repaired", noted)
    instance = company(400, with_books=True)
    relaxed = by_ascent(build_master(instance, site_of_pods(instance)), budget())
    assert relaxed.prices is not None
    search = Search(relaxed.master, relaxed.regret, relaxed.prices.row)
    looks = count()
    found = rounded(search, relaxed.prices, replace(budget(), left=lambda: 100.0 if next(looks) < 3 else 10.0))
    assert found is not None
    assert set(broken) == {NOBODY}
    assert staffed_with_nobody(search).objective < found.objective


def test_a_site_of_several_pods_may_take_anybody() -> None:
    """Who is left over when averages are made whole finds a place there; elsewhere most of the idle are not tried."""
    relaxed = by_ascent(
        build_master(company(240, with_books=True), site_of_pods(company(240, with_books=True))), budget()
    )
    assert relaxed.prices is not None
    search = Search(relaxed.master, relaxed.regret, relaxed.prices.row)
    draft = search.master.draft
    far = far_seats(search, relaxed.prices, np.zeros(len(search.master.arrays.cost)))
    distant = np.isin(draft.heads, far)
    several = draft.copies[draft.crews.seat_pod] > 1
    assert several.any()
    assert not distant[several].any()
    assert distant[~several].any()


def test_what_a_site_leaves_of_units_is_shared_out_as_it_was() -> None:
    """Others had 0.6 and 0.2 of a unit, and get 0.3 and 0.1 of 0.4, an owner half; where hardly any was, the best."""
    instance = company(240, with_books=True)
    master = build_master(instance, site_of_pods(instance))
    draft = master.draft
    search = Search(master, np.zeros(len(draft.place)), None)
    unit, place, own = draft.columns.unit, draft.place, draft.own
    owner = int(np.flatnonzero(np.bincount(unit)[draft.columns.unit_of[own.account]] >= 3)[0])
    first = draft.columns.unit_of[own.account[owner]]
    second = np.flatnonzero((np.bincount(unit) >= 3) & (np.arange(len(draft.columns.size)) != first))[0]
    one, two = np.flatnonzero(unit == first)[:3], np.flatnonzero(unit == second)[:3]
    outside = np.concatenate([one[1:], two[1:]])
    before, after = np.zeros((2, draft.model.columns))
    before[place[one]], after[place[one]] = [0.2, 0.6, 0.2], [0.6, 0.0, 0.4]
    before[place[two]], after[place[two]] = [0.999, 0.0, 0.001], [0.0, 0.0, 1.0]
    before[own.column[owner]] = 0.5
    best, others = np.sort([one[2], two[2]]), own.column[[owner]]
    share_out(search, before, after, outside=outside, best=best, others=others)
    assert after[place[one]] == pytest.approx([0.6, 0.3, 0.1])
    assert after[place[two]] == pytest.approx([0.0, 0.0, 1.0])
    assert after[own.column[owner]] == pytest.approx(0.25)


@pytest.mark.parametrize("budget_of_plan", [np.inf, 1e9])
def test_units_under_a_budget_are_tied(budget_of_plan: float) -> None:
    """A budget speaks of all who cost anything; without one only their choice speaks of units at several sites."""
    plain = company(240, with_books=False)
    instance = replace(plain, policy=replace(plain.policy, budget=budget_of_plan))
    master = build_master(instance, site_of_pods(instance))
    search = Search(master, np.zeros(len(master.draft.place)), None)
    tied = tied_units(search, row_sites(master.arrays, search.blocks))
    costing = master.draft.columns.unit[master.draft.columns.spend > 0]
    assert tied.any() == tied[costing].all() == np.isfinite(budget_of_plan)


@pytest.mark.parametrize(("leader", "cheaper"), [(0.2, 10.0), (1.0, 1.0)])
def test_a_pod_whose_averages_have_not_converged_grows(
    leader: float, cheaper: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a fifth of a leader on average, a pod pays a tenth for hours beyond those of its averages."""
    instance = company(240, with_books=False)
    relaxed = by_ascent(build_master(instance, site_of_pods(instance)), budget())
    assert relaxed.prices is not None
    draft, mean = relaxed.master.draft, relaxed.prices.mean.copy()
    pod = draft.crews.seat_pod
    leads = (draft.crews.role[draft.crews.seat_crew] == LEADER) & (draft.copies[pod] == 1)
    mean[draft.heads[leads]] = leader / np.bincount(pod[leads])[pod[leads]]
    prices = []

    def watched(model: Arrays, **options: Any) -> Answer:
        short, over = model.cost[-2:]
        if options.get("rens") and short < 0 and over < 0 and not model.integer[-2:].any():
            prices.append(short / over)
        return solve(model, **options)

    monkeypatch.setattr(site_staffing, "solve", watched)
    search = Search(relaxed.master, relaxed.regret, relaxed.prices.row)
    assert rounded(search, replace(relaxed.prices, mean=mean), budget()) is not None
    assert max(prices) == pytest.approx(cheaper)
