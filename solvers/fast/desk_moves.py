"""Moves of the annealing: a unit goes elsewhere, with up to three others making room; owners swap; a coach changes.

Simulated annealing (Kirkpatrick, Gelatt and Vecchi, Optimization by simulated annealing, 1983) with ejections as in
Yagiura, Ibaraki and Glover (An ejection chain approach for the generalized assignment problem, 2004), on the full
state: every accepted state keeps every rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.fast.desk_state import (
    EJECTED,
    LOST,
    SLACK,
    TIGHT,
    account_worth,
    below,
    broken,
    draw,
    find_owner,
    give,
    hours_of,
    item_hours,
    item_worth,
    penalty,
    place_worth,
    put,
    settle,
    step_of,
    strike_all,
    take,
    takes,
    worth_now,
    write_item,
)
from solvers.kernel import lean_kernel

if TYPE_CHECKING:
    from solvers.fast.desk_board import Board, Floats
    from solvers.fast.desk_state import State

FAITHFUL = 0.6
"""Chance of a unit to try the copy where one of today's owners is."""

COPIES = 3
"""Copies of a virtual pod that are tried for a unit that made room, beside the one it made room for."""

WIDE_LOOKS = 200
"""Copies that are tried for a unit that was left over."""


@lean_kernel
def remember(board: Board, state: State, unit: int) -> None:
    """Write down where a unit is, and take it off."""
    number = state.touched[0]
    state.moved[number] = unit
    state.old_place[number] = state.place[unit]
    state.old_seat[number] = state.seat[unit]
    first = board.places.member_first[unit]
    for k in range(board.places.size[unit]):
        for function in range(LEADER):
            state.old_own[number, k, function] = state.own[board.places.member[first + k], function]
    state.touched[0] = number + 1
    take(board, state, unit)


@lean_kernel
def copy_to(target: Floats, source: Floats) -> None:
    """Write one array over another."""
    for j in range(len(target)):
        target[j] = source[j]


@lean_kernel
def restore(board: Board, state: State) -> None:
    """Everything as it was before the move under way."""
    for number in range(state.touched[0]):
        if state.place[state.moved[number]] >= 0:
            take(board, state, state.moved[number])
    for number in range(state.touched[0]):
        unit, column = state.moved[number], state.old_place[number]
        first = board.places.member_first[unit]
        for k in range(board.places.size[unit]):
            for function in range(LEADER):
                slot = state.old_own[number, k, function]
                if slot >= 0:
                    give(board, state, board.places.member[first + k], function, slot)
                    state.room[slot] -= hours_of(board, unit, column, function, k)
        settle(board, state, unit, column, state.old_seat[number])
    copy_to(state.used, state.old_used)


@lean_kernel
def eject(board: Board, state: State, slot: int, unit: int) -> bool:
    """Take a random other unit out of a book; False where none may go."""
    if state.book[slot] == 0 or state.touched[0] == EJECTED:
        return False
    function = slot_function(board, slot)
    account = state.head[slot]
    for _ in range(below(state.random, state.book[slot])):
        account = state.after[account, function]
    victim = board.places.unit_of[account]
    if victim == unit or board.places.frozen[victim]:
        return False
    remember(board, state, victim)
    return True


@lean_kernel
def slot_function(board: Board, slot: int) -> int:
    """Function of a slot."""
    pod = board.team.pod[slot]
    function = 0
    while board.team.first[pod * LEADER + function + 1] <= slot:
        function += 1
    return function


@lean_kernel
def make_room(board: Board, state: State, unit: int, column: int, pod: int, function: int, j: int, step: int) -> int:
    """A slot that an item fits after others were ejected, `NOBODY` where that fails."""
    first = board.team.first[pod * LEADER + function]
    count = board.team.first[pod * LEADER + function + 1] - first
    if count == 0:
        return NOBODY
    tier = board.places.tier[column]
    hours = item_hours(board, unit, column, function, j, step)
    best, start = NOBODY, below(state.random, count)
    looked = 0
    for i in range(count):
        slot = first + (start + i) % count
        if item_worth(board, unit, function, slot, tier, j, step) > LOST:
            looked += 1
            if best < 0 or state.room[slot] > state.room[best]:
                best = slot
            if looked == 2:
                break
    if best >= 0:
        while state.room[best] - hours < -SLACK:
            if not eject(board, state, best, unit):
                return NOBODY
    return best


@lean_kernel
def squeeze(board: Board, state: State, unit: int, column: int, pod: int) -> bool:
    """Place a unit with a named team, ejecting others where there is no room."""
    first, last = board.team.first[pod * LEADER], board.team.first[pod * LEADER + LEADER]
    while not takes(board, state, unit, pod):
        if first == last or not eject(board, state, first + below(state.random, last - first), unit):
            return False
    tier = board.places.tier[column]
    for function in range(LEADER):
        if board.places.served[tier, function]:
            step = step_of(board, unit, tier, function)
            for j in range(0, board.places.size[unit], step):
                slot = find_owner(board, state, unit, column, pod, function, j, step)
                if slot < 0:
                    slot = make_room(board, state, unit, column, pod, function, j, step)
                if slot < 0:
                    strike_all(board, state, unit, column)
                    return False
                write_item(board, state, unit, column, function, slot, j, step)
    settle(board, state, unit, column, pod)
    return True


@lean_kernel
def owner_pod(board: Board, state: State, unit: int, site: int) -> int:
    """A pod of the site where a random one of the unit's owners of today is, `NOBODY` where he is in none."""
    account = board.places.member[board.places.member_first[unit]]
    person = board.today[account, below(state.random, LEADER)]
    if person >= 0:
        for i in range(board.team.of_first[person], board.team.of_first[person + 1]):
            pod = board.team.pod[board.team.of[i]]
            if board.team.site[pod] == site:
                return int(pod)
    return NOBODY


@lean_kernel
def pick_copy(board: Board, state: State, unit: int, site: int) -> int:
    """A pod of a site: where an owner of today is, or any."""
    first = board.team.copy_first[site]
    count = board.team.copy_first[site + 1] - first
    if count > 1 and board.keep[unit] > 0 and draw(state.random) < FAITHFUL:
        pod = owner_pod(board, state, unit, site)
        if pod >= 0:
            return pod
    return int(board.team.copy[first + below(state.random, count)])


@lean_kernel
def may_go(board: Board, unit: int, column: int, old: int) -> bool:
    """Whether rules, pods in bounds and the coverage that a family shares let a unit go from one column to another."""
    places, site = board.places, board.places.pod[column]
    same = places.coverage[places.tier[column]] == places.coverage[places.tier[old]]
    has_pod = board.team.copy_first[site + 1] > board.team.copy_first[site]
    return bool(places.usable[column] and has_pod and (places.group[unit] < 0 or same))


@lean_kernel
def next_best(board: Board, unit: int, column: int) -> int:
    """The column that follows in falling value (the best after `NOBODY`), `NOBODY` after the last."""
    value = board.places.value
    best = NOBODY
    for other in range(board.places.first[unit], board.places.first[unit + 1]):
        later = column < 0 or value[other] < value[column] or (value[other] == value[column] and other > column)
        if later and (best < 0 or value[other] > value[best]):
            best = other
    return best


@lean_kernel
def rehome(board: Board, state: State, unit: int, old: int, hint: int) -> bool:
    """Put a unit where it is worth most among the places with room.

    Parameters
    ----------
    old
        Column that it comes from, `NOBODY` where that does not matter.
    hint
        A pod that is worth a look, as somebody has just left it; `NOBODY`: look wider.
    """
    places = board.places
    best, best_pod, most = state.place[unit], state.seat[unit], LOST  # nowhere yet
    column = best
    while True:
        column = next_best(board, unit, column)
        if column < 0 or places.value[column] + board.keep[unit] <= most:
            break
        if may_go(board, unit, column, column if old < 0 else old):
            for attempt in range(looks(board, places.pod[column], hint)):
                pod = copy_to_try(board, state, unit, places.pod[column], hint, attempt)
                if pod >= 0 and put(board, state, unit, column, pod):
                    worth = worth_now(board, state, unit)
                    if worth >= places.value[column] + board.keep[unit]:
                        return True
                    take(board, state, unit)
                    if worth > most:
                        best, best_pod, most = column, pod, worth
    return best >= 0 and put(board, state, unit, best, best_pod)


@lean_kernel
def looks(board: Board, site: int, hint: int) -> int:
    """Copies of a site to look at."""
    count = board.team.copy_first[site + 1] - board.team.copy_first[site]
    return int(min(count, WIDE_LOOKS if hint < 0 else COPIES + 1))


@lean_kernel
def copy_to_try(board: Board, state: State, unit: int, site: int, hint: int, attempt: int) -> int:
    """Which copy an attempt looks at: each of a few; of many first the hint, then those of owners or random ones."""
    first = board.team.copy_first[site]
    count = board.team.copy_first[site + 1] - first
    if count <= (WIDE_LOOKS if hint < 0 else COPIES + 1):
        return int(board.team.copy[first + attempt])
    if attempt == 0 and hint >= 0:
        return hint if board.team.site[hint] == site else NOBODY
    return pick_copy(board, state, unit, site)


@lean_kernel
def keeps_minima(board: Board, state: State) -> bool:
    """Whether the pods that units left keep the accounts that they must have."""
    for number in range(state.touched[0]):
        pod = state.old_seat[number]
        if state.inside[pod] < board.team.least[pod]:
            return False
    return True


@lean_kernel
def shift(board: Board, state: State, limit: float) -> float:
    """Move a random unit; kept where it gains at least the limit. Returns what was gained, 0 where nothing changed."""
    places = board.places
    unit = places.drawn[below(state.random, len(places.drawn))]
    column = places.first[unit] + below(state.random, places.first[unit + 1] - places.first[unit])
    old, seat = state.place[unit], state.seat[unit]
    if not may_go(board, unit, column, old):
        return 0.0
    now = worth_now(board, state, unit)
    hopeless = places.value[column] + board.keep[unit] - now < limit
    if hopeless and not board.caps.soft and broken(board, state) == 0.0:
        return 0.0
    pod = pick_copy(board, state, unit, places.pod[column])
    if column == old and pod == seat:
        return 0.0
    state.touched[0] = 0
    copy_to(state.old_used, state.used)
    fine, wrong = penalty(board, state), broken(board, state)
    remember(board, state, unit)
    others = state.touched[0]
    gained = LOST
    if squeeze(board, state, unit, column, pod):
        gained = worth_now(board, state, unit) - now + settle_ejected(board, state, others, seat)
    if gained > LOST / 2.0 and keeps_minima(board, state):
        gained += fine - penalty(board, state)
        still = broken(board, state)
        if still < wrong - TIGHT or (gained >= limit and still <= wrong):
            return gained
    restore(board, state)
    return 0.0


@lean_kernel
def settle_ejected(board: Board, state: State, first: int, hint: int) -> float:
    """New places for those ejected, from the given one on. Returns what that gains; `LOST` where one finds none."""
    gained = 0.0
    for number in range(first, state.touched[0]):
        unit = state.moved[number]
        if not rehome(board, state, unit, state.old_place[number], hint):
            return LOST
        gained += worth_now(board, state, unit) - old_worth(board, state, number)
    return gained


@lean_kernel
def old_worth(board: Board, state: State, number: int) -> float:
    """What a unit was worth before the move under way."""
    unit, column = state.moved[number], state.old_place[number]
    first, tier = board.places.member_first[unit], board.places.tier[column]
    worth = place_worth(board, unit, column, state.old_seat[number])
    for k in range(board.places.size[unit]):
        for function in range(LEADER):
            slot = state.old_own[number, k, function]
            if slot >= 0:
                worth += account_worth(board, board.places.member[first + k], function, slot, tier)
    return worth


@lean_kernel
def force(board: Board, state: State, unit: int, old: int, tries: int) -> bool:
    """Put a unit that found no room at random columns, others making room; False where no try succeeds."""
    places = board.places
    count = places.first[unit + 1] - places.first[unit]
    for _ in range(tries if count > 0 else 0):
        column = places.first[unit] + below(state.random, count)
        if may_go(board, unit, column, column if old < 0 else old):
            state.touched[0] = 0
            copy_to(state.old_used, state.used)
            pod = pick_copy(board, state, unit, places.pod[column])
            others = state.touched[0]
            if squeeze(board, state, unit, column, pod):
                if settle_ejected(board, state, others, pod) > LOST / 2.0 and keeps_minima(board, state):
                    return True
                take(board, state, unit)
            restore(board, state)
    return False
