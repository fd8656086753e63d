"""A staffing model with room for what dealing a site's people to its pods will cost: for the search, not the bound.

A site of several pods counts the heads of all of them together. Dealt out, the steps of shared people seldom come out
even: each pod has about half a head more in each of their functions, and its leader's week must have room for them.
And whole people of one function do not come out even either: where four reps keep 285 accounts and a leader's week has
room for 300, pods have 285, as a fifth rep takes more of the week than he serves accounts.
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

FEW = 10
"""Pods of a site up to which the search by pods and the proof find for each what its people can serve."""

MOST_WHOLE = 50
"""Whole people of a function in one pod, far beyond what a leader's week has room for."""

ROUNDING = 1e-9


def guarded(master: Master, mean: NDArray[np.float64] | None = None) -> Master:
    """The same model with longer weeks of leaders in sites of several pods.

    Parameters
    ----------
    mean
        Value of each column on average, which tells what accounts a site will have; None: nobody knows (N).
    """
    draft, arrays = master.draft, master.arrays
    hours = _more_hours(draft)
    if mean is not None:
        hours = np.maximum(hours, _whole_hours(draft, mean[draft.place]))
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


def _whole_hours(draft: Draft, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hours of each leader's week that no pod can use, as its people are whole and all functions are needed (P)."""
    policy = draft.instance.policy
    found = np.zeros(len(draft.copies))
    for site in np.flatnonzero((draft.copies > FEW) & (draft.week_row != NOBODY)).tolist():
        hours, whole, week = _typical_pod(draft, site, shares)
        if not hours.any():
            continue
        most = 0.0
        for accounts in (number / each for each in hours[whole] for number in range(1, MOST_WHOLE + 1)):
            heads = np.ceil(accounts * hours - ROUNDING).sum()
            fits = policy.leader_hours_per_member * heads + policy.leader_hours_per_account * accounts <= week
            most = max(most, accounts if fits else 0.0)
        if most > 0:
            in_parts = policy.leader_hours_per_member * hours.sum() + policy.leader_hours_per_account
            found[site] = max(0.0, week - most * in_parts)
    return found


def _typical_pod(
    draft: Draft, site: int, shares: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], float]:
    """Heads that an account takes of each function, functions of whole people only (each R), the leader's week."""
    crews, columns = draft.crews, draft.columns.by_pod[site]
    crew = crews.seat_crew[crews.seat_pod == site]
    if not len(columns) or not np.isin(np.arange(LEADER + 1), crews.role[crew]).all():
        return np.zeros(LEADER), np.zeros(LEADER, bool), 0.0
    head = np.array([np.median(crews.plannable[crew][crews.role[crew] == role]) for role in range(LEADER + 1)])
    whole = np.array([(crews.step[crew][crews.role[crew] == role] >= 1.0).all() for role in range(LEADER)])
    size = float(draft.columns.size[draft.columns.unit[columns]] @ shares[columns])
    hours = shares[columns] @ draft.columns.hours[columns] / max(size, ROUNDING) / np.maximum(head[:LEADER], ROUNDING)
    return hours, whole & (hours > 0), float(head[LEADER]) - draft.instance.policy.leader_hours_base
