"""People of a site dealt to its pods anew, until pods serve most accounts, and who owns accounts together is together.

A pod serves as many accounts as its scarcest function and its leader's week allow: three reps without a marketer serve
none. And an account keeps the owners who are in its pod, so that a deal keeps the best pod's worth of each account.
People change places, or go elsewhere, by simulated annealing (Kirkpatrick, Gelatt and Vecchi, Optimization by simulated
annealing, 1983): exchanging pairs until none gains ends far from the best.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import NOBODY, ROLES
from solvers.fast.budget import part_over
from solvers.fast.together_kernels import Deal, Hands, count_all, exchange
from solvers.tables import tabled

if TYPE_CHECKING:
    from collections.abc import Callable

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOVES, MANY_MOVES, LEAST, CHUNK = 8_000, 4_000_000, 2_000, 100_000
"""Changes tried for each person, in all, for each of many people all the same, and between two looks at the clock."""

HOT, COLD = 4.0, 4e-3
"""First and last temperature, in what an account and its owners are worth on average."""

NEAR = 0.1
"""Part of the changes, and of the first temperature, for a hand that was dealt before but for a few people."""

SPARE = 8
"""People of one role that a pod may get beyond the most that one has at first."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """What there is to do at a site, and what a pod must have.

    Parameters
    ----------
    accounts
        How many there are.
    worth
        What serving one more of them is worth.
    hours
        Of each account, by function; the last is of the leader's week (5).
    base, member
        Hours of a leader's week for the pod, and for each head that is led.
    must
        Least sum of shares in a pod, by role (5).
    fewest, most
        Heads of a pod, leader included (C).
    most_accounts
        Of a pod (C).
    """

    accounts: float
    worth: float
    hours: Floats
    base: float
    member: float
    must: Floats
    fewest: Floats
    most: Floats
    most_accounts: Floats


def together(
    hand: Ints,
    alike: Ints,
    people: tuple[Ints, Floats, Floats],
    work: Work,
    owners: tuple[Ints, Floats],
    left: Callable[[], float | None] = lambda: None,
    *,
    is_near: bool = False,
) -> Ints:
    """Steps by person and pod once people have changed places; the same hand for the same input.

    Parameters
    ----------
    hand
        Steps of time by person and pod (S x C).
    alike
        Number of each person's class: who has the same one may take the place of somebody in several pods (S).
    people
        Role of each, hours and share of one step (each S).
    owners
        Today's owners of each account in each function, as rows of ``hand``, `NOBODY` for others; and what keeping
        them is worth (each A x R).
    left
        Seconds left, None without limit: then the answer is repeatable.
    is_near
        Whether the hand is good already, but for a few people.

    Returns
    -------
    Ints
        Everybody's steps, as many as before (S x C).
    """
    deal, hands = _deal(hand, alike, people, work, owners), _hands(hand, people, len(owners[0]))
    if hand.shape[1] < 2:
        return hand
    on, at = tabled(deal), tabled(hands)
    count_all(on, at)
    kept = float(deal.price[deal.owner != NOBODY].sum())
    scale = kept / max(1, len(deal.owner)) + work.worth
    part_of_all = NEAR if is_near else 1.0
    moves, hot = round(part_of_all * max(min(MOVES * len(hand), MANY_MOVES), LEAST * len(hand))), part_of_all * HOT
    given, done, part = left(), 0, 0.0
    best, most = (hands.home.copy(), hands.row.copy()), hands.total[1]
    while part < 1.0 and scale > 0 and not (kept == 0 and hands.total[0] >= work.accounts):
        number = min(CHUNK, moves - done)
        done += number
        then = part_over(moves, done, given, left())
        exchange(on, at, number, hot * scale * (COLD / hot) ** part, hot * scale * (COLD / hot) ** then)
        part = then
        if hands.total[1] > most:
            best, most = (hands.home.copy(), hands.row.copy()), hands.total[1]
    home, row = best
    found = np.zeros_like(hand)
    found[np.arange(len(hand)), home] = hand.sum(axis=1)
    several = row != NOBODY
    found[several] = hand[row[several]]
    return found


def _deal(
    hand: Ints, alike: Ints, people: tuple[Ints, Floats, Floats], work: Work, owners: tuple[Ints, Floats]
) -> Deal:
    role, each, step = people
    owner, price = owners
    order = np.argsort(alike, kind="stable")
    _, first, number, size = np.unique(alike[order], return_index=True, return_inverse=True, return_counts=True)
    of = np.empty(len(hand), np.int64)
    of[order] = number
    entry = np.argsort(owner, axis=None, kind="stable")
    entry = entry[owner.ravel()[entry] != NOBODY]
    total = hand.sum(axis=1)
    return Deal(
        role=role,
        hours=(total * each).astype(float),
        share=(total * step).astype(float),
        alike=of,
        first=first.astype(np.int64),
        size=size.astype(np.int64),
        order=order,
        inside=hand > 0,
        start=np.searchsorted(owner.ravel()[entry], np.arange(len(hand) + 1)).astype(np.int64),
        book=(entry // owner.shape[1]).astype(np.int64),
        owner=np.ascontiguousarray(owner, np.int64),
        price=np.ascontiguousarray(price, np.float64),
        of_account=work.hours,
        week=np.array([work.base, work.member]),
        must=work.must,
        fewest=work.fewest,
        most=work.most,
        most_accounts=work.most_accounts,
        accounts=float(work.accounts),
        worth=float(work.worth),
    )


def _hands(hand: Ints, people: tuple[Ints, Floats, Floats], accounts: int) -> Hands:
    role, each, step = people
    count, pods, roles = len(hand), hand.shape[1], len(ROLES)
    home, several = (
        np.argmax(hand, axis=1),
        (hand > 0).sum(axis=1) != 1,
    )  # who has no time counts as in several: in none
    has, part = np.zeros((pods, roles)), np.zeros((pods, roles))
    who, where = np.nonzero(hand)
    np.add.at(has, (where, role[who]), hand[who, where] * each[who])
    np.add.at(part, (where, role[who]), hand[who, where] * step[who])
    alone = np.flatnonzero(~several)
    key = home[alone] * roles + role[alone]
    number = np.bincount(key, minlength=pods * roles)
    order = alone[np.argsort(key, kind="stable")]
    rank = np.arange(len(order)) - np.repeat(np.cumsum(number) - number, number)
    place = np.full(count, NOBODY, np.int64)
    place[order] = rank
    member = np.full((pods, roles, number.max(initial=0) + SPARE), NOBODY, np.int64)
    member[home[order], role[order], rank] = order
    return Hands(
        home=home.astype(np.int64),
        row=np.where(several, np.arange(count), NOBODY).astype(np.int64),
        place=place,
        member=member,
        number=number.reshape(pods, roles).astype(np.int64),
        has=has,
        part=part,
        heads=np.bincount(where, minlength=pods).astype(float),
        kept=np.zeros(accounts),
        total=np.zeros(2),
        random=np.array([0x9E3779B97F4A7C15], np.uint64),
    )
