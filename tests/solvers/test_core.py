"""The core problem against brute force, its metamorphoses, and its honest endings."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podplanner.domain.core import CoreAnswer, CoreProblem, recount
from podplanner.domain.errors import NoPlan, PlanRejected
from podplanner.domain.result import Limit, Reason
from solvers.core.solve import solve
from solvers.engine import Limits, Progress

ENOUGH = 40
"""Rounds within which every tiny problem is solved."""
NEAR = 1e-5
"""Proofs on costs with fractions may fall short by so much of them."""


def answered(
    problem: CoreProblem,
    *,
    work_limit: int | None = ENOUGH,
    time_limit_s: float | None = None,
    gap: float = 0.0,
    seed: int = 0,
    workers: int = 1,
) -> CoreAnswer:
    """Solve to the end, unless told otherwise."""
    limits = Limits(work_limit=work_limit, time_limit_s=time_limit_s, gap=gap, seed=seed, workers=workers)
    return solve(problem, limits, Progress())


def by_enumeration(problem: CoreProblem) -> float:
    """Least cost over all assignments, ``inf`` where none keeps the rules."""
    best = math.inf
    for pods in product(range(problem.pods), repeat=problem.accounts):
        try:
            best = min(best, recount(problem, np.array(pods)))
        except PlanRejected:
            continue
    return best


@st.composite
def problems(draw: st.DrawFn) -> CoreProblem:
    """Tiny problems of every kind, some of them infeasible."""
    pods, accounts = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    home = draw(st.booleans()) and pods <= accounts
    step = draw(st.sampled_from((1.0, 0.37)))
    use = (rng.integers(0, 9, (pods, accounts)) * step).astype(np.float64)
    return CoreProblem(
        cost=(rng.integers(-5, 40, (pods, accounts)) * step).astype(np.float64),
        use=use,
        capacity=np.round(rng.uniform(0.3, 1.3, pods) * use.sum() / pods),
        opening=(rng.integers(0, 30, pods) * step * draw(st.booleans())).astype(np.float64),
        open_pods=draw(st.none() | st.integers(1, pods)),
        home=rng.permutation(accounts)[:pods] if home else None,
    )


def some_problem(seed: int = 0, pods: int = 5, accounts: int = 20, room: float = 1.4) -> CoreProblem:
    """A problem with prices for opening, and with so much room as a share of what all accounts use on average."""
    rng = np.random.default_rng(seed)
    use = rng.integers(5, 30, (pods, accounts)).astype(float)
    return CoreProblem(
        cost=rng.integers(10, 60, (pods, accounts)).astype(float),
        use=use,
        capacity=np.full(pods, np.ceil(room * use.mean(axis=0).sum() / pods)),
        opening=rng.integers(0, 50, pods).astype(float),
    )


@given(problem=problems())
def test_finds_the_optimum_or_that_there_is_none(problem: CoreProblem) -> None:
    """The cost is the least, the bound never above it, and infeasible means that no assignment exists."""
    best = by_enumeration(problem)
    answer = answered(problem)
    if math.isinf(best):
        assert answer.termination.reason is Reason.INFEASIBLE
        assert answer.bound == math.inf
        with pytest.raises(NoPlan):
            _ = answer.pod
    else:
        assert answer.termination.reason is Reason.OPTIMAL
        assert answer.cost == pytest.approx(best, abs=1e-9)
        assert recount(problem, answer.pod) == answer.cost
        assert best - NEAR * max(1.0, abs(best)) <= answer.bound <= best + 1e-9


@given(problem=problems(), rounds=st.integers(0, 3))
def test_the_bound_is_valid_whenever_it_stops(problem: CoreProblem, rounds: int) -> None:
    """No matter how few rounds."""
    answer = answered(problem, work_limit=rounds)
    assert answer.bound <= by_enumeration(problem) + 1e-9
    assert rounds > 0 or answer.termination.limit is Limit.WORK or answer.termination.reason is Reason.INFEASIBLE


def test_a_literal_assignment() -> None:
    """Pod 0 is cheapest for all, with room for two: 1 + 6 + 3, as the detours cost 5, 4 and 6."""
    problem = CoreProblem(
        cost=np.array([[1.0, 2.0, 3.0], [6.0, 6.0, 9.0]]),
        use=np.array([[4.0, 4.0, 4.0], [2.0, 3.0, 4.0]]),
        capacity=np.array([9.0, 9.0]),
        opening=np.zeros(2),
    )
    answer = answered(problem)
    assert answer.pod.tolist() == [0, 1, 0]
    assert answer.cost == answer.bound == 10.0


def test_a_literal_median() -> None:
    """Points 0, 1, 2 and 10 on a line, two medians with room for three: 1 serves 0 and 2, and 10 itself."""
    places = np.array([0.0, 1.0, 2.0, 10.0])
    problem = CoreProblem(
        cost=np.abs(places[:, None] - places),
        use=np.ones((4, 4)),
        capacity=np.full(4, 3.0),
        opening=np.zeros(4),
        open_pods=2,
        home=np.arange(4),
    )
    answer = answered(problem)
    assert answer.pod.tolist() == [1, 1, 1, 3]
    assert answer.cost == answer.bound == 2.0


@pytest.mark.parametrize("scale", [0.001, 1000.0])
def test_money_may_be_counted_in_other_units(scale: float) -> None:
    """All costs times a number: so is the least."""
    problem = some_problem()
    scaled = replace(problem, cost=problem.cost * scale, opening=problem.opening * scale)
    assert answered(scaled).cost == pytest.approx(answered(problem).cost * scale)


def test_order_does_not_matter() -> None:
    """Pods and accounts in another order have the same least cost."""
    problem = some_problem(1)
    rng = np.random.default_rng(0)
    pods, accounts = rng.permutation(problem.pods), rng.permutation(problem.accounts)
    mixed = replace(
        problem,
        cost=problem.cost[pods][:, accounts],
        use=problem.use[pods][:, accounts],
        capacity=problem.capacity[pods],
        opening=problem.opening[pods],
    )
    assert answered(mixed).cost == answered(problem).cost


def test_more_room_never_costs_more() -> None:
    """A relaxed problem has an optimum at least as good."""
    problem = some_problem(2)
    assert answered(replace(problem, capacity=problem.capacity * 1.2)).cost <= answered(problem).cost


@pytest.mark.parametrize("seed", range(2))
def test_workers_change_nothing(seed: int) -> None:
    """Under a work limit one worker and two find the same assignment, bound and figures."""
    problem = some_problem(seed, pods=8, accounts=60)
    one, two = (answered(problem, work_limit=8, workers=workers, seed=seed) for workers in (1, 2))
    assert one.pod.tolist() == two.pod.tolist()
    assert (one.cost, one.bound, one.statistics) == (two.cost, two.bound, two.statistics)


class Stopped(Progress):
    """Asks to stop, or cancels, once there is something to keep."""

    def __init__(self, *, cancel: bool) -> None:
        self.cancel, self.has_best = cancel, False

    def update(self, *, step: str, best: float | None, bound: float | None) -> None:
        """Look for the first assignment; contributions are negative costs."""
        self.has_best = best is not None

    def stop_asked(self) -> bool:
        """Once there is one."""
        return self.has_best

    def cancelled(self) -> bool:
        """Likewise."""
        return self.cancel and self.has_best


def unproven() -> CoreProblem:
    """No first draft of it is proven best: its costs are no whole numbers that a bound could be rounded up to."""
    problem = some_problem(3, pods=20, accounts=200, room=2.0)
    return replace(problem, cost=problem.cost * 1.001)


def test_stop_keeps_the_best() -> None:
    """An assignment, a bound below it, and the word that it was stopped."""
    answer = solve(unproven(), Limits(gap=0.0), Stopped(cancel=False))
    assert (answer.termination.reason, answer.termination.limit) == (Reason.FEASIBLE, Limit.CANCELLED)
    assert answer.bound < answer.cost


def test_cancel_keeps_nothing() -> None:
    """No assignment, and asking for one raises."""
    answer = solve(unproven(), Limits(gap=0.0), Stopped(cancel=True))
    assert answer.termination.reason is Reason.CANCELLED
    with pytest.raises(NoPlan):
        _ = answer.cost


def test_no_time_is_no_answer() -> None:
    """Nothing is made up."""
    answer = answered(some_problem(), work_limit=None, time_limit_s=0.0)
    assert (answer.termination.reason, answer.termination.limit) == (Reason.NO_SOLUTION, Limit.TIME)
    assert answer.found is None


def test_the_gap_asked_for_ends_the_run() -> None:
    """A loose gap is reached without proof of the optimum."""
    answer = answered(some_problem(4, pods=10, accounts=100, room=2.0), gap=0.2, work_limit=None)
    assert answer.termination.reason in (Reason.GAP_REACHED, Reason.OPTIMAL)
    assert answer.cost - answer.bound <= 0.2 * abs(answer.bound)
