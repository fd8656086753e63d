"""Other sets of open pods: the best by a model in which accounts may be split, then assignments to them.

Where pods are few, large and dear, the cost hangs on which of them open, and that is decided by far fewer whole numbers
than all places of all accounts. The next best set follows when those tried before are barred. Choices are restricted to
nearly tied ones, as the kernel search of Guastaroba & Speranza 2014 ("A heuristic for BILP problems: the single source
capacitated facility location problem", European Journal of Operational Research 238, section 3) restricts them to
promising facilities.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solvers.core.drafts import HOT, WARM
from solvers.core.neighbourhoods import paid, sites
from solvers.core.parts import solve_part
from solvers.core.search import anneal, greedy
from solvers.core.siting import resited
from solvers.highs import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from solvers.core.ascent import Prices
    from solvers.core.drafts import Bench
    from solvers.core.knapsack import Ints
    from solvers.core.search import Draft

CHOICES = (3, 12)
"""Least and most choices of an account."""
NODES = 200
TIME_S = 15.0
"""Of the model's branch and bound, the seconds only where a time limit is set."""
GROWTH, SHRINKAGE = 1.2, 0.7
"""Of the choices after a model that was solved, and after one that was not."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Sited:
    """What one set of open pods gave.

    Parameters
    ----------
    opened
        The set; empty where there was none.
    draft
        An assignment to it, None where there was none.
    columns
        Choices of the next model.
    """

    opened: Ints
    draft: Draft | None
    columns: float


def sited(
    bench: Bench,
    prices: Prices,
    best: Draft,
    *,
    tried: tuple[Ints, ...],
    columns: float,
    seed: int,
    share_s: Callable[[], float | None],
    is_over: Callable[[], bool],
) -> Sited:
    """Open another set of pods, and assign all accounts to it.

    Parameters
    ----------
    tried
        Sets of open pods from earlier calls.
    columns
        Choices in the model.
    """
    problem = bench.problem
    rng = np.random.default_rng(seed)
    part = sites(problem, prices, paid(problem, prices), best, rng, columns=int(columns))
    share = share_s()
    solved = solve_part(
        problem,
        replace(part, barred=tried),
        nodes=NODES,
        seed=seed % 2**31,
        own_search=True,
        time_limit_s=None if share is None else min(share, TIME_S),
        stop_asked=is_over,
    )
    factor = GROWTH if solved.status is Status.OPTIMAL else SHRINKAGE
    least, most = (count * problem.accounts for count in CHOICES)
    return Sited(
        opened=solved.opened,
        draft=None if solved.pod is None else _assigned(bench, prices, solved.opened, solved.pod, seed),
        columns=min(max(columns * factor, least), most),
    )


def _assigned(bench: Bench, prices: Prices, opened: Ints, held: Ints, seed: int) -> Draft:
    """The best of some assignments to a set of open pods, those accounts first where they are that were not split."""
    problem = bench.problem
    is_open = np.bincount(opened, minlength=problem.pods) > 0
    start = greedy(problem, is_open, prices.hour, held=held)
    drafts = [anneal(problem, start, prices.hour, moves=bench.moves, heat=heat, seed=seed) for heat in (WARM / 3, HOT)]
    return resited(problem, min(drafts, key=lambda draft: (draft.overload, draft.cost)))
