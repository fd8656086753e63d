"""Which site and which unit each column of the staffing model belongs to: what a neighbourhood sets free."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import NOBODY
from solvers.kernel import kernel
from solvers.sparse import distinct, in_order, members, rows_with, spans

if TYPE_CHECKING:
    from solvers.fast.master import Master
    from solvers.highs import Arrays
    from solvers.sparse import Places

Ints = NDArray[np.int64]

WIDE = 64
"""Sites in a row beyond which it speaks of the whole company, and ties no site to another."""


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """Columns of the staffing model by what they speak of.

    Parameters
    ----------
    unit
        Unit that a column places or owns, `NOBODY` for columns of people and pods (N).
    site
        Pod that a column belongs to, `NOBODY` for columns of the whole company (N).
    near_column, near_site
        Pairs: a column of the whole company and a site with whose columns it shares a row.
    everywhere
        Columns of the whole company that are near no site in particular.
    book_unit, book_column
        Pairs: a unit, ascending, and a column of a book that it is in.
    """

    unit: Ints
    site: Ints
    near_column: Ints
    near_site: Ints
    everywhere: Ints
    book_unit: Ints
    book_column: Ints

    def around(self, sites: Ints) -> Ints:
        """Columns of people and pods of these sites, and those of the company that share a row with them, ascending."""
        near = self.near_column[np.isin(self.near_site, sites)]
        return distinct(np.concatenate([members(self._by_site, sites), near, self.everywhere]))

    def of_units(self, units: Ints) -> Ints:
        """Columns that place or own these units, one unit after the other."""
        return members(self._by_unit, units)

    def books_of(self, units: Ints) -> Ints:
        """Columns of books that these units are in, some more than once."""
        return members((self.book_column, self.book_unit), units)

    @cached_property
    def _by_site(self) -> tuple[Ints, Ints]:
        """Columns of people and pods in the order of their sites, and these."""
        return in_order(np.flatnonzero((self.unit == NOBODY) & (self.site != NOBODY)), self.site)

    @cached_property
    def _by_unit(self) -> tuple[Ints, Ints]:
        """Columns of units in the order of these, and these."""
        return in_order(np.flatnonzero(self.unit != NOBODY), self.unit)


def find_blocks(master: Master) -> Blocks:
    """Read the blocks off the draft's index maps; off the matrix for what has no map, such as coaches and penalties."""
    arrays, draft = master.arrays, master.draft
    count, pods = len(arrays.cost), len(draft.copies)
    unit = np.full(count, NOBODY, np.int64)
    site = np.full(count, NOBODY, np.int64)
    unit[draft.place] = draft.columns.unit
    site[draft.place] = draft.columns.pod
    unit[draft.own.column] = draft.columns.unit_of[draft.own.account]
    site[draft.own.column] = draft.own.pod
    site[draft.kept_books.column] = draft.crews.seat_pod[draft.kept_books.seat]
    site[draft.heads] = draft.crews.seat_pod
    shared = draft.steps != NOBODY
    site[draft.steps[shared]] = draft.crews.seat_pod[shared]
    for column in (draft.staffed, draft.open, draft.missing_coach):
        has = column != NOBODY
        site[column[has]] = np.flatnonzero(has)
    loose = site == NOBODY
    rows = rows_with(arrays.matrix, loose)
    entry, of = spans(arrays.matrix[0][rows], arrays.matrix[0][rows + 1])
    row, index = rows[of], arrays.matrix[1][entry].astype(np.int64)
    _adopt_units(row, index, loose, unit)
    nobody = np.zeros(0, np.int64)
    near_column, near_site = _near(row, index, site, (nobody, nobody), pods)
    # Once more: what is moved or hired hangs on who is used, and who is used on seats.
    near_column, near_site = _near(row, index, site, (near_column, near_site), pods)
    times = np.bincount(near_column, minlength=count)
    one = times[near_column] == 1
    site[near_column[one]] = near_site[one]
    everywhere = np.flatnonzero(loose & (times == 0) & (unit == NOBODY))
    book_unit, book_column = _books(master, unit)
    return Blocks(
        unit=unit,
        site=site,
        near_column=near_column[~one],
        near_site=near_site[~one],
        everywhere=everywhere,
        book_unit=book_unit,
        book_column=book_column,
    )


def _books(master: Master, unit: Ints) -> tuple[Ints, Ints]:
    """Pairs of a unit, ascending, and a column of a book that it is in."""
    books, (start, index, _) = master.draft.kept_books, master.arrays.matrix
    entry, of = spans(start[books.row], start[books.row + 1])
    who = unit[index[entry]]
    placed = who != NOBODY
    pair = distinct(who[placed] * len(unit) + books.column[of[placed]])
    return pair // len(unit), pair % len(unit)


def row_sites(arrays: Arrays, blocks: Blocks) -> Ints:
    """The site that all columns of a row with a site belong to, `NOBODY` where there is none or several."""
    start, index, _ = arrays.matrix
    return _only_sites(start, index, blocks.site)


@kernel
def _only_sites(start: Ints, index: Places, site: Ints) -> Ints:
    found = np.full(len(start) - 1, NOBODY, np.int64)
    for row in range(len(start) - 1):
        for entry in range(start[row], start[row + 1]):
            other = site[index[entry]]
            if other == NOBODY or other == found[row]:
                continue
            if found[row] != NOBODY:
                found[row] = NOBODY
                break
            found[row] = other
    return found


def _adopt_units(row: Ints, index: Ints, loose: NDArray[np.bool_], unit: Ints) -> None:
    """A loose column whose rows place one unit only speaks of that unit."""
    placing = unit[index] != NOBODY
    rows = int(row.max(initial=0)) + 1
    low, high = np.full(rows, np.iinfo(np.int64).max), np.full(rows, NOBODY, np.int64)
    np.minimum.at(low, row[placing], unit[index[placing]])
    np.maximum.at(high, row[placing], unit[index[placing]])
    seen = loose[index] & (high[row] != NOBODY)
    first, last = np.full(len(unit), np.iinfo(np.int64).max), np.full(len(unit), NOBODY, np.int64)
    np.minimum.at(first, index[seen], low[row[seen]])
    np.maximum.at(last, index[seen], high[row[seen]])
    single = loose & (last != NOBODY) & (first == last)
    unit[single] = last[single]


def _near(row: Ints, index: Ints, site: Ints, known: tuple[Ints, Ints], pods: int) -> tuple[Ints, Ints]:
    """Pairs of a loose column and a site of a column in one of its rows, company-wide rows aside.

    Parameters
    ----------
    row, index
        Row and column of each entry in rows of loose columns.
    site
        Of each column, `NOBODY` of loose ones (N).
    known
        Such pairs, which count as well, by column.
    """
    mine = site[index] == NOBODY
    column, of = known
    first, last = np.searchsorted(column, index[mine]), np.searchsorted(column, index[mine], side="right")
    told = np.repeat(row[mine], last - first) * pods + of[_ranges(first, last)]
    row_site = distinct(np.concatenate([row[~mine] * pods + site[index[~mine]], told]))
    first = np.searchsorted(row_site // pods, np.arange(int(row.max(initial=0)) + 2))
    last = np.where(np.diff(first) > WIDE, first[:-1], first[1:])
    first, last = first[row[mine]], last[row[mine]]
    pair = distinct(np.repeat(index[mine], last - first) * pods + row_site[_ranges(first, last)] % pods)
    return pair // pods, pair % pods


def _ranges(first: Ints, last: Ints) -> Ints:
    """All numbers from each first to its last, one range after the other."""
    length = last - first
    return np.repeat(first - np.cumsum(length) + length, length) + np.arange(int(length.sum()))
