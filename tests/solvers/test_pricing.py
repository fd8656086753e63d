"""Sites priced with whole people: their bound holds for whole plans, falls below that of fractions, and repeats."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from podplanner.domain.instance import Instance
from solvers.engine import Limits, Progress
from solvers.fast import pricing, relaxing
from solvers.fast.ascent import ascend
from solvers.fast.master import Master, build_master
from solvers.fast.pricing import Pricing, Sites, worth_pricing
from solvers.fast.sites import site_of_pods
from solvers.highs import Status, solve
from solvers.registry import get_engine
from tests.solvers.random_tables import random_company
from tests.solvers.test_fast_search import company


def staffing_model(instance: Instance) -> Master:
    """The staffing model of an instance, by sites."""
    return build_master(instance, site_of_pods(instance))


def priced(master: Master, *, steps: int | None = None, most: int | None = None) -> tuple[float, float]:
    """The bound of an ascent, and that of the sites at its prices."""
    ascent = ascend(master, iterations=steps)
    with ThreadPoolExecutor(1) as pool:
        under_way = Pricing(pool, Sites(master, ascent.row), most=most, left=lambda: None)
        under_way.wait()
    return ascent.bound, under_way.bound


@pytest.mark.parametrize("seed", range(60))
def test_no_whole_staffing_earns_more_than_the_bound(seed: int) -> None:
    """On companies with every kind of rule, at prices that are good, and at those of the first steps."""
    master = staffing_model(random_company(seed, accounts=6, people=5))
    best = solve(master.arrays, gap=0.0)
    if best.status is not Status.OPTIMAL:
        return
    for steps in (5, 200):
        _, bound = priced(master, steps=steps)
        assert bound >= best.objective - 1e-6 * max(1.0, abs(best.objective))


def test_whole_people_prove_more_than_fractions() -> None:
    """Where people are alike, whole ones fit leaders' weeks worse: the bound falls, and more sites prove more."""
    master = staffing_model(company(400, with_books=False))
    assert worth_pricing(master)
    fractions, all_sites = priced(master)
    _, one_site = priced(master, most=1)
    assert all_sites < one_site <= fractions + 1e-6 * abs(fractions)


def test_a_site_too_large_for_its_program_is_not_priced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing would be proven before its end; without such a site it is worth it."""
    master = staffing_model(company(150, with_books=False))
    assert worth_pricing(master)
    monkeypatch.setattr(pricing, "LARGEST", int(np.bincount(master.draft.columns.pod).max()) - 1)
    assert not worth_pricing(master)


def test_prices_of_any_sign_are_made_legal() -> None:
    """A row without an upper limit earns nothing by more of it, however it is priced: the bound is finite and holds."""
    master = staffing_model(random_company(3, accounts=6, people=5))
    best = solve(master.arrays, gap=0.0)
    for sign in (-1.0, 1.0):
        sites = Sites(master, np.full(len(master.arrays.row_lower), 1000.0 * sign))
        for site in sites.order().tolist():
            sites.bound_site(site, whole=True, left=None, stop_asked=lambda: False)
        assert best.objective <= sites.bound < np.inf


def test_a_stopped_pricing_ends_with_what_there_is() -> None:
    """Stopped before its first site it has no bound, and says so."""
    master = staffing_model(company(150, with_books=True))
    assert not worth_pricing(master)  # today's owners
    with ThreadPoolExecutor(1) as pool:
        sites = Sites(master, np.zeros(len(master.arrays.row_lower)))
        under_way = Pricing(pool, sites, most=None, left=lambda: 0.0)
        under_way.stop()
        under_way.wait()
    assert under_way.finished()
    assert under_way.bound == np.inf


def test_the_engine_prices_what_it_cannot_prove(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bound is below that of the relaxation, and the same with one worker and with two."""
    instance = company(240, with_books=False)
    plain = get_engine("fast").solve(instance, Limits(work_limit=1), hint=None, progress=Progress())
    monkeypatch.setattr(relaxing, "worth_proving", lambda _: False)
    one, two = (
        get_engine("fast").solve(instance, Limits(work_limit=50, workers=workers), hint=None, progress=Progress())
        for workers in (1, 2)
    )
    assert one.bound == two.bound
    assert one.plan is not None
    relaxed = ascend(staffing_model(instance)).bound
    assert one.bound < relaxed
    assert plain.bound <= relaxed
