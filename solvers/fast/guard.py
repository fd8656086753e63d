"""A staffing model with room for what dealing a site's people to its pods will cost: for the search, not the bound.

A site of several pods counts the heads of all of them together. Dealt out, the steps of shared people seldom come out
even: each pod has about half a head more in each of their functions, and its leader's week must have room for them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.fast.master import Master

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.draft import Draft

MORE_HEADS = 0.5
"""Of each function whose people are shared, in each pod of several."""


def guarded(master: Master) -> Master:
    """The same model with longer weeks of leaders in sites of several pods."""
    draft, arrays = master.draft, master.arrays
    hours = _more_hours(draft)
    sites = np.flatnonzero((hours > 0) & (draft.week_row != NOBODY))
    start, index, value = arrays.matrix
    value = value.copy()
    for site in sites.tolist():
        inside = slice(start[draft.week_row[site]], start[draft.week_row[site] + 1])
        value[inside] += np.where(index[inside] == draft.staffed[site], hours[site], 0.0)
    return Master(draft=draft, arrays=replace(arrays, matrix=(start, index, value)))


def _more_hours(draft: Draft) -> NDArray[np.float64]:
    """Hours of each leader's week for heads that dealing adds (P)."""
    crews = draft.crews
    shared = np.zeros((len(draft.copies), LEADER), bool)
    seat = np.flatnonzero((crews.max_pods > 1)[crews.seat_crew] & (crews.role[crews.seat_crew] != LEADER))
    shared[crews.seat_pod[seat], crews.role[crews.seat_crew[seat]]] = True
    heads = MORE_HEADS * (shared & draft.always).sum(axis=1) * (draft.copies > 1)
    return np.asarray(heads * draft.instance.policy.leader_hours_per_member)
