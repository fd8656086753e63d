"""A proven bound of the staffing model, by prices that fall and rise until it hardly moves: dual ascent.

The bound at any prices is valid: each row is either paid for at its price or kept; see `ascent_model`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY, SALES
from solvers.fast.ascent_kernels import Forest, Motion, Point, climb, decide
from solvers.fast.ascent_model import BORDER, narrowed, relaxed

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from solvers.fast.ascent_model import Relaxation
    from solvers.fast.master import Master
    from solvers.sparse import Floats

STEPS = 1000
"""Steps where nobody says how many."""

CHUNK = 50
"""Steps between two looks at the clock."""

NARROW = 150
"""Steps after which it is looked again which places matter."""

REACH = 2.0
"""Typical prices by which a place's worth may change until then, in lengths of a step."""

FIRST, AGAIN, LAST = 1.4, 0.01, 1e-4
"""Length of the first step for few units, the part of it from known prices, and the last step, in typical prices.

A first step shrinks with the root of the number of units: the more there are, the finer the prices that they share.
"""

FEW = 1000

UNITS_FIRST = 0.6
"""Length of the first step of units, whose prices nobody else shares, however many there are."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Ascent:
    """Prices and what they prove.

    Parameters
    ----------
    row
        Price of each row of the model: what one more unit of its limit earns; 0 for gates (rows).
    unit
        Price of each unit: what its account earns more than it takes from others (U).
    bound
        Proven with them, ``inf`` without.
    mean
        Value of each column in the second half of the steps, on average (columns).
    """

    row: Floats
    unit: Floats
    bound: float
    mean: Floats


def ascend(
    master: Master,
    *,
    iterations: int | None = None,
    start: Ascent | None = None,
    left: Callable[[], float | None] = lambda: None,
    stop_asked: Callable[[], bool] = lambda: False,
    on_bound: Callable[[float], None] = lambda _: None,
) -> Ascent:
    """Raise prices until the steps are done; repeatable unless time or somebody stops it.

    Parameters
    ----------
    iterations
        Steps; None as many as usual.
    start
        Prices known from before, of the same model or of one with other limits.
    left
        Seconds left, None without limit.
    on_bound
        Told the bound now and then.
    """
    relaxation = relaxed(master)
    steps = STEPS if iterations is None else iterations
    first = FIRST * (FEW / max(FEW, len(relaxation.choice))) ** 0.5
    ahead = UNITS_FIRST / first
    forest, best, motion = as_forest(relaxation), _point(relaxation), _no_motion(relaxation, ahead)
    point = _first_point(master, relaxation) if start is None else known_point(relaxation, start)
    best.row[:], best.unit[:] = point.row, point.unit
    bound = decide(forest, best, 0.0)
    lengths = np.geomspace(first if start is None else AGAIN * first, LAST, max(steps, 1))[:steps]
    total, counted = np.zeros(len(relaxation.column)), 0
    trial = _point(relaxation)
    trial.first[:] = best.first
    near = _Near(forest, np.ones(len(total), bool))
    for done in range(0, steps, CHUNK):
        rest = left()
        if stop_asked() or (rest is not None and rest <= 0):
            break
        some = lengths[done : done + CHUNK]
        if done % NARROW == 0:
            near = _near(relaxation, trial.first, float(some[0]), ahead)
        reached = _climbed(near, point, motion, trial, some, done)
        found = decide(forest, trial, 0.0)
        if found < bound:
            bound = found
            best.row[:], best.unit[:] = trial.row, trial.unit
            on_bound(bound + relaxation.offset)
        if 2 * done >= steps:
            total[near.kept] += reached
            counted += len(some)
    best.value[:] = total / counted if counted else trial.value
    return as_ascent(relaxation, best, bound + relaxation.offset)


@dataclass(frozen=True, eq=False)
class _Near:
    """The relaxation with those columns only that matter at about some prices, and which they are (N)."""

    forest: Forest
    kept: NDArray[np.bool_]


def _near(relaxation: Relaxation, first: Floats, length: float, ahead: float) -> _Near:
    """Leave out places that the next steps will not make worth their unit's price, and the owners behind them.

    Parameters
    ----------
    first
        What each column earns, for places less their unit's price (N).
    length, ahead
        Of the next step, and by how much those of units are longer.
    """
    place = slice(relaxation.owners, relaxation.owners + relaxation.places)
    unit_step = np.repeat(ahead * relaxation.unit_step, np.diff(relaxation.unit_start))
    step = relaxation.border[place] / BORDER + unit_step
    kept = np.ones(len(first), bool)
    kept[place] = relaxation.open_place[place] | (first[place] >= -REACH * length * step)
    owner = slice(0, relaxation.owners)
    kept[owner] = kept[relaxation.parent[owner]]
    return _Near(as_forest(narrowed(relaxation, kept)), kept)


def _climbed(near: _Near, point: Point, motion: Motion, best: Point, lengths: Floats, turn: int) -> Floats:
    """Steps on few columns; ``best`` takes the best prices on the way. Returns the sums of values."""
    columns = len(near.forest.cost)
    total = np.zeros(columns)
    small = point._replace(first=np.empty(columns), more=np.empty(columns), value=np.zeros(columns))
    climb(near.forest, small, motion, best, np.inf, lengths, turn, total)
    return total


def bound_at(master: Master, row_duals: Floats) -> float:
    """The bound at any prices, such as the duals of a linear program: of one each row, choices included."""
    relaxation = relaxed(master)
    forest = as_forest(relaxation)
    known = Ascent(row=row_duals, unit=row_duals[relaxation.choice], bound=np.inf, mean=np.zeros(0))
    return decide(forest, known_point(relaxation, known), 0.0) + relaxation.offset


def worth_of_columns(master: Master, prices: Ascent) -> Floats:
    """What each column earns at the prices, with what it opens, and before the price of its unit (columns)."""
    relaxation = relaxed(master)
    forest, point = as_forest(relaxation), known_point(relaxation, prices)
    decide(forest, point, 0.0)
    worth = np.empty(len(relaxation.column))
    worth[relaxation.column] = point.first
    places = slice(relaxation.owners, relaxation.owners + relaxation.places)
    worth[relaxation.column[places]] += point.unit[master.draft.columns.unit]
    return worth


def as_forest(relaxation: Relaxation) -> Forest:
    """A relaxation as the kernels want it."""
    return Forest(*(getattr(relaxation, name) for name in Forest._fields))


def _point(relaxation: Relaxation) -> Point:
    rows, units, columns = len(relaxation.row), len(relaxation.choice), len(relaxation.column)
    sizes = (rows, units, columns, columns, columns, rows, units)
    return Point(*(np.zeros(size) for size in sizes))


def _no_motion(relaxation: Relaxation, ahead: float) -> Motion:
    """Before the first step; units' steps are longer than those of rows by a factor."""
    rows, units = len(relaxation.row), len(relaxation.choice)
    return Motion(
        row_mean=np.zeros(rows),
        row_square=np.zeros(rows),
        row_step=relaxation.step,
        unit_mean=np.zeros(units),
        unit_square=np.zeros(units),
        unit_step=ahead * relaxation.unit_step,
    )


def _first_point(master: Master, relaxation: Relaxation) -> Point:
    """An hour of sales costs about what people are paid for it; of others there are enough, until they are missed."""
    draft, point = master.draft, _point(relaxation)
    serving = draft.hours_row[:, SALES] != NOBODY
    is_hour = np.isin(relaxation.row, draft.hours_row[serving, SALES])
    point.row[is_hour] = 1.3 * relaxation.step[is_hour]
    point.unit[:] = np.minimum.reduceat(relaxation.cost, relaxation.unit_start[:-1])
    return point


def known_point(relaxation: Relaxation, known: Ascent) -> Point:
    """Prices from elsewhere: signs that a row cannot have are lost, units are worth at least their best open place."""
    point = _point(relaxation)
    price = known.row[relaxation.row]
    price = np.where(np.isinf(relaxation.row_lower), np.maximum(price, 0.0), price)
    point.row[:] = np.where(np.isinf(relaxation.row_upper), np.minimum(price, 0.0), price)
    point.unit[:] = known.unit
    return point


def as_ascent(relaxation: Relaxation, point: Point, bound: float) -> Ascent:
    """A point as prices of the model's rows, with its values as those of the model's columns."""
    row, mean = np.zeros(relaxation.rows), np.zeros(len(relaxation.column))
    row[relaxation.row] = point.row
    row[relaxation.choice] = point.unit
    mean[relaxation.column] = point.value
    return Ascent(row=row, unit=point.unit.copy(), bound=bound, mean=mean)
