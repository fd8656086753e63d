"""Sparse matrices by counting: what the models are made of, at sizes where sorting keys would be slow and fat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solvers.kernel import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Places = NDArray[np.int32]
"""Row or column numbers inside a matrix: HiGHS counts in 32 bits, and models of real size have many."""


def compressed(rows: int, columns: int, row: Places, column: Places, value: Floats) -> tuple[Ints, Places, Floats]:
    """Compressed rows; columns ascend within a row, equal places are added up, zeros dropped."""
    by_column = counted_order(column, columns)
    order = by_column[counted_order(row[by_column], rows)]
    del by_column
    return _merged(rows, row[order], column[order], value[order])


@kernel
def counted_order(key: Places, keys: int) -> Places:
    """Stable order of entries by a key, by counting."""
    first = np.zeros(keys + 1, np.int64)
    for k in key:
        first[k + 1] += 1
    for k in range(keys):
        first[k + 1] += first[k]
    order = np.empty(len(key), np.int32)
    for entry in range(len(key)):
        order[first[key[entry]]] = entry
        first[key[entry]] += 1
    return order


@kernel
def _merged(rows: int, row: Places, column: Places, value: Floats) -> tuple[Ints, Places, Floats]:
    """Compressed rows of sorted entries, written over them."""
    start = np.zeros(rows + 1, np.int64)
    count, entry = 0, 0
    while entry < len(row):
        r, c, total = row[entry], column[entry], value[entry]
        entry += 1
        while entry < len(row) and row[entry] == r and column[entry] == c:
            total += value[entry]
            entry += 1
        if total != 0.0:
            column[count], value[count] = c, total
            start[r + 1] += 1
            count += 1
    for r in range(rows):
        start[r + 1] += start[r]
    return start, column[:count].copy(), value[:count].copy()


def spans(start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """The numbers of all ranges ``start[i]`` to ``end[i]``, one range after the other, and the range of each."""
    size = end - start
    of = np.repeat(np.arange(len(size)), size)
    return np.arange(len(of)) - (np.cumsum(size) - size - start)[of], of


def distinct(values: Ints) -> Ints:
    """The values once each, ascending: as `numpy.unique`, which hashes and takes ten times as long on many."""
    ordered = np.sort(values)
    return np.asarray(ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]])


def transposed(matrix: tuple[Ints, Places, Floats], columns: int) -> tuple[Ints, Places, Floats]:
    """Compressed columns of compressed rows; rows ascend within a column."""
    start, index, value = matrix
    return _transposed(start, index, value, columns)


@kernel
def _transposed(start: Ints, index: Places, value: Floats, columns: int) -> tuple[Ints, Places, Floats]:
    ends = np.zeros(columns + 1, np.int64)
    for column in index:
        ends[column + 1] += 1
    for column in range(columns):
        ends[column + 1] += ends[column]
    free = ends.copy()
    row, moved = np.empty(len(index), np.int32), np.empty(len(index))
    for r in range(len(start) - 1):
        for entry in range(start[r], start[r + 1]):
            place = free[index[entry]]
            row[place], moved[place] = r, value[entry]
            free[index[entry]] += 1
    return ends, row, moved
