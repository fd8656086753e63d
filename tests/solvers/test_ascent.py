"""Dual ascent and sifting: bounds hold and come near the linear program; what is sifted is still a model of plans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solvers.fast import ascent, ascent_model, sift
from solvers.fast.ascent import ascend, bound_at
from solvers.fast.master import Master, build_master
from solvers.fast.sift import Held, sifted
from solvers.fast.sites import site_of_pods
from solvers.highs import Answer, Status, solve
from tests.solvers.random_tables import random_company
from tests.solvers.test_fast_search import company

SLACK = 1e-6
"""Share by which sums of floating point may differ."""


def relaxation(master: Master) -> Answer:
    """The staffing model's linear program, solved."""
    return solve(replace(master.arrays, integer=np.zeros(len(master.arrays.cost), bool)))


def room(value: float) -> float:
    """What rounding may take from a bound."""
    return SLACK * max(1.0, abs(value))


EITHER = pytest.mark.parametrize("most", [1.0, ascent_model.MOST_KEPT], ids=["few columns", "all of most"])
"""Columns that hardly matter are left out of the steps, or stay where they are few."""


@EITHER
@pytest.mark.parametrize("seed", range(40))
def test_bound_is_never_below_the_linear_program(seed: int, most: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """On companies with every kind of rule, after a few steps and at the program's own prices."""
    monkeypatch.setattr(ascent_model, "MOST_KEPT", most)
    instance = random_company(seed, accounts=6, people=5)
    master = build_master(instance, site_of_pods(instance))
    answer = relaxation(master)
    if answer.status is not Status.OPTIMAL:
        return
    assert answer.duals is not None
    least = answer.objective - room(answer.objective)
    assert ascend(master, iterations=100).bound >= least
    assert bound_at(master, answer.duals) >= least


@EITHER
@pytest.mark.parametrize(("accounts", "with_books"), [(240, False), (150, True)])
def test_ascent_comes_near_the_linear_program(
    accounts: int, with_books: bool, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within half a percent after the usual steps, and the same on a second run."""
    monkeypatch.setattr(ascent_model, "MOST_KEPT", most)
    instance = company(accounts, with_books=with_books)
    master = build_master(instance, site_of_pods(instance))
    value = relaxation(master).objective
    prices = ascend(master)
    assert value - room(value) <= prices.bound <= 1.005 * value
    assert ascend(master).bound == prices.bound


@pytest.mark.parametrize(("accounts", "with_books"), [(240, False), (150, True)])
def test_what_is_known_wrong_of_some_accounts_costs_no_bound(accounts: int, with_books: bool) -> None:
    """A million too high or too low for every fiftieth unit, where a bound would rise by two fifths, it stays."""
    instance = company(accounts, with_books=with_books)
    master = build_master(instance, site_of_pods(instance))
    prices = ascend(master)
    some = master.draft.choice[7::50]
    assert len(some) >= 3
    for change in (1e6, -1e6):
        known = prices.row.copy()
        known[some] += change
        assert bound_at(master, known) <= prices.bound + room(prices.bound)


def test_where_time_is_short_fewer_steps_come_to_their_end() -> None:
    """Every look at a clock of 100 s takes 4 or none: half of the steps with all lengths beat the first half of all."""
    instance = company(240, with_books=True)
    master = build_master(instance, site_of_pods(instance))
    slow, broken_off, idle = (iter(times) for times in (range(100, 0, -4), [100.0] * 11 + [0.0], [100.0] * 50))
    short = ascend(master, left=lambda: float(next(slow)))
    half = ascend(master, left=lambda: next(broken_off))
    assert relaxation(master).objective - 1.0 <= short.bound < half.bound
    assert short.mean.any()
    assert ascend(master, left=lambda: next(idle)).bound == ascend(master).bound


@EITHER
def test_two_threads_find_what_one_finds(most: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the bit, on a company with owners: what parts add to the same things is added up in their order."""
    monkeypatch.setattr(ascent_model, "MOST_KEPT", most)
    monkeypatch.setattr(ascent, "SHARED", 0)
    instance = company(150, with_books=True)
    master = build_master(instance, site_of_pods(instance))
    one, two = (ascend(master, iterations=150, workers=workers) for workers in (1, 2))
    assert one.bound == two.bound
    assert (one.row == two.row).all()
    assert (one.mean == two.mean).all()


def test_sifting_leaves_out_seats_that_cost_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """The best of each function in each pod stays, everybody's best where a site has several pods, and what is held."""
    monkeypatch.setattr(sift, "BEST", 1)
    instance = company(150, with_books=True)
    master = build_master(instance, site_of_pods(instance))
    prices = ascend(master, iterations=200)
    seats = len(master.draft.heads)
    few = sifted(master, prices, -np.inf).master.draft
    one = np.flatnonzero(few.copies <= 1).tolist()
    wanted = [min(1, len(master.draft.seats(pod=p, role=r))) for p in one for r in range(5)]
    assert [len(few.seats(pod=p, role=r)) for p in one for r in range(5)] == wanted
    anywhere, kept = (each.crews for each in (master.draft, few))
    several = few.copies > 1
    assert several.any()
    assert set(kept.seat_crew[several[kept.seat_pod]]) == set(anywhere.seat_crew[several[anywhere.seat_pod]])
    assert len(few.heads) < seats
    assert len(few.own.seat) > 0
    assert (few.crews.seat_pod[few.own.seat] == few.own.pod).all()
    everyone = Held(places=np.zeros(0, np.int64), seats=np.arange(seats))
    assert len(sifted(master, prices, -np.inf, everyone).master.draft.heads) == seats


def test_sifting_leaves_a_restriction_that_keeps_the_best_places() -> None:
    """Fewer columns, a value of at most the whole's, and next to nothing lost."""
    instance = company(240, with_books=False)
    master = build_master(instance, site_of_pods(instance))
    whole = relaxation(master).objective
    small = sifted(master, ascend(master), 1000.0)
    found = relaxation(small.master)
    assert len(small.master.arrays.cost) < len(master.arrays.cost)
    assert found.status is Status.OPTIMAL
    assert 0.999 * whole <= found.objective <= whole + room(whole)


@pytest.mark.parametrize("seed", [*range(30), 1059, 1165])
def test_a_sifted_model_promises_no_more_than_the_whole(seed: int) -> None:
    """With whole people, on companies with every kind of rule; 1059 and 1165 have owners that one tier only serves."""
    instance = random_company(seed, accounts=8, people=7)
    master = build_master(instance, site_of_pods(instance))
    whole = solve(master.arrays, gap=1e-9)
    prices = ascend(master, iterations=100)
    found = solve(sifted(master, prices, 1000.0).master.arrays, gap=1e-9)
    if whole.status is Status.OPTIMAL and found.status is Status.OPTIMAL:
        assert found.objective <= whole.objective + room(whole.objective)
        assert prices.bound >= whole.objective - room(whole.objective)
