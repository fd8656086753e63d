"""Which limits and rules clash, in the planner's words: the fewest and smallest breaches that make the model feasible.

Every row that speaks for a limit or rule gets a paid slack; those that the cheapest relaxation uses are the clash.
Chinneck, Feasibility and Infeasibility in Optimization (2008), chapter 7: elastic filter, first step.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.result import Outcome, Reason, Termination
from solvers.fast.master import build_master
from solvers.fast.sites import site_of_pods
from solvers.highs import solve

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance
    from solvers.fast.master import Master
    from solvers.highs import Arrays

BREACH = 1e-6


def no_plan(instance: Instance, detail: str, *, time_limit_s: float | None) -> Outcome:
    """The outcome for an instance that no plan suits, with what clashes."""
    loose = build_master(instance, site_of_pods(instance), held=False)
    return Outcome(
        termination=Termination(reason=Reason.INFEASIBLE, limit=None, detail=detail),
        bound=-np.inf,
        plan=None,
        clashes=clashing_words(loose, time_limit_s=time_limit_s),
    )


def clashing_words(master: Master, *, time_limit_s: float | None) -> tuple[str, ...]:
    """Words of the clauses that must give way; empty where the rows that nobody may relax clash by themselves."""
    clauses = master.draft.clauses
    rows = np.array([row for _, group in clauses for row in group], dtype=np.int64)
    if not len(rows):
        return ()
    elastic, first = _with_slack(master.arrays, rows)
    answer = solve(elastic, time_limit_s=time_limit_s, nodes=1000, gap=1e-2)
    if answer.values is None:
        return ()
    breach = answer.values[first : first + 2 * len(rows)].reshape(2, -1).sum(axis=0)
    broken = set(rows[breach > BREACH].tolist())
    return tuple(dict.fromkeys(words for words, group in clauses if broken & set(group)))


def _with_slack(arrays: Arrays, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[Arrays, int]:
    """The model with a slack in each direction on the rows, and nothing else to pay; index of the first slack."""
    start, index, value = arrays.matrix
    count, columns = len(rows), len(arrays.cost)
    row_of = np.repeat(np.arange(len(start) - 1), np.diff(start))
    scale = np.ones(len(start) - 1)
    np.maximum.at(scale, row_of, np.abs(value))
    row_of = np.concatenate([row_of, rows, rows])
    index = np.concatenate([index, columns + np.arange(2 * count)])
    value = np.concatenate([value, np.ones(count), -np.ones(count)])
    order = np.lexsort((index, row_of))
    starts = np.concatenate(([0], np.cumsum(np.bincount(row_of, minlength=len(start) - 1)))).astype(np.int64)
    return (
        replace(
            arrays,
            cost=np.concatenate([np.zeros(columns), np.tile(-1.0 / scale[rows], 2)]),
            lower=np.concatenate([arrays.lower, np.zeros(2 * count)]),
            upper=np.concatenate([arrays.upper, np.full(2 * count, np.inf)]),
            integer=np.concatenate([arrays.integer, np.zeros(2 * count, bool)]),
            matrix=(starts, index[order], value[order]),
            offset=0.0,
        ),
        columns,
    )
