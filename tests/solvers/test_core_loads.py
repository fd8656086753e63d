"""Loads: all that are near the best ones, against brute force, and assignments mixed from them."""

from __future__ import annotations

import math
from itertools import combinations, product

import numpy as np
import pytest

from podplanner.domain.core import CAPACITY_TOLERANCE, CoreProblem, recount
from podplanner.domain.errors import PlanRejected
from solvers.core.ascent import Prices, ascend, first_prices
from solvers.core.drafts import Bench
from solvers.core.loads import best_loads, loads_of, loads_within
from solvers.core.mixing import Mixed, mixed, mixed_more, mixed_regions
from solvers.core.relaxation import relaxed
from solvers.core.search import Draft, weighed

MANY = 10_000
"""Cells, more than any of these problems has."""


def of_kind(kind: str, seed: int) -> CoreProblem:
    """Points on a square as pods and accounts at once: pods with prices, a given number of pods, or pods with homes."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0.0, 100.0, (6, 2))
    use = rng.uniform(1.0, 4.0, 6)
    return CoreProblem(
        cost=np.sqrt(((places[:, None] - places) ** 2).sum(axis=2)),
        use=np.tile(use, (6, 1)),
        capacity=np.full(6, 7.0),
        opening=np.full(6, 20.0) if kind == "priced" else np.zeros(6),
        open_pods=None if kind == "priced" else 3,
        home=np.arange(6) if kind == "homes" else None,
    )


def priced(problem: CoreProblem, steps: int) -> tuple[Bench, Prices]:
    """What loads are made from, after so many steps of ascent."""
    relaxation = relaxed(problem)
    bench = Bench(problem=problem, relaxation=relaxation, demand=float(problem.use.min(axis=0).sum()))
    return bench, ascend(relaxation, first_prices(relaxation, 3), steps=steps)


def every_assignment(problem: CoreProblem) -> dict[tuple[int, ...], float]:
    """The cost of each that keeps every rule."""
    costs: dict[tuple[int, ...], float] = {}
    for pods in product(range(problem.pods), repeat=problem.accounts):
        try:
            costs[pods] = recount(problem, np.array(pods))
        except PlanRejected:
            continue
    return costs


def mixed_from(bench: Bench, prices: Prices, start: Draft, *, cells: float = MANY) -> Mixed:
    """Mixed without any limit of time."""
    return mixed(
        bench, prices, start, limit=start.cost, cells=cells, seed=1, share_s=lambda: None, is_over=lambda: False
    )


@pytest.mark.parametrize("kind", ["priced", "counted", "homes"])
@pytest.mark.parametrize("reach", [3.0, 60.0])
def test_no_load_within_the_reach_is_missing(kind: str, reach: float) -> None:
    """The same as all sets of accounts that fit, tried one by one."""
    problem = of_kind(kind, seed=2)
    bench, prices = priced(problem, steps=200)
    edge = 0.0 if problem.open_pods is None else float(np.sort(prices.value)[problem.open_pods - 1])
    expected = set()
    for pod, count in product(range(6), range(1, 7)):
        for accounts in combinations(range(6), count):
            members = np.array(accounts)
            at_home = problem.home is None or pod in accounts
            fits = problem.use[pod, members].sum() <= problem.capacity[pod] + CAPACITY_TOLERANCE
            cost = problem.opening[pod] + (problem.cost[pod, members] - prices.account[members]).sum()
            if at_home and fits and cost - min(float(prices.value[pod]), edge) <= reach:
                expected.add((pod, accounts))
    loads = loads_within(problem, bench.relaxation, prices, reach=reach, cells=MANY)
    assert loads is not None
    found = [
        (int(loads.pod[load]), tuple(sorted(loads.account[loads.load == load].tolist())))
        for load in range(len(loads.pod))
    ]
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_the_reach_falls_until_loads_are_few_enough() -> None:
    """No more cells than asked for, and none within the reach that came of it is missing."""
    problem = of_kind("priced", seed=1)
    bench, prices = priced(problem, steps=200)
    loads, reach = best_loads(problem, bench.relaxation, prices, reach=200.0, cells=20)
    assert 0 < loads.cells <= 20
    again = loads_within(problem, bench.relaxation, prices, reach=reach, cells=MANY)
    assert again is not None
    assert again.account.tolist() == loads.account.tolist()


def test_a_literal_mix() -> None:
    """Both pods with the two accounts cheap for them: 3 + 1 + 1 and 4 + 2 + 2; the start has each in the other one."""
    problem = CoreProblem(
        cost=np.array([[1.0, 1.0, 9.0, 9.0], [9.0, 9.0, 2.0, 2.0]]),
        use=np.ones((2, 4)),
        capacity=np.array([2.0, 2.0]),
        opening=np.array([3.0, 4.0]),
    )
    bench, prices = priced(problem, steps=1)
    start = weighed(problem, np.array([1, 1, 0, 0]))
    assert loads_of(start.pod).cost(problem).tolist() == [21.0, 22.0]
    result = mixed_from(bench, prices, start)
    assert result.moved is not None
    assert result.moved.pod.tolist() == [0, 0, 1, 1]
    assert result.bound == pytest.approx(13.0, abs=1e-4)
    assert result.is_solved


@pytest.mark.parametrize("kind", ["priced", "counted", "homes"])
@pytest.mark.parametrize("seed", range(2))
def test_all_loads_within_the_gap_prove_the_best_mix(kind: str, seed: int) -> None:
    """From the dearest assignment to the cheapest, whatever the prices, and no bound where loads were missing."""
    problem = of_kind(kind, seed)
    costs = every_assignment(problem)
    dearest = weighed(problem, np.array(max(costs, key=lambda pods: costs[pods])))
    for steps in (5, 300):
        bench, prices = priced(problem, steps)
        result = mixed_from(bench, prices, dearest)
        assert result.moved is not None
        assert recount(problem, result.moved.pod) == pytest.approx(min(costs.values()))
        assert result.bound == pytest.approx(min(costs.values()), rel=1e-5)
        assert mixed_from(bench, prices, dearest, cells=12).bound == -math.inf


@pytest.mark.parametrize("kind", ["priced", "counted", "homes"])
def test_regions_are_mixed_and_repeatable(kind: str) -> None:
    """What moves makes the dearest assignment cheaper, and comes again with the same seed."""
    problem = of_kind(kind, seed=3)
    costs = every_assignment(problem)
    dearest = weighed(problem, np.array(max(costs, key=lambda pods: costs[pods])))
    bench, prices = priced(problem, steps=300)
    places = []
    for _ in range(2):
        result = mixed_regions(bench, prices, dearest, size=300.0, seed=1, share_s=lambda: None, is_over=lambda: False)
        assert result.moved is not None
        place = dearest.pod.copy()
        place[result.moved.accounts] = result.moved.pod
        places.append(place.tolist())
    assert places[0] == places[1]
    assert recount(problem, np.array(places[0])) < dearest.cost


def mixed_from_the_dearest(problem: CoreProblem, costs: dict[tuple[int, ...], float], *, cells: float) -> Mixed:
    """Mixed again and again, with few cells at first."""
    dearest = weighed(problem, np.array(max(costs, key=lambda pods: costs[pods])))
    bench, prices = priced(problem, steps=300)
    return mixed_more(
        bench, prices, dearest, limit=dearest.cost, cells=cells, seed=1, share_s=lambda: None, is_over=lambda: False
    )


def test_more_loads_follow_while_all_mixes_can_be_decided() -> None:
    """Too few loads at first, the best mix of all at last."""
    problem = of_kind("homes", seed=1)
    costs = every_assignment(problem)
    result = mixed_from_the_dearest(problem, costs, cells=5)
    assert result.moved is not None
    assert recount(problem, result.moved.pod) == pytest.approx(min(costs.values()))
    assert result.bound == pytest.approx(min(costs.values()), rel=1e-5)


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_mixes_keep_the_number_of_pods_that_is_asked_for(seed: int) -> None:
    """A mix may leave a pod no account, as each goes to the cheapest of its pods: that is no step to go on from."""
    problem = of_kind("counted", seed=seed)
    costs = every_assignment(problem)
    result = mixed_from_the_dearest(problem, costs, cells=6)
    assert result.moved is not None
    assert len(np.unique(result.moved.pod)) == problem.open_pods
    assert result.bound <= min(costs.values()) + 1e-4
