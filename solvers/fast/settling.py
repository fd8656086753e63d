"""The first staffing out of a relaxation's values, in which people and openings are fractions.

A few sites at a time become whole, the others as they are.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import NOBODY
from solvers.fast.neighbourhoods import fractional
from solvers.fast.ways import SETTLING, TOGETHER
from solvers.highs import solve

if TYPE_CHECKING:
    from collections.abc import Callable

    from solvers.fast.budget import Budget
    from solvers.fast.restriction import Change, Point
    from solvers.fast.search import Search, Staffing

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

FRACTIONS = 20
"""Fractional columns made whole at a time."""


def settle(search: Search, values: Floats, budget: Budget) -> Staffing | None:
    """Make a relaxation's values whole, a few sites at a time, the smallest first; None where that fails.

    What is whole in the relaxation stays so at first; where no answer is found that way, all of the sites is free.
    """
    arrays = search.master.arrays
    averages = _averages(search, values, budget)
    if averages is None:
        return None
    now = search.whole.at(averages)
    with ThreadPoolExecutor(budget.workers) as pool:
        for way in SETTLING:
            groups = _groups(search, now.values)
            solve_part = partial(search.restaffed, way=way, budget=budget)
            for some in (groups[k : k + TOGETHER] for k in range(0, len(groups), TOGETHER)):
                if budget.over():
                    return None
                now = _settle_some(search, pool, now, some, solve_part)
            if not (arrays.integer & fractional(now.values)).any():
                return search.valued(now.values)
    return None


def _averages(search: Search, values: Floats, budget: Budget) -> Floats | None:
    """A relaxation's values, those of this model's own where its rows are tighter; None where it has none.

    A row that is broken at the start would stay so: sites are made whole one by one, each within what others leave.
    """
    if search.whole.feasible(values):
        return values.copy()
    loose = replace(search.master.arrays, integer=np.zeros_like(search.master.arrays.integer))
    return solve(loose, time_limit_s=budget.left(), stop_asked=budget.stop_asked).values


def _settle_some(
    search: Search,
    pool: ThreadPoolExecutor,
    now: Point,
    groups: list[Marks],
    solve_part: Callable[[Point, Marks], Change | None],
) -> Point:
    """Groups made whole at a time, as far as they go together; the others after them."""
    first, whole = True, search.whole
    for sites, found in zip(groups, list(pool.map(partial(solve_part, now), groups)), strict=True):
        change = found
        if not first and (found is None or not whole.goes_from(now, whole.changed(now, found), found.columns)):
            change = solve_part(now, sites)
        if change is not None:
            now, first = whole.changed(now, change), False
    return now


def _groups(search: Search, values: Floats) -> list[Marks]:
    """Sites with fractions, each group with some `FRACTIONS` of them: a site and the rivals it shares most with."""
    arrays, draft = search.master.arrays, search.master.draft
    pods = len(draft.copies)
    hours = values[draft.place] * draft.columns.hours.sum(axis=1)
    work = np.bincount(draft.columns.pod, weights=hours, minlength=pods)
    loose = np.flatnonzero(arrays.integer & fractional(values))
    whose = search.blocks.site[loose]
    fractions = np.bincount(whose[whose != NOBODY], minlength=pods)
    near = np.isin(search.blocks.near_column, loose)
    fractions += np.bincount(search.blocks.near_site[near], minlength=pods)
    left = fractions > 0
    groups = []
    while left.any():
        centre = int(np.argmin(np.where(left, work, np.inf)))
        sites = np.zeros(pods, bool)
        sites[centre] = True
        for rival in np.argsort(-search.rivals[centre], kind="stable").tolist():
            if left[rival] and fractions[sites].sum() + fractions[rival] <= FRACTIONS:
                sites[rival] = True
        left &= ~sites
        groups.append(sites)
    return groups
