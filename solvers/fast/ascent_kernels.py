"""One step of the ascent: decide every column at given prices, see what that leaves of the rows, move the prices.

Kingma & Ba 2015, "Adam: a method for stochastic optimization", algorithm 1, on the Lagrangian dual. Columns that hardly
pay, or hardly not, are decided in between: without that, people of whom there are enough would all be taken in one step
and none in the next. The width of this border shrinks with the steps (Nesterov 2005, "Smooth minimization of
non-smooth functions", section 2); the bound itself is always that of the sharp decision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solvers.kernel import kernel, lean_kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.sparse import Floats, Ints, Places

MOMENTUM, SPREAD = 0.9, 0.999
"""Shares of the running averages of the subgradient and of its square that stay in each step."""


@lean_kernel
def taken(worth: float, border: float) -> float:
    """Part of a column that is taken: all or nothing, but in between within the border."""
    if worth >= 0.5 * border:
        return 1.0 if worth > 0.0 else 0.0
    if worth <= -0.5 * border:
        return 0.0
    return 0.5 + worth / border


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
    border: Floats
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
        Price of each unit, raised to what its best place without a gate earns (U).
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


@lean_kernel
def _worths(forest: Forest, point: Point) -> None:
    """What each column earns by itself, at the prices of its rows."""
    cost, start, entry_row, entry_value = forest.cost, forest.column_start, forest.entry_row, forest.entry_value
    price, first, more = point.row, point.first, point.more
    for column in range(len(cost)):
        worth = cost[column]
        for entry in range(start[column], start[column + 1]):
            worth -= price[entry_row[entry]] * entry_value[entry]
        first[column] = worth
        more[column] = worth


@lean_kernel
def _hand_up(forest: Forest, point: Point, begin: int, end: int, length: float) -> float:
    """Add to each gate what the columns behind it earn, and decide those that have none; returns what these earn."""
    parents, factors, upper, lower = forest.parent, forest.factor, forest.upper, forest.lower
    first, more, value, border = point.first, point.more, point.value, forest.border
    total = 0.0
    for column in range(begin, end):
        one, further, most = first[column], more[column], upper[column]
        parent = parents[column]
        if parent >= 0:
            factor = factors[column]
            if one > 0.0:
                behind = min(most, factor)
                first[parent] += one * min(behind, 1.0)
                if behind > 1.0:
                    first[parent] += max(further, 0.0) * (behind - 1.0)
                if upper[parent] > 1.0 and most > factor:
                    more[parent] += factor * max(further if factor >= 1.0 else one, 0.0)
        else:
            least, single = lower[column], min(most, 1.0)
            amount = 0.0
            if one > 0.0:
                amount = most if further > 0.0 else single
            amount = max(amount, least)
            total += one * min(amount, 1.0) + further * max(amount - 1.0, 0.0)
            width = border[column] * length
            amount = single * taken(one, width)
            if most > 1.0:
                amount += (most - 1.0) * taken(further, width)
            value[column] = max(amount, least)
    return total


@lean_kernel
def _price_units(forest: Forest, point: Point) -> float:
    """Price each unit, at its best place without a gate at least; charge its places, add to gates what is left.

    Returns the sum of the units' prices.
    """
    starts, upper, open_place = forest.unit_start, forest.upper, forest.open_place
    parents, factors = forest.parent, forest.factor
    first, worths = point.first, point.unit
    total = 0.0
    for unit in range(len(worths)):
        start, end = starts[unit], starts[unit + 1]
        worth = worths[unit]
        for place in range(start, end):
            if open_place[place] and first[place] > worth and upper[place] > 0.0:
                worth = first[place]
        worths[unit] = worth
        total += worth
        for place in range(start, end):
            left = first[place] - worth
            first[place] = left
            if left > 0.0 and not open_place[place]:
                first[parents[place]] += left * min(upper[place], factors[place])
    return total


@lean_kernel
def _place_units(forest: Forest, point: Point, length: float) -> None:
    """Decide places behind gates; the rest of a unit at the price of a place without a gate is there."""
    starts, upper, open_place, border = forest.unit_start, forest.upper, forest.open_place, forest.border
    parents, factors = forest.parent, forest.factor
    first, value = point.first, point.value
    for unit in range(len(point.unit)):
        inside, best = 0.0, -1
        for place in range(starts[unit], starts[unit + 1]):
            worth, amount = first[place], 0.0
            if open_place[place]:
                if worth >= 0.0 and upper[place] > 0.0:
                    best = place
            elif worth > 0.0 or worth > -0.5 * border[place] * length:
                amount = min(upper[place], factors[place] * value[parents[place]])
                amount *= taken(worth, border[place] * length)
                inside += amount
            value[place] = amount
        point.unit_rest[unit] = 1.0 - inside
        if best >= 0 and inside < 1.0:
            value[best] = 1.0 - inside


@lean_kernel
def _hand_down(forest: Forest, point: Point, length: float) -> None:
    """Decide the columns behind gates, from the gates on."""
    parents, factors, upper, border = forest.parent, forest.factor, forest.upper, forest.border
    first, more, value = point.first, point.more, point.value
    for column in range(len(value) - 1, forest.owners + forest.places - 1, -1):
        parent = parents[column]
        if parent >= 0:
            most, width = min(upper[column], factors[column] * value[parent]), border[column] * length
            if first[column] == more[column]:
                value[column] = most * taken(first[column], width)
            else:
                single = min(most, 1.0)
                value[column] = single * taken(first[column], width) + (most - single) * taken(more[column], width)
    _place_units(forest, point, length)
    for column in range(forest.owners):
        value[column] = factors[column] * value[parents[column]] * taken(first[column], border[column] * length)


@lean_kernel
def decide(forest: Forest, point: Point, length: float) -> float:
    """Decide every column at the point's prices; returns the bound, the model's constant part not counted.

    Parameters
    ----------
    length
        Of the step that follows: borders are as wide as it is long.
    """
    _worths(forest, point)
    _hand_up(forest, point, 0, forest.owners, length)
    bound = _price_units(forest, point)
    bound += _hand_up(forest, point, forest.owners + forest.places, len(forest.cost), length)
    _hand_down(forest, point, length)
    for row in range(len(point.row)):
        price = point.row[row]
        if price > 0.0:
            bound += price * forest.row_upper[row]
        elif price < 0.0:
            bound += price * forest.row_lower[row]
    return bound


@lean_kernel
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


@lean_kernel
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
        found = decide(forest, point, length)
        if found < bound:
            bound = found
            best.row[:], best.unit[:] = point.row, point.unit
        if len(total):
            for column in range(len(total)):
                total[column] += point.value[column]
        subgradient(forest, point)
        turn += 1
        move(forest, point, motion, length, turn)
    return bound
