"""Averages of a dual ascent made whole, site after site."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pytest

from solvers.fast import rounding
from solvers.fast.budget import Budget
from solvers.fast.master import build_master
from solvers.fast.relaxing import by_ascent
from solvers.fast.rounding import far_seats, rounded
from solvers.fast.search import Search
from solvers.fast.sites import site_of_pods
from solvers.highs import Answer, Arrays, Status, solve
from tests.solvers.test_fast_search import budget, company, staffed_with_nobody


@pytest.mark.parametrize(("accounts", "with_books"), [(240, False), (150, True)])
def test_averages_are_made_whole(accounts: int, with_books: bool) -> None:
    """Every row is kept with whole people, the bound is not passed, and any threads give the same."""
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
        if next(tries) < len(rounding.REACHES):
            return Answer(status=Status.TIME, detail="", values=None, objective=-np.inf, bound=np.inf)
        return solve(model, **options)

    monkeypatch.setattr(rounding, "solve", deaf_at_first)
    monkeypatch.delattr(Search, "settle")
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
