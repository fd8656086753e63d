"""Part of a core problem as a mixed-integer model: some pods, some accounts, and where each of them may go."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.core import CAPACITY_TOLERANCE
from solvers.highs import Answer, Floats, Ints, Model, Status, solve

if TYPE_CHECKING:
    from collections.abc import Callable

    from podplanner.domain.core import CoreProblem
    from solvers.core.search import Draft

Flags = NDArray[np.bool_]

NOTHING = np.zeros(0, np.int64)

ALL_OF_IT = 1 - 1e-6
"""Least share of an account with which it is not split."""

OVERLOAD_PRICE = 10.0
"""Of one unit above capacity, in units of the dearest detour of an account for each unit that it uses."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """What may change, and from what.

    Parameters
    ----------
    pods
        Those that may open, close or serve other accounts; no account outside the part is in one of them.
    accounts
        Those that may move.
    allowed
        Where (pods x accounts of the part).
    sure
        Pods that stay open, whoever is in them.
    start
        The assignment that the part belongs to, None where there is none: then the part is the whole problem.
    is_whole
        Whether accounts are whole; else a pod may serve a share of one, and what is decided is which pods open.
    barred
        Sets of open pods that are not wanted.
    """

    pods: Ints
    accounts: Ints
    allowed: Flags
    sure: Flags
    start: Draft | None
    is_whole: bool = True
    barred: tuple[Ints, ...] = ()

    @property
    def columns(self) -> int:
        """How many choices there are."""
        return int(self.allowed.sum())


@dataclass(frozen=True, kw_only=True, eq=False)
class Solved:
    """What the model of a part gave.

    Parameters
    ----------
    pod
        Of the part's accounts, -1 for those that are split; None where nothing was found.
    opened
        Pods that open, where the part decides about that; else none.
    bound
        Proven lower limit of the part's cost, ``inf`` where it has no assignment at all.
    """

    status: Status
    pod: Ints | None
    opened: Ints
    bound: float


def solve_part(
    problem: CoreProblem,
    part: Part,
    *,
    nodes: int,
    seed: int,
    own_search: bool = False,
    time_limit_s: float | None = None,
    stop_asked: Callable[[], bool] | None = None,
) -> Solved:
    """The best that the part can be, by `solvers.highs.solve`.

    Where the start overloads pods, overload is allowed at a price.
    """
    if not part.allowed.any(axis=0).all():  # no model of nothing: HiGHS calls an empty one solved
        return Solved(status=Status.INFEASIBLE, pod=None, opened=NOTHING, bound=math.inf)
    model = Model()
    row, column = np.nonzero(part.allowed)
    pod, account = part.pods[row], part.accounts[column]
    x = model.add_columns(len(pod), cost=-problem.cost[pod, account], upper=1.0, integer=part.is_whole)
    once = model.add_rows(len(part.accounts), lower=1.0, upper=1.0)
    model.add_entries(once[column], x)
    has_openings = not problem.is_free
    room = problem.capacity[part.pods]
    full = model.add_rows(len(part.pods), upper=0.0 if has_openings else room)
    model.add_entries(full[row], x, problem.use[pod, account])
    y = NOTHING
    if has_openings:
        y = _add_openings(model, problem, part, x, row)
        model.add_entries(full, y, -room)
    if part.start is not None and part.start.overload > 0:
        spread = np.ptp(problem.cost[np.ix_(part.pods, part.accounts)], axis=0).max()
        least = max(float(np.median(problem.use[pod, account])), CAPACITY_TOLERANCE)
        excess = model.add_columns(len(part.pods), cost=-OVERLOAD_PRICE * (spread + 1.0) / least)
        model.add_entries(full, excess, -1.0)
    answer = solve(
        model.frozen(),
        nodes=nodes,
        gap=0.0,
        seed=seed,
        own_search=own_search,
        restarts=part.start is None,
        time_limit_s=time_limit_s,
        start=None if part.start is None else _start(model, problem, part, part.start, x, y),
        stop_asked=stop_asked,
    )
    return Solved(
        status=answer.status,
        pod=_pods(answer, part, x, row, column),
        opened=NOTHING if answer.values is None or not len(y) else part.pods[answer.values[y] > 0.5],
        bound=proven(answer),
    )


def _add_openings(model: Model, problem: CoreProblem, part: Part, x: Ints, row: Ints) -> Ints:
    """Columns for open pods: an account goes to open ones only, their number stays, and each serves its home."""
    y = model.add_columns(len(part.pods), cost=-problem.opening[part.pods], lower=part.sure, upper=1.0, integer=True)
    maybe = ~part.sure[row]
    behind = model.add_rows(int(maybe.sum()), upper=0.0)
    model.add_entries(behind, x[maybe])
    model.add_entries(behind, y[row[maybe]], -1.0)
    if problem.open_pods is not None:
        count = problem.open_pods
        if part.start is not None:
            count = len(np.intersect1d(part.start.pod, part.pods))
        model.add_row(y, lower=count, upper=count)
        if problem.home is None:  # else an open pod has its home
            some = model.add_rows(len(part.pods), lower=0.0)
            model.add_entries(some[row], x)
            model.add_entries(some, y, -1.0)
    for opened in part.barred:
        if np.isin(opened, part.pods).all():
            among = np.isin(part.pods, opened)
            model.add_row(y, np.where(among, 1.0, -1.0), upper=len(opened) - 1.0)
    if problem.home is not None:
        here = model.add_rows(len(part.pods), lower=0.0, upper=0.0)
        model.add_entries(here, y)
        at_home = problem.home[part.pods][row] == part.accounts[np.nonzero(part.allowed)[1]]
        model.add_entries(here[row[at_home]], x[at_home], -1.0)
    return y


def _start(model: Model, problem: CoreProblem, part: Part, draft: Draft, x: Ints, y: Ints) -> Floats:
    """The draft as values of the columns."""
    values = np.zeros(model.columns)
    row, column = np.nonzero(part.allowed)
    now = draft.pod[part.accounts]
    values[x] = part.pods[row] == now[column]
    if len(y):
        values[y] = np.isin(part.pods, now)
    if draft.overload > 0:
        load = np.bincount(now, weights=problem.use[now, part.accounts], minlength=problem.pods)
        values[-len(part.pods) :] = np.maximum(load - problem.capacity, 0.0)[part.pods]
    return values


def _pods(answer: Answer, part: Part, x: Ints, row: Ints, column: Ints) -> Ints | None:
    if answer.values is None:
        return None
    chosen = answer.values[x] > (0.5 if part.is_whole else ALL_OF_IT)
    pod = np.full(len(part.accounts), -1)
    pod[column[chosen]] = part.pods[row[chosen]]
    return pod


def proven(answer: Answer) -> float:
    """Lower limit of the cost: HiGHS proves within its tolerances, which are taken off; nothing here is unbounded."""
    if answer.status in (Status.INFEASIBLE, Status.UNBOUNDED):
        return math.inf
    return -answer.bound - 1e-6 * max(1.0, abs(answer.bound)) if math.isfinite(answer.bound) else -math.inf
