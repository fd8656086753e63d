"""A large desk in parts of its pods, for threads that share nothing which either of them writes.

Accounts move, swap owners and make room within a part, and parts are cut anew each time. What all count, such as a
budget or the accounts at a call centre, is shared out: each part may use its share of what is left. A part is also
small enough for a processor's cache: at 100,000 accounts a thread makes three times as many moves as on the whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import LEADER, NOBODY

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance
    from solvers.fast.desk_board import Board
    from solvers.fast.desk_state import State

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MANY = 5_000
"""Units from which on a desk is cut: for fewer the borders cost more than a second thread gains."""

UNITS = 8_000
"""Units of a part at most, about."""


def parts_of(units: int) -> int:
    """Parts to cut a desk of so many units into, a power of two; 1: it stays whole."""
    return 1 if units < MANY else 2 ** max(1, int(np.ceil(np.log2(units / UNITS))))


def cut(
    instance: Instance, board: Board, state: State, count: int, random: np.random.Generator
) -> list[tuple[Board, State]]:
    """What each part may do: a board of its own pods, and a state that shares all that only one of them writes.

    Pods whose accounts are near each other are in one part. Who is where no team is, such as at a call centre, goes
    with one of the pods where it could be.
    """
    team = board.team
    has_team = np.diff(team.first[::LEADER]) > 0
    anchor = _anchors(board, state, has_team, random)
    bound = has_team[anchor]
    units = np.bincount(anchor[bound], minlength=len(has_team))
    part = _part_of_pods(units, _spots(instance, board, state, random), count, random)
    of_unit = np.where(bound, part[anchor], random.integers(0, count, len(anchor)))
    of_drawn = of_unit[board.places.drawn]
    drawn = board.places.drawn[np.argsort(of_drawn, kind="stable")]
    drawn_by = np.split(drawn, np.cumsum(np.bincount(of_drawn, minlength=count))[:-1])
    seeds = random.integers(1, 2**63, count, dtype=np.uint64)
    limits = _shares_of_limits(board, state, ~has_team, count)
    return [
        (_board(limits, ~has_team | (part == number), drawn_by[number]), _state(state, seeds[number]))
        for number in range(count)
    ]


def join(state: State, parts: list[tuple[Board, State]]) -> None:
    """Write what all parts count back into the state that they came from."""
    for name in ("inside", "used"):
        total = getattr(state, name)
        total += sum(getattr(part, name) - total for _, part in parts)


def _spots(instance: Instance, board: Board, state: State, random: np.random.Generator) -> Floats:
    """Where each pod stands, in degrees: at one of its accounts by lot, without any at its base or anywhere (P x 2)."""
    places = board.places
    units = random.permutation(len(places.size))
    account = places.member[places.member_first[units]]
    accounts, pods = instance.accounts, instance.pods
    spot = np.column_stack([pods.longitude, pods.latitude])
    spot[state.seat[units]] = np.column_stack([accounts.longitude[account], accounts.latitude[account]])
    lost = np.isnan(spot).any(axis=1)
    known = spot[~lost] if not lost.all() else np.zeros((1, 2))
    spot[lost] = known[random.integers(0, len(known), int(lost.sum()))]
    return spot


def _part_of_pods(units: Ints, spot: Floats, count: int, random: np.random.Generator) -> Ints:
    """Part of each pod: halves of halves by lines through the map, each with as many units (P)."""
    part = np.zeros(len(spot), np.int64)
    for _ in range(int(np.log2(count))):
        angle = random.uniform(0.0, 2.0 * np.pi, part.max() + 1)[part]
        order = np.lexsort((np.cos(angle) * spot[:, 0] + np.sin(angle) * spot[:, 1], part))
        total, of = np.cumsum(units[order]), part[order]
        before = (total - units[order])[np.searchsorted(of, of)]
        after = total[np.searchsorted(of, of, side="right") - 1]
        part[order] = 2 * of + (2 * total - units[order] > before + after)
    return part


def _anchors(board: Board, state: State, has_team: Flags, random: np.random.Generator) -> Ints:
    """The pod with a team that each unit goes with: where it is, else one where it could be, by lot, if any (U)."""
    team, places = board.team, board.places
    units, copies = len(places.size), np.diff(team.copy_first)
    some = np.flatnonzero(copies)
    copy = np.zeros(len(copies), np.int64)
    copy[some] = team.copy[team.copy_first[some] + (random.random(len(some)) * copies[some]).astype(np.int64)]
    could = np.flatnonzero(places.usable & ((copies > 0) & has_team[copy])[places.pod])
    number = np.bincount(np.repeat(np.arange(units), np.diff(places.first))[could], minlength=units)
    anchor = state.seat.copy()
    loose = np.flatnonzero(~has_team[anchor] & (number > 0))
    pick = (np.cumsum(number) - number + (random.random(units) * number).astype(np.int64))[loose]
    anchor[loose] = copy[places.pod[could[pick]]]
    return anchor


def _shares_of_limits(board: Board, state: State, shared: Flags, count: int) -> Board:
    """The board with a part's share of what is left of limits that several parts count in."""
    team, caps, inside = board.team, board.caps, state.inside
    return board._replace(
        team=team._replace(
            most=np.where(shared, inside + np.floor((team.most - inside) / count), team.most),
            least=np.where(shared, inside - np.floor((inside - team.least) / count), team.least),
        ),
        caps=caps._replace(
            low=state.used + (caps.low - state.used) / count, high=state.used + (caps.high - state.used) / count
        ),
    )


def _board(board: Board, mine: Flags, drawn: Ints) -> Board:
    """The board with one part's pods and units."""
    team = board.team
    kept = mine[team.copy]
    copies = np.bincount(np.repeat(np.arange(len(mine)), np.diff(team.copy_first))[kept], minlength=len(mine))
    return board._replace(
        places=board.places._replace(drawn=drawn),
        team=team._replace(
            site=np.where(mine, team.site, NOBODY),
            copy_first=np.concatenate(([0], np.cumsum(copies))).astype(np.int64),
            copy=team.copy[kept],
            coaching=np.where(mine, team.coaching, 0.0),
        ),
    )


def _state(state: State, seed: np.uint64) -> State:
    """The same state with counters, random numbers and scratch of its own."""
    own = ("inside", "used", "touched", "moved", "old_place", "old_seat", "old_own", "old_used")
    return state._replace(random=np.array([seed], np.uint64), **{name: getattr(state, name).copy() for name in own})
