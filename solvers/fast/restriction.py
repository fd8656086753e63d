"""The model of a part: some columns of a model free, the others at their values; as quick as the part is small."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import NOBODY
from solvers.highs import Arrays
from solvers.sparse import inside, spans, transposed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOLERANCE = 1e-6


@dataclass(frozen=True, kw_only=True)
class Restriction:
    """The model of a part, and which columns and rows of the whole it has."""

    model: Arrays
    columns: Ints
    rows: Ints


def cut(arrays: Arrays, column: NDArray[np.bool_], row: NDArray[np.bool_]) -> Arrays:
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


class Whole:
    """A model of which parts are solved; it keeps its matrix by column as well."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self._by_column = transposed(arrays.matrix, len(arrays.cost))

    def restricted(
        self, values: Floats, free: NDArray[np.bool_], *, dropped: NDArray[np.bool_] | None = None
    ) -> Restriction:
        """The model with some columns free.

        Rows are never tighter than what the values themselves need, so that rounding shuts nothing. With rows to be
        ``dropped``, for values that break rows, the others are only as loose as the free columns make them necessarily.
        """
        arrays = self.arrays
        columns = np.flatnonzero(free)
        position = np.full(len(free), NOBODY, np.int64)
        position[columns] = np.arange(len(columns))
        rows = self._rows_of(columns)
        if dropped is not None:
            rows = rows[~dropped[rows]]
        entry, local = self._entries(rows)
        index, value = arrays.matrix[1][entry], arrays.matrix[2][entry]
        inside = free[index]
        used = value * values[index]
        fixed = np.bincount(local[~inside], weights=used[~inside], minlength=len(rows))
        local, index, value = local[inside], index[inside], value[inside]
        if dropped is not None:
            ends = value * arrays.lower[index], value * arrays.upper[index]
            least = np.bincount(local, weights=np.minimum(*ends), minlength=len(rows))
            most = np.bincount(local, weights=np.maximum(*ends), minlength=len(rows))
        else:
            least = most = np.bincount(local, weights=used[inside], minlength=len(rows))
        model = Arrays(
            cost=arrays.cost[columns],
            lower=arrays.lower[columns],
            upper=arrays.upper[columns],
            integer=arrays.integer[columns],
            row_lower=np.minimum(arrays.row_lower[rows] - fixed, most),
            row_upper=np.maximum(arrays.row_upper[rows] - fixed, least),
            matrix=(
                np.concatenate(([0], np.cumsum(np.bincount(local, minlength=len(rows))))).astype(np.int64),
                position[index].astype(np.int32),
                value,
            ),
            offset=float(arrays.offset + arrays.cost @ values - arrays.cost[columns] @ values[columns]),
        )
        return Restriction(model=model, columns=columns, rows=rows)

    def feasible(self, values: Floats) -> bool:
        """Whether the values keep all rows and limits."""
        return self._keeps(values, np.arange(len(self.arrays.row_lower)), None)

    def goes_from(self, base: Floats, values: Floats, *, dropped: NDArray[np.bool_] | None = None) -> bool:
        """Whether values break no row more than others from which they differ in a few columns, some rows aside."""
        rows = self._rows_of(np.flatnonzero(values != base))
        return self._keeps(values, rows if dropped is None else rows[~dropped[rows]], base)

    def _keeps(self, values: Floats, rows: Ints, base: Floats | None) -> bool:
        arrays = self.arrays
        entry, local = self._entries(rows)
        index, value = arrays.matrix[1][entry], arrays.matrix[2][entry]
        activity = np.bincount(local, weights=value * values[index], minlength=len(rows))
        lower, upper = arrays.row_lower[rows], arrays.row_upper[rows]
        if base is not None:
            before = np.bincount(local, weights=value * base[index], minlength=len(rows))
            lower, upper = np.minimum(lower, before), np.maximum(upper, before)
        slack = TOLERANCE * np.maximum(1.0, np.abs(activity))
        return bool(
            (activity <= upper + slack).all()
            and (activity >= lower - slack).all()
            and (values <= arrays.upper + TOLERANCE).all()
            and (values >= arrays.lower - TOLERANCE).all()
        )

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
