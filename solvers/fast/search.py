"""Better staffing by large neighbourhoods: a few pods that compete for the same accounts are staffed again together.

Everybody else stays where they are; accounts may be split, and may leave any pod for these (Shaw, Using constraint
programming and local search methods to solve vehicle routing problems, 1998). Centres that bring nothing are asked less
often.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY
from solvers.highs import solve

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from solvers.fast.draft import Draft
    from solvers.fast.master import Master

NODES = 40
"""Branch-and-bound nodes of one neighbourhood: repeatable."""

SECONDS = 6.0
"""Wall seconds of one neighbourhood, where a run has a time limit."""

GAP = 1e-5
PODS = 3
"""Pods of a neighbourhood."""

WEARY = 0.6
"""Factor on a centre's weight after it brought nothing."""

LEAST_GAIN = 1.0
"""Money a year below which a staffing is not better."""


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """Values of the staffing model, and their objective."""

    values: NDArray[np.float64]
    objective: float


def improve_staffing(
    master: Master,
    start: Staffing,
    *,
    seed: int,
    tries: int | None,
    left: Callable[[], float | None],
    stop_asked: Callable[[], bool],
) -> Staffing:
    """Search until time, tries or ideas are out.

    Parameters
    ----------
    start
        A feasible staffing; accounts may be split.
    tries
        Most neighbourhoods (repeatable), None without limit.
    left
        Seconds left, None without limit.
    """
    draft = master.draft
    rivals = _rivals(draft)
    weight = np.where(draft.serves & (draft.copies > 0), 1.0, 0.0)
    random = np.random.default_rng(seed)
    best = start
    count = 0
    while weight.max(initial=0.0) > WEARY**4 and (tries is None or count < tries) and not stop_asked():
        seconds = left()
        if seconds is not None and seconds <= 0:
            break
        count += 1
        centre = int(random.choice(len(weight), p=weight / weight.sum()))
        pods = _neighbourhood(rivals, centre, random)
        found = _solve_around(master, best, pods, None if seconds is None else min(seconds, SECONDS))
        if found is not None and found.objective > best.objective + LEAST_GAIN:
            best = found
            weight[pods] = 1.0
        else:
            weight[centre] *= WEARY
    return best


def _rivals(draft: Draft) -> NDArray[np.float64]:
    """Units that two pods could both take, by hours (P x P)."""
    columns, pods = draft.columns, len(draft.instance.pods)
    key = np.unique(columns.unit * pods + columns.pod)
    unit, pod = key // pods, key % pods
    start = np.searchsorted(unit, np.arange(len(columns.size) + 1))
    shared = np.zeros((pods, pods))
    for first, last in pairwise(start):
        mine = pod[first:last]
        shared[np.ix_(mine, mine)] += 1.0
    serving = draft.serves & (draft.copies > 0)
    shared[:, ~serving] = 0.0
    np.fill_diagonal(shared, 0.0)
    return shared


def _neighbourhood(rivals: NDArray[np.float64], centre: int, random: np.random.Generator) -> NDArray[np.int64]:
    """The centre and rivals of it, drawn by what they share."""
    total = rivals[centre].sum()
    if total <= 0:
        return np.array([centre])
    count = min(PODS - 1, int((rivals[centre] > 0).sum()))
    drawn = random.choice(len(rivals), size=count, replace=False, p=rivals[centre] / total)
    return np.sort(np.append(drawn, centre))


def _solve_around(master: Master, best: Staffing, pods: NDArray[np.int64], seconds: float | None) -> Staffing | None:
    arrays, draft = master.arrays, master.draft
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    away = ~np.isin(draft.crews.seat_pod, pods)
    pod_columns = np.concatenate([draft.staffed, draft.open, draft.missing_coach])
    elsewhere = ~np.isin(np.tile(np.arange(len(draft.copies)), 3), pods) & (pod_columns != NOBODY)
    steps = draft.steps[away]
    fixed = np.concatenate([draft.heads[away], steps[steps != NOBODY], pod_columns[elsewhere]])
    lower[fixed] = upper[fixed] = np.rint(best.values[fixed])
    stays = draft.serves[draft.columns.pod] & ~np.isin(draft.columns.pod, pods)
    upper[draft.place[stays]] = best.values[draft.place[stays]]
    answer = solve(
        replace(arrays, lower=lower, upper=upper), time_limit_s=seconds, nodes=NODES, gap=GAP, start=best.values
    )
    if answer.values is None:
        return None
    return Staffing(values=answer.values, objective=answer.objective)
