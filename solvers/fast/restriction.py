"""The model of a part: some columns of a model free, the others at their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solvers.highs import Arrays
from solvers.kernel import kernel
from solvers.sparse import Matrix, Places, inside, spans, transposed

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]

TOLERANCE = 1e-6


@dataclass(frozen=True, kw_only=True)
class Restriction:
    """The model of a part, its objective that of its columns alone; and which columns and rows of the whole it has."""

    model: Arrays
    columns: Ints
    rows: Ints


@dataclass(frozen=True, kw_only=True)
class Change:
    """Columns of a model, ascending, whose values may change, and their values before and after."""

    columns: Ints
    before: Floats
    after: Floats

    def gain(self, cost: Floats) -> float:
        """What it adds to the objective, by what each column of the model earns (N)."""
        return float(cost[self.columns] @ (self.after - self.before))

    def on(self, values: Floats) -> Floats:
        """The columns' values when it is made on others, which may have changed since: then by as much."""
        now = values[self.columns]
        return np.where(now == self.before, self.after, now + (self.after - self.before))


class Point(NamedTuple):
    """Values of a model's columns (N), and what they make of its rows (M)."""

    values: Floats
    activity: Floats


def change_between(columns: Ints, before: Floats, after: Floats) -> Change:
    """Where some columns have another value in the one than in the other (N)."""
    columns = columns[before[columns] != after[columns]]
    return Change(columns=columns, before=before[columns], after=after[columns])


def all_kept(rows: Ints) -> Marks:
    """What is dropped of rows when values break some, and all shall be kept again: none."""
    return np.zeros(len(rows), bool)


def cut(arrays: Arrays, column: Marks, row: Marks) -> Arrays:
    """The model with some of its columns and rows only, as if the other columns were 0."""
    return Arrays(
        cost=arrays.cost[column],
        lower=arrays.lower[column],
        upper=arrays.upper[column],
        integer=arrays.integer[column],
        row_lower=arrays.row_lower[row],
        row_upper=arrays.row_upper[row],
        matrix=inside(*arrays.matrix, column, row),
        offset=arrays.offset,
    )


def _are_kept(activity: Floats, lower: Floats, upper: Floats) -> Marks:
    """Which rows are kept."""
    slack = TOLERANCE * np.maximum(1.0, np.abs(activity))
    return np.asarray((activity <= upper + slack) & (activity >= lower - slack))


class Whole:
    """A model of which parts are solved; it keeps its matrix by column as well."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self._by_column = transposed(arrays.matrix, len(arrays.cost))

    def at(self, values: Floats) -> Point:
        """Values with what they make of the rows."""
        return Point(values, _activity(*self.arrays.matrix, values))

    def moved(self, point: Point, columns: Ints, values: Floats) -> Point:
        """Another point: some columns, none twice, have these values."""
        after = Point(point.values.copy(), point.activity.copy())
        after.values[columns] = values
        _shift(after.activity, *self._by_column, columns, values - point.values[columns])
        return after

    def changed(self, point: Point, change: Change) -> Point:
        """The point with a change."""
        return self.moved(point, change.columns, change.on(point.values))

    def restricted(self, point: Point, columns: Ints, *, dropped: Callable[[Ints], Marks] | None = None) -> Restriction:
        """The model with some columns free, which ascend.

        Rows are never tighter than what the values themselves need, so that rounding shuts nothing.

        Parameters
        ----------
        dropped
            For values that break rows: tells which of some rows are left out. The others are then as loose only as the
            free columns make them necessarily.
        """
        arrays, rows = self.arrays, self._rows_of(columns)
        if dropped is not None:
            rows = rows[~dropped(rows)]
        number = np.zeros(len(arrays.row_lower), np.int32)
        number[rows] = np.arange(1, len(rows) + 1)
        start, index, value = _by_row(*self._by_column, columns, number, len(rows))
        row, lower, upper = (
            np.repeat(np.arange(len(rows)), np.diff(start)),
            arrays.lower[columns],
            arrays.upper[columns],
        )
        used = np.bincount(row, weights=value * point.values[columns][index], minlength=len(rows))
        fixed, least, most = point.activity[rows] - used, used, used
        if dropped is not None:
            ends = value * lower[index], value * upper[index]
            least = np.bincount(row, weights=np.minimum(*ends), minlength=len(rows))
            most = np.bincount(row, weights=np.maximum(*ends), minlength=len(rows))
        model = Arrays(
            cost=arrays.cost[columns],
            lower=lower,
            upper=upper,
            integer=arrays.integer[columns],
            row_lower=np.minimum(arrays.row_lower[rows] - fixed, most),
            row_upper=np.maximum(arrays.row_upper[rows] - fixed, least),
            matrix=(start, index, value),
            offset=0.0,
        )
        return Restriction(model=model, columns=columns, rows=rows)

    def feasible(self, values: Floats) -> bool:
        """Whether the values keep all rows and limits."""
        return not len(self.broken(values)) and self._within(values, slice(None))

    def broken(self, values: Floats) -> Ints:
        """Rows that values break."""
        return np.flatnonzero(~_are_kept(self.at(values).activity, self.arrays.row_lower, self.arrays.row_upper))

    def columns_of(self, rows: Ints) -> Ints:
        """Columns of some rows, one row after the other."""
        start, index, _ = self.arrays.matrix
        return index[spans(start[rows], start[rows + 1])[0]].astype(np.int64)

    def goes_from(
        self, base: Point, point: Point, columns: Ints, *, dropped: Callable[[Ints], Marks] | None = None
    ) -> bool:
        """Whether a point breaks no row more than another one, from which it differs in some of these columns.

        Parameters
        ----------
        dropped
            Tells which of some rows do not count.
        """
        columns = columns[point.values[columns] != base.values[columns]]
        rows = self._rows_of(columns)
        if dropped is not None:
            rows = rows[~dropped(rows)]
        before, after = base.activity[rows], point.activity[rows]
        lower, upper = self.arrays.row_lower[rows], self.arrays.row_upper[rows]
        kept = _are_kept(after, np.minimum(lower, before), np.maximum(upper, before))
        return bool(kept.all()) and self._within(point.values, columns)

    def _within(self, values: Floats, columns: Ints | slice) -> bool:
        """Whether values are within the limits of some columns."""
        mine, lower, upper = values[columns], self.arrays.lower[columns], self.arrays.upper[columns]
        return bool((mine <= upper + TOLERANCE).all() and (mine >= lower - TOLERANCE).all())

    def _rows_of(self, columns: Ints) -> Ints:
        """Rows that have any of the columns, ascending."""
        start, row, _ = self._by_column
        entry, _ = spans(start[columns], start[columns + 1])
        touched = np.zeros(len(self.arrays.row_lower), bool)
        touched[row[entry]] = True
        return np.flatnonzero(touched)


@kernel
def _activity(start: Ints, index: Places, value: Floats, values: Floats) -> Floats:
    """What values make of each row."""
    total = np.zeros(len(start) - 1)
    for row in range(len(total)):
        for entry in range(start[row], start[row + 1]):
            total[row] += value[entry] * values[index[entry]]
    return total


@kernel
def _shift(activity: Floats, start: Ints, row: Places, value: Floats, columns: Ints, by: Floats) -> None:
    """Add to the rows what some columns change by."""
    for k in range(len(columns)):
        if by[k] != 0.0:
            for entry in range(start[columns[k]], start[columns[k] + 1]):
                activity[row[entry]] += value[entry] * by[k]


@kernel
def _by_row(start: Ints, row: Places, value: Floats, columns: Ints, number: Places, rows: int) -> Matrix:
    """Compressed rows of some columns, numbered anew in their order.

    Parameters
    ----------
    number
        New number of each row, more 1; 0: left out.
    """
    ends = np.zeros(rows + 1, np.int64)
    for k in range(len(columns)):
        for entry in range(start[columns[k]], start[columns[k] + 1]):
            ends[number[row[entry]]] += 1
    ends[0] = 0
    for r in range(rows):
        ends[r + 1] += ends[r]
    free = ends.copy()
    index, moved = np.empty(ends[rows], np.int32), np.empty(ends[rows])
    for k in range(len(columns)):
        for entry in range(start[columns[k]], start[columns[k] + 1]):
            r = number[row[entry]] - 1
            if r >= 0:
                index[free[r]], moved[free[r]] = k, value[entry]
                free[r] += 1
    return ends, index, moved
