"""Row prices told by what each row is about, so that a later run on a changed input can start from them.

A row is about what all of its columns have in common: the hours of a function in a pod, an account's choice of one
place, what one person may keep there. Rows about the same are told apart by their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.result import Duals
from podplanner.domain.vocabulary import NOBODY
from solvers.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.draft import Draft
    from solvers.fast.master import Master
    from solvers.sparse import Floats, Ints, Places

ACCOUNT, PERSON, POD, TIER, ROLE = range(5)

MIXER = np.uint64(0x9E3779B97F4A7C15)
"""2^64 divided by the golden ratio (Knuth, The art of computer programming 3, section 6.4)."""

LEAST = 1e-9
"""Prices below this are rounding."""


def duals_of(master: Master, price: Floats) -> Duals:
    """The prices that are not 0, by what their rows are about."""
    rows = _told_rows(master)
    told = np.flatnonzero(np.abs(price[rows]) > LEAST)
    site = master.draft.site.astype(np.int32)
    return Duals(about=_about(master, rows)[told], price=price[rows[told]], site=site)


def row_prices(master: Master, duals: Duals) -> Floats:
    """Prices of the model's rows as far as they are known; 0 for others."""
    prices = np.zeros(len(master.arrays.row_lower))
    if not len(duals.price):
        return prices
    rows = _told_rows(master)
    about = _about(master, rows)
    pod = about[:, 1 + POD]
    about[:, 1 + POD] = np.where(pod == NOBODY, NOBODY, duals.site[pod])
    known, wanted = _keys(duals.about), _keys(about)
    order = np.argsort(known, kind="stable")
    place = np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)
    prices[rows] = np.where(known[order][place] == wanted, duals.price[order][place], 0.0)
    return prices


def _told_rows(master: Master) -> Ints:
    """Rows with entries, but for those of a place, or its owners, behind what opens them.

    Only where a place is pinned has an ascent a price for such.
    """
    start, index, _ = master.arrays.matrix
    size = np.diff(start)
    placed = np.zeros(len(master.arrays.cost), bool)
    placed[master.draft.place] = True
    told = size > 0
    for gates in master.draft.gates:
        gates = gates[size[gates] == 2]
        told[gates[placed[index[start[gates]]] | placed[index[start[gates] + 1]]]] = False
    return np.flatnonzero(told)


def _about(master: Master, rows: Ints) -> NDArray[np.int32]:
    """What each of some rows is about: kinds of columns, the five of `_columns`, a number among those alike (M x 7)."""
    start, index, _ = master.arrays.matrix
    kind, of = _columns(master.draft, len(master.arrays.cost))
    result = np.full((len(rows), 7), NOBODY, np.int32)
    _gather(start, index, rows, kind, of, result)
    key = _keys(result)
    order = np.argsort(key, kind="stable")
    result[order, 6] = np.arange(len(order)) - np.searchsorted(key[order], key[order])
    return result


@kernel
def _gather(
    start: Ints, index: Places, rows: Ints, kind: NDArray[np.int32], of: NDArray[np.int32], result: NDArray[np.int32]
) -> None:
    """What the columns of each row have in common, `NOBODY` where they differ: those of nothing say nothing."""
    for place in range(len(rows)):
        kinds = np.int32(0)
        for entry in range(start[rows[place]], start[rows[place] + 1]):
            kinds |= kind[index[entry]]
        result[place, 0] = kinds
        for which in range(len(of)):
            common = np.int32(NOBODY)
            for entry in range(start[rows[place]], start[rows[place] + 1]):
                other = of[which, index[entry]]
                if other != NOBODY and common != NOBODY and other != common:
                    common = np.int32(NOBODY)
                    break
                common = max(common, other)
            result[place, 1 + which] = common


def _keys(about: NDArray[np.int32]) -> NDArray[np.uint64]:
    """One number for all that a row is about; two with the same by chance cost a price, and prove nothing wrong."""
    key = np.zeros(len(about), np.uint64)
    for column in about.T:
        key = (key ^ column.astype(np.uint64)) * MIXER
        key ^= key >> np.uint64(32)
    return key


def _columns(draft: Draft, columns: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """A bit for the kind of each column (N), and account, person, pod, tier and role that it is about (5 x N)."""
    crews, places, own, books = draft.crews, draft.columns, draft.own, draft.kept_books
    leading = np.full(len(places.size), NOBODY, np.int64)
    leading[places.unit_of[::-1]] = np.arange(len(places.unit_of))[::-1]
    who = np.where(crews.is_pool, NOBODY, crews.person)  # whoever stands for a pool may leave it
    person, role = who[crews.seat_crew], crews.role[crews.seat_crew]
    pods = np.arange(len(draft.site))
    kind = np.ones(columns, np.int32)
    of = np.full((5, columns), NOBODY, np.int32)
    families = (
        (draft.place, {ACCOUNT: leading[places.unit], POD: places.pod, TIER: places.tier}),
        (draft.heads, {PERSON: person, POD: crews.seat_pod, ROLE: role}),
        (draft.steps, {PERSON: person, POD: crews.seat_pod, ROLE: role}),
        (draft.used, {PERSON: who, ROLE: crews.role}),
        (draft.staffed, {POD: pods}),
        (draft.open, {POD: pods}),
        (draft.missing_coach, {POD: pods}),
        (own.column, {ACCOUNT: own.account, PERSON: own.person, POD: own.pod}),
        (books.column, {PERSON: person[books.seat], POD: crews.seat_pod[books.seat], ROLE: role[books.seat]}),
    )
    for number, (column, about) in enumerate(families, start=1):
        there = column != NOBODY
        kind[column[there]] = 1 << number
        for which, values in about.items():
            of[which, column[there]] = values[there]
    kind[draft.lent[draft.lent != NOBODY]] = 0  # a row is about the same whether or not there is a pool
    return kind, of
