"""Who is where and who owns what, as flat arrays, and the steps that change it: put a unit somewhere, take it away.

Every step keeps rooms, weeks and counters in step with places and owners. Nothing here chooses between plans.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import FUNCTIONS, LEADER, NOBODY, SALES
from solvers.fast.desk_board import share_of
from solvers.fast.desk_caps import KEPT, KEPT_REVENUE, SPEND
from solvers.fast.roster import leading_room
from solvers.kernel import lean_kernel

if TYPE_CHECKING:
    from solvers.fast.desk_board import Board
    from solvers.fast.draft import Draft
    from solvers.fast.roster import Roster

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SLACK = 1e-7
"""Hours by which a book may pass its owner's room: rounding, far below what the verifier calls a breach."""

TIGHT = 1e-7
"""Rounding of a counter, as a part of its limit."""

LOST = -1e300
"""Worth of what cannot be done."""

EJECTED = 4
"""Units that one move may touch: the one that moves and those that make room for it."""


class State(NamedTuple):
    """Mutable arrays of a desk.

    Parameters
    ----------
    place, seat
        Column and pod of each unit, `NOBODY` while it has none (U).
    own
        Slot of each account's owner by function, `NOBODY` without (A x R).
    after, before, head, book
        The accounts of each slot as a list in both directions, its first, and how many there are (A x R, A x R, N, N).
    room, week
        Hours left of each slot, and of each leader's week (N, P).
    inside
        Accounts in each pod (P).
    coach
        Slot of each pod's coach, `NOBODY` without (P).
    used
        Counters of `desk_caps.Caps` (J).
    random
        State of the random numbers (1).
    touched, moved, old_place, old_seat, old_own, old_used
        What the move under way has changed: how many units (1), which, and how it was before (`EJECTED`, owners for
        the largest unit).
    """

    place: Ints
    seat: Ints
    own: Ints
    after: Ints
    before: Ints
    head: Ints
    book: Ints
    room: Floats
    week: Floats
    inside: Ints
    coach: Ints
    used: Floats
    random: NDArray[np.uint64]
    touched: Ints
    moved: Ints
    old_place: Ints
    old_seat: Ints
    old_own: Ints
    old_used: Floats


def start_state(draft: Draft, roster: Roster, board: Board, seed: int) -> State:
    """Nobody placed, nobody named, no coaching given."""
    accounts, units, slots = len(board.need), len(board.places.size), len(board.team.person)
    largest = int(board.places.size.max(initial=1))
    blank = np.full((accounts, len(FUNCTIONS)), NOBODY, np.int64)
    week = leading_room(draft, roster)
    return State(
        place=np.full(units, NOBODY, np.int64),
        seat=np.full(units, NOBODY, np.int64),
        own=blank,
        after=blank.copy(),
        before=blank.copy(),
        head=np.full(slots, NOBODY, np.int64),
        book=np.zeros(slots, np.int64),
        room=share_of(draft, roster, board.team) * draft.instance.derived.plannable[board.team.person],
        week=np.where(board.team.staffed, week, np.inf),
        inside=np.zeros(len(week), np.int64),
        coach=np.full(len(week), NOBODY, np.int64),
        used=np.zeros(len(board.caps.low)),
        random=np.array([(2 * seed + 1) * 0x9E3779B97F4A7C15 % 2**64], dtype=np.uint64),
        touched=np.zeros(1, np.int64),
        moved=np.zeros(EJECTED, np.int64),
        old_place=np.zeros(EJECTED, np.int64),
        old_seat=np.zeros(EJECTED, np.int64),
        old_own=np.zeros((EJECTED, largest, LEADER), np.int64),
        old_used=np.zeros(len(board.caps.low)),
    )


@lean_kernel
def draw(random: NDArray[np.uint64]) -> float:
    """A number from 0 to 1 (Vigna, An experimental exploration of Marsaglia's xorshift generators, scrambled, 2016)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@lean_kernel
def below(random: NDArray[np.uint64], count: int) -> int:
    """A whole number from 0 to ``count - 1``."""
    return int(draw(random) * count)


@lean_kernel
def step_of(board: Board, unit: int, tier: int, function: int) -> int:
    """Members that one person must own together: all of a family with one owner, else one."""
    family = board.places.family[unit]
    if family >= 0 and board.places.one_owner[family, tier, function]:
        return int(board.places.size[unit])
    return 1


@lean_kernel
def hours_of(board: Board, unit: int, column: int, function: int, j: int) -> float:
    """Book and travel hours of a unit's member at a column."""
    places = board.places
    size = places.size[unit]
    if size == 1:
        return float(places.hours[column, function])
    tier = places.tier[column]
    account = places.member[places.member_first[unit] + j]
    way = places.way[places.way_first[unit] + (column - places.first[unit]) * size + j]
    return float(places.account_hours[account, tier, function] + 2.0 * way * places.visits[tier, function])


@lean_kernel
def item_hours(board: Board, unit: int, column: int, function: int, j: int, step: int) -> float:
    """Hours of an item: members ``j`` to ``j + step - 1``."""
    total = 0.0
    for k in range(j, j + step):
        total += hours_of(board, unit, column, function, k)
    return total


@lean_kernel
def account_worth(board: Board, account: int, function: int, slot: int, tier: int) -> float:
    """What an owner adds to an account's value: the handover kept and wishes met; `LOST` who may not own it."""
    person = board.team.person[slot]
    if not board.holds[function, board.need[account], board.have[slot]]:
        return LOST
    worth = board.price[account, function] if board.today[account, function] == person else 0.0
    wishes = board.wishes
    if not wishes.any or wishes.row[account] < 0:
        return float(worth)
    row = wishes.row[account]
    if wishes.must[row, function] >= 0 and wishes.must[row, function] != person:
        return LOST
    pod = board.team.pod[slot]
    for w in range(wishes.first[row], wishes.first[row + 1]):
        fits = wishes.tier[w] < 0 or wishes.tier[w] == tier
        if fits and wishes.person[w] == person and (wishes.pod[w] < 0 or wishes.pod[w] == pod):
            if wishes.money[w] == -np.inf:
                return LOST
            worth += wishes.money[w]
    return float(worth)


@lean_kernel
def item_worth(board: Board, unit: int, function: int, slot: int, tier: int, j: int, step: int) -> float:
    """The same for an item."""
    first = board.places.member_first[unit]
    total = 0.0
    for k in range(j, j + step):
        worth = account_worth(board, board.places.member[first + k], function, slot, tier)
        if worth == LOST:
            return LOST
        total += worth
    return total


@lean_kernel
def place_worth(board: Board, unit: int, column: int, pod: int) -> float:
    """Value of a unit at a column and pod, wishes for the place included, owners not."""
    worth = board.places.value[column]
    if board.wishes.any:
        wishes, first = board.wishes, board.places.member_first[unit]
        for k in range(first, first + board.places.size[unit]):
            row = wishes.row[board.places.member[k]]
            if row >= 0:
                for w in range(wishes.first[row], wishes.first[row + 1]):
                    fits = wishes.tier[w] < 0 or wishes.tier[w] == board.places.tier[column]
                    if fits and wishes.person[w] < 0 and (wishes.pod[w] < 0 or wishes.pod[w] == pod):
                        worth += wishes.money[w]
    return float(worth)


@lean_kernel
def worth_now(board: Board, state: State, unit: int) -> float:
    """Worth of a unit where it is, with its owners."""
    column = state.place[unit]
    tier = board.places.tier[column]
    worth = place_worth(board, unit, column, state.seat[unit])
    first = board.places.member_first[unit]
    for k in range(first, first + board.places.size[unit]):
        account = board.places.member[k]
        for function in range(LEADER):
            if state.own[account, function] >= 0:
                worth += account_worth(board, account, function, state.own[account, function], tier)
    return worth


@lean_kernel
def find_owner(board: Board, state: State, unit: int, column: int, pod: int, function: int, j: int, step: int) -> int:
    """Who has room for an item: who adds most by owning it, then has least room left; `NOBODY` where nobody does."""
    hours = item_hours(board, unit, column, function, j, step)
    tier = board.places.tier[column]
    best, most, tightest = NOBODY, LOST, np.inf
    for slot in range(board.team.first[pod * LEADER + function], board.team.first[pod * LEADER + function + 1]):
        left = state.room[slot] - hours
        if left >= -SLACK:
            worth = item_worth(board, unit, function, slot, tier, j, step)
            if worth > most or (worth == most and worth > LOST and left < tightest):
                best, most, tightest = slot, worth, left
    return best


@lean_kernel
def give(board: Board, state: State, account: int, function: int, slot: int) -> None:
    """Write an account into a book (its hours are the caller's)."""
    head = state.head[slot]
    state.own[account, function] = slot
    state.after[account, function] = head
    state.before[account, function] = NOBODY
    if head >= 0:
        state.before[head, function] = account
    state.head[slot] = account
    state.book[slot] += 1
    count_kept(board, state, account, function, slot, 1.0)


@lean_kernel
def strike(board: Board, state: State, account: int, function: int) -> None:
    """Strike an account from its owner's book (its hours are the caller's)."""
    slot = state.own[account, function]
    after, before = state.after[account, function], state.before[account, function]
    if after >= 0:
        state.before[after, function] = before
    if before >= 0:
        state.after[before, function] = after
    else:
        state.head[slot] = after
    state.own[account, function] = NOBODY
    state.book[slot] -= 1
    count_kept(board, state, account, function, slot, -1.0)


@lean_kernel
def count_kept(board: Board, state: State, account: int, function: int, slot: int, sign: float) -> None:
    """Accounts, and their revenue, that stay with today's sales owner."""
    if function == SALES and board.caps.any and board.today[account, SALES] == board.team.person[slot]:
        state.used[KEPT] += sign
        state.used[KEPT_REVENUE] += sign * board.caps.revenue[account]


@lean_kernel
def write_item(board: Board, state: State, unit: int, column: int, function: int, slot: int, j: int, step: int) -> None:
    """Write an item into a book, hours and all."""
    first = board.places.member_first[unit]
    for k in range(j, j + step):
        give(board, state, board.places.member[first + k], function, slot)
        state.room[slot] -= hours_of(board, unit, column, function, k)


@lean_kernel
def strike_all(board: Board, state: State, unit: int, column: int) -> None:
    """Strike a unit's accounts from all books."""
    first = board.places.member_first[unit]
    for k in range(board.places.size[unit]):
        account = board.places.member[first + k]
        for function in range(LEADER):
            slot = state.own[account, function]
            if slot >= 0:
                state.room[slot] += hours_of(board, unit, column, function, k)
                strike(board, state, account, function)


@lean_kernel
def takes(board: Board, state: State, unit: int, pod: int) -> bool:
    """Whether a pod's limit of accounts and its leader's week have room for a unit."""
    size = board.places.size[unit]
    return bool(state.inside[pod] + size <= board.team.most[pod] and state.week[pod] + SLACK >= size * board.team.each)


@lean_kernel
def enter(board: Board, state: State, unit: int, column: int, pod: int, sign: int) -> None:
    """Count a unit in (or, with -1, out of) a pod and what its column uses."""
    size = sign * board.places.size[unit]
    state.inside[pod] += size
    state.week[pod] -= size * board.team.each
    caps = board.caps
    if caps.any:
        if caps.high[SPEND] < np.inf:
            state.used[SPEND] += sign * caps.spend[column]
        for j in range(3, len(caps.low)):
            tier, of = caps.tier[j], caps.pod[j]
            if (tier < 0 or tier == board.places.tier[column]) and (of < 0 or of == pod):
                state.used[j] += sign * caps.weight[j - 3, unit]


@lean_kernel
def settle(board: Board, state: State, unit: int, column: int, pod: int) -> None:
    """Note where a unit is, once its owners are named."""
    state.place[unit] = column
    state.seat[unit] = pod
    enter(board, state, unit, column, pod, 1)


@lean_kernel
def put(board: Board, state: State, unit: int, column: int, pod: int) -> bool:
    """Place a unit with a named team, where there is room for one."""
    if not takes(board, state, unit, pod):
        return False
    tier = board.places.tier[column]
    for function in range(LEADER):
        if board.places.served[tier, function]:
            step = step_of(board, unit, tier, function)
            for j in range(0, board.places.size[unit], step):
                slot = find_owner(board, state, unit, column, pod, function, j, step)
                if slot < 0:
                    strike_all(board, state, unit, column)
                    return False
                write_item(board, state, unit, column, function, slot, j, step)
    settle(board, state, unit, column, pod)
    return True


@lean_kernel
def take(board: Board, state: State, unit: int) -> None:
    """Take a unit off its place."""
    column, pod = state.place[unit], state.seat[unit]
    strike_all(board, state, unit, column)
    enter(board, state, unit, column, pod, -1)
    state.place[unit] = NOBODY
    state.seat[unit] = NOBODY


@lean_kernel
def penalty(board: Board, state: State) -> float:
    """What soft limits cost."""
    caps = board.caps
    total = 0.0
    if caps.soft:
        for j in range(len(caps.low)):
            if caps.price[j] < np.inf:
                total += caps.price[j] * max(0.0, caps.low[j] - state.used[j], state.used[j] - caps.high[j])
    return total


@lean_kernel
def broken(board: Board, state: State) -> float:
    """By how much hard limits are passed, each as a part of itself; 0 where all hold."""
    caps = board.caps
    total = 0.0
    if caps.any:
        for j in range(len(caps.low)):
            if caps.price[j] == np.inf:
                over, under = state.used[j] - caps.high[j], caps.low[j] - state.used[j]
                if over > TIGHT * max(1.0, abs(caps.high[j])):
                    total += over / max(1.0, abs(caps.high[j]))
                if under > TIGHT * max(1.0, abs(caps.low[j])):
                    total += under / max(1.0, abs(caps.low[j]))
    return total
