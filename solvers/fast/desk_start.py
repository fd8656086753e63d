"""Compiled loops over the whole desk: everybody to a first place, and the annealing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import LEADER, NOBODY, SALES
from solvers.fast.desk_moves import force, owner_pod, rehome, shift
from solvers.fast.desk_state import (
    LOST,
    SLACK,
    broken,
    draw,
    item_hours,
    item_worth,
    penalty,
    put,
    settle,
    step_of,
    strike_all,
    takes,
    worth_now,
    write_item,
)
from solvers.fast.desk_swaps import recoach, rename
from solvers.kernel import lean_kernel

if TYPE_CHECKING:
    from solvers.fast.desk_board import Board
    from solvers.fast.desk_state import State

SHIFTS, RENAMES = 0.75, 0.98
"""Of all moves: those of a unit up to the first figure, those of owners up to the second, then those of coaches."""

STRIDE = 256
"""Moves at one temperature."""

LOOKS = 16
"""Copies of a virtual pod that are tried for a unit before it is left over."""

FORCED = 100
"""Tries to make room for a unit that finds none."""


@lean_kernel
def appoint_coaches(board: Board, state: State, wanted: NDArray[np.bool_]) -> None:
    """In each pod wanted that lacks a coach, the able rep with most hours, where coaching fits them."""
    for pod in range(len(board.team.coaching)):
        hours = board.team.coaching[pod]
        if wanted[pod] and hours > 0.0 and state.coach[pod] < 0:
            best = NOBODY
            for slot in range(board.team.first[pod * LEADER + SALES], board.team.first[pod * LEADER + SALES + 1]):
                able = board.team.can_coach[slot] and state.room[slot] + SLACK >= hours
                if able and (best < 0 or state.room[slot] > state.room[best]):
                    best = slot
            state.coach[pod] = best
            if best >= 0:
                state.room[best] -= hours


@lean_kernel
def seat_units(
    board: Board, state: State, order: NDArray[np.int64], wanted: NDArray[np.int64], turn: NDArray[np.int64]
) -> None:
    """Put units at their wanted columns while there is room: by today's owners, then pod by pod in turn.

    Parameters
    ----------
    order
        Units, first come, first served.
    wanted
        Column of each unit (U).
    turn
        Which copy of each site is next; written on (P).
    """
    for unit in order:
        column = wanted[unit]
        if not board.places.usable[column]:
            continue
        site = board.places.pod[column]
        first = board.team.copy_first[site]
        count = board.team.copy_first[site + 1] - first
        if count > 1 and board.keep[unit] > 0:
            pod = owner_pod(board, state, unit, site)
            if pod >= 0 and put(board, state, unit, column, pod):
                continue
        for attempt in range(min(count, LOOKS)):
            if put(board, state, unit, column, board.team.copy[first + (turn[site] + attempt) % count]):
                turn[site] = (turn[site] + attempt + 1) % count
                break


@lean_kernel
def seat_leftovers(board: Board, state: State, order: NDArray[np.int64], wanted: NDArray[np.int64]) -> int:
    """Put units without a place where they are worth most. Returns how many find none."""
    homeless = 0
    for unit in order:
        if state.place[unit] < 0:
            old = wanted[unit] if board.places.group[unit] >= 0 else NOBODY
            nowhere = state.seat[unit]
            if not rehome(board, state, unit, old, nowhere) and not force(board, state, unit, old, FORCED):
                homeless += 1
    return homeless


@lean_kernel
def take_coaches(board: Board, state: State, coach: NDArray[np.int64]) -> None:
    """The coaches of a plan, where they may and can still coach."""
    for pod in range(len(coach)):
        slot, hours = coach[pod], board.team.coaching[pod]
        if slot >= 0 and hours > 0.0 and board.team.can_coach[slot] and state.room[slot] + SLACK >= hours:
            state.coach[pod] = slot
            state.room[slot] -= hours


@lean_kernel
def seat_as_planned(
    board: Board,
    state: State,
    order: NDArray[np.int64],
    wanted: NDArray[np.int64],
    pod: NDArray[np.int64],
    own: NDArray[np.int64],
) -> None:
    """Put units where a plan has them, with its owners where they still may and can.

    Parameters
    ----------
    wanted
        Column of each unit, `NOBODY` where it has none any more (U).
    pod, own
        Of each account in the plan; owners as slots, `NOBODY` for those who are gone (A, A x R).
    """
    for unit in order:
        column = wanted[unit]
        seat = pod[board.places.member[board.places.member_first[unit]]]
        fits = column >= 0 and board.places.usable[column]
        if fits and takes(board, state, unit, seat):
            if keep_owners(board, state, unit, column, own):
                settle(board, state, unit, column, seat)
            elif holds_pod(board, column, seat):
                put(board, state, unit, column, seat)


@lean_kernel
def holds_pod(board: Board, column: int, pod: int) -> bool:
    """Whether a pod is one of those that take the accounts of a column."""
    site = board.places.pod[column]
    found = False
    for i in range(board.team.copy_first[site], board.team.copy_first[site + 1]):
        found = found or board.team.copy[i] == pod
    return found


@lean_kernel
def keep_owners(board: Board, state: State, unit: int, column: int, own: NDArray[np.int64]) -> bool:
    """Name a unit's owners as given; False, and nobody named, where one may not or has no room."""
    first, tier = board.places.member_first[unit], board.places.tier[column]
    for function in range(LEADER):
        if board.places.served[tier, function]:
            step = step_of(board, unit, tier, function)
            for j in range(0, board.places.size[unit], step):
                slot = own[board.places.member[first + j], function]
                fits = slot >= 0
                for k in range(j, j + step):
                    fits = fits and own[board.places.member[first + k], function] == slot
                if fits:
                    hours = item_hours(board, unit, column, function, j, step)
                    fits = state.room[slot] - hours >= -SLACK
                    fits = fits and item_worth(board, unit, function, slot, tier, j, step) > LOST
                if not fits:
                    strike_all(board, state, unit, column)
                    return False
                write_item(board, state, unit, column, function, slot, j, step)
    return True


@lean_kernel
def anneal(board: Board, state: State, moves: int, hot: float, cold: float) -> float:
    """So many moves of units that may be drawn while it cools from hot to cold (money). Returns what was gained."""
    gained = 0.0
    heat = hot
    for move in range(moves if len(board.places.drawn) > 0 else 0):
        if move % STRIDE == 0:
            heat = hot * (cold / hot) ** (move / moves)
        limit = heat * math.log(draw(state.random) + 1e-300)
        kind = draw(state.random)
        if kind < SHIFTS:
            gained += shift(board, state, limit)
        elif kind < RENAMES:
            gained += rename(board, state, heat, limit)
        else:
            gained += recoach(board, state, limit)
    return gained


@lean_kernel
def worth_of_all(board: Board, state: State) -> float:
    """Worth of all units, less what lacking coaches and broken soft limits cost; `LOST` with a hard limit broken."""
    total = 0.0
    for unit in range(len(board.places.size)):
        total += worth_now(board, state, unit)
    for pod in range(len(board.team.coaching)):
        if board.team.coaching[pod] > 0.0 and state.coach[pod] < 0:
            total -= board.team.no_coach
    if broken(board, state) > 0.0:
        return LOST
    return total - penalty(board, state)
