"""A staffing model with fewer columns: of each account's places and each crew's seats those that prices say may matter.

The smaller model means the same to everything that works on it; its best plan is at most that of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY, ROLES
from solvers.fast.kept_books import KeptBooks
from solvers.fast.master import Master
from solvers.fast.restriction import cut
from solvers.sparse import distinct, marked_by_row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.ascent import Ascent
    from solvers.fast.draft import Draft, Own
    from solvers.sparse import Ints


BEST = 8
"""Seats of each function in each pod that stay whatever they cost: a pod may open though prices say it does not pay."""

OF_CREWS = ("role", "plannable", "size", "person", "step", "max_pods")


@dataclass(frozen=True, kw_only=True)
class Held:
    """What stays whatever prices say: account columns, and seats."""

    places: Ints
    seats: Ints


@dataclass(frozen=True, kw_only=True)
class Sifted:
    """A smaller staffing model and where its parts are in the whole one.

    Parameters
    ----------
    column, row
        The whole model's column and row of each column and row.
    place
        The whole model's account column of each account column.
    """

    master: Master
    column: Ints
    row: Ints
    place: Ints


def unsifted(master: Master) -> Sifted:
    """All of a model."""
    columns, rows, places = len(master.arrays.cost), len(master.arrays.row_lower), len(master.draft.place)
    return Sifted(master=master, column=np.arange(columns), row=np.arange(rows), place=np.arange(places))


def sifted(master: Master, prices: Ascent, money: float, held: Held | None = None) -> Sifted:
    """Leave out places and seats that cost more than some money a year, at the prices.

    A unit's best place of those without a gate, a crew's best seat in a site of several pods, every place of a unit and
    every seat of a person that a rule names, and the `BEST` seats of a function in a pod always stay; and so does what
    is ``held``. Pools go.
    """
    arrays, draft = master.arrays, master.draft
    kept_place, kept_seat = _kept_places(master, prices, money), _kept_seats(master, prices, money)
    if held is not None:
        kept_place[held.places] = True
        kept_seat[held.seats] = True
    kept = np.ones(len(arrays.cost), bool)
    kept[draft.place] = kept_place
    kept[draft.heads] = kept_seat
    shared = draft.steps != NOBODY
    kept[draft.steps[shared]] = kept_seat[shared]
    kept[draft.lent[draft.lent != NOBODY]] = False
    kept[draft.used[draft.crews.is_pool]] = False
    kept[draft.own.column] = _kept_owners(draft, kept_place, kept_seat)
    kept[draft.kept_books.column] = kept_seat[draft.kept_books.seat] & _with_accounts(master, kept)
    needed = _needed_rows(master, kept)
    return Sifted(
        master=Master(
            draft=_renumbered(draft, kept_place, kept_seat, _numbers(kept), _numbers(needed)),
            arrays=cut(arrays, kept, needed),
        ),
        column=np.flatnonzero(kept),
        row=np.flatnonzero(needed),
        place=np.flatnonzero(kept_place),
    )


def _needed_rows(master: Master, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows that may still bind, and those that the draft names."""
    arrays, draft = master.arrays, master.draft
    start, index, value = arrays.matrix
    size = marked_by_row(start, kept[index])
    # With nothing left that adds to it, a row without a lower limit says no more than 0 <= its upper one.
    adds = kept[index] & ((value > 0) | (arrays.lower[index] < 0))
    idle = (marked_by_row(start, adds) == 0) & np.isinf(arrays.row_lower) & (arrays.row_upper >= 0)
    for rows in (draft.choice, draft.time_row, draft.hours_row.ravel(), draft.week_row):
        idle[rows[rows != NOBODY]] = False
    return np.asarray(~idle & ((size > 0) | (arrays.row_lower > 0) | (arrays.row_upper < 0)))


def _kept_seats(master: Master, prices: Ascent, money: float) -> NDArray[np.bool_]:
    draft, crews = master.draft, master.draft.crews
    worth = np.where(crews.is_pool[crews.seat_crew], -np.inf, prices.worth[draft.heads])
    kept: NDArray[np.bool_] = (worth >= -money) | (master.arrays.lower[draft.heads] > 0)
    function = crews.seat_pod * len(ROLES) + crews.role[crews.seat_crew]
    order = np.lexsort((-worth, function))
    rank = np.arange(len(order)) - np.searchsorted(function[order], function[order])
    kept[order[rank < BEST]] = True
    several = draft.copies[crews.seat_pod] > 1
    best = np.full(len(crews), -np.inf)
    np.maximum.at(best, crews.seat_crew[several], worth[several])
    kept |= several & (worth >= best[crews.seat_crew])
    named = np.zeros(len(crews), bool)
    for rule in draft.instance.rules:
        for person in (rule.person, rule.other_person):
            if person != NOBODY and crews.of[person] != NOBODY:
                named[crews.of[person]] = True
    return (kept | named[crews.seat_crew]) & ~crews.is_pool[crews.seat_crew]


def _kept_places(master: Master, prices: Ascent, money: float) -> NDArray[np.bool_]:
    draft, columns = master.draft, master.draft.columns
    worth = prices.worth[draft.place]
    kept: NDArray[np.bool_] = worth >= prices.unit[columns.unit] - money
    for group in (~draft.serves[columns.pod], draft.copies[columns.pod] > 1):
        best = np.full(len(columns.size), -np.inf)
        np.maximum.at(best, columns.unit[group], worth[group])
        kept |= group & (worth >= best[columns.unit])
    named = np.zeros(len(columns.size), bool)
    for rule in draft.instance.rules:
        for account in (rule.account, rule.other_account):
            if account != NOBODY:
                named[columns.unit_of[account]] = True
    return kept | named[columns.unit]


def _kept_owners(draft: Draft, kept_place: NDArray[np.bool_], kept_seat: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Owners who may still be in a pod that their account may still be in; else they own nothing there."""
    columns, own = draft.columns, draft.own
    pods = len(draft.serves)
    there = distinct(columns.unit[kept_place] * pods + columns.pod[kept_place])
    mine = columns.unit_of[own.account] * pods + own.pod
    return np.asarray(np.isin(mine, there) & kept_seat[own.seat])


def _with_accounts(master: Master, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Books of which any account may still be in the pod (B)."""
    start, index, _ = master.arrays.matrix
    there = np.zeros(len(kept), bool)
    there[master.draft.place] = kept[master.draft.place]
    return np.asarray(marked_by_row(start, there[index])[master.draft.kept_books.row] > 0)


def _numbers(kept: NDArray[np.bool_]) -> Ints:
    """New number of each thing, `NOBODY` where it is not kept."""
    return np.where(kept, np.cumsum(kept) - 1, NOBODY)


def _renumbered(
    draft: Draft, kept_place: NDArray[np.bool_], kept_seat: NDArray[np.bool_], column: Ints, row: Ints
) -> Draft:
    """The draft over the columns and rows that are left."""

    def columns_of(given: Ints) -> Ints:
        return np.where(given == NOBODY, NOBODY, column[given])

    def rows_of(given: Ints) -> Ints:
        return np.where(given == NOBODY, NOBODY, row[given])

    columns, place, seat = draft.columns, np.flatnonzero(kept_place), np.flatnonzero(kept_seat)
    people = np.flatnonzero(~draft.crews.is_pool)
    return replace(
        draft,
        crews=replace(
            draft.crews,
            **{name: getattr(draft.crews, name)[seat] for name in ("seat_crew", "seat_pod", "seat_mode")},
            **{name: getattr(draft.crews, name)[people] for name in OF_CREWS},
            pool=np.full(len(people), NOBODY),
            pools=0,
        ),
        columns=replace(
            columns,
            **{name: getattr(columns, name)[place] for name in ("unit", "pod", "tier", "value", "hours", "spend")},
        ),
        place=column[draft.place[place]],
        staffed=columns_of(draft.staffed),
        open=columns_of(draft.open),
        heads=columns_of(draft.heads[seat]),
        steps=columns_of(draft.steps[seat]),
        used=columns_of(draft.used[people]),
        lent=np.full(len(people), NOBODY),
        missing_coach=columns_of(draft.missing_coach),
        own=_own_left(draft.own, _numbers(kept_seat), column),
        kept_books=_books_left(draft.kept_books, _numbers(kept_seat), column, row),
        choice=row[draft.choice],
        time_row=rows_of(draft.time_row[people]),
        hours_row=rows_of(draft.hours_row),
        week_row=rows_of(draft.week_row),
        gates=[row[rows][row[rows] != NOBODY] for rows in draft.gates],
        clauses=[(words, [int(row[r]) for r in rows if row[r] != NOBODY]) for words, rows in draft.clauses],
    )


def _own_left(own: Own, seat: Ints, column: Ints) -> Own:
    left = np.flatnonzero(column[own.column] != NOBODY)
    return replace(
        own,
        **{name: getattr(own, name)[left] for name in ("account", "person", "pod", "least_hours")},
        seat=seat[own.seat[left]],
        column=column[own.column[left]],
    )


def _books_left(books: KeptBooks, seat: Ints, column: Ints, row: Ints) -> KeptBooks:
    left = np.flatnonzero(column[books.column] != NOBODY)
    return KeptBooks(seat=seat[books.seat[left]], column=column[books.column[left]], row=row[books.row[left]])
