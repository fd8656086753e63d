"""Solve a core problem: prices and their bound, drafts of assignments, and parts of the best one decided anew.

The run is a row of rounds. A round is a list of tasks that depend on what was known when it began and on nothing else,
and their results are taken in the list's order: the answer is the same with any number of workers.
"""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.core import CAPACITY_TOLERANCE, CoreAnswer, recount
from podplanner.domain.result import Limit, Reason, Termination, gap
from solvers.core.ascent import Prices, ascend, first_prices
from solvers.core.drafts import Bench, Moved, annealed, reopened, restarted
from solvers.core.fixing import left_over
from solvers.core.improve import Improved, improved
from solvers.core.parts import Part, Solved, solve_part
from solvers.core.relaxation import relaxed
from solvers.core.search import Draft, weighed
from solvers.core.sites import Sited, sited

if TYPE_CHECKING:
    from collections.abc import Callable

    from podplanner.domain.core import CoreProblem
    from solvers.core.knapsack import Ints
    from solvers.engine import Limits, Progress

ASCENT_STEPS, LATER_STEPS = 50, 350
"""In a round, before and after the prices are good enough to choose parts by."""
PRICED = 300
"""Steps of ascent before they are."""
FIRST_DRAFT = 100
"""Steps before the first draft."""
NEAR, NEAR_BESIDE = 2, 8
"""Chains of near neighbourhoods in a round, and in one that also tries the whole problem, which takes long."""
SEEDS = 16
"""Most tasks of a round."""
LONGEST_PAUSE = 16
"""Most rounds without a wide neighbourhood, or other sites, after those that found nothing."""
WHOLE_COLUMNS = (1_500, 6_000)
"""Most choices left over with which the whole problem is tried at once, early and later."""
PATIENT = 10
"""Rounds until later."""
WHOLE_NODES = 200
"""Of its first try; each next one has three times as many."""
SAME = 2e-6
"""Share of a cost by which proofs in floating point may fall short of it."""


@dataclass(kw_only=True, eq=False)
class Run:
    """What is known so far.

    Parameters
    ----------
    bound
        Proven lower limit of the cost, ``inf`` where no assignment exists.
    is_solved
        Whether the best assignment, or its absence, is proven.
    columns
        Present size of neighbourhoods, by kind.
    pause, due
        Rounds to wait after the next failure of wide neighbourhoods or other sites, and the round of the next one.
    tried
        Sets of open pods that have been assigned to.
    whole_tries, whole_round
        Tries of the whole problem so far, and the round of the next.
    """

    problem: CoreProblem
    limits: Limits
    progress: Progress
    bench: Bench
    prices: Prices
    deadline: float
    is_whole_cost: bool
    columns: dict[str, float]
    bound: float = -math.inf
    best: Draft | None = None
    is_solved: bool = False
    round: int = 0
    pause: dict[str, int] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    tried: tuple[Ints, ...] = ()
    whole_tries: int = 0
    whole_round: int = 3

    @property
    def found(self) -> Draft | None:
        """The best assignment that keeps every rule."""
        return self.best if self.best is not None and self.best.overload == 0 else None

    def is_over(self) -> bool:
        """Whether to stop now: time, or a wish."""
        return time.monotonic() >= self.deadline or self.progress.stop_asked() or self.progress.cancelled()

    def left_s(self) -> float | None:
        """Seconds left, None without a time limit."""
        return None if math.isinf(self.deadline) else max(0.0, self.deadline - time.monotonic())

    def raise_bound(self, bound: float) -> None:
        """Take a proven bound; where all costs are whole numbers, so is the least cost."""
        if self.is_whole_cost and math.isfinite(bound):
            bound = math.ceil(bound - 1e-5)
        if self.found is not None:
            bound = min(bound, self.found.cost)
        self.bound = max(self.bound, bound)

    def wait(self, kind: str, *, has_gained: bool) -> None:
        """Try a kind again the sooner the more it gives."""
        self.pause[kind] = 1 if has_gained else min(2 * self.pause.get(kind, 1), LONGEST_PAUSE)
        self.due[kind] = self.round + self.pause[kind]

    def is_due(self, kind: str) -> bool:
        """Whether a kind is to be tried in this round."""
        return self.round >= self.due.get(kind, 0)

    def is_good_enough(self) -> bool:
        """Whether the gap is reached, or the end is proven."""
        if self.is_solved or self.found is None:
            return self.is_solved
        distance = gap(-self.bound, -self.found.cost)
        return distance is not None and distance <= self.limits.gap


Result = Prices | Draft | Moved | Improved | Sited | Solved


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
        columns={"near": 200.0, "wide": 300.0, "sites": 5.0 * problem.accounts},
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
        kinds = ["wide"] * run.is_due("wide") + ["near"] * (NEAR if whole is None else NEAR_BESIDE)
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
        left_s=run.left_s,
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
        left_s=run.left_s,
        is_over=run.is_over,
    )


def _whole_part(run: Run) -> Part | None:
    """The whole problem with the choices left over, None where they are too many."""
    problem, found = run.problem, run.found
    step = 1.0 if run.is_whole_cost else 0.0
    left = left_over(problem, run.prices, math.inf if found is None else found.cost - step)
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
        time_limit_s=run.left_s(),
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


def _take_whole(run: Run, solved: Solved) -> None:
    """What was left out cannot beat the best: the model's bound, or the best itself, is a bound of all."""
    found = run.found
    if found is None:
        run.raise_bound(solved.bound)
        run.is_solved = math.isinf(solved.bound) and solved.bound > 0
    else:
        run.raise_bound(min(solved.bound, found.cost))
        run.is_solved = run.bound >= found.cost - SAME * max(1.0, abs(found.cost))
    run.whole_tries += 1
    run.whole_round = run.round + 2 + 2 * run.whole_tries


def _offer(run: Run, moved: Moved) -> None:
    """Put accounts into their pods where that is better and keeps the rules about openings."""
    problem = run.problem
    pod = np.zeros(problem.accounts, np.int64) if run.best is None else run.best.pod.copy()
    pod[moved.accounts] = moved.pod
    opened = np.unique(pod)
    if problem.open_pods is not None and len(opened) != problem.open_pods:
        return
    if problem.home is not None and (pod[problem.home[opened]] != opened).any():
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
