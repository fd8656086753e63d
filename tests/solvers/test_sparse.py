"""Compressed matrices by counting: each against the same matrix written out in full."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from solvers.sparse import (
    by_column,
    compressed,
    in_order,
    inside,
    marked_by_row,
    members,
    paid,
    rows_with,
    some_of,
    transposed,
)

ROWS, COLUMNS = 4, 5

entries = st.lists(
    st.tuples(st.integers(0, ROWS - 1), st.integers(0, COLUMNS - 1), st.integers(-3, 3)), min_size=0, max_size=30
)


def built(given_entries: list[tuple[int, int, int]]) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], np.ndarray]:
    """The compressed matrix of some entries, and the full one."""
    row, column, value = (np.array([entry[k] for entry in given_entries]) for k in range(3))
    full = np.zeros((ROWS, COLUMNS))
    np.add.at(full, (row.astype(int), column.astype(int)), value)
    items = [(row.astype(np.int32), column.astype(np.int32), value.astype(float))]
    matrix = compressed(ROWS, COLUMNS, items)
    assert not items
    return matrix, full


def written_out(matrix: tuple[np.ndarray, np.ndarray, np.ndarray], others: int) -> np.ndarray:
    """A compressed matrix in full; what is named twice would be lost."""
    start, index, value = matrix
    full = np.zeros((len(start) - 1, others))
    full[np.repeat(np.arange(len(start) - 1), np.diff(start)), index] = value
    return full


@given(entries)
def test_equal_places_add_up_and_zeros_are_dropped(some: list[tuple[int, int, int]]) -> None:
    """Columns ascend within a row, none twice, no zero among the values."""
    (start, index, value), full = built(some)
    assert np.array_equal(written_out((start, index, value), COLUMNS), full)
    assert (value != 0).all()
    for row in range(ROWS):
        assert (np.diff(index[start[row] : start[row + 1]]) > 0).all()


@given(entries)
def test_turned_twice_it_is_the_same(some: list[tuple[int, int, int]]) -> None:
    """Rows become columns and rows again."""
    matrix, full = built(some)
    turned = transposed(matrix, COLUMNS)
    assert np.array_equal(written_out(turned, ROWS), full.T)
    assert np.array_equal(written_out(transposed(turned, ROWS), COLUMNS), full)


@given(entries, st.permutations(range(COLUMNS)), st.lists(st.booleans(), min_size=ROWS, max_size=ROWS))
def test_columns_in_another_order_without_some_rows(
    some: list[tuple[int, int, int]], order: list[int], left: list[bool]
) -> None:
    """Column ``k`` is found at ``order[k]``; rows that are left are numbered anew."""
    matrix, full = built(some)
    number = np.where(left, np.cumsum(left) - 1, -1).astype(np.int32)
    found = by_column(*matrix, np.array(order, np.int32), number, COLUMNS)
    wanted = np.zeros((COLUMNS, sum(left)))
    wanted[order] = full[np.array(left)].T
    assert np.array_equal(written_out(found, sum(left)), wanted)


@given(entries, st.lists(st.integers(0, ROWS - 1), max_size=6))
def test_some_rows(some: list[tuple[int, int, int]], chosen: list[int]) -> None:
    """In the order given, the same one as often as it is asked for."""
    matrix, full = built(some)
    assert np.array_equal(written_out(some_of(*matrix, np.array(chosen, np.int64)), COLUMNS), full[chosen])


@given(entries, st.lists(st.booleans(), min_size=COLUMNS, max_size=COLUMNS))
def test_what_is_marked(some: list[tuple[int, int, int]], marked: list[bool]) -> None:
    """Rows with a marked column, and how many entries of each are marked."""
    (start, index, value), full = built(some)
    mark = np.array(marked)
    count = (full[:, mark] != 0).sum(axis=1)
    assert rows_with((start, index, value), mark).tolist() == np.flatnonzero(count).tolist()
    assert marked_by_row(start, mark[index]).tolist() == count.tolist()


@given(entries, st.lists(st.integers(-2, 2), min_size=ROWS, max_size=ROWS))
def test_what_columns_pay(some: list[tuple[int, int, int]], price: list[int]) -> None:
    """What a column takes of each row, at the row's price."""
    matrix, full = built(some)
    assert np.array_equal(paid(*matrix, np.array(price, float), COLUMNS), np.array(price) @ full)


@given(
    entries,
    st.lists(st.booleans(), min_size=COLUMNS, max_size=COLUMNS),
    st.lists(st.booleans(), min_size=ROWS, max_size=ROWS),
)
def test_some_columns_of_some_rows(some: list[tuple[int, int, int]], column: list[bool], row: list[bool]) -> None:
    """As the full matrix without the others."""
    matrix, full = built(some)
    found = inside(*matrix, np.array(column), np.array(row))
    assert np.array_equal(written_out(found, sum(column)), full[np.ix_(row, column)])


@given(st.lists(st.integers(-1, 4), min_size=1, max_size=20), st.lists(st.integers(0, 5), max_size=4))
def test_things_by_what_they_are_of(of: list[int], wanted: list[int]) -> None:
    """One wanted after the other, each with its things in their order; some have none."""
    things = np.flatnonzero(np.array(of) >= 0)
    found = members(in_order(things, np.array(of)), np.array(wanted, np.int64))
    assert found.tolist() == [thing for each in wanted for thing in things.tolist() if of[thing] == each]
