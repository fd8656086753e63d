"""Better assignments by mixing loads: each account in one, each pod with one at most, decided exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solvers.core.drafts import Moved, cut, keeps_openings
from solvers.core.loads import Loads, best_loads, loads_of, together
from solvers.core.neighbourhoods import paid, region
from solvers.core.parts import proven
from solvers.core.relaxation import relaxed
from solvers.core.search import weighed
from solvers.highs import Model, Status, solve

if TYPE_CHECKING:
    from collections.abc import Callable

    from podplanner.domain.core import CoreProblem
    from solvers.core.ascent import Prices
    from solvers.core.drafts import Bench
    from solvers.core.knapsack import Floats, Ints
    from solvers.core.search import Draft

NODES = 1_000
TIME_S = 15.0
"""Of the model's branch and bound, the seconds only where a time limit is set."""
CELLS = (1_000.0, 200_000.0)
"""Least and most of all loads together."""
GROWTH, SHRINKAGE = 1.7, 0.6
"""Of the cells after a model that was solved, and after one that was not."""
REGION_CELLS = 4_000
REGION = (300.0, 4_000.0)
"""Of the loads of a region; least and most choices by which it is measured."""
REGION_GROWTH, REGION_SHRINKAGE = 1.2, 0.8
CHAIN = 3
"""Mixes one after the other, each from the last one's result."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Mixed:
    """What a mix of loads gave.

    Parameters
    ----------
    moved
        None where no mix was found.
    bound
        Proven lower limit of the cost of every better assignment, ``-inf`` where loads were missing.
    size
        Of the next: cells of the loads, or choices of the region.
    is_solved
        Whether the best mix of these loads is proven.
    """

    kind: str
    moved: Moved | None
    bound: float
    size: float
    is_solved: bool


def mixed(
    bench: Bench,
    prices: Prices,
    best: Draft,
    *,
    limit: float,
    cells: float,
    seed: int,
    share_s: Callable[[], float | None],
    is_over: Callable[[], bool],
) -> Mixed:
    """Mix the loads that are best at the prices, and those of the best draft.

    Parameters
    ----------
    limit
        Cost above which no assignment is wanted; ``inf`` where any is.
    cells
        About how many pairs of a load and an account there may be.
    """
    problem = bench.problem
    slack = 1e-9 * max(1.0, float(np.abs(prices.account).sum()))
    gap = limit - prices.bound + slack if math.isfinite(limit) else float(prices.scale.sum())
    loads, reach = best_loads(problem, bench.relaxation, prices, reach=gap, cells=int(cells))
    is_complete = math.isfinite(limit) and reach >= gap
    has_start = best.overload == 0
    if has_start:
        loads = together(loads_of(best.pod), loads)
    model, taken = _model(problem, loads)
    share = share_s()
    answer = solve(
        model.frozen(),
        nodes=NODES,
        gap=0.0,
        seed=seed,
        own_search=True,
        restarts=False,
        time_limit_s=None if share is None else min(share, TIME_S),
        start=_start(model, best) if has_start else None,
        stop_asked=is_over,
    )
    is_solved = answer.status in (Status.OPTIMAL, Status.INFEASIBLE)
    return Mixed(
        kind="loads",
        moved=None if answer.values is None else _assigned(problem, loads, answer.values[taken] > 0.5, best),
        bound=proven(answer) if is_complete else -math.inf,
        size=min(max(cells * (GROWTH if is_solved else SHRINKAGE), CELLS[0]), CELLS[1]),
        is_solved=is_solved,
    )


def mixed_more(
    bench: Bench,
    prices: Prices,
    best: Draft,
    *,
    limit: float,
    cells: float,
    seed: int,
    share_s: Callable[[], float | None],
    is_over: Callable[[], bool],
) -> Mixed:
    """As `mixed`, again and again with more loads while all mixes of them can be decided."""
    draft = best
    for number in range(CHAIN):
        result = mixed(
            bench,
            prices,
            draft,
            limit=min(limit, draft.cost) if draft.overload == 0 else math.inf,
            cells=cells,
            seed=(seed + number) % 2**31,
            share_s=share_s,
            is_over=is_over,
        )
        cells = result.size
        if result.moved is not None:
            other = weighed(bench.problem, result.moved.pod)
            draft = other if other.beats(draft) and keeps_openings(bench.problem, other.pod) else draft
        if not result.is_solved or math.isfinite(result.bound) or is_over():
            break
    return replace(result, moved=Moved(accounts=np.arange(bench.problem.accounts), pod=draft.pod))


def mixed_regions(
    bench: Bench,
    prices: Prices,
    best: Draft,
    *,
    size: float,
    seed: int,
    share_s: Callable[[], float | None],
    is_over: Callable[[], bool],
) -> Mixed:
    """Mix the loads of some regions, one after the other: fewer accounts have fewer loads, of more excess.

    Parameters
    ----------
    size
        About how many choices a region has.
    """
    problem, rng = bench.problem, np.random.default_rng(seed)
    reduced = paid(problem, prices)
    draft, solved = best, 0
    for number in range(CHAIN):
        if is_over():
            break
        pods, accounts = region(problem, prices, reduced, draft, rng, columns=int(size))
        part, part_prices = cut(bench, prices, draft, pods, accounts)
        start = weighed(part.problem, np.searchsorted(pods, draft.pod[accounts]))
        result = mixed(
            replace(part, relaxation=relaxed(part.problem)),
            part_prices,
            start,
            limit=start.cost if start.overload == 0 else math.inf,
            cells=REGION_CELLS,
            seed=(seed + number) % 2**31,
            share_s=share_s,
            is_over=is_over,
        )
        solved += result.is_solved
        size = min(max(size * (REGION_GROWTH if result.is_solved else REGION_SHRINKAGE), REGION[0]), REGION[1])
        if result.moved is not None:
            place = draft.pod.copy()
            place[accounts] = pods[result.moved.pod]
            other = weighed(problem, place)
            draft = other if other.beats(draft) and keeps_openings(problem, place) else draft
    accounts = np.flatnonzero(draft.pod != best.pod)
    return Mixed(
        kind="regions",
        moved=Moved(accounts=accounts, pod=draft.pod[accounts]),
        bound=-math.inf,
        size=size,
        is_solved=solved == CHAIN,
    )


def _model(problem: CoreProblem, loads: Loads) -> tuple[Model, Ints]:
    """One column a load; an account may be in several, as it can leave all but one."""
    model = Model()
    taken = model.add_columns(len(loads.pod), cost=-loads.cost(problem), upper=1.0, integer=True)
    once = model.add_rows(problem.accounts, lower=1.0)
    model.add_entries(once[loads.account], taken[loads.load])
    one = model.add_rows(problem.pods, upper=1.0)
    model.add_entries(one[loads.pod], taken)
    if problem.open_pods is not None:
        model.add_row(taken, lower=problem.open_pods, upper=problem.open_pods)
    return model, taken


def _start(model: Model, best: Draft) -> Floats:
    """The best draft's own loads, which come first."""
    values = np.zeros(model.columns)
    values[: len(np.unique(best.pod))] = 1.0
    return values


def _assigned(problem: CoreProblem, loads: Loads, is_taken: np.ndarray, best: Draft) -> Moved:
    """Each account to the cheapest of the pods whose loads have it, a home to its own."""
    pairs = np.flatnonzero(is_taken[loads.load])
    pod, account = loads.pod[loads.load[pairs]], loads.account[pairs]
    cost = problem.cost[pod, account]
    if problem.home is not None:
        cost = np.where(problem.home[pod] == account, -np.inf, cost)
    order = np.argsort(-cost, kind="stable")
    place = best.pod.copy()
    place[account[order]] = pod[order]
    return Moved(accounts=np.arange(problem.accounts), pod=place)
