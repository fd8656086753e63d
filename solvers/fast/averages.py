"""The averages of a relaxation as something to make whole: every unit placed once, and seats that may be left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import NOBODY, ROLES
from solvers.fast.neighbourhoods import WHOLE
from solvers.sparse import spans

if TYPE_CHECKING:
    from solvers.fast.relaxing import Prices
    from solvers.fast.search import Search

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]

SURE = 0.02
"""Distance of an average from a whole number up to which it is taken for that."""

TYPICAL = 100
"""Seats of a site of typical size: a larger one takes more time, and needs more units to move, in proportion."""

SPARE = 4
"""Seats of each function of a site that are tried at first beside those on which averages have somebody."""


def even_averages(search: Search, prices: Prices) -> Floats:
    """Averages whose units are placed once, and whose people are whole where there is little doubt.

    A unit of which averages have nothing is where it is worth most.
    """
    arrays, draft = search.master.arrays, search.master.draft
    unit, units = draft.columns.unit, len(draft.columns.size)
    even = np.clip(prices.mean, arrays.lower, arrays.upper)
    order = np.lexsort((prices.worth, unit))
    best = draft.place[order[np.searchsorted(unit[order], np.arange(units), side="right") - 1]]
    lost = np.bincount(unit, weights=even[draft.place], minlength=units) <= WHOLE
    even[best[lost]] = 1.0
    total = np.bincount(unit, weights=even[draft.place], minlength=units)
    even[draft.place] /= total[unit]
    even[draft.own.column] /= total[draft.columns.unit_of[draft.own.account]]
    even[draft.kept_books.column] = 0.0  # what a book is follows from people and accounts
    sure = arrays.integer & (np.abs(even - np.rint(even)) <= SURE)
    even[sure] = np.rint(even[sure])
    even[draft.used] = np.ceil(even[draft.used])
    return even


def tied_units(search: Search, row_site: Ints) -> Marks:
    """Units that rows of several sites speak of beside their choice, such as a budget: sharing them out may break it.

    Parameters
    ----------
    row_site
        Site of each row, `NOBODY` where it is of several (M).
    """
    draft, (start, index, _) = search.master.draft, search.master.arrays.matrix
    is_wide = row_site == NOBODY
    is_wide[draft.choice] = False
    rows = np.flatnonzero(is_wide)
    spoken = np.zeros(len(search.master.arrays.cost), bool)
    spoken[index[spans(start[rows], start[rows + 1])[0]]] = True
    tied = np.zeros(len(draft.columns.size), bool)
    tied[draft.columns.unit[spoken[draft.place]]] = True
    return tied


def share_out(search: Search, before: Floats, after: Floats, *, outside: Ints, best: Ints, others: Ints) -> None:
    """Put what units have outside of a site where they were before it decided, in proportion.

    What was not there, or hardly, stays at its best place. So sites that wait keep about what averages gave them, when
    others that share their units decide before them.

    Parameters
    ----------
    before
        Values of the model's columns until the site decided.
    after
        The values then, with all that units have outside at their best places; changed.
    outside
        Account columns at sites that wait, of the units that are shared out.
    best
        The best place at such a site of each unit that the site decided on, in the order of units.
    others
        Model columns of owners of these units at those sites, where their units have a place, too.
    """
    draft = search.master.draft
    place, units = draft.place, draft.columns.unit[best]
    of = np.searchsorted(units, draft.columns.unit[outside])
    held, put = before[place[outside]], after[place[best]]
    had = np.bincount(of, weights=held, minlength=len(units))
    part = np.where(had > SURE, put / np.maximum(had, SURE), 0.0)
    after[place[best[had > SURE]]] = 0.0
    shared = had[of] > SURE
    after[place[outside[shared]]] = held[shared] * part[of[shared]]
    after[others] = before[others] * part[np.searchsorted(units, search.blocks.unit[others])]


def far_seats(search: Search, prices: Prices, even: Floats) -> Ints:
    """Columns of seats and their books on which averages have nobody, but for those of each function that earn most.

    None of a site of several pods: who is left over elsewhere finds a place there.
    """
    draft = search.master.draft
    crews = draft.crews
    idle = np.flatnonzero((even[draft.heads] <= WHOLE) & (draft.copies[crews.seat_pod] <= 1))
    function = crews.seat_pod[idle] * len(ROLES) + crews.role[crews.seat_crew[idle]]
    order = np.lexsort((-prices.seat[idle], function))
    rank = np.arange(len(order)) - np.searchsorted(function[order], function[order])
    far = idle[order[rank >= SPARE]]
    books = draft.kept_books.column[np.isin(draft.kept_books.seat, far)]
    return np.concatenate([draft.heads[far], draft.steps[far][draft.steps[far] != NOBODY], books])


def sizes_of_sites(search: Search, far: Ints) -> Floats:
    """How many sites of typical size each counts as, by its seats but for the far ones (P)."""
    draft = search.master.draft
    idle = np.zeros(len(search.master.arrays.cost), bool)
    idle[far] = True
    near = ~idle[draft.heads]
    seats = np.bincount(draft.crews.seat_pod[near], minlength=len(draft.copies))
    return np.asarray(np.maximum(1.0, seats / TYPICAL))
