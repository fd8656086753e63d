"""Row prices told by what each row is about, so that a later run on a changed input can start from them.

A row is about what all of its columns have in common: the hours of a function in a pod, an account's choice of one
place, what one person may keep there. Rows about the same are told apart by their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.result import Duals
from podplanner.domain.vocabulary import NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.draft import Draft
    from solvers.fast.master import Master
    from solvers.sparse import Floats

ACCOUNT, PERSON, POD, TIER, ROLE = range(5)

NONE = np.int32(np.iinfo(np.int32).max)
"""Stands above all indices."""

LEAST = 1e-9
"""Prices below this are rounding."""


def duals_of(master: Master, price: Floats) -> Duals:
    """The prices that are not 0, by what their rows are about."""
    told = np.flatnonzero(np.abs(price) > LEAST)
    return Duals(about=_about(master)[told], price=price[told], site=master.draft.site.astype(np.int32))


def row_prices(master: Master, duals: Duals) -> Floats:
    """Prices of the model's rows as far as they are known; 0 for others."""
    about = _about(master)
    pod = about[:, 1 + POD]
    about[:, 1 + POD] = np.where(pod == NOBODY, NOBODY, duals.site[pod])
    known = len(duals.price)
    _, name = np.unique(np.concatenate([duals.about, about]), axis=0, return_inverse=True)
    price = np.zeros(int(name.max(initial=0)) + 1)
    price[name[:known]] = duals.price
    return np.asarray(price[name[known:]])


def _about(master: Master) -> NDArray[np.int32]:
    """What each row is about: kinds of columns, the five of `_columns`, and a number among those alike (M x 7)."""
    start, index, _ = master.arrays.matrix
    filled = np.flatnonzero(np.diff(start) > 0)
    kind, of = _columns(master.draft, len(master.arrays.cost))
    result = np.full((len(start) - 1, 7), NOBODY, np.int32)
    result[filled, 0] = np.bitwise_or.reduceat(kind[index], start[filled])
    for number, whose in enumerate(of, start=1):
        high = np.maximum.reduceat(whose[index], start[filled])
        low = np.minimum.reduceat(np.where(whose == NOBODY, NONE, whose)[index], start[filled])
        result[filled, number] = np.where(low == high, low, NOBODY)
    _, name, count = np.unique(result[:, :6], axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(name, kind="stable")
    result[order, 6] = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    return result


def _columns(draft: Draft, columns: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """A bit for the kind of each column (N), and account, person, pod, tier and role that it is about (5 x N)."""
    crews, places, own = draft.crews, draft.columns, draft.own
    leading = np.full(len(places.size), NOBODY, np.int64)
    leading[places.unit_of[::-1]] = np.arange(len(places.unit_of))[::-1]
    person, role = crews.person[crews.seat_crew], crews.role[crews.seat_crew]
    pods = np.arange(len(draft.site))
    kind = np.ones(columns, np.int32)
    of = np.full((5, columns), NOBODY, np.int32)
    families = (
        (draft.place, {ACCOUNT: leading[places.unit], POD: places.pod, TIER: places.tier}),
        (draft.heads, {PERSON: person, POD: crews.seat_pod, ROLE: role}),
        (draft.steps, {PERSON: person, POD: crews.seat_pod, ROLE: role}),
        (draft.used, {PERSON: crews.person, ROLE: crews.role}),
        (draft.staffed, {POD: pods}),
        (draft.open, {POD: pods}),
        (draft.missing_coach, {POD: pods}),
        (own.column, {ACCOUNT: own.account, PERSON: own.person, POD: own.pod}),
    )
    for number, (column, about) in enumerate(families, start=1):
        there = column != NOBODY
        kind[column[there]] = 1 << number
        for which, values in about.items():
            of[which, column[there]] = values[there]
    return kind, of
