"""One step of the ascent: decide every column at given prices, see what that leaves of the rows, move the prices.

Units, the columns beside them and rows are cut into `PARTS`, so that two threads share a step: what a part adds to
things that others add to as well is kept apart and added up in the order of parts, so that the answer is the same
whoever works on them.

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

PARTS = 2
"""Parts of a step, however many threads there are."""


@lean_kernel
def taken(worth: float, border: float) -> float:
    """Part of a column that is taken: all or nothing, but in between within the border."""
    if worth >= 0.5 * border:
        return 1.0 if worth > 0.0 else 0.0
    if worth <= -0.5 * border:
        return 0.0
    return 0.5 + worth / border


class Forest(NamedTuple):
    """Columns as the kernels walk through them; see `ascent_model.Relaxation`.

    Parameters
    ----------
    owner_start
        First owner of each unit's places, and the end of the last (U + 1).
    live_rows
        Rows that have a price or may get one (at most M).
    unit_part, other_part, row_part
        Where each part begins and the last ends: first unit, first column beside owners and places, and first position
        among ``live_rows`` (PARTS + 1).
    """

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
    gates: Ints
    place_gate: Places
    owner_start: Ints
    live_rows: Ints
    unit_part: Ints
    other_part: Ints
    row_part: Ints


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
    gain
        Filled with what each part's places add to their gates (PARTS x G).
    used
        Filled with what each part's columns take of each row (PARTS x M).
    unit_rest
        Filled with the subgradient of each unit (U).
    """

    row: Floats
    unit: Floats
    first: Floats
    more: Floats
    value: Floats
    gain: Floats
    used: Floats
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
def _worth(forest: Forest, point: Point, column: int) -> float:
    """What a column earns by itself, at the prices of its rows."""
    worth = float(forest.cost[column])
    for entry in range(forest.column_start[column], forest.column_start[column + 1]):
        worth -= point.row[forest.entry_row[entry]] * forest.entry_value[entry]
    return worth


@lean_kernel
def _use(forest: Forest, point: Point, part: int, column: int) -> None:
    """Count what a decided column takes of its rows."""
    value = point.value[column]
    if value != 0.0:
        for entry in range(forest.column_start[column], forest.column_start[column + 1]):
            point.used[part, forest.entry_row[entry]] += forest.entry_value[entry] * value


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


@kernel
def price_part(forest: Forest, point: Point, part: int) -> float:
    """Price the units of a part, at their best places without a gate at least; charge their places, tell their gates.

    Columns beside them get what they earn by themselves. Returns what units and rows of the part add to the bound.
    """
    starts, upper, open_place = forest.unit_start, forest.upper, forest.open_place
    first, more, gain = point.first, point.more, point.gain
    gain[part, :] = 0.0
    total = 0.0
    for unit in range(forest.unit_part[part], forest.unit_part[part + 1]):
        start, end = starts[unit], starts[unit + 1]
        for place in range(start, end):
            first[place] = _worth(forest, point, place)
        for owner in range(forest.owner_start[unit], forest.owner_start[unit + 1]):
            first[owner] = more[owner] = _worth(forest, point, owner)
        _hand_up(forest, point, forest.owner_start[unit], forest.owner_start[unit + 1], 0.0)
        worth = point.unit[unit]
        for place in range(start, end):
            if open_place[place] and first[place] > worth and upper[place] > 0.0:
                worth = first[place]
        point.unit[unit] = worth
        total += worth
        for place in range(start, end):
            left = first[place] - worth
            first[place] = left
            if left > 0.0 and not open_place[place]:
                gain[part, forest.place_gate[place - forest.owners]] += left * min(upper[place], forest.factor[place])
    for column in range(forest.other_part[part], forest.other_part[part + 1]):
        first[column] = more[column] = _worth(forest, point, column)
    for position in range(forest.row_part[part], forest.row_part[part + 1]):
        row = forest.live_rows[position]
        paid = point.row[row]
        total += paid * forest.row_upper[row] if paid > 0.0 else 0.0
        total += paid * forest.row_lower[row] if paid < 0.0 else 0.0
    return total


@kernel
def decide_gates(forest: Forest, point: Point, length: float) -> float:
    """Decide the columns beside owners and places; returns what they add to the bound.

    Parameters
    ----------
    length
        Of the step that follows: borders are as wide as it is long.
    """
    parents, factors, upper, border = forest.parent, forest.factor, forest.upper, forest.border
    first, more, value, begin = point.first, point.more, point.value, forest.owners + forest.places
    for gate in range(len(forest.gates)):
        for part in range(PARTS):
            first[forest.gates[gate]] += point.gain[part, gate]
    total = _hand_up(forest, point, begin, len(forest.cost), length)
    for column in range(len(value) - 1, begin - 1, -1):
        parent = parents[column]
        if parent >= 0:
            most, width = min(upper[column], factors[column] * value[parent]), border[column] * length
            if first[column] == more[column]:
                value[column] = most * taken(first[column], width)
            else:
                single = min(most, 1.0)
                value[column] = single * taken(first[column], width) + (most - single) * taken(more[column], width)
    return total


@kernel
def place_part(forest: Forest, point: Point, part: int, length: float) -> float:
    """Decide places of a part behind gates, and owners; the rest of a unit is where its price has no gate.

    Counts what the part takes of rows.
    """
    starts, upper, open_place, border = forest.unit_start, forest.upper, forest.open_place, forest.border
    parents, factors = forest.parent, forest.factor
    first, value = point.first, point.value
    point.used[part, :] = 0.0
    for unit in range(forest.unit_part[part], forest.unit_part[part + 1]):
        inside, best = 0.0, -1
        for spot in range(starts[unit], starts[unit + 1]):
            worth, amount = first[spot], 0.0
            if open_place[spot]:
                if worth >= 0.0 and upper[spot] > 0.0:
                    best = spot
            elif worth > 0.0 or worth > -0.5 * border[spot] * length:
                amount = min(upper[spot], factors[spot] * value[parents[spot]])
                amount *= taken(worth, border[spot] * length)
                inside += amount
            value[spot] = amount
            _use(forest, point, part, spot)
        point.unit_rest[unit] = 1.0 - inside
        if best >= 0 and inside < 1.0:
            value[best] = 1.0 - inside
            _use(forest, point, part, best)
        for owner in range(forest.owner_start[unit], forest.owner_start[unit + 1]):
            value[owner] = factors[owner] * value[parents[owner]] * taken(first[owner], border[owner] * length)
            _use(forest, point, part, owner)
    for column in range(forest.other_part[part], forest.other_part[part + 1]):
        _use(forest, point, part, column)
    return 0.0


@lean_kernel
def _subgradient(forest: Forest, point: Point, row: int) -> float:
    """What the decided columns leave of a row: positive where its price should fall."""
    used = 0.0
    for part in range(PARTS):
        used += point.used[part, row]
    lower, upper, price = forest.row_lower[row], forest.row_upper[row], point.row[row]
    rest = 0.0
    if price > 0.0 or (price == 0.0 and used > upper):
        rest = upper - used
    elif price < 0.0 or used < lower:
        rest = lower - used
    elif np.isinf(lower):
        rest = upper - used
    elif np.isinf(upper):
        rest = lower - used
    return rest


@lean_kernel
def _fall(mean: Floats, square: Floats, at: int, rest: float, of_mean: float, of_square: float) -> float:
    """By how many steps' length a price falls; the running averages take the subgradient in."""
    mean[at] += (1.0 - MOMENTUM) * (rest - mean[at])
    square[at] += (1.0 - SPREAD) * (rest * rest - square[at])
    return mean[at] * of_mean / np.sqrt(square[at] * of_square) if square[at] > 0.0 else 0.0


@kernel
def move_part(forest: Forest, point: Point, motion: Motion, part: int, length: float, turn: int) -> float:
    """One step of a part's prices; those of inequalities keep their sign."""
    of_mean, of_square = 1.0 / (1.0 - MOMENTUM**turn), 1.0 / (1.0 - SPREAD**turn)
    mean, square = motion.row_mean, motion.row_square
    for position in range(forest.row_part[part], forest.row_part[part + 1]):
        row = forest.live_rows[position]
        fall = _fall(mean, square, row, _subgradient(forest, point, row), of_mean, of_square)
        price = point.row[row] - length * motion.row_step[row] * fall
        if np.isinf(forest.row_lower[row]):
            price = max(price, 0.0)
        if np.isinf(forest.row_upper[row]):
            price = min(price, 0.0)
        point.row[row] = price
    mean, square = motion.unit_mean, motion.unit_square
    for unit in range(forest.unit_part[part], forest.unit_part[part + 1]):
        fall = _fall(mean, square, unit, point.unit_rest[unit], of_mean, of_square)
        point.unit[unit] -= length * motion.unit_step[unit] * fall
    return 0.0
