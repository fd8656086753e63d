"""A plan, or a roster, as values of the staffing model: where a search starts from what there is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.facts import Facts
from podplanner.domain.vocabulary import LOCAL, NOBODY
from solvers.fast.desk_wanted import columns_of_plan
from solvers.fast.restriction import all_kept
from solvers.highs import solve

if TYPE_CHECKING:
    from podplanner.domain.plan import Plan
    from solvers.fast.draft import Draft
    from solvers.fast.master import Master
    from solvers.fast.restriction import Whole
    from solvers.fast.roster import Roster

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def staffing_values(
    master: Master, whole: Whole, roster: Roster, plan: Plan | None, *, time_limit_s: float | None = None
) -> Floats | None:
    """Values of all columns of the staffing model.

    Parameters
    ----------
    whole
        The model's own.
    roster
        Who sits where; decides heads, steps and staffed pods.
    plan
        Where the accounts are, and who coaches; None: accounts go where they are worth most, split at will.

    Returns
    -------
    array or None
        None where the model has no such solution: a rule has changed, an account has lost its place.
    """
    arrays, draft = master.arrays, master.draft
    if (draft.crews.of[roster.person] == NOBODY).any():
        return None
    parts = _people(draft, roster)
    if plan is not None:
        place = columns_of_plan(draft, plan)
        if (place == NOBODY).any():
            return None
        x = np.zeros(len(draft.columns))
        x[place] = 1.0
        parts += [(draft.place, x), *_pods(draft, plan)]
    values, free = np.zeros(len(arrays.cost)), np.ones(len(arrays.cost), bool)
    for column, value in parts:
        values[column], free[column] = value, False
    outside = (values < arrays.lower - 1e-9) | (values > arrays.upper + 1e-9)
    if (outside & ~free).any():
        return None
    if not free.any():  # HiGHS has no values for a model of no columns
        return values if whole.feasible(values) else None
    part = whole.restricted(whole.at(values), np.flatnonzero(free), dropped=all_kept)
    offset = float(arrays.offset + arrays.cost @ values)  # so that the gap is relative to the whole
    found = solve(replace(part.model, offset=offset), time_limit_s=time_limit_s).values
    if found is None:
        return None
    values[part.columns] = found
    return values


def _people(draft: Draft, roster: Roster) -> list[tuple[Ints, Floats]]:
    """Heads, steps and members used, and the pods that are staffed."""
    crews, pods = draft.crews, len(draft.site)
    crew, site = crews.of[roster.person], draft.site[roster.pod]
    seat = draft.find_seats(crew, site)
    known = seat != NOBODY
    heads = np.bincount(seat[known], minlength=len(draft.heads)).astype(float)
    share = np.bincount(seat[known], weights=roster.share[known], minlength=len(draft.heads))
    shared = draft.steps != NOBODY
    members = np.unique(roster.person)
    staffed = np.bincount(draft.site[np.unique(roster.pod)], minlength=pods).astype(float)
    has = draft.staffed != NOBODY
    return [
        (draft.heads, heads),
        (draft.steps[shared], np.rint(share[shared] / crews.step[crews.seat_crew[shared]])),
        (draft.used, np.bincount(crews.of[members], minlength=len(crews)).astype(float)),
        (draft.staffed[has], staffed[has]),
    ]


def _pods(draft: Draft, plan: Plan) -> list[tuple[Ints, Floats]]:
    """Open pods, and coaches that are lacking."""
    instance = draft.instance
    facts = Facts(instance, plan)
    opened = np.bincount(draft.site[facts.open], minlength=len(draft.site)).astype(float)
    has, coached = draft.open != NOBODY, draft.missing_coach != NOBODY
    lacks = (instance.pods.coverage == LOCAL) & (facts.reps >= 2) & (plan.coach == NOBODY)
    return [
        (draft.open[has], opened[has]),
        (draft.missing_coach[coached], lacks[coached].astype(float)),
    ]
