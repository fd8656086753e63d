"""Values that break a row by little become a staffing again, with the same people and few accounts elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from podplanner.domain.vocabulary import NOBODY
from solvers.fast import repair
from solvers.fast.repair import repaired
from solvers.fast.restriction import change_between
from solvers.fast.search import Search, Staffing
from tests.solvers.test_fast_search import budget, company
from tests.solvers.test_spreading import searched


@pytest.fixture(scope="module")
def start() -> tuple[Search, Staffing]:
    """A search and a staffing with some pods full."""
    return searched(company(240, with_books=False))


def overfull(search: Search, staffing: Staffing) -> np.ndarray:
    """A little more of an account in a pod whose people have no hour left, and as much less elsewhere."""
    draft = search.master.draft
    for spot in np.flatnonzero(draft.serves[draft.columns.pod]).tolist():
        values, place = staffing.values.copy(), draft.place
        mine = np.flatnonzero(draft.columns.unit == draft.columns.unit[spot])
        other = mine[np.argmax(np.where(mine == spot, 0.0, values[place[mine]]))]
        part = min(0.01, float(values[place[other]]))
        values[place[other]] -= part
        values[place[spot]] += part
        if np.isin(search.whole.broken(values), draft.hours_row).any():
            return values
    raise AssertionError("no pod is full")


@pytest.mark.parametrize("few", [repair.FEW, 0])
def test_a_row_broken_by_little_is_kept_again(
    start: tuple[Search, Staffing], monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """By some of its units, or by all of them where those may not move; nobody changes pods."""
    monkeypatch.setattr(repair, "FEW", few)
    search, staffing = start
    values = overfull(search, staffing)
    found = repaired(search, values, budget())
    assert found is not None
    assert search.checked(found.values) is not None
    integer = search.master.arrays.integer
    assert np.array_equal(found.values[integer], staffing.values[integer])
    assert found.objective == pytest.approx(staffing.objective, rel=1e-3)


def test_what_accounts_cannot_mend_stays_broken(start: tuple[Search, Staffing]) -> None:
    """Somebody who is in a pod without being used: no account can help, few or all."""
    search, staffing = start
    draft, values = search.master.draft, staffing.values.copy()
    dedicated = np.flatnonzero((draft.steps == NOBODY) & (values[draft.heads] < 0.5))
    values[draft.heads[dedicated[0]]] += 1.0
    assert repaired(search, values, budget()) is None


def test_a_change_is_made_exactly_where_nothing_else_has_changed() -> None:
    """From 0.3 to 1 is 1, not 0.3 + 0.7; where it has become 0.5 since, it is 0.7 more. What stays is no change."""
    before, after = np.array([0.3, 2.0, 0.3]), np.array([1.0, 2.0, 1.0])
    change = change_between(np.arange(3), before, after)
    assert change.columns.tolist() == [0, 2]
    now = change.on(np.array([0.3, 7.0, 0.5]))
    assert now[0] == 1.0
    assert now[1] == pytest.approx(1.2)
    assert change.gain(np.array([10.0, 1e9, 1.0])) == pytest.approx(7.7)


def test_rows_follow_what_moves(start: tuple[Search, Staffing]) -> None:
    """After some columns have other values, rows are as if counted from nothing; the point before stays as it was."""
    search, staffing = start
    whole, random = search.whole, np.random.default_rng(5)
    point = whole.at(staffing.values)
    columns = random.choice(len(staffing.values), 40, replace=False)
    then = whole.moved(point, columns, random.random(40))
    assert then.activity == pytest.approx(whole.at(then.values).activity)
    assert np.array_equal(point.values, staffing.values)
    assert np.array_equal(point.activity, whole.at(staffing.values).activity)
    change = change_between(np.arange(len(staffing.values)), point.values, then.values)
    assert set(change.columns.tolist()) <= set(columns.tolist())
    assert np.array_equal(whole.changed(point, change).values, then.values)
    free = np.arange(0, len(staffing.values), 2)
    part, anew = (whole.restricted(each, free).model for each in (then, whole.at(then.values)))
    assert part.row_upper == pytest.approx(anew.row_upper)
    assert part.row_lower == pytest.approx(anew.row_lower)
