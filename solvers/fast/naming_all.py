"""Placed accounts get named teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.fast.desk import start_desk
from solvers.fast.naming import name_owners
from solvers.fast.naming_rules import Naming
from solvers.fast.repair import improve_places, place_leftovers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.desk import Desk
    from solvers.fast.draft import Draft
    from solvers.fast.master import Master
    from solvers.fast.roster import Roster

MOST_LESS = 0.05
"""Share of a pod's hours that one round takes away at most."""


def name_all(
    whole: Master, roster: Roster, values: NDArray[np.float64], *, time_limit_s: float | None
) -> tuple[Desk | None, NDArray[np.float64]]:
    """Stage 4: accounts get named teams.

    Returns
    -------
    desk
        None where some account finds no place.
    missed
        Share of each pod's work that found no team (P).
    """
    draft = whole.draft
    rules = Naming.of(draft.instance)
    desk = start_desk(draft, roster, rules)
    chosen = np.flatnonzero(values[draft.place] > 0.5)
    leftover = name_owners(desk, chosen.tolist(), rules, time_limit_s=time_limit_s)
    missed = _missed(draft, chosen, leftover)
    allowed = rules.allowed(draft)
    if place_leftovers(desk, leftover, allowed):
        return None, missed
    improve_places(desk, allowed, rules.movable(draft))
    return desk, missed


def _missed(draft: Draft, chosen: NDArray[np.int64], leftover: list[int]) -> NDArray[np.float64]:
    columns, pods = draft.columns, len(draft.instance.pods)
    hours = columns.hours[chosen].sum(axis=1)
    work = np.bincount(columns.pod[chosen], weights=hours, minlength=pods)
    lost = np.isin(columns.unit[chosen], leftover)
    missed = np.bincount(columns.pod[chosen][lost], weights=hours[lost], minlength=pods)
    share: NDArray[np.float64] = np.minimum(missed / np.maximum(work, 1.0), MOST_LESS)
    return share
