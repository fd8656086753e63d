"""A proven bound of the staffing model, by prices that fall and rise until it hardly moves: dual ascent.

The bound at any prices is valid: each row is either paid for at its price or kept; see `ascent_model`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY, SALES
from solvers.fast.ascent_kernels import PARTS, Motion, Point, decide_gates, move_part, place_part, price_part
from solvers.fast.ascent_model import as_forest, live, near, relaxed
from solvers.memory import give_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from solvers.fast.ascent_kernels import Forest
    from solvers.fast.ascent_model import Relaxation
    from solvers.fast.master import Master
    from solvers.sparse import Floats, Ints

STEPS = 1000
"""Steps where nobody says how many; from `HUGE` units on they grow with the root of their number."""

CHUNK = 50
"""Steps between two looks at the clock, and at which columns matter."""

TIME_SHARE = 0.4
"""Part of the time left that the steps may take: where it is too short for all of them there are fewer, over which
their lengths fall as far."""

SHARED = 500_000
"""Entries of the matrix from which on two threads are quicker than one."""

FIRST, UNITS_FIRST, LAST = 0.25, 0.6, 1e-4
"""Lengths of the first step, of that of units, whose prices nobody else shares, and of the last, in typical prices.

The last one grows with the root of the number of units beyond `FEW`: the steps do not suffice to come nearer. The first
one grows with that beyond `HUGE`: prices have farther to go.
"""

OWNED = 0.5
"""Factor on the first lengths, and divisor of the last, where today's owners count: their many columns follow prices of
few people, which long steps throw about."""

AGAIN, UNITS_AGAIN = 0.014, 0.006
"""The first ones from known prices. Those of rows shrink with the root of the number of units beyond `FEW`: the more
there are, the finer the prices that they share."""

FEW, HUGE = 1_000, 100_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Ascent:
    """Prices and what they prove.

    Parameters
    ----------
    row
        Price of each row of the model: what one more unit of its limit earns; 0 for gates (rows).
    unit
        Price of each unit: what its account earns more than it takes from others (U).
    worth
        What each column earns at the prices with what it opens, places before the price of their unit (columns).
    bound
        Proven with them, ``inf`` without.
    mean
        Value of each column in the second half of the steps, on average (columns).
    """

    row: Floats
    unit: Floats
    worth: Floats
    bound: float
    mean: Floats


def ascend(
    master: Master,
    *,
    iterations: int | None = None,
    start: Floats | None = None,
    workers: int = 1,
    left: Callable[[], float | None] = lambda: None,
    stop_asked: Callable[[], bool] = lambda: False,
) -> Ascent:
    """Raise prices until the steps are done; repeatable unless time or somebody stops it.

    Parameters
    ----------
    iterations
        Steps; None as many as usual.
    start
        Price of each row known from before, of the same model or of one with other limits.
    workers
        Threads; never changes the answer.
    left
        Seconds left, None without limit.
    """
    with ThreadPoolExecutor(PARTS) as pool:
        team = _Team(pool if workers > 1 else None)
        return _ascended(master, iterations, start, team, left, stop_asked)


def _ascended(
    master: Master,
    iterations: int | None,
    start: Floats | None,
    team: _Team,
    left: Callable[[], float | None],
    stop_asked: Callable[[], bool],
) -> Ascent:
    relaxation = relaxed(master)
    give_back()
    many = max(1.0, len(relaxation.choice) / FEW) ** 0.5
    huge = max(1.0, len(relaxation.choice) / HUGE) ** 0.5
    steps = int(STEPS * huge) if iterations is None else iterations
    owned = OWNED if relaxation.owners else 1.0
    first, last, ahead = FIRST * huge * owned, LAST * many / owned, UNITS_FIRST / FIRST
    if start is not None:
        first, last, ahead = AGAIN / many, LAST, UNITS_AGAIN * many / AGAIN
    forest, motion = as_forest(relaxation), _no_motion(relaxation, ahead)
    point = _first_point(master, relaxation, forest) if start is None else _known_point(relaxation, forest, start, team)
    best, trial = _copied(point), _copied(point)
    bound = team.decide(forest, best, 0.0)
    total, counted = np.zeros(len(relaxation.column)), 0
    for done, part, some in _steps(steps, first, last, left, stop_asked):
        column, reached = _climbed_near(team, relaxation, ahead, point, motion, trial, some, done)
        found = team.decide(forest, trial, 0.0)
        if found < bound:
            bound = found
            best.row[:], best.unit[:] = trial.row, trial.unit
        if 2 * part >= 1:
            total[column] += reached
            counted += len(some)
    team.decide(forest, best, 0.0)
    if counted:
        best.value[:] = total / counted
    return _as_ascent(relaxation, best, bound + relaxation.offset)


def _steps(
    steps: int, first: float, last: float, left: Callable[[], float | None], stop_asked: Callable[[], bool]
) -> Iterator[tuple[int, float, Floats]]:
    """Some steps at a time: how many are done, which part is over by them or by the clock, and their lengths."""
    done, part, number, given = 0, 0.0, CHUNK, left()
    usual = 1.0 / max(steps - 1, 1)
    while done < steps:
        rest = left()
        if stop_asked() or (rest is not None and rest <= 0):
            return
        before, part = part, done * usual
        if given is not None and rest is not None:
            part = max(part, (given - rest) / max(TIME_SHARE * given, 1e-9))
        if part > 1.0:
            return
        pace = max(usual, (part - before) / number if done else 0.0)
        number = min(CHUNK, steps - done)
        over = np.minimum(part + pace * np.arange(number), 1.0)
        yield done, part, first * (last / first) ** over
        done += number


@dataclass(frozen=True)
class _Team:
    """Those who share a step; the answer is the same for one and for two."""

    pool: ThreadPoolExecutor | None

    def each(self, forest: Forest, work: Callable[[int], float]) -> float:
        """The sum of what is done for all parts."""
        if self.pool is None or len(forest.entry_row) < SHARED:
            return sum(map(work, range(PARTS)))
        return sum(self.pool.map(work, range(PARTS)))

    def decide(self, forest: Forest, point: Point, length: float) -> float:
        """Decide every column at the point's prices; returns the bound, the model's constant part not counted.

        Parameters
        ----------
        length
            Of the step that follows: borders are as wide as it is long.
        """
        bound = self.each(forest, partial(price_part, forest, point)) + decide_gates(forest, point, length)
        self.each(forest, lambda part: place_part(forest, point, part, length))
        return bound


def _climbed_near(
    team: _Team,
    relaxation: Relaxation,
    ahead: float,
    point: Point,
    motion: Motion,
    best: Point,
    lengths: Floats,
    turn: int,
) -> tuple[Ints, Floats]:
    """Steps on the columns that matter at prices decided before; returns these columns and the sums of their values.

    The copy of these columns is gone with its end: two of them would be a third of all memory.
    """
    kept = near(relaxation, best.first, float(lengths[0]), ahead)
    few = as_forest(kept.relaxation, live(kept.relaxation, point.row))
    return kept.column, _climbed(team, few, point, motion, best, lengths, turn)


def _climbed(
    team: _Team, forest: Forest, point: Point, motion: Motion, best: Point, lengths: Floats, turn: int
) -> Floats:
    """Steps on few columns; ``best`` takes the best prices on the way. Returns the sums of values."""
    columns = len(forest.cost)
    total, least = np.zeros(columns), np.inf
    small = point._replace(first=np.zeros(columns), more=np.zeros(columns), value=np.zeros(columns))
    small = small._replace(gain=np.zeros((PARTS, len(forest.gates))))
    for length in lengths.tolist():
        turn += 1
        found = team.decide(forest, small, length)
        if found < least:
            least = found
            best.row[:], best.unit[:] = small.row, small.unit
        total += small.value
        team.each(forest, partial(_moved, forest, small, motion, length, turn))
    return total


def _moved(forest: Forest, point: Point, motion: Motion, length: float, turn: int, part: int) -> float:
    return move_part(forest, point, motion, part, length, turn)


def bound_at(master: Master, row_duals: Floats) -> float:
    """The bound from any prices, one each row, such as a linear program's duals; those of units may be bettered."""
    relaxation = relaxed(master)
    forest = as_forest(relaxation)
    team = _Team(None)
    return team.decide(forest, _known_point(relaxation, forest, row_duals, team), 0.0) + relaxation.offset


def _point(relaxation: Relaxation, forest: Forest) -> Point:
    rows, units, columns = len(relaxation.row), len(relaxation.choice), len(relaxation.column)
    return Point(
        row=np.zeros(rows),
        unit=np.zeros(units),
        first=np.zeros(columns),
        more=np.zeros(columns),
        value=np.zeros(columns),
        gain=np.zeros((PARTS, len(forest.gates))),
        used=np.zeros((PARTS, rows)),
        unit_rest=np.zeros(units),
    )


def _copied(point: Point) -> Point:
    """The same prices; what they lead to is shared, as it is asked for right after each decision only."""
    return point._replace(row=point.row.copy(), unit=point.unit.copy())


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


def _first_point(master: Master, relaxation: Relaxation, forest: Forest) -> Point:
    """An hour of sales costs about what people are paid for it; of others there are enough, until they are missed."""
    draft, point = master.draft, _point(relaxation, forest)
    serving = draft.hours_row[:, SALES] != NOBODY
    is_hour = np.isin(relaxation.row, draft.hours_row[serving, SALES])
    point.row[is_hour] = 1.3 * relaxation.step[is_hour]
    point.unit[:] = np.minimum.reduceat(relaxation.cost, relaxation.unit_start[:-1])
    return point


def _known_point(relaxation: Relaxation, forest: Forest, known: Floats, team: _Team) -> Point:
    """Prices from elsewhere: signs that a row cannot have are lost, and no unit's is above what its best place earns.

    So what has changed of an account costs no bound. Below what its second place earns two places may want it; raising
    it to that proves more or less, as pods may close, so that both are tried.
    """
    point = _point(relaxation, forest)
    price = known[relaxation.row]
    price = np.where(np.isinf(relaxation.row_lower), np.maximum(price, 0.0), price)
    point.row[:] = np.where(np.isinf(relaxation.row_upper), np.minimum(price, 0.0), price)
    point.unit[:] = known[relaxation.choice]
    team.decide(forest, point, 0.0)
    best, second = _two_best(forest, point)
    low, high = (point._replace(unit=np.clip(point.unit, least, best)) for least in (-np.inf, second))
    return min(low, high, key=lambda trial: team.decide(forest, trial, 0.0))


def _two_best(forest: Forest, point: Point) -> tuple[Floats, Floats]:
    """What each unit's best place earns at a decided point, and the second of those that are open there (each U).

    The best is ``inf`` where no place is allowed, the second -inf where there is none; they are the same where places
    tie.
    """
    begin, end = forest.unit_start[0], forest.unit_start[-1]
    first, size = forest.unit_start[:-1] - begin, np.diff(forest.unit_start)
    parent = forest.parent[begin:end]
    is_open = forest.open_place[begin:end] | ((parent != NOBODY) & (point.value[parent] > 0))
    worth = np.where(forest.upper[begin:end] > 0, point.first[begin:end] + np.repeat(point.unit, size), -np.inf)
    best = np.maximum.reduceat(worth, first)
    is_best = is_open & (worth == np.repeat(best, size))
    second = np.maximum.reduceat(np.where(is_open & ~is_best, worth, -np.inf), first)
    second = np.where(np.add.reduceat(is_best.astype(np.int64), first) > 1, best, second)
    return np.where(np.isfinite(best), best, np.inf), second


def _as_ascent(relaxation: Relaxation, point: Point, bound: float) -> Ascent:
    """A point as prices of the model's rows, with its worths and values as those of the model's columns."""
    row, columns = np.zeros(relaxation.rows), len(relaxation.column)
    row[relaxation.row] = point.row
    row[relaxation.choice] = point.unit
    mean, worth = np.zeros(columns), np.zeros(columns)
    mean[relaxation.column] = point.value
    places = slice(relaxation.owners, relaxation.owners + relaxation.places)
    point.first[places] += np.repeat(point.unit, np.diff(relaxation.unit_start))
    worth[relaxation.column] = point.first
    return Ascent(row=row, unit=point.unit.copy(), worth=worth, bound=bound, mean=mean)
