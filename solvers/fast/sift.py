"""A staffing model with fewer columns: of each account's places only those that prices say may matter.

The smaller model means the same to everything that works on it; its best plan is at most that of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY
from solvers.fast.ascent import worth_of_columns
from solvers.fast.master import Master
from solvers.sparse import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.ascent import Ascent
    from solvers.fast.draft import Draft, Own
    from solvers.sparse import Ints


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


def sifted(master: Master, prices: Ascent, money: float, held: Ints | None = None) -> Sifted:
    """Leave out places that cost a unit more than some money a year, at the prices.

    A unit's best place of those without a gate, and every place of a unit that a rule names, always stay; and so do the
    account columns ``held``.
    """
    arrays, draft = master.arrays, master.draft
    kept_place = _kept_places(master, prices, money)
    if held is not None:
        kept_place[held] = True
    kept = np.ones(len(arrays.cost), bool)
    kept[draft.place] = kept_place
    _drop_owners(draft, kept_place, kept)
    start, index, value = arrays.matrix
    before = np.concatenate(([0], np.cumsum(kept[index])))
    size = np.diff(before[start])
    held = np.concatenate(([0], np.cumsum(kept[index] & (value > 0))))
    needless = np.zeros(len(size), bool)
    needless[np.concatenate([np.zeros(0, np.int64), *draft.gates])] = True
    needless &= np.diff(held[start]) == 0  # a gate of nothing
    row = np.flatnonzero(~needless & ((size > 0) | (arrays.row_lower > 0) | (arrays.row_upper < 0)))
    column = np.flatnonzero(kept)
    new_column, new_row = _numbers(kept), np.full(len(size), NOBODY, np.int64)
    new_row[row] = np.arange(len(row))
    entry = np.flatnonzero(kept[index] & np.repeat(new_row != NOBODY, np.diff(start)))
    smaller = replace(
        arrays,
        cost=arrays.cost[column],
        lower=arrays.lower[column],
        upper=arrays.upper[column],
        integer=arrays.integer[column],
        row_lower=arrays.row_lower[row],
        row_upper=arrays.row_upper[row],
        matrix=(
            np.concatenate(([0], np.cumsum(size[row]))),
            new_column[index[entry]].astype(np.int32),
            value[entry],
        ),
    )
    return Sifted(
        master=Master(draft=_renumbered(draft, kept_place, new_column, new_row), arrays=smaller),
        column=column,
        row=row,
        place=np.flatnonzero(kept_place),
    )


def _kept_places(master: Master, prices: Ascent, money: float) -> NDArray[np.bool_]:
    draft, columns = master.draft, master.draft.columns
    worth = worth_of_columns(master, prices)[draft.place]
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


def _drop_owners(draft: Draft, kept_place: NDArray[np.bool_], kept: NDArray[np.bool_]) -> None:
    """An owner whose account may no longer be in the pod owns nothing there."""
    columns, own = draft.columns, draft.own
    pods = len(draft.serves)
    there = distinct(columns.unit[kept_place] * pods + columns.pod[kept_place])
    mine = columns.unit_of[own.account] * pods + own.pod
    kept[own.column] = np.isin(mine, there)


def _numbers(kept: NDArray[np.bool_]) -> Ints:
    """New number of each thing, `NOBODY` where it is not kept."""
    return np.where(kept, np.cumsum(kept) - 1, NOBODY)


def _renumbered(draft: Draft, kept_place: NDArray[np.bool_], column: Ints, row: Ints) -> Draft:
    """The draft over the columns and rows that are left."""

    def columns_of(given: Ints) -> Ints:
        return np.where(given == NOBODY, NOBODY, column[given])

    def rows_of(given: Ints) -> Ints:
        return np.where(given == NOBODY, NOBODY, row[given])

    columns, place = draft.columns, np.flatnonzero(kept_place)
    return replace(
        draft,
        columns=replace(
            columns,
            **{
                name: getattr(columns, name)[place]
                for name in ("unit", "pod", "tier", "value", "hours", "direct_cost", "travel_cost")
            },
        ),
        place=column[draft.place[place]],
        staffed=columns_of(draft.staffed),
        open=columns_of(draft.open),
        heads=columns_of(draft.heads),
        steps=columns_of(draft.steps),
        used=columns_of(draft.used),
        missing_coach=columns_of(draft.missing_coach),
        own=_own_left(draft.own, column),
        choice=row[draft.choice],
        time_row=rows_of(draft.time_row),
        hours_row=rows_of(draft.hours_row),
        week_row=rows_of(draft.week_row),
        gates=[row[rows][row[rows] != NOBODY] for rows in draft.gates],
        spend=[(column[c][column[c] != NOBODY], cost[column[c] != NOBODY]) for c, cost in draft.spend],
        clauses=[(words, [int(row[r]) for r in rows if row[r] != NOBODY]) for words, rows in draft.clauses],
    )


def _own_left(own: Own, column: Ints) -> Own:
    left = np.flatnonzero(column[own.column] != NOBODY)
    return replace(
        own,
        **{name: getattr(own, name)[left] for name in ("account", "person", "pod", "seat", "least_hours")},
        column=column[own.column[left]],
    )
