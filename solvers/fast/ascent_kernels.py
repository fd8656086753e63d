"""One step of the ascent: decide every column at given prices, see what that leaves of the rows, move the prices.

Kingma & Ba 2015, "Adam: a method for stochastic optimization", algorithm 1, on the subgradient of the Lagrangian dual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solvers.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.sparse import Floats, Ints, Places

MOMENTUM, SPREAD = 0.9, 0.999
"""Shares of the running averages of the subgradient and of its square that stay in each step."""


class Forest(NamedTuple):
    """Columns as the kernels walk through them; see `ascent_model.Relaxation`."""

    owners: int
    places: int
    cost: Floats
    lower: Floats
    upper: Floats
    parent: Places
    factor: Floats
    unit_start: Ints
    open_place: NDArray[np.bool_]
    column_start: Ints
    entry_row: Places
    entry_value: Floats
    row_lower: Floats
    row_upper: Floats


class Point(NamedTuple):
    """Prices, and what they lead to.

    Parameters
    ----------
    row
        Price of each row (M).
    unit
        What a unit's place is worth more than its best place without a gate (U).
    worth
        Filled with the price of each unit (U).
    first, more
        Filled with the worth of a unit of each column, and of a further one where it may be more than one (N).
    value
        Filled with what each column is then (N).
    rest
        Filled with the subgradient of each row (M).
    unit_rest
        And of each unit (U).
    """

    row: Floats
    unit: Floats
    worth: Floats
    first: Floats
    more: Floats
    value: Floats
    rest: Floats
    unit_rest: Floats


class Motion(NamedTuple):
    """Running averages of the subgradient and of its square, by row and by unit, and the size of steps."""

    row_mean: Floats
    row_square: Floats
    row_step: Floats
    unit_mean: Floats
    unit_square: Floats
    unit_step: Floats


@kernel
def _earned(first: float, more: float, most: float) -> float:
    """Best worth of at most so many units of a column, the first at one worth, further ones at another."""
    return max(first, 0.0) * min(most, 1.0) + max(more, 0.0) * max(most - 1.0, 0.0)


@kernel
def _hand_up(forest: Forest, point: Point, column: int) -> None:
    """Add to a gate what its column earns behind it."""
    parent, factor = forest.parent[column], forest.factor[column]
    first, more = point.first[column], point.more[column]
    most = forest.upper[column]
    point.first[parent] += _earned(first, more, min(most, factor))
    if forest.upper[parent] > 1.0 and most > factor:
        point.more[parent] += factor * max(more if factor >= 1.0 else first, 0.0)


@kernel
def _amount(first: float, more: float, most: float) -> float:
    if first <= 0.0:
        return 0.0
    return most if more > 0.0 else min(most, 1.0)


@kernel
def price_units(forest: Forest, point: Point) -> float:
    """Price each unit's place and charge its places; returns the sum of prices."""
    total = 0.0
    for unit in range(len(point.unit)):
        start, end = forest.unit_start[unit], forest.unit_start[unit + 1]
        best, gated = -np.inf, -np.inf
        for place in range(start, end):
            if forest.upper[place] > 0.0:
                if forest.open_place[place]:
                    best = max(best, point.first[place])
                else:
                    gated = max(gated, point.first[place])
        if best > -np.inf:
            worth = max(best, point.unit[unit])
            point.unit[unit] = worth
        elif gated > -np.inf:
            worth = gated - point.unit[unit]
        else:
            worth = 0.0
        point.worth[unit] = worth
        total += worth
        for place in range(start, end):
            point.first[place] -= worth
            point.more[place] -= worth
    return total


@kernel
def _rest_of_units(forest: Forest, point: Point) -> None:
    """What a unit has not in places with gates is in its best place without; without such a place it is missing."""
    for unit in range(len(point.unit)):
        start, end = forest.unit_start[unit], forest.unit_start[unit + 1]
        inside, best, open_worth = 0.0, -1, -np.inf
        for place in range(start, end):
            if forest.open_place[place]:
                point.value[place] = 0.0
                if forest.upper[place] > 0.0 and point.first[place] > open_worth:
                    best, open_worth = place, point.first[place]
            else:
                inside += point.value[place]
        if best >= 0:
            point.value[best] = max(1.0 - inside,0.0) if open_worth>=0.0 else 0.0
            point.unit_rest[unit] = 1.0 - inside
        else:
            point.unit_rest[unit] = inside - 1.0


@kernel
def decide(forest: Forest, point: Point) -> float:
    """Decide every column at the point's prices; returns the bound, the model's constant part not counted."""
    columns = len(forest.cost)
    for column in range(columns):
        worth = forest.cost[column]
        for entry in range(forest.column_start[column], forest.column_start[column + 1]):
            worth -= point.row[forest.entry_row[entry]] * forest.entry_value[entry]
        point.first[column] = worth
        point.more[column] = worth
    for column in range(forest.owners):
        _hand_up(forest, point, column)
    bound = price_units(forest, point)
    for column in range(forest.owners, columns):
        if forest.open_place[column]:
            continue
        if forest.parent[column] >= 0:
            _hand_up(forest, point, column)
        else:
            first, more, least = point.first[column], point.more[column], forest.lower[column]
            amount = max(_amount(first, more, forest.upper[column]), least)
            point.value[column] = amount
            bound += first * min(amount, 1.0) + more * max(amount - 1.0, 0.0)
    for column in range(columns - 1, forest.owners - 1, -1):
        parent = forest.parent[column]
        if parent >= 0:
            most = min(forest.upper[column], forest.factor[column] * point.value[parent])
            point.value[column] = _amount(point.first[column], point.more[column], most)
    _rest_of_units(forest, point)
    for column in range(forest.owners):
        # The place may be less than nothing here: the unit's best place without a gate makes up for the others.
        allowed = forest.factor[column] * point.value[forest.parent[column]]
        point.value[column] = min(allowed, forest.upper[column]) if point.first[column] > 0.0 else 0.0
    for row in range(len(point.row)):
        price = point.row[row]
        if price > 0.0:
            bound += price * forest.row_upper[row]
        elif price < 0.0:
            bound += price * forest.row_lower[row]
    return bound


@kernel
def subgradient(forest: Forest, point: Point) -> None:
    """What the decided columns leave of each row: positive where the price should fall."""
    rest = point.rest
    rest[:] = 0.0
    for column in range(len(forest.cost)):
        value = point.value[column]
        if value != 0.0:
            for entry in range(forest.column_start[column], forest.column_start[column + 1]):
                rest[forest.entry_row[entry]] -= forest.entry_value[entry] * value
    for row in range(len(rest)):
        lower, upper = forest.row_lower[row], forest.row_upper[row]
        price = point.row[row]
        if price > 0.0 or (price == 0.0 and -rest[row] > upper):
            rest[row] += upper
        elif price < 0.0 or -rest[row] < lower:
            rest[row] += lower
        elif np.isinf(lower):
            rest[row] += upper
        elif np.isinf(upper):
            rest[row] += lower
        else:
            rest[row] = 0.0


@kernel
def move(forest: Forest, point: Point, motion: Motion, length: float, turn: int) -> None:
    """One step of Adam; prices of inequalities keep their sign."""
    of_mean, of_square = 1.0 / (1.0 - 0.9**turn), 1.0 / (1.0 - 0.999**turn)
    for row in range(len(point.row)):
        rest = point.rest[row]
        mean = motion.row_mean[row] + (1.0 - 0.9) * (rest - motion.row_mean[row])
        square = motion.row_square[row] + (1.0 - 0.999) * (rest * rest - motion.row_square[row])
        motion.row_mean[row], motion.row_square[row] = mean, square
        if square > 0.0:
            price = point.row[row] - length * motion.row_step[row] * mean * of_mean / np.sqrt(square * of_square)
            if np.isinf(forest.row_lower[row]):
                price = max(price, 0.0)
            if np.isinf(forest.row_upper[row]):
                price = min(price, 0.0)
            point.row[row] = price
    for unit in range(len(point.unit)):
        rest = point.unit_rest[unit]
        mean = motion.unit_mean[unit] + (1.0 - 0.9) * (rest - motion.unit_mean[unit])
        square = motion.unit_square[unit] + (1.0 - 0.999) * (rest * rest - motion.unit_square[unit])
        motion.unit_mean[unit], motion.unit_square[unit] = mean, square
        if square > 0.0:
            by = length * motion.unit_step[unit] * mean * of_mean / np.sqrt(square * of_square)
            point.unit[unit] -= by


@kernel
def climb(
    forest: Forest, point: Point, motion: Motion, best: Point, bound: float, lengths: Floats, turn: int, total: Floats
) -> float:
    """Some steps of given lengths; keeps the best point and adds up decisions. Returns the best bound.

    Parameters
    ----------
    best
        Prices of the best bound so far; replaced where it falls.
    turn
        Steps taken before.
    total
        Added to: value of each column in each step; empty where nobody asks.
    """
    for length in lengths:
        found = decide(forest, point)
        if found < bound:
            bound = found
            best.row[:], best.unit[:], best.worth[:] = point.row, point.unit, point.worth
        if len(total):
            for column in range(len(total)):
                total[column] += point.value[column]
        subgradient(forest, point)
        turn += 1
        move(forest, point, motion, length, turn)
    return bound
