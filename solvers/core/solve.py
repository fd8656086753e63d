"""Solve a core problem: prices and their bound, drafts of assignments, and parts of the best one decided anew.

The run is a row of rounds. A round is a list of tasks that depend on what was known when it began and on nothing else,
and their results are taken in the list's order: the answer is the same with any number of workers.
"""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.core import CAPACITY_TOLERANCE, CoreAnswer, recount
from podplanner.domain.errors import EngineError
from podplanner.domain.result import Limit, Reason, Termination
from solvers.core.ascent import Prices, ascend, first_prices
from solvers.core.drafts import Bench, Moved, annealed, keeps_openings, reopened, restarted
from solvers.core.fixing import left_over
from solvers.core.improve import Improved, improved
from solvers.core.mixing import Mixed, mixed_more, mixed_regions
from solvers.core.parts import Part, Solved, solve_part
from solvers.core.relaxation import relaxed
from solvers.core.run import LARGE_SHARE, SHARE, Run
from solvers.core.search import Draft, weighed
from solvers.core.sites import Sited, sited

if TYPE_CHECKING:
    from collections.abc import Callable

    from podplanner.domain.core import CoreProblem
    from solvers.engine import Limits, Progress

ASCENT_STEPS, LATER_STEPS = 50, 700
"""In a round, before and after the prices are good enough to choose parts by."""
PRICED = 300
"""Steps of ascent before they are."""
FIRST_DRAFT = 100
"""Steps before the first draft."""
NEAR = 2
"""Chains of near neighbourhoods in a round."""
SEEDS = 16
"""Most tasks of a round."""
WHOLE_COLUMNS = (1_500, 6_000)
"""Most choices left over with which the whole problem is tried at once, early and later."""
PATIENT = 10
"""Rounds until later."""
SHORT = 12
"""Most accounts of an open pod, on average, with which loads are mixed: more make too many loads."""
WHOLE_NODES = 200
"""Of its first try; each next one has three times as many."""
SAME = 2e-6
"""Share of a cost by which proofs in floating point may fall short of it."""


Result = Prices | Draft | Moved | Improved | Mixed | Sited | Solved


def solve(problem: CoreProblem, limits: Limits, progress: Progress) -> CoreAnswer:
    """Assign accounts at least cost.

    Parameters
    ----------
    limits
        One unit of work is one round.
    progress
        Told the contribution, which is the cost's negative.

    Returns
    -------
    CoreAnswer
        Its cost was counted again from the problem's arrays.
    """
    run = _begun(problem, limits, progress)
    with ThreadPoolExecutor(limits.workers) as pool:
        while not (run.is_good_enough() or run.is_over() or run.round == limits.work_limit):
            for result in list(pool.map(lambda task: task(), _tasks(run))):
                _take(run, result)
            run.round += 1
            found = run.found
            progress.update(
                step=f"round {run.round}",
                best=None if found is None else -found.cost,
                bound=-run.bound if math.isfinite(run.bound) else None,
            )
    return _answer(run)


def _begun(problem: CoreProblem, limits: Limits, progress: Progress) -> Run:
    relaxation = relaxed(problem)
    demand = float(problem.use.min(axis=0).sum())
    largest = np.cumsum(np.sort(problem.capacity)[::-1])
    needed = problem.open_pods or min(problem.pods, int(np.searchsorted(largest, demand)) + 1)
    run = Run(
        problem=problem,
        limits=limits,
        progress=progress,
        bench=Bench(problem=problem, relaxation=relaxation, demand=demand),
        prices=first_prices(relaxation, needed),
        deadline=math.inf if limits.time_limit_s is None else time.monotonic() + limits.time_limit_s,
        columns={"near": 200.0, "wide": 300.0, "sites": 5.0 * problem.accounts, "loads": 6_000.0, "regions": 600.0},
        is_whole_cost=bool(
            (problem.cost == np.round(problem.cost)).all() and (problem.opening == np.round(problem.opening)).all()
        ),
    )
    room = problem.capacity + CAPACITY_TOLERANCE
    if not (problem.use <= room[:, None]).any(axis=0).all() or room.sum() < demand:
        run.bound, run.is_solved = math.inf, True
    return run


def _tasks(run: Run) -> list[Callable[[], Result]]:
    """What one round does, the longest first; every task has a seed of its own."""
    prices, best, bench = run.prices, run.best, run.bench
    seeds = iter(np.random.SeedSequence((run.limits.seed, run.round)).generate_state(SEEDS, np.uint32) >> 1)
    is_priced = prices.steps >= PRICED or prices.is_done
    tasks: list[Callable[[], Result]] = []
    whole = _whole_part(run) if run.round >= run.whole_round else None
    if whole is not None:
        tasks.append(partial(_whole, run, whole, int(next(seeds))))
    if best is not None and is_priced:
        if run.is_due("sites") and not run.problem.is_free and run.problem.open_pods is None:
            tasks.append(_other_sites(run, best, int(next(seeds))))
        if prices.is_done and run.problem.accounts <= SHORT * len(np.unique(best.pod)):
            tasks += [_mix(run, best, int(next(seeds)))] * run.is_due("loads")
            tasks += [_mix_regions(run, best, int(next(seeds)))] * run.is_due("regions")
        kinds = ["wide"] * run.is_due("wide") + ["near"] * NEAR
        tasks += [_improvement(run, best, kind, int(next(seeds))) for kind in kinds]
    if not prices.is_done:
        tasks.append(partial(ascend, bench.relaxation, prices, steps=LATER_STEPS if is_priced else ASCENT_STEPS))
    if best is not None and is_priced:
        tasks += [partial(annealed, bench, prices, best, int(next(seeds)), run.is_over) for _ in range(2)]
        if not run.problem.is_free:
            tasks += [partial(reopened, bench, prices, best, int(next(seeds)), run.is_over) for _ in range(2)]
    if prices.steps >= FIRST_DRAFT and (not is_priced or run.found is None or run.round % 4 == 0):
        tasks.append(partial(restarted, bench, prices, int(next(seeds))))
    return tasks


def _improvement(run: Run, best: Draft, kind: str, seed: int) -> Callable[[], Result]:
    return partial(
        improved,
        run.problem,
        run.prices,
        best,
        kind=kind,
        columns=run.columns[kind],
        seed=seed,
        share_s=run.share_s,
        is_over=run.is_over,
    )


def _other_sites(run: Run, best: Draft, seed: int) -> Callable[[], Result]:
    return partial(
        sited,
        run.bench,
        run.prices,
        best,
        tried=run.tried,
        columns=run.columns["sites"],
        seed=seed,
        share_s=run.share_s,
        is_over=run.is_over,
    )


def _mix(run: Run, best: Draft, seed: int) -> Callable[[], Result]:
    return partial(
        mixed_more,
        run.bench,
        run.prices,
        best,
        limit=_least_known(run),
        cells=run.columns["loads"],
        seed=seed,
        share_s=partial(run.share_s, LARGE_SHARE),
        is_over=run.is_over,
    )


def _mix_regions(run: Run, best: Draft, seed: int) -> Callable[[], Result]:
    return partial(
        mixed_regions,
        run.bench,
        run.prices,
        best,
        size=run.columns["regions"],
        seed=seed,
        share_s=run.share_s,
        is_over=run.is_over,
    )


def _least_known(run: Run) -> float:
    """Cost that a better assignment has at most; ``inf`` where none is known."""
    step = 1.0 if run.is_whole_cost else 0.0
    return math.inf if run.found is None else run.found.cost - step


def _whole_part(run: Run) -> Part | None:
    """The whole problem with the choices left over, None where they are too many."""
    problem = run.problem
    left = left_over(problem, run.prices, _least_known(run))
    if left.sum() > WHOLE_COLUMNS[run.round >= PATIENT]:
        return None
    pods = np.flatnonzero(left.any(axis=1))
    return Part(
        pods=pods,
        accounts=np.arange(problem.accounts),
        allowed=left[pods],
        sure=np.zeros(len(pods), np.bool_),
        start=None,
    )


def _whole(run: Run, part: Part, seed: int) -> Solved:
    return solve_part(
        run.problem,
        part,
        nodes=WHOLE_NODES * 3**run.whole_tries,
        seed=seed,
        own_search=True,
        time_limit_s=run.share_s(LARGE_SHARE if run.whole_tries else SHARE),
        stop_asked=run.is_over,
    )


def _take(run: Run, result: Result) -> None:
    if isinstance(result, Prices):
        run.prices = result
        run.is_solved |= result.bound == math.inf  # too few pods can open
        run.raise_bound(result.bound - 1e-9 * max(1.0, float(np.abs(result.account).sum())))
        return
    if isinstance(result, Draft):
        _offer(run, Moved(accounts=np.arange(run.problem.accounts), pod=result.pod))
        return
    if isinstance(result, Moved):
        _offer(run, result)
        return
    if isinstance(result, Improved):
        _offer(run, result.moved)
        run.columns[result.kind] = result.columns
        run.wait(result.kind, has_gained=not result.is_exhausted)
        return
    if isinstance(result, Mixed):
        _take_mixed(run, result)
        return
    if isinstance(result, Sited):
        before = run.best
        if result.draft is not None:
            _offer(run, Moved(accounts=np.arange(run.problem.accounts), pod=result.draft.pod))
            run.tried += (result.opened,)
        run.columns["sites"] = result.columns
        run.wait("sites", has_gained=run.best is not before)
        return
    if result.pod is not None:
        _offer(run, Moved(accounts=np.arange(run.problem.accounts), pod=result.pod))
    _take_whole(run, result)


def _take_mixed(run: Run, result: Mixed) -> None:
    before = run.best
    if result.moved is not None:
        _offer(run, result.moved)
    run.columns[result.kind] = result.size
    run.wait(result.kind, has_gained=result.is_solved or run.best is not before)
    if result.bound > -math.inf and run.found is not None:
        if math.isinf(result.bound):
            raise EngineError("no mix of loads has the pods of an assignment that is one")
        _prove(run, result.bound, run.found.cost)


def _prove(run: Run, bound: float, cost: float) -> None:
    """Take a bound of all that is better than the best: it, or the best itself, is a bound of all."""
    run.raise_bound(min(bound, cost))
    run.is_solved = run.bound >= cost - SAME * max(1.0, abs(cost))


def _take_whole(run: Run, solved: Solved) -> None:
    """What was left out cannot beat the best."""
    found = run.found
    if found is None:
        run.raise_bound(solved.bound)
        run.is_solved = math.isinf(solved.bound) and solved.bound > 0
    else:
        _prove(run, solved.bound, found.cost)
    run.whole_tries += 1
    run.whole_round = run.round + 2 + 2 * run.whole_tries


def _offer(run: Run, moved: Moved) -> None:
    """Put accounts into their pods where that is better and keeps the rules about openings."""
    problem = run.problem
    pod = np.zeros(problem.accounts, np.int64) if run.best is None else run.best.pod.copy()
    pod[moved.accounts] = moved.pod
    if not keeps_openings(problem, pod):
        return
    draft = weighed(problem, pod)
    if draft.beats(run.best):
        run.best = draft


def _answer(run: Run) -> CoreAnswer:
    found = None if run.progress.cancelled() else run.found
    limit = Limit.WORK if run.round == run.limits.work_limit else Limit.TIME
    if run.progress.stop_asked() or run.progress.cancelled():
        limit = Limit.CANCELLED
    if run.progress.cancelled():
        reason = Reason.CANCELLED
    elif run.is_solved or (found is not None and run.bound >= found.cost):
        reason = Reason.INFEASIBLE if found is None else Reason.OPTIMAL
    elif run.is_good_enough():
        reason = Reason.GAP_REACHED
    else:
        reason = Reason.NO_SOLUTION if found is None else Reason.FEASIBLE
    stopped = reason in (Reason.NO_SOLUTION, Reason.FEASIBLE, Reason.CANCELLED)
    return CoreAnswer(
        termination=Termination(reason=reason, limit=limit if stopped else None, detail=f"{run.round} rounds"),
        bound=run.bound,
        found=None if found is None else found.pod,
        found_cost=None if found is None else recount(run.problem, found.pod),
        statistics={"rounds": run.round, "ascent_steps": run.prices.steps, "whole_tries": run.whole_tries},
    )
