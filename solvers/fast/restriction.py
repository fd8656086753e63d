"""The model of a part: some columns of a model free, the others at their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solvers.highs import Arrays
from solvers.sparse import inside, spans, transposed

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

    def made(self, values: Floats) -> Floats:
        """Values with it, which may have changed otherwise since: then by as much."""
        made, now = values.copy(), values[self.columns]
        made[self.columns] = np.where(now == self.before, self.after, now + (self.after - self.before))
        return made


def changed(columns: Ints, before: Floats, after: Floats) -> Change:
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

    def restricted(
        self, values: Floats, columns: Ints, *, dropped: Callable[[Ints], Marks] | None = None
    ) -> Restriction:
        """The model with some columns free, which ascend.

        Rows are never tighter than what the values themselves need, so that rounding shuts nothing.

        Parameters
        ----------
        dropped
            For values that break rows: tells which of some rows are left out. The others are then as loose only as the
            free columns make them necessarily.
        """
        arrays = self.arrays
        number = np.zeros(len(arrays.cost), np.int32)
        number[columns] = np.arange(1, len(columns) + 1)
        rows = self._rows_of(columns)
        if dropped is not None:
            rows = rows[~dropped(rows)]
        entry, local = self._entries(rows)
        index, value = arrays.matrix[1][entry], arrays.matrix[2][entry]
        position = number[index] - 1
        free = position >= 0
        used = value * values[index]
        fixed = np.bincount(local[~free], weights=used[~free], minlength=len(rows))
        local, index, value, position = local[free], index[free], value[free], position[free]
        if dropped is not None:
            ends = value * arrays.lower[index], value * arrays.upper[index]
            least = np.bincount(local, weights=np.minimum(*ends), minlength=len(rows))
            most = np.bincount(local, weights=np.maximum(*ends), minlength=len(rows))
        else:
            least = most = np.bincount(local, weights=used[free], minlength=len(rows))
        model = Arrays(
            cost=arrays.cost[columns],
            lower=arrays.lower[columns],
            upper=arrays.upper[columns],
            integer=arrays.integer[columns],
            row_lower=np.minimum(arrays.row_lower[rows] - fixed, most),
            row_upper=np.maximum(arrays.row_upper[rows] - fixed, least),
            matrix=(
                np.concatenate(([0], np.cumsum(np.bincount(local, minlength=len(rows))))).astype(np.int64),
                position,
                value,
            ),
            offset=0.0,
        )
        return Restriction(model=model, columns=columns, rows=rows)

    def feasible(self, values: Floats) -> bool:
        """Whether the values keep all rows and limits."""
        return not len(self.broken(values)) and self._within(values, slice(None))

    def broken(self, values: Floats) -> Ints:
        """Rows that values break."""
        arrays = self.arrays
        activity = self._activity(values, np.arange(len(arrays.row_lower)))
        return np.flatnonzero(~_are_kept(activity, arrays.row_lower, arrays.row_upper))

    def columns_of(self, rows: Ints) -> Ints:
        """Columns of some rows, one row after the other."""
        return self.arrays.matrix[1][self._entries(rows)[0]].astype(np.int64)

    def goes_from(
        self, base: Floats, values: Floats, columns: Ints, *, dropped: Callable[[Ints], Marks] | None = None
    ) -> bool:
        """Whether values break no row more than the base does, from which they differ in some of these columns.

        Parameters
        ----------
        dropped
            Tells which of some rows do not count.
        """
        arrays = self.arrays
        columns = columns[values[columns] != base[columns]]
        rows = self._rows_of(columns)
        if dropped is not None:
            rows = rows[~dropped(rows)]
        before, after = self._activity(base, rows), self._activity(values, rows)
        lower, upper = np.minimum(arrays.row_lower[rows], before), np.maximum(arrays.row_upper[rows], before)
        return bool(_are_kept(after, lower, upper).all()) and self._within(values, columns)

    def _activity(self, values: Floats, rows: Ints) -> Floats:
        """What the values make of some rows."""
        entry, local = self._entries(rows)
        index, value = self.arrays.matrix[1][entry], self.arrays.matrix[2][entry]
        return np.bincount(local, weights=value * values[index], minlength=len(rows)).astype(np.float64)

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

    def _entries(self, rows: Ints) -> tuple[Ints, Ints]:
        """Entries of the matrix in some rows, and the number of each one's row among them."""
        start = self.arrays.matrix[0]
        return spans(start[rows], start[rows + 1])
