"""What people keep of their books: handover prices saved, told once for each person and pod.

An owner who stays saves a price for each account. Told account by account, that is a column and two rows for each of
them in each pod: two thirds of a model with today's owners. Where people are whole and in one pod, what they keep of a
book there is its accounts' part that is there, so that one column for the book says the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import NOBODY
from solvers.sparse import spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solvers.fast.draft import Draft

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

CHUNK = 100_000
"""Owned accounts that are looked at together, about: memory is bounded by them."""


@dataclass(frozen=True, kw_only=True)
class KeptBooks:
    """Model columns for the part of a book that its owner keeps in a pod.

    Parameters
    ----------
    seat, column
        Of each (B).
    row
        That which holds it to the accounts of the book that are there (B).
    """

    seat: Ints
    column: Ints
    row: Ints


def no_books() -> KeptBooks:
    """Nobody keeps a book."""
    none = np.zeros(0, np.int64)
    return KeptBooks(seat=none, column=none, row=none)


class _Books(NamedTuple):
    """Books of some people, by the pods where their owners may join.

    Parameters
    ----------
    seat, total
        Of each book in a pod; what all of it saves (B).
    of, place, part
        Account columns, the book in their pod that they are of, and their part of its total (E).
    entry, value, hours
        Its accounts: of which book, what each saves, and the hours it takes there at least (O).
    """

    seat: Ints
    total: Floats
    of: Ints
    place: Ints
    part: Floats
    entry: Ints
    value: Floats
    hours: Floats


def add_kept_books(draft: Draft, account: Ints, person: Ints, value: Floats) -> None:
    """Variables and rows of books that are told as a whole.

    Parameters
    ----------
    account, person, value
        Who owns what today, and the handover price that staying saves, above 0.
    """
    order = np.lexsort((account, person))
    account, person, value = account[order], person[order], value[order]
    parts = [_add_books(draft, _books(draft, account[some], person[some], value[some])) for some in _chunks(person)]
    if parts:
        seat, column, row = (np.concatenate(each) for each in zip(*parts, strict=True))
        draft.kept_books = KeptBooks(seat=seat, column=column, row=row)


def _chunks(person: Ints) -> Iterator[slice]:
    """Parts of ordered people, nobody in two of them."""
    ends = np.flatnonzero(np.diff(person, append=NOBODY)) + 1
    first = 0
    while first < len(person):
        last = int(ends[np.searchsorted(ends, min(first + CHUNK, len(person)))])
        yield slice(first, last)
        first = last


def _books(draft: Draft, account: Ints, person: Ints, value: Floats) -> _Books:
    instance, columns = draft.instance, draft.columns
    unit = columns.unit_of[account]
    inside, pair = spans(columns.start[unit], columns.start[unit + 1])
    function = instance.people.role[person[pair]]
    seat = draft.find_seats(draft.crews.of[person[pair]], columns.pod[inside])
    fits = instance.tiers.served[columns.tier[inside], function] & (seat != NOBODY)
    inside, pair, function, seat = inside[fits], pair[fits], function[fits], seat[fits]
    hours = instance.derived.hours[account[pair], columns.tier[inside], function]
    # Tiers of one pod follow each other.
    first = np.flatnonzero((np.diff(pair, prepend=NOBODY) != 0) | (np.diff(seat, prepend=NOBODY) != 0))
    seats, of = np.unique(seat, return_inverse=True)
    total = np.bincount(of[first], weights=value[pair[first]], minlength=len(seats)).astype(float)
    return _Books(
        seat=seats,
        total=total,
        of=of,
        place=inside,
        part=value[pair] / total[of],
        entry=of[first],
        value=value[pair[first]],
        hours=np.minimum.reduceat(hours, first) if len(first) else np.zeros(0),
    )


def _add_books(draft: Draft, books: _Books) -> tuple[Ints, Ints, Ints]:
    """Seats, columns and rows of some books."""
    crews, model = draft.crews, draft.model
    crew = crews.seat_crew[books.seat]
    week = crews.plannable[crew]
    most, _ = _saved(books, week)
    kept = model.add_columns(len(books.seat), cost=most, upper=1.0)
    draft.gate(kept, draft.heads[books.seat])
    row = model.add_rows(len(books.seat), upper=0.0)
    model.add_entries(row, kept, most / books.total)
    model.add_entries(row[books.of], draft.place[books.place], -books.part)
    # Who has a step of time in a pod keeps what fits it best, who has more no more than that and the next best.
    shared = np.flatnonzero(draft.steps[books.seat] != NOBODY)
    least = crews.step[crew] * week
    saved, next_best = _saved(books, least)
    shared = shared[saved[shared] < most[shared]]
    seat, scale = books.seat[shared], most[shared]
    rows = model.add_rows(len(shared), upper=0.0)
    model.add_entries(rows, kept[shared])
    model.add_entries(rows, draft.heads[seat], -(saved - next_best * least)[shared] / scale)
    column, weight = draft.share(seat)
    model.add_entries(rows, column, -weight * (next_best * week)[shared] / scale)
    return books.seat, kept, row


def _saved(books: _Books, room: Floats) -> tuple[Floats, Floats]:
    """What each book saves within some hours at most, and what one more hour would.

    The accounts that save most for their hours come first, the last of them in part (Dantzig 1957, "Discrete-variable
    extremum problems", section on the knapsack problem).
    """
    worth = books.value / np.maximum(books.hours, 1e-9)
    order = np.lexsort((-worth, books.entry))
    entry, value, hours = books.entry[order], books.value[order], books.hours[order]
    total = np.cumsum(hours)
    before = total - hours
    before -= before[np.searchsorted(entry, entry)]
    part = np.where(hours > 0, np.clip((room[entry] - before) / np.maximum(hours, 1e-9), 0.0, 1.0), 1.0)
    saved = np.bincount(entry, weights=part * value, minlength=len(room)).astype(float)
    next_best = np.zeros(len(room))
    np.maximum.at(next_best, entry[part < 1.0], worth[order][part < 1.0])
    return saved, next_best
