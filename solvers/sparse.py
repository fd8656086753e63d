"""Sparse matrices by counting: what the models are made of, at sizes where sorting keys would be slow and fat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solvers.kernel import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Places = NDArray[np.int32]
"""Row or column numbers inside a matrix: HiGHS counts in 32 bits, and models of real size have many."""


Matrix = tuple[Ints, Places, Floats]
"""Starts of rows (or columns), numbers of columns (or rows), and values."""


def compressed(rows: int, columns: int, entries: list[tuple[Places, Places, Floats]]) -> Matrix:
    """Compressed rows; columns ascend within a row, equal places are added up, zeros dropped.

    Parameters
    ----------
    entries
        One item: row, column and value of each; the list is emptied, as there is seldom room for them twice.
    """
    row, column, value = entries.pop()
    grouped = _grouped(column, row, value, columns)
    del row, column, value
    start, index, moved = transposed(grouped, rows)
    del grouped
    count = _merge(start, index, moved)
    return start, index[:count], moved[:count]


@kernel
def _grouped(key: Places, other: Places, value: Floats, keys: int) -> Matrix:
    """What goes with each key, in the order in which it comes, by counting."""
    start = np.zeros(keys + 1, np.int64)
    for k in key:
        start[k + 1] += 1
    for k in range(keys):
        start[k + 1] += start[k]
    free = start.copy()
    index, moved = np.empty(len(key), np.int32), np.empty(len(key))
    for entry in range(len(key)):
        place = free[key[entry]]
        index[place], moved[place] = other[entry], value[entry]
        free[key[entry]] += 1
    return start, index, moved


@kernel
def _merge(start: Ints, index: Places, value: Floats) -> int:
    """Add up equal places of sorted rows and drop zeros, where they are; how many entries are left."""
    count, first = 0, 0
    for row in range(len(start) - 1):
        entry, last = first, start[row + 1]
        first = last
        while entry < last:
            column, total = index[entry], value[entry]
            entry += 1
            while entry < last and index[entry] == column:
                total += value[entry]
                entry += 1
            if total != 0.0:
                index[count], value[count] = column, total
                count += 1
        start[row + 1] = count
    return count


def spans(start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """The numbers of all ranges ``start[i]`` to ``end[i]``, one range after the other, and the range of each."""
    size = end - start
    of = np.repeat(np.arange(len(size)), size)
    return np.arange(len(of)) - (np.cumsum(size) - size - start)[of], of


def in_order(things: Ints, of: Ints) -> tuple[Ints, Ints]:
    """Things in the order of what each is of, and that, for `members`."""
    order = things[np.argsort(of[things], kind="stable")]
    return order, of[order]


def members(ordered: tuple[Ints, Ints], wanted: Ints) -> Ints:
    """The things of what is wanted."""
    things, of = ordered
    return np.asarray(things[spans(np.searchsorted(of, wanted), np.searchsorted(of, wanted, side="right"))[0]])


def distinct(values: Ints) -> Ints:
    """The values once each, ascending: as `numpy.unique`, which hashes and takes ten times as long on many."""
    ordered = np.sort(values)
    return np.asarray(ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]])


def transposed(matrix: Matrix, columns: int) -> Matrix:
    """Compressed columns of compressed rows; rows ascend within a column."""
    every = np.arange(columns, dtype=np.int32), np.arange(len(matrix[0]) - 1, dtype=np.int32)
    return by_column(*matrix, *every, columns)


@kernel
def by_column(start: Ints, index: Places, value: Floats, column: Places, row: Places, columns: int) -> Matrix:
    """Compressed columns of compressed rows, in another order.

    Parameters
    ----------
    column, row
        New number of each column, and of each row, negative: left out. Rows ascend within a column.
    """
    ends = np.zeros(columns + 1, np.int64)
    for r in range(len(row)):
        if row[r] >= 0:
            for entry in range(start[r], start[r + 1]):
                ends[column[index[entry]] + 1] += 1
    for k in range(columns):
        ends[k + 1] += ends[k]
    free = ends.copy()
    rows, moved = np.empty(ends[columns], np.int32), np.empty(ends[columns])
    for r in range(len(row)):
        if row[r] >= 0:
            for entry in range(start[r], start[r + 1]):
                place = free[column[index[entry]]]
                rows[place], moved[place] = row[r], value[entry]
                free[column[index[entry]]] += 1
    return ends, rows, moved


@kernel
def some_of(start: Ints, index: Places, value: Floats, chosen: Ints) -> Matrix:
    """Some of the rows (or columns) of a compressed matrix, in the order given."""
    ends = np.zeros(len(chosen) + 1, np.int64)
    for k in range(len(chosen)):
        ends[k + 1] = ends[k] + start[chosen[k] + 1] - start[chosen[k]]
    others, moved = np.empty(ends[-1], np.int32), np.empty(ends[-1])
    for k in range(len(chosen)):
        for entry in range(start[chosen[k]], start[chosen[k] + 1]):
            place = ends[k] + entry - start[chosen[k]]
            others[place], moved[place] = index[entry], value[entry]
    return ends, others, moved


@kernel
def marked_by_row(start: Ints, marked: NDArray[np.bool_]) -> Ints:
    """How many entries of each row are marked."""
    count = np.zeros(len(start) - 1, np.int64)
    for row in range(len(count)):
        for entry in range(start[row], start[row + 1]):
            count[row] += marked[entry]
    return count


def rows_with(matrix: Matrix, marked: NDArray[np.bool_]) -> Ints:
    """Rows that have an entry of a marked column, ascending."""
    return np.flatnonzero(_has_marked(matrix[0], matrix[1], marked))


@kernel
def _has_marked(start: Ints, index: Places, marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    found = np.zeros(len(start) - 1, np.bool_)
    for row in range(len(found)):
        for entry in range(start[row], start[row + 1]):
            if marked[index[entry]]:
                found[row] = True
                break
    return found


@kernel
def inside(start: Ints, index: Places, value: Floats, column: NDArray[np.bool_], row: NDArray[np.bool_]) -> Matrix:
    """Some columns of some rows, both numbered anew in their order."""
    rows, number = np.flatnonzero(row), np.cumsum(column) - 1
    ends = np.zeros(len(rows) + 1, np.int64)
    for k in range(len(rows)):
        ends[k + 1] = ends[k]
        for entry in range(start[rows[k]], start[rows[k] + 1]):
            ends[k + 1] += column[index[entry]]
    others, moved = np.empty(ends[-1], np.int32), np.empty(ends[-1])
    for k in range(len(rows)):
        free = ends[k]
        for entry in range(start[rows[k]], start[rows[k] + 1]):
            if column[index[entry]]:
                others[free], moved[free] = number[index[entry]], value[entry]
                free += 1
    return ends, others, moved


@kernel
def paid(start: Ints, index: Places, value: Floats, price: Floats, columns: int) -> Floats:
    """What each column pays for what it takes of the rows, at their prices."""
    total = np.zeros(columns)
    for row in range(len(price)):
        if price[row] != 0.0:
            for entry in range(start[row], start[row + 1]):
                total[index[entry]] += value[entry] * price[row]
    return total
