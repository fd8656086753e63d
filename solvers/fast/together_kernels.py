"""Compiled loops that let a site's people change places: who serves how many accounts, and who keeps whose.

See `together`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.fast.desk_state import below, draw
from solvers.kernel import lean_kernel

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

COMPANY = 0.5
"""Chance of a person to try a pod with somebody who owns an account together with them."""

ROUNDING = 1e-6
"""Hours and shares by which a limit may be passed."""

STRIDE = 64
"""Changes at one temperature."""


class Deal(NamedTuple):
    """What stays as it is: people (S), their classes, seats with several pods (by row), and today's owners."""

    role: Ints
    hours: Floats
    share: Floats
    alike: Ints
    first: Ints
    size: Ints
    order: Ints
    inside: NDArray[np.bool_]
    start: Ints
    book: Ints
    owner: Ints
    price: Floats
    of_account: Floats
    week: Floats
    must: Floats
    fewest: Floats
    most: Floats
    most_accounts: Floats
    accounts: float
    worth: float


class Hands(NamedTuple):
    """Who is where.

    Parameters
    ----------
    home, row, place
        Pod of each person, where they have most time; row in ``inside`` of who is in several, `NOBODY` for others; and
        their position among the people of their role in a pod, `NOBODY` for who is in several (S).
    member, number
        People of each role in each pod who are nowhere else, and how many (C x 5 x W, C x 5).
    has, part, heads
        Hours and shares by pod and role, and heads of each pod (C x 5, C x 5, C).
    kept
        What is kept of each account's owners (A).
    total
        Accounts served by all pods, and what all is worth (2).
    """

    home: Ints
    row: Ints
    place: Ints
    member: Ints
    number: Ints
    has: Floats
    part: Floats
    heads: Floats
    kept: Floats
    total: Floats
    random: NDArray[np.uint64]


@lean_kernel
def count_all(deal: Deal, hands: Hands) -> None:
    """What is kept and served at first."""
    hands.total[:] = 0.0
    for account in range(len(hands.kept)):
        hands.kept[account] = _kept(deal, hands, account)
        hands.total[1] += hands.kept[account]
    for pod in range(len(hands.heads)):
        hands.total[0] += _served(deal, hands, pod)
    hands.total[1] += deal.worth * min(hands.total[0], deal.accounts)


@lean_kernel
def _kept(deal: Deal, hands: Hands, account: int) -> float:
    """What the owners of an account are worth in the pod that keeps most of them."""
    best = 0.0
    for function in range(deal.owner.shape[1]):
        if deal.owner[account, function] < 0:
            continue
        pod = hands.home[deal.owner[account, function]]
        worth = 0.0
        for each in range(deal.owner.shape[1]):
            person = deal.owner[account, each]
            if person >= 0 and _is_in(deal, hands, person, pod):
                worth += deal.price[account, each]
        best = max(best, worth)
    return best


@lean_kernel
def _is_in(deal: Deal, hands: Hands, person: int, pod: int) -> bool:
    row = hands.row[person]
    return bool(deal.inside[row, pod] if row >= 0 else hands.home[person] == pod)


@lean_kernel
def _week(deal: Deal, hands: Hands, pod: int) -> float:
    """Hours of a leader's week left for accounts."""
    return float(hands.has[pod, LEADER] - deal.week[0] - deal.week[1] * (hands.heads[pod] - 1.0))


@lean_kernel
def _served(deal: Deal, hands: Hands, pod: int) -> float:
    """Accounts that a pod can serve, parts included; no more than there are."""
    least = min(deal.accounts, deal.most_accounts[pod])
    for role in range(LEADER):
        if deal.of_account[role] > 0.0:
            least = min(least, hands.has[pod, role] / deal.of_account[role])
    if deal.of_account[LEADER] > 0.0:
        least = min(least, max(0.0, _week(deal, hands, pod)) / deal.of_account[LEADER])
    return float(least)


@lean_kernel
def _stands(deal: Deal, hands: Hands, pod: int) -> bool:
    """Whether a pod can stand alone."""
    fine = hands.heads[pod] >= deal.fewest[pod] and hands.heads[pod] <= deal.most[pod]
    for role in range(LEADER + 1):
        fine = fine and hands.part[pod, role] >= deal.must[role] - ROUNDING
    return bool(fine and _week(deal, hands, pod) >= -ROUNDING)


@lean_kernel
def exchange(deal: Deal, hands: Hands, moves: int, hot: float, cold: float) -> None:
    """Anneal who is where: so many changes are tried, from the first temperature to the last."""
    people = len(hands.home)
    heat = hot
    for move in range(moves):
        if move % STRIDE == 0:
            heat = hot * (cold / hot) ** (move / moves)
        one = below(hands.random, people)
        other = NOBODY
        if hands.row[one] >= 0:
            pod = NOBODY
            group = deal.alike[one]
            other = deal.order[deal.first[group] + below(hands.random, deal.size[group])]
            if other == one:
                continue
        else:
            pod = _wished(deal, hands, one)
            if pod == hands.home[one]:
                continue
            role = deal.role[one]
            number = below(hands.random, hands.number[pod, role] + 1)
            if number < hands.number[pod, role]:
                other = hands.member[pod, role, number]
            elif hands.number[pod, role] == hands.member.shape[2]:
                continue
        _try(deal, hands, one, other, pod, heat)


@lean_kernel
def _wished(deal: Deal, hands: Hands, one: int) -> int:
    """A pod for a person: that of somebody who owns an account together with them, or any."""
    book = deal.start[one + 1] - deal.start[one]
    if book > 0 and draw(hands.random) < COMPANY:
        account = deal.book[deal.start[one] + below(hands.random, book)]
        mate = deal.owner[account, below(hands.random, deal.owner.shape[1])]
        if mate >= 0:
            return int(hands.home[mate])
    return below(hands.random, len(hands.heads))


@lean_kernel
def _try(deal: Deal, hands: Hands, one: int, other: int, pod: int, heat: float) -> None:
    """Let two people change places, or one go to a pod; kept where that gains enough for the temperature."""
    source, target = hands.home[one], pod if other < 0 else hands.home[other]
    before = _served(deal, hands, source) + _served(deal, hands, target)
    total, worth = hands.total[0], hands.total[1]
    if other < 0:
        _go(deal, hands, one, target)
    else:
        _swap(deal, hands, one, other)
    hands.total[0] += _served(deal, hands, source) + _served(deal, hands, target) - before
    hands.total[1] += deal.worth * (min(hands.total[0], deal.accounts) - min(total, deal.accounts))
    fine = _stands(deal, hands, source) and _stands(deal, hands, target)
    if fine:
        _keep(deal, hands, one)
        if other >= 0:
            _keep(deal, hands, other)
        gain = hands.total[1] - worth
        fine = gain >= 0.0 or draw(hands.random) < math.exp(gain / heat)
        if fine:
            return
    if other < 0:
        _go(deal, hands, one, source)
    else:
        _swap(deal, hands, one, other)
    _keep(deal, hands, one)
    if other >= 0:
        _keep(deal, hands, other)
    hands.total[0], hands.total[1] = total, worth


@lean_kernel
def _keep(deal: Deal, hands: Hands, person: int) -> None:
    """Count anew what is kept of a person's accounts."""
    for entry in range(deal.start[person], deal.start[person + 1]):
        account = deal.book[entry]
        now = _kept(deal, hands, account)
        hands.total[1] += now - hands.kept[account]
        hands.kept[account] = now


@lean_kernel
def _swap(deal: Deal, hands: Hands, one: int, other: int) -> None:
    """Two people change places; who is in several pods does so with somebody who has as many hours."""
    role = deal.role[one]
    hours, share = deal.hours[other] - deal.hours[one], deal.share[other] - deal.share[one]
    hands.has[hands.home[one], role] += hours
    hands.part[hands.home[one], role] += share
    hands.has[hands.home[other], role] -= hours
    hands.part[hands.home[other], role] -= share
    hands.home[one], hands.home[other] = hands.home[other], hands.home[one]
    hands.row[one], hands.row[other] = hands.row[other], hands.row[one]
    hands.place[one], hands.place[other] = hands.place[other], hands.place[one]
    for person in (one, other):
        if hands.place[person] >= 0:
            hands.member[hands.home[person], role, hands.place[person]] = person


@lean_kernel
def _go(deal: Deal, hands: Hands, one: int, pod: int) -> None:
    """A person who is in one pod goes to another."""
    role, old = deal.role[one], hands.home[one]
    last = hands.number[old, role] - 1
    mover = hands.member[old, role, last]
    hands.member[old, role, hands.place[one]] = mover
    hands.place[mover] = hands.place[one]
    hands.number[old, role] = last
    hands.place[one] = hands.number[pod, role]
    hands.member[pod, role, hands.place[one]] = one
    hands.number[pod, role] += 1
    hands.home[one] = pod
    for pods, sign in ((old, -1.0), (pod, 1.0)):
        hands.has[pods, role] += sign * deal.hours[one]
        hands.part[pods, role] += sign * deal.share[one]
        hands.heads[pods] += sign
