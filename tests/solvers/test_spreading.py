"""Accounts spread again a part at a time: every unit is in one part, and what comes out is a staffing, never worse."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from podplanner.domain.instance import Instance
from podplanner.domain.vocabulary import SALES
from solvers.fast.master import build_master
from solvers.fast.neighbourhoods import LEAST_STRAIN, strained
from solvers.fast.relaxing import by_ascent
from solvers.fast.rounding import rounded
from solvers.fast.search import Search, Staffing
from solvers.fast.sites import site_of_pods
from solvers.fast.spreading import LEAST, MOST, OWNED_MOST, homes_of, parts_of_units, units_in_time
from tests.solvers.test_fast_search import budget, company


def searched(instance: Instance) -> tuple[Search, Staffing]:
    """A search, and a staffing whose accounts are where making sites whole left them."""
    relaxed = by_ascent(build_master(instance, site_of_pods(instance)), budget())
    assert relaxed.prices is not None
    search = Search(relaxed.master, relaxed.regret, relaxed.prices.row)
    staffing = rounded(search, relaxed.prices, budget())
    assert staffing is not None
    return search, staffing


def test_every_unit_is_in_one_part_with_its_neighbours() -> None:
    """Parts are about equal; units whose best base is the same are at most in two that follow one another."""
    search, _ = searched(company(240, with_books=False))
    draft, units = search.master.draft, len(search.master.draft.columns.size)
    parts = np.array(parts_of_units(draft, search.regret, search.rivals, units=50))
    assert (parts.sum(axis=0) == 1).all()
    assert parts.sum(axis=1).max() <= 50
    home = homes_of(draft, search.regret)
    part = np.argmax(parts, axis=0)
    for site in np.unique(home):
        mine = np.unique(part[home == site])
        assert np.array_equal(mine, np.arange(mine[0], mine[-1] + 1))
    assert len(parts) == -(-units // 50)


def test_parts_are_as_large_as_there_is_time_for() -> None:
    """100,000 take 4 s, a quarter of 16; a million ten times that so, 2^0.4 times as long in parts twice as large."""
    assert units_in_time(100_000, 16.0, owned=False) == pytest.approx(100_000, abs=1)
    assert units_in_time(1_000_000, 160.0 * 2**0.4, owned=False) == pytest.approx(200_000, abs=1)
    lefts = (None, 1e9, 0.0, -1.0)
    assert [units_in_time(1_000_000, left, owned=False) for left in lefts] == [MOST, MOST, LEAST, LEAST]
    assert [units_in_time(1_000_000, left, owned=True) for left in lefts] == [OWNED_MOST, OWNED_MOST, LEAST, LEAST]


def test_parts_find_nearly_what_one_program_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a third of all accounts sent direct, five parts bring back more than nine tenths of what one does."""
    search, staffing = searched(company(240, with_books=False))
    poor = search.respread(staffing, budget())
    place = search.master.draft.place
    values = poor.values.copy()
    unit = search.master.draft.columns.unit
    moved = np.isin(unit, np.unique(unit)[::3])
    values[place[moved]] = 0.0
    first = np.flatnonzero(moved & search.common)
    values[place[first[np.unique(unit[first], return_index=True)[1]]]] = 1.0
    start = search.checked(values)
    assert start is not None
    whole = search.respread(start, budget())
    monkeypatch.setattr("solvers.fast.search.units_in_time", lambda *_, **__: 50)
    found = search.respread(start, budget())
    assert search.checked(found.values) is not None
    assert start.objective < found.objective <= whole.objective + 1e-6
    assert found.objective - start.objective > 0.9 * (whole.objective - start.objective)


def test_what_was_spread_before_time_was_out_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """After two of five parts: at least as good as before, a staffing, and nothing that would look like prices."""
    search, staffing = searched(company(240, with_books=False))
    monkeypatch.setattr("solvers.fast.search.units_in_time", lambda *_, **__: 50)
    looks = count()
    short = replace(budget(), left=lambda: 100.0 if next(looks) < 4 else 0.0)
    found = search.respread(replace(staffing, objective=-np.inf), short)
    assert search.checked(found.values) is not None
    assert found.objective >= staffing.objective
    assert found.dual is None


def test_free_memory_goes_back_before_each_part_of_a_large_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small one keeps it: it is spread often, and in no time."""
    search, staffing = searched(company(240, with_books=False))
    given: list[None] = []
    monkeypatch.setattr("solvers.fast.search.give_back", lambda: given.append(None))
    monkeypatch.setattr("solvers.fast.search.units_in_time", lambda *_, **__: 50)
    search.respread(staffing, budget())
    assert not given
    search.is_large = True
    search.respread(staffing, budget())
    assert len(given) == len(parts_of_units(search.master.draft, search.regret, search.rivals, units=50))


def test_nothing_is_spread_without_time() -> None:
    """A staffing stays as it is."""
    search, staffing = searched(company(240, with_books=False))
    worse = replace(staffing, objective=staffing.objective - 1.0)
    assert search.respread(worse, budget(left=0.0)) is worse


def test_sites_whose_hours_are_worth_something_else_come_first() -> None:
    """All are equal where nothing is strained; one whose sales hours are worth ten more is looked at most."""
    search, staffing = searched(company(240, with_books=False))
    draft = search.master.draft
    dual = np.zeros(len(search.master.arrays.row_lower))
    assert (strained(draft, staffing.values, dual) == LEAST_STRAIN).all()
    work = np.bincount(draft.columns.pod, staffing.values[draft.place] * draft.columns.hours[:, SALES])
    busy = int(np.argmax(np.where(draft.serves[: len(work)], work, 0.0)))
    dual[draft.hours_row[busy, SALES]] = 10.0
    weight = strained(draft, staffing.values, dual)
    assert np.argmax(weight) == busy
    assert weight[busy] == 1.0  # the mean of those that are strained at all
    assert np.sort(weight)[-2] == LEAST_STRAIN


def test_a_large_search_begins_where_sites_are_strained() -> None:
    """The prices that spreading leaves weigh the first centres; of a small model all centres are alike."""
    search, staffing = searched(company(240, with_books=False))
    spread = search.respread(replace(staffing, objective=-np.inf), budget())
    assert spread.dual is not None
    small = search.improve(spread, budget(tries=2))
    search.is_large = True
    large = search.improve(spread, budget(tries=2))
    for found in (small, large):
        assert search.checked(found.values) is not None
        assert found.objective >= spread.objective
