"""Whole loads: the best load is exact, and no whole plan of lone reps earns more than their bound."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import datasets
from datasets.generator import generate
from datasets.generator_one_role import generate_one_role
from podplanner.domain.build import build_instance
from podplanner.domain.instance import Instance
from podplanner.domain.result import Reason
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.domain.verify.findings import RELATIVE
from solvers.engine import Limits, Progress
from solvers.fast.knapsack import best_load
from solvers.fast.loads import MAYBE, MOST_SETS, OPEN, SHUT, SLACK, Loads, loads_of, priced, usual_worth
from solvers.fast.master import Master, build_master
from solvers.fast.openings import Openings
from solvers.fast.sites import site_of_pods
from solvers.highs import solve
from solvers.registry import get_engine


def most_by_brute_force(worth: list[float], hours: list[float], room: float) -> float:
    """Worth of the best set of items, of all there are."""
    sets = product((0, 1), repeat=len(worth))
    return max(float(np.dot(worth, some)) for some in sets if np.dot(hours, some) <= room)


def loaded(worth: list[float], hours: list[float], room: float, least: float = -1.0) -> tuple[float, list[bool]]:
    """The best load's worth, and what is in it."""
    chosen = np.ones(len(worth), bool)
    return best_load(np.array(worth, float), np.array(hours, float), room, least, MOST_SETS, chosen), chosen.tolist()


def test_a_load_leaves_the_dearest_hour_for_two_that_fill_the_room() -> None:
    """10 in 6 hours is best by the hour, but 7 + 7 in 5 + 5 fill the room of 10."""
    assert loaded([10.0, 7.0, 7.0], [6.0, 5.0, 5.0], 10.0) == (14.0, [False, True, True])


def test_a_load_takes_all_that_fits() -> None:
    """5 and 4 hours within 9."""
    assert loaded([3.0, 1.0], [5.0, 4.0], 9.0) == (4.0, [True, True])


def test_what_is_too_little_in_fractions_is_not_looked_at() -> None:
    """In fractions 10 + 4 x 7 / 5 = 15.6."""
    worth, chosen = loaded([10.0, 7.0, 7.0], [6.0, 5.0, 5.0], 10.0, least=16.0)
    assert worth == pytest.approx(15.6)
    assert not any(chosen)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30), st.booleans()), min_size=1, max_size=10),
    st.integers(1, 120),
)
def test_the_best_load_is_that_of_all_sets(items: list[tuple[int, int, bool]], room: int) -> None:
    """Worths far from hours, and such as are nearly the same."""
    worth = [w / 7 if far else h + w / 500 for w, h, far in items]
    hours = [h / 3 for _, h, _ in items]
    most, chosen = loaded(worth, hours, room + SLACK)
    assert most == pytest.approx(most_by_brute_force(worth, hours, room + SLACK))
    assert most == pytest.approx(float(np.dot(worth, chosen)))


def test_with_too_many_rivals_a_limit_stands() -> None:
    """Sets of nearly the same worth an hour: cut short, the answer is above the best, and what is chosen fits."""
    random = np.random.default_rng(3)
    hours = random.uniform(40.0, 190.0, 60)
    worth = 90.0 * hours + random.uniform(0.0, 300.0, 60)
    chosen = np.zeros(60, bool)
    exact = best_load(worth, hours, 1350.0, -1.0, 1_000_000, chosen)
    assert exact == pytest.approx(worth[chosen].sum())
    rough = best_load(worth, hours, 1350.0, -1.0, 20, chosen)
    assert rough > exact
    assert hours[chosen].sum() <= 1350.0


def built(tables: Mapping[str, pd.DataFrame]) -> Instance:
    """An instance of drawn tables."""
    return build_instance(datasets.from_tables({name: table.to_dict("list") for name, table in tables.items()}))


def staffing_model(tables: Mapping[str, pd.DataFrame]) -> Master:
    """The staffing model of drawn tables, by sites."""
    instance = built(tables)
    return build_master(instance, site_of_pods(instance))


def of_one_role(seed: int, units: int = 12, bases: int = 4) -> Master:
    """The staffing model of a small company of lone reps."""
    return staffing_model(generate_one_role(seed=seed, units=units, bases=bases))


def relaxed_prices(master: Master) -> NDArray[np.float64]:
    """Price of each account in the linear program."""
    answer = solve(replace(master.arrays, integer=np.zeros(len(master.arrays.cost), bool)))
    assert answer.duals is not None
    return np.asarray(answer.duals[master.draft.choice])


def proven(loads: Loads, known: NDArray[np.float64], most: int | None = None) -> float:
    """What branching on openings proves."""
    with ThreadPoolExecutor(1) as pool:
        openings = Openings(pool, loads, known, most=most, left=lambda: None)
        openings.wait()
        assert openings.finished()
    assert most is None or openings.nodes <= most + 1
    return openings.bound


def with_loads(master: Master) -> Loads:
    """The loads of a model that has them."""
    loads = loads_of(master)
    assert loads is not None
    return loads


def test_two_accounts_that_no_rep_can_have_both() -> None:
    """A rep has 100 hours, accounts of 60, 60 and 30 hours bring 60,000, 60,000 and 30,000; a pod costs 10,000 with it.

    Best: 60 and 30 in one pod, 60 in the other: 150,000 - 20,000 = 130,000; nothing is lost by being whole. With one
    base only 60 and 30 fit: 80,000, where fractions have 100 hours, 90,000.
    """
    two = Loads(
        start=np.array([0, 3, 6]),
        unit=np.array([0, 1, 2, 0, 1, 2]),
        value=np.array([60e3, 60e3, 30e3] * 2),
        hours=np.array([60.0, 60.0, 30.0] * 2),
        room=np.array([100.0, 100.0]),
        opening=np.array([10e3, 10e3]),
        direct=np.zeros(3),
        offset=0.0,
    )
    one = replace(
        two,
        start=np.array([0, 3]),
        **{name: getattr(two, name)[:3] for name in ("unit", "value", "hours")},
        room=two.room[:1],
        opening=two.opening[:1],
    )
    known = np.array([50e3, 50e3, 20e3])
    assert proven(two, known) == pytest.approx(130e3, rel=1e-3)
    assert proven(one, np.zeros(3)) == pytest.approx(80e3, rel=1e-3)


@pytest.mark.parametrize("seed", range(25))
def test_no_whole_plan_earns_more(seed: int) -> None:
    """The model with whole accounts, solved to the end, is never above the bound, whatever is decided first."""
    master = of_one_role(seed)
    arrays, loads, price = master.arrays, with_loads(master), relaxed_prices(master)
    whole = replace(arrays, integer=np.ones(len(arrays.cost), bool))
    best = solve(whole, gap=0.0).objective
    assert best <= proven(loads, price) + 1e-6 * abs(best)
    draft = master.draft
    pods = np.unique(draft.columns.pod[draft.columns.hours.any(axis=1) & (draft.columns.tier == 0)])
    assert len(pods) == len(loads.room)
    for number, pod in enumerate(pods):
        bounds = []
        for how in (SHUT, OPEN):
            decided = np.full(len(pods), MAYBE, np.int8)
            decided[number] = how
            bounds.append(priced(loads, decided, price, usual_worth(loads) * np.geomspace(0.1, 1e-3, 100)).bound)
        upper = arrays.upper.copy()
        upper[draft.open[pod]] = 0.0
        assert solve(replace(whole, upper=upper), gap=0.0).objective <= bounds[0] + 1e-6 * abs(best)
        assert best <= max(bounds) + 1e-6 * abs(best)


def at_the_base(hours: float) -> dict[str, pd.DataFrame]:
    """Three accounts at the one base, which take so many hours of its rep each, without travel."""
    tables = generate_one_role(seed=2, units=3, bases=1)
    there = {name: float(tables["pods"][name].iloc[0]) for name in ("latitude", "longitude")}
    tables["accounts"] = tables["accounts"].assign(potential=2e6, hours_sales=hours, **there)
    tables["service"] = tables["service"].assign(visits=0.0, max_hours=1e5)
    return tables


def test_a_load_may_be_as_long_as_the_verifier_lets_it() -> None:
    """Three accounts of 450.000225 hours are 1,350.000675, half a millionth above a rep's 1,350: no rule is broken.

    With 451 hours each only two fit.
    """
    engine, limits = get_engine("fast"), Limits(work_limit=20, gap=0.0, seed=1)
    plan = engine.solve(built(at_the_base(450.0)), limits, hint=None, progress=Progress()).plan
    tight, long = built(at_the_base(450.000225)), staffing_model(at_the_base(451.0))
    assert plan is not None
    assert not verify(tight, plan).violations
    whole = score(tight, plan).contribution
    assert engine.solve(tight, limits, hint=None, progress=Progress()).bound >= whole * (1.0 - RELATIVE)
    assert proven(with_loads(long), np.zeros(3)) < whole - 100_000


def test_bases_where_no_rep_can_be_are_left_out() -> None:
    """With one rep and no hires, five bases of six cost and hold nothing."""
    tables = generate_one_role(seed=1, units=20, bases=6)
    tables["roles"]["max_hires"] = 0
    rep = tables["people"].iloc[:1].assign(person_id="R1", role="sales", annual_cost=90_000.0)
    tables["people"] = pd.concat([tables["people"], rep], ignore_index=True)
    master = staffing_model(tables)
    loads = with_loads(master)
    assert np.isfinite(loads.opening).all()
    whole = solve(replace(master.arrays, integer=np.ones(len(master.arrays.cost), bool)), gap=0.0)
    fractions = solve(replace(master.arrays, integer=np.zeros(len(master.arrays.cost), bool)))
    assert whole.objective <= proven(loads, relaxed_prices(master)) + 1e-3 <= fractions.objective + 1e4


def test_whole_loads_prove_more_than_fractions_and_the_longer_the_more() -> None:
    """A hundred accounts, eight bases: the linear program, prices without branching, and all nodes."""
    master = of_one_role(1, units=100, bases=8)
    loads = with_loads(master)
    fractions = solve(replace(master.arrays, integer=np.zeros(len(master.arrays.cost), bool))).objective
    price = relaxed_prices(master)
    first, last = proven(loads, price, most=1), proven(loads, price)
    assert last < proven(loads, price, most=4) <= first < fractions
    assert proven(loads, price) == last


def test_companies_without_lone_reps_have_no_loads() -> None:
    """Four functions; two reps a base; a base with room for two; owners who count; nowhere to go without a rep."""
    drawn = built(generate(20, seed=1, bases=2, people=10))
    assert loads_of(build_master(drawn, site_of_pods(drawn))) is None
    tables = generate_one_role(seed=1, units=12, bases=3)
    tables["pods"]["max_people"] = 3
    wide = built(tables)
    assert loads_of(build_master(wide, site_of_pods(wide))) is None


def test_it_stops_when_asked_and_out_of_time() -> None:
    """With no second left it proves what its first prices do."""
    master = of_one_role(2)
    loads, price = with_loads(master), relaxed_prices(master)
    with ThreadPoolExecutor(1) as pool:
        openings = Openings(pool, loads, price, most=None, left=lambda: 0.0)
        openings.wait()
        assert openings.nodes == 1
        assert np.isfinite(openings.bound)
        stopped = Openings(pool, loads, price, most=None, left=lambda: None)
        stopped.stop()
        stopped.wait()
        assert stopped.bound >= proven(loads, price) - 1e-6


def test_the_engine_proves_with_them() -> None:
    """A hundred accounts, eight bases: under a work limit twice the same, and below where fractions of accounts end."""
    instance = built(generate_one_role(seed=1, units=100, bases=8))
    engine = get_engine("fast")
    limits = Limits(work_limit=40, gap=0.0, seed=1)
    first, second = (engine.solve(instance, limits, hint=None, progress=Progress()) for _ in range(2))
    assert first.bound == second.bound
    assert first.termination.reason in (Reason.FEASIBLE, Reason.OPTIMAL, Reason.GAP_REACHED)
    master = build_master(instance, site_of_pods(instance))
    assert first.bound < solve(master.arrays, gap=0.0).bound
