"""A proven bound of the staffing model, by prices that fall and rise until it hardly moves: dual ascent.

The bound at any prices is valid: each row is either paid for at its price or kept; see `ascent_model`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY, SALES
from solvers.fast.ascent_kernels import Forest, Motion, Point, climb, decide
from solvers.fast.ascent_model import relaxed

if TYPE_CHECKING:
    from collections.abc import Callable

    from solvers.fast.ascent_model import Relaxation
    from solvers.fast.master import Master
    from solvers.sparse import Floats

STEPS = 1000
"""Steps where nobody says how many."""

CHUNK = 50
"""Steps between two looks at the clock."""

FIRST, AGAIN, LAST = 0.4, 0.05, 1e-4
"""Length of the first step, of the first step from known prices, and of the last, in typical prices."""


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
    forest = as_forest(relaxation)
    point = _first_point(master, relaxation) if start is None else known_point(relaxation, start)
    best = _point(relaxation)
    motion = no_motion(relaxation)
    lengths = np.geomspace(FIRST if start is None else AGAIN, LAST, max(steps, 1))[:steps]
    total, counted, bound = np.zeros(len(relaxation.column)), 0, np.inf
    nothing = np.zeros(0)
    for done in range(0, steps, CHUNK):
        rest = left()
        if stop_asked() or (rest is not None and rest <= 0):
            break
        some = lengths[done : done + CHUNK]
        adds = 2 * done >= steps
        bound = climb(forest, point, motion, best, bound, some, done, total if adds else nothing)
        counted += len(some) if adds else 0
        on_bound(bound + relaxation.offset)
    bound = min(bound, _settle(forest, point, best, bound))
    best.value[:] = total / counted if counted else point.value
    return as_ascent(relaxation, best, bound + relaxation.offset)


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


def _settle(forest: Forest, point: Point, best: Point, bound: float) -> float:
    """The bound after the last step, kept where it is the best."""
    found = decide(forest, point, 0.0)
    if found < bound:
        best.row[:], best.unit[:] = point.row, point.unit
    return found


def as_forest(relaxation: Relaxation) -> Forest:
    """A relaxation as the kernels want it."""
    return Forest(*(getattr(relaxation, name) for name in Forest._fields))


def _point(relaxation: Relaxation) -> Point:
    rows, units, columns = len(relaxation.row), len(relaxation.choice), len(relaxation.column)
    sizes = (rows, units, columns, columns, columns, rows, units)
    return Point(*(np.zeros(size) for size in sizes))


def no_motion(relaxation: Relaxation) -> Motion:
    """Before the first step."""
    rows, units = len(relaxation.row), len(relaxation.choice)
    return Motion(
        row_mean=np.zeros(rows),
        row_square=np.zeros(rows),
        row_step=relaxation.step,
        unit_mean=np.zeros(units),
        unit_square=np.zeros(units),
        unit_step=relaxation.unit_step,
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
