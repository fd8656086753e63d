"""Moves inside a pod: an item changes its owner, or two items swap theirs; a coach hands over to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podplanner.domain.vocabulary import LEADER, NOBODY, SALES
from solvers.fast.desk_state import (
    LOST,
    SLACK,
    below,
    broken,
    hours_of,
    item_hours,
    item_worth,
    step_of,
    strike,
    write_item,
)
from solvers.kernel import lean_kernel

if TYPE_CHECKING:
    from solvers.fast.desk_board import Board
    from solvers.fast.desk_state import State

PACKED = 20.0
"""Hours by which one person's free time must outgrow another's to be worth a temperature: free time in one piece fits
accounts that two pieces do not."""


@lean_kernel
def strike_item(board: Board, state: State, unit: int, function: int, j: int, step: int) -> None:
    """Strike an item from its owner's book, hours and all."""
    first, column = board.places.member_first[unit], state.place[unit]
    for k in range(j, j + step):
        account = board.places.member[first + k]
        state.room[state.own[account, function]] += hours_of(board, unit, column, function, k)
        strike(board, state, account, function)


@lean_kernel
def rename(board: Board, state: State, heat: float, limit: float) -> float:
    """Give a random item to another person of its pod, if need be for one of theirs.

    Kept where it gains at least the limit; free time in fewer pieces counts as a gain. Returns what was really gained.
    """
    places = board.places
    unit, function = places.drawn[below(state.random, len(places.drawn))], below(state.random, LEADER)
    pod, tier = state.seat[unit], places.tier[state.place[unit]]
    first = board.team.first[pod * LEADER + function]
    count = board.team.first[pod * LEADER + function + 1] - first
    if count < 2 or not places.served[tier, function]:
        return 0.0
    step = step_of(board, unit, tier, function)
    j = step * below(state.random, places.size[unit] // step)
    slot = state.own[places.member[places.member_first[unit] + j], function]
    other = first + below(state.random, count)
    if other == slot:
        return 0.0
    gained = item_worth(board, unit, function, other, tier, j, step)
    if gained == LOST:
        return 0.0
    gained -= item_worth(board, unit, function, slot, tier, j, step)
    hours = item_hours(board, unit, state.place[unit], function, j, step)
    if state.room[other] - hours >= -SLACK:
        packed = 2.0 * hours * (hours + state.room[slot] - state.room[other])
        if gained + heat * packed / (2.0 * PACKED * hours + SLACK) < limit:
            return 0.0
        return hand_over(board, state, unit, function, other, j, step, gained)
    return swap(board, state, unit, function, other, j, step, gained, heat, limit)


@lean_kernel
def hand_over(
    board: Board, state: State, unit: int, function: int, other: int, j: int, step: int, gained: float
) -> float:
    """Give an item to another slot, unless that passes a cap on moved accounts."""
    slot = state.own[board.places.member[board.places.member_first[unit] + j], function]
    wrong = broken(board, state)
    strike_item(board, state, unit, function, j, step)
    write_item(board, state, unit, state.place[unit], function, other, j, step)
    if function == SALES and broken(board, state) > wrong:
        strike_item(board, state, unit, function, j, step)
        write_item(board, state, unit, state.place[unit], function, slot, j, step)
        return 0.0
    return gained


@lean_kernel
def swap(
    board: Board,
    state: State,
    unit: int,
    function: int,
    other: int,
    j: int,
    step: int,
    gained: float,
    heat: float,
    limit: float,
) -> float:
    """Exchange an item for a random one of another slot's book."""
    places = board.places
    if state.book[other] == 0:
        return 0.0
    account = state.head[other]
    for _ in range(below(state.random, state.book[other])):
        account = state.after[account, function]
    back = places.unit_of[account]
    if places.frozen[back]:
        return 0.0
    column = state.place[back]
    tier = places.tier[column]
    back_step = step_of(board, back, tier, function)
    k = 0
    while back_step == 1 and places.member[places.member_first[back] + k] != account:
        k += 1
    slot = state.own[places.member[places.member_first[unit] + j], function]
    hours = item_hours(board, unit, state.place[unit], function, j, step)
    return_hours = item_hours(board, back, column, function, k, back_step)
    mine, theirs = state.room[slot] + hours - return_hours, state.room[other] + return_hours - hours
    if mine < -SLACK or theirs < -SLACK:
        return 0.0
    worth = item_worth(board, back, function, slot, tier, k, back_step)
    if worth == LOST:
        return 0.0
    gained += worth - item_worth(board, back, function, other, tier, k, back_step)
    packed = mine * mine + theirs * theirs - state.room[slot] ** 2 - state.room[other] ** 2
    if gained + heat * packed / (2.0 * PACKED * max(hours, return_hours) + SLACK) < limit:
        return 0.0
    wrong = broken(board, state)
    exchange(board, state, unit, function, j, step, other, back, k, back_step, slot)
    if function == SALES and broken(board, state) > wrong:
        exchange(board, state, unit, function, j, step, slot, back, k, back_step, other)
        return 0.0
    return gained


@lean_kernel
def exchange(
    board: Board,
    state: State,
    unit: int,
    function: int,
    j: int,
    step: int,
    slot: int,
    back: int,
    k: int,
    back_step: int,
    back_slot: int,
) -> None:
    """Write one item into ``slot``, the other into ``back_slot``."""
    strike_item(board, state, unit, function, j, step)
    strike_item(board, state, back, function, k, back_step)
    write_item(board, state, unit, state.place[unit], function, slot, j, step)
    write_item(board, state, back, state.place[back], function, back_slot, k, back_step)


@lean_kernel
def recoach(board: Board, state: State, limit: float) -> float:
    """Let another rep of a random pod coach, or nobody; kept where it gains at least the limit."""
    pod = below(state.random, len(board.team.coaching))
    hours = board.team.coaching[pod]
    if hours <= 0.0:
        return 0.0
    first = board.team.first[pod * LEADER + SALES]
    choice = below(state.random, board.team.first[pod * LEADER + SALES + 1] - first + 1) - 1
    now = state.coach[pod]
    coach = first + choice if choice >= 0 else NOBODY
    if coach == now or (coach >= 0 and (not board.team.can_coach[coach] or state.room[coach] + SLACK < hours)):
        return 0.0
    gained = board.team.no_coach * ((1.0 if now < 0 else 0.0) - (1.0 if coach < 0 else 0.0))
    if gained < limit:
        return 0.0
    if now >= 0:
        state.room[now] += hours
    if coach >= 0:
        state.room[coach] -= hours
    state.coach[pod] = coach
    return gained
