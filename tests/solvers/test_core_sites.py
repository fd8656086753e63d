"""Other sets of open pods: the model of split accounts against brute force, and the assignments that follow it."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from podplanner.domain.core import CoreProblem, recount
from podplanner.domain.errors import PlanRejected
from solvers.core.ascent import ascend, first_prices
from solvers.core.drafts import Bench, annealed, restarted
from solvers.core.neighbourhoods import paid, sites
from solvers.core.parts import Part, solve_part
from solvers.core.relaxation import relaxed
from solvers.core.search import weighed
from solvers.core.sites import sited
from solvers.highs import Status


def of_equal_accounts(seed: int) -> CoreProblem:
    """Every account uses one unit, so that splitting accounts gains nothing."""
    rng = np.random.default_rng(seed)
    return CoreProblem(
        cost=rng.integers(1, 30, (4, 5)).astype(float),
        use=np.ones((4, 5)),
        capacity=rng.integers(2, 5, 4).astype(float),
        opening=rng.integers(1, 40, 4).astype(float),
    )


def least_cost(problem: CoreProblem, is_open: tuple[bool, ...]) -> float:
    """Least cost of all assignments to these pods, whose opening is paid in any case; ``inf`` where none fits."""
    opened = np.flatnonzero(is_open)
    paid_once = replace(problem, opening=np.zeros(problem.pods))
    assignments = (np.array(pods) for pods in product(opened, repeat=problem.accounts))
    drafts = (weighed(paid_once, pod) for pod in assignments)
    costs = (draft.cost for draft in drafts if draft.overload == 0)
    return min(costs, default=math.inf) + float(problem.opening[opened].sum())


@pytest.mark.parametrize("seed", range(3))
def test_sets_of_open_pods_come_by_rising_cost(seed: int) -> None:
    """Each set barred after it came, the model gives the costs of all sets in order, and then that none is left."""
    problem = of_equal_accounts(seed)
    costs = sorted(least_cost(problem, is_open) for is_open in product((False, True), repeat=problem.pods))
    everything = Part(
        pods=np.arange(problem.pods),
        accounts=np.arange(problem.accounts),
        allowed=np.ones_like(problem.cost, bool),
        sure=np.zeros(problem.pods, np.bool_),
        start=None,
        is_whole=False,
    )
    barred: tuple[np.ndarray[tuple[int], np.dtype[np.int64]], ...] = ()
    for cost in costs:
        solved = solve_part(problem, replace(everything, barred=barred), nodes=1000, seed=0)
        if math.isinf(cost):
            assert solved.status is Status.INFEASIBLE
            break
        assert solved.bound == pytest.approx(cost, abs=1e-3)
        is_open = np.isin(np.arange(problem.pods), solved.opened)
        assert least_cost(problem, tuple(is_open.tolist())) == pytest.approx(cost)
        barred += (solved.opened,)


def test_another_set_is_assigned_to_and_repeatable() -> None:
    """The assignment keeps every rule, uses pods of the set alone, and comes again with the same seed."""
    rng = np.random.default_rng(5)
    use = np.tile(rng.integers(5, 20, 60), (12, 1)).astype(float)
    problem = CoreProblem(
        cost=rng.integers(1, 100, (12, 60)).astype(float),
        use=use,
        capacity=np.full(12, 200.0),
        opening=rng.integers(300, 500, 12).astype(float),
    )
    relaxation = relaxed(problem)
    bench = Bench(problem=problem, relaxation=relaxation, demand=float(use[0].sum()))
    prices = ascend(relaxation, first_prices(relaxation, 5), steps=300)
    best = restarted(bench, prices, seed=1)
    part = sites(problem, prices, paid(problem, prices), best, np.random.default_rng(1), columns=240)
    assert part.allowed[np.searchsorted(part.pods, best.pod), np.arange(60)].all()
    first, again = (
        sited(
            bench,
            prices,
            best,
            tried=(np.unique(best.pod),),
            columns=240.0,
            seed=1,
            share_s=lambda: None,
            is_over=lambda: False,
        )
        for _ in range(2)
    )
    assert first.draft is not None
    assert again.draft is not None
    assert first.draft.pod.tolist() == again.draft.pod.tolist()
    assert set(first.draft.pod) <= set(first.opened) != set(best.pod)
    assert recount(problem, first.draft.pod) == pytest.approx(first.draft.cost)


@pytest.mark.parametrize("seed", range(3))
def test_annealing_leaves_every_pod_at_its_best_home(seed: int) -> None:
    """Far from the dearest assignment no pod, accounts and all, is cheaper elsewhere; the same with the same seed."""
    places = np.random.default_rng(seed).uniform(0.0, 100.0, (5, 2))
    problem = CoreProblem(
        cost=np.sqrt(((places[:, None] - places) ** 2).sum(axis=2)),
        use=np.ones((5, 5)),
        capacity=np.full(5, 3.0),
        opening=np.zeros(5),
        open_pods=2,
        home=np.arange(5),
    )
    costs: dict[tuple[int, ...], float] = {}
    for pods in product(range(5), repeat=5):
        try:
            costs[pods] = recount(problem, np.array(pods))
        except PlanRejected:
            continue
    relaxation = relaxed(problem)
    bench = Bench(problem=problem, relaxation=relaxation, demand=5.0)
    prices = ascend(relaxation, first_prices(relaxation, 2), steps=300)
    dearest = weighed(problem, np.array(max(costs, key=lambda pods: costs[pods])))
    first, again = (annealed(bench, prices, dearest, seed, lambda: False) for _ in range(2))
    assert first.pod.tolist() == again.pod.tolist()
    assert costs[tuple(first.pod.tolist())] < dearest.cost
    for pod, other in product(set(first.pod), range(5)):
        moved = tuple(np.where(first.pod == pod, other, first.pod).tolist())
        assert costs.get(moved, math.inf) > first.cost - 1e-9
