"""People of a site dealt to its pods anew: equals change places until who owns accounts together is together.

An account keeps the owners who are in its pod, so that a deal keeps the best pod's worth of each account. Who changes
places has as many hours as the other, so that all pods keep theirs. Simulated annealing (Kirkpatrick, Gelatt and
Vecchi, Optimization by simulated annealing, 1983): exchanging pairs until none gains ends far from the best.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY
from solvers.fast.budget import part_over
from solvers.fast.desk_state import below, draw
from solvers.kernel import lean_kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

MOVES, MOST_MOVES, CHUNK = 8_000, 4_000_000, 100_000
"""Exchanges tried for each person, in all, and between two looks at the clock."""

HOT, COLD = 4.0, 4e-3
"""First and last temperature, in what an account's owners are worth on average."""


def together(
    hand: Ints, alike: Ints, owner: Ints, price: Floats, left: Callable[[], float | None] = lambda: None
) -> Ints:
    """Steps by person and pod once equals have changed places; the same hand for the same input.

    Parameters
    ----------
    hand
        Steps of time by person and pod (S x C).
    alike
        Number of each person's class: who has the same one may change places (S).
    owner
        Today's owners of each account in each function, as rows of ``hand``, `NOBODY` for others (A x R).
    price
        What keeping them is worth (A x R).
    left
        Seconds left, None without limit: then the answer is repeatable.

    Returns
    -------
    Ints
        Rows of ``hand``, each the place of one person (S x C).
    """
    worth = float(price[owner != NOBODY].sum())
    order = np.argsort(alike, kind="stable")
    _, first, size = np.unique(alike[order], return_index=True, return_counts=True)
    if worth <= 0 or hand.shape[1] < 2 or size.max(initial=0) < 2:
        return hand
    entry = np.argsort(owner, axis=None, kind="stable")
    entry = entry[owner.ravel()[entry] != NOBODY]
    whose = owner.ravel()[entry]
    start = np.searchsorted(whose, np.arange(len(hand) + 1))
    seat = np.arange(len(hand))
    state = (seat, seat.copy(), np.zeros(len(owner)), np.zeros(2), np.array([0x9E3779B97F4A7C15], np.uint64))
    moves, hot, given = min(MOVES * len(hand), MOST_MOVES), HOT * worth / len(owner), left()
    done, part = 0, 0.0
    while part < 1.0:
        number = min(CHUNK, moves - done)
        done += number
        then = part_over(moves, done, given, left())
        _exchange(
            (hand > 0, np.argmax(hand, axis=1)),
            (alike, first, size, order),
            (start, entry // owner.shape[1]),
            (owner, price),
            state,
            (number, hot * (COLD / HOT) ** part, hot * (COLD / HOT) ** then),
        )
        part = then
    return hand[seat]


@lean_kernel
def _exchange(
    places: tuple[NDArray[np.bool_], Ints],
    classes: tuple[Ints, Ints, Ints, Ints],
    books: tuple[Ints, Ints],
    owners: tuple[Ints, Floats],
    state: tuple[Ints, Ints, Floats, Floats, NDArray[np.uint64]],
    given: tuple[int, float, float],
) -> None:
    """Anneal who has which seat (a row of the hand); the best is left in the first array of the state.

    Its other arrays are the seats now, what is kept of each account, how much more that is than at first, now and at
    most, and the random state; ``given`` is how many exchanges are tried, and the first and last temperature.
    """
    alike, first, size, order = classes
    start, book = books
    best, seat, kept, gained, random = state
    moves, hot, cold = given
    for account in range(len(kept)):
        kept[account] = _kept(places, owners, seat, account)
    ahead, most = gained[0], gained[1]
    for move in range(moves):
        heat = hot * (cold / hot) ** (move / moves)
        one = below(random, len(seat))
        group = alike[one]
        other = order[first[group] + below(random, size[group])]
        if seat[one] == seat[other]:
            continue
        seat[one], seat[other] = seat[other], seat[one]
        gain = 0.0
        for person in (one, other):
            for place in range(start[person], start[person + 1]):
                account = book[place]
                now = _kept(places, owners, seat, account)
                gain += now - kept[account]
                kept[account] = now
        if gain >= 0.0 or draw(random) < math.exp(gain / heat):
            ahead += gain
            if ahead > most + 1e-6:
                most = ahead
                for person in range(len(seat)):
                    best[person] = seat[person]
            continue
        seat[one], seat[other] = seat[other], seat[one]
        for person in (one, other):
            for place in range(start[person], start[person + 1]):
                kept[book[place]] = _kept(places, owners, seat, book[place])
    gained[0], gained[1] = ahead, most


@lean_kernel
def _kept(places: tuple[NDArray[np.bool_], Ints], owners: tuple[Ints, Floats], seat: Ints, account: int) -> float:
    """What the owners of an account are worth in the pod that keeps most of them."""
    inside, home = places
    owner, price = owners
    best = 0.0
    for function in range(owner.shape[1]):
        if owner[account, function] < 0:
            continue
        pod = home[seat[owner[account, function]]]
        worth = 0.0
        for each in range(owner.shape[1]):
            person = owner[account, each]
            if person >= 0 and inside[seat[person], pod]:
                worth += price[account, each]
        best = max(best, worth)
    return best
