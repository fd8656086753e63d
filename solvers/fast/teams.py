"""The desk: from a staffing, or a plan, to a whole plan with named owners, as good as the time allows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from podplanner.domain.score import score
from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.fast.budget import part_over
from solvers.fast.desk_board import make_board
from solvers.fast.desk_books import name_touched, touched_pods
from solvers.fast.desk_parts import cut, join, parts_of
from solvers.fast.desk_plan import plan_of
from solvers.fast.desk_start import (
    anneal,
    appoint_coaches,
    seat_as_planned,
    seat_leftovers,
    seat_units,
    take_coaches,
    worth_of_all,
)
from solvers.fast.desk_state import State, start_state
from solvers.fast.desk_wanted import allowed_columns, columns_of_plan, tied_units, wanted_columns
from solvers.fast.naming_rules import Naming
from solvers.tables import tabled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from podplanner.domain.plan import Plan
    from solvers.fast.desk_board import Board
    from solvers.fast.draft import Draft
    from solvers.fast.roster import Roster

MOVES = 1_000
"""Moves of the annealing for each unit, where neither clock nor work says how many."""

CHUNK, CHUNK_PER_UNIT, MOST_CHUNK = 100_000, 25, 10_000_000
"""Moves between two looks at the clock, and at what all is worth."""

HOT, COLD = 2e-2, 5e-5
"""First and last temperature of the annealing, as a part of what coverage adds to a unit's value on average. The first
one falls with the number of units beyond `FEW`: the more there are, the fewer moves there is time for."""

FEW = 10_000

WARM = 0.1
"""First temperature of a desk that was annealed before, as a part of that of a new one."""


@dataclass
class Desk:
    """A whole, named plan under improvement.

    Parameters
    ----------
    worth
        Value of all accounts where they are, less handovers, missing coaches and soft pins, forbids and limits broken
        (up to a constant).
    """

    draft: Draft
    roster: Roster
    board: Board
    state: State
    worth: float


def seat(
    draft: Draft,
    roster: Roster,
    shares: NDArray[np.float64] | None,
    *,
    coached: NDArray[np.bool_] | None = None,
    hint: Plan | None,
    seed: int,
    moves: int | None,
    left: Callable[[], float | None],
    stop_asked: Callable[[], bool],
    workers: int = 1,
    busy: Callable[[], bool] = lambda: False,
    enough: float = np.inf,
) -> Desk | None:
    """Place every account with a named team, and improve that.

    Parameters
    ----------
    draft
        The staffing model, by sites.
    roster
        Who sits where.
    shares
        Share of each account column in the staffing; None: accounts go where the ``hint`` has them (K).
    coached
        Pods that have a coach in the staffing: elsewhere reps' hours are worth more than lacking one costs, which an
        annealing finds by no single move. None: all that need one, or as the ``hint`` has them (P).
    hint
        A plan to start from; without ``shares``, ``roster`` should be its own. With them, units stay with their owners
        where the staffing leaves most of them.
    moves
        Of the annealing (repeatable), None: until the clock.
    left
        Seconds left, None without limit.
    workers, busy
        Threads, and whether something else takes a core just now; neither changes the answer.
    enough
        Contribution at which to stop; what people earn who lose their last duty on the way is not foreseen.

    Returns
    -------
    Desk or None
        None where some account finds no place with a team.
    """
    columns = draft.columns
    rules = Naming.of(draft.instance)
    allowed = allowed_columns(draft, rules)
    planned = np.full(len(columns.size), NOBODY, np.int64) if hint is None else columns_of_plan(draft, hint)
    wanted = planned
    if shares is not None:
        planned = np.where((planned != NOBODY) & (shares[planned] > 0.5), planned, NOBODY)
        wanted = np.where(planned != NOBODY, planned, wanted_columns(draft, shares, allowed))
    elif hint is None:
        raise ValueError("a desk starts from shares or from a plan")
    used = np.zeros(columns.pods, bool)
    used[columns.pod[wanted[wanted >= 0]]] = True
    board = make_board(draft, roster, allowed, tied_units(draft), used)
    state = start_state(draft, roster, board, seed)
    order = _start(draft, board, state, wanted, planned, hint, coached)
    if rules.binds_books:
        touched = touched_pods(draft, board, state, rules)
        name_touched(draft, board, state, rules, roster, touched, left)
        board = _closed(board, state, touched)
    if seat_leftovers(tabled(board), tabled(state), order, wanted):
        return None
    desk = Desk(draft, roster, board, state, 0.0)
    heat = 1.0 if hint is None else WARM
    if np.isfinite(enough):
        enough -= score(draft.instance, to_plan(desk)).contribution - worth_of_all(tabled(board), tabled(state))
    anneal_more(
        desk, moves=moves, left=left, stop_asked=stop_asked, heat=heat, workers=workers, busy=busy, enough=enough
    )
    return desk


def _start(
    draft: Draft,
    board: Board,
    state: State,
    wanted: NDArray[np.int64],
    planned: NDArray[np.int64],
    hint: Plan | None,
    coached: NDArray[np.bool_] | None,
) -> NDArray[np.int64]:
    """Everybody with room there to the wanted place, first as the hint has planned. Returns the order of units."""
    on, at = tabled(board), tabled(state)
    work = np.where(wanted >= 0, draft.columns.hours[wanted].sum(axis=1), 0.0)
    free = np.ones(len(work), bool)  # units that a rule names come first, while there is room where they must be
    free[draft.columns.unit_of[board.wishes.row >= 0]] = False
    order = np.lexsort((np.arange(len(work)), -work, free & ~board.places.frozen))
    coached = np.ones(draft.columns.pods, bool) if coached is None else coached
    if hint is not None:
        coach = np.where(coached, hint.coach, NOBODY).astype(np.int64)
        take_coaches(on, at, _slots(board, coach, np.arange(draft.columns.pods)))
        pod = hint.pod.astype(np.int64)
        own = np.stack([_slots(board, hint.owner[:, f].astype(np.int64), pod) for f in range(LEADER)], axis=1)
        seat_as_planned(on, at, order, planned, pod, own)
    if hint is None or (planned != wanted).any():
        appoint_coaches(on, at, coached)
        seat_units(on, at, order[state.place[order] < 0], wanted, np.zeros(draft.columns.pods, np.int64))
    return order


def _closed(board: Board, state: State, touched: NDArray[np.bool_]) -> Board:
    """The board with pods that nobody enters any more to be named there, and nobody leaves."""
    places, team = board.places, board.team
    site = np.zeros(len(touched), bool)
    site[team.site[touched]] = True
    served = np.asarray(places.served.any(axis=1))[places.tier]
    there = state.seat >= 0
    frozen = places.frozen | (there & touched[state.seat])
    usable = places.usable & ~(site[places.pod] & served)
    return board._replace(places=places._replace(usable=usable, frozen=frozen, drawn=np.flatnonzero(~frozen)))


def _slots(board: Board, person: NDArray[np.int64], pod: NDArray[np.int64]) -> NDArray[np.int64]:
    """Slot of each (person, pod), `NOBODY` where there is none."""
    team, wide = board.team, len(board.team.site)
    if not len(team.person):
        return np.full(len(person), NOBODY, np.int64)
    key = team.person[team.of] * wide + team.pod[team.of]
    order = np.argsort(key)
    wanted = person * wide + pod
    place = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
    return np.where((key[order][place] == wanted) & (person >= 0), team.of[order][place], NOBODY)


def anneal_more(
    desk: Desk,
    *,
    moves: int | None,
    left: Callable[[], float | None],
    stop_asked: Callable[[], bool],
    heat: float = WARM,
    workers: int = 1,
    busy: Callable[[], bool] = lambda: False,
    enough: float = np.inf,
) -> None:
    """Improve a desk; it never gets worse.

    Parameters
    ----------
    moves
        How many (repeatable), None: until the clock.
    heat
        Of the first temperature of a new desk.
    workers, busy
        Threads, and whether something else takes a core just now; neither changes the answer.
    enough
        Worth at which to stop.
    """
    on, at = tabled(desk.board), tabled(desk.state)
    scale, units = _scale(desk.draft), len(desk.board.places.size)
    hot, cold = heat * HOT * scale * min(1.0, FEW / max(units, 1)), COLD * scale
    desk.worth = worth_of_all(on, at)
    best = _copied(desk.state)
    given, done = left(), 0
    planned = moves if moves is not None or given is not None else MOVES * units
    parts = parts_of(units)
    chunk = min(max(CHUNK, CHUNK_PER_UNIT * units), MOST_CHUNK)
    random = np.random.default_rng(desk.state.random)
    part = 0.0
    with ThreadPoolExecutor(workers) as pool:
        while part < 1.0 and desk.worth < enough and not stop_asked():
            number = chunk if planned is None else min(chunk, planned - done)
            if number <= 0:
                break
            done += number
            then = part_over(planned, done, given, left())
            heats = (hot * (cold / hot) ** part, hot * (cold / hot) ** then)
            if parts == 1:
                anneal(on, at, number, *heats)
            else:
                _anneal_parts(desk, map if busy() else pool.map, parts, number, heats, random)
            part = then
            worth = worth_of_all(on, at)
            if worth > desk.worth:
                desk.worth, best = worth, _copied(desk.state)
    _put_back(desk.state, best)


def _anneal_parts(
    desk: Desk,
    each: Callable[..., Iterable[None]],
    count: int,
    moves: int,
    heats: tuple[float, float],
    random: np.random.Generator,
) -> None:
    """So many moves, shared out by units among the parts of a desk."""
    parts = cut(desk.draft.instance, desk.board, desk.state, count, random)
    all_drawn = max(1, len(desk.board.places.drawn))
    shares = [moves * len(board.places.drawn) // all_drawn for board, _ in parts]
    boards, states = [tabled(board) for board, _ in parts], [tabled(state) for _, state in parts]
    list(each(lambda board, state, share: anneal(board, state, share, *heats), boards, states, shares))
    join(desk.state, parts)


def _scale(draft: Draft) -> float:
    """What the best column of a unit is worth more than its worst, on average (money)."""
    columns = draft.columns
    filled = columns.start[1:] > columns.start[:-1]
    first = columns.start[:-1][filled]
    if not len(first):
        return 1.0
    spread = np.maximum.reduceat(columns.value, first) - np.minimum.reduceat(columns.value, first)
    return max(1.0, float(spread.mean()))


def _copied(state: State) -> State:
    return State._make(array.copy() for array in cast("tuple[NDArray[Any], ...]", state))


def _put_back(state: State, best: State) -> None:
    """Write a kept state over the present one."""
    pairs = zip(cast("tuple[NDArray[Any], ...]", state), cast("tuple[NDArray[Any], ...]", best), strict=True)
    for array, kept in pairs:
        array[...] = kept


def to_plan(desk: Desk) -> Plan:
    """The plan; people without a duty are not placed, unless a pin or a minimum holds them."""
    return plan_of(desk.draft.instance, desk.board, desk.state, desk.roster)
