"""A company of lone reps: each pod that opens has one, whose year is the load of whole accounts that it holds.

With each account's choice relaxed by a price, the staffing model falls apart into pods, and what a pod earns at most is
its best load, less what it costs to open: a bound far below that of accounts in parts (single-source capacitated
facility location, see Diaz & Fernandez 2002, "A branch-and-price algorithm for the single source capacitated plant
location problem", Journal of the Operational Research Society 53, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.fast.knapsack import best_load
from solvers.kernel import kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from solvers.fast.master import Master

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SLACK = 1e-6
"""Hours by which a load may pass its room, as in every model."""

LONE = 3
"""People from which on a pod may have two reps: one leads."""

SHUT, MAYBE, OPEN = 0, 1, 2
"""What is decided of a pod."""

MOST_SETS = 20_000
"""Sets looked at for one load: more take milliseconds and prove next to nothing."""

CHUNK = 20
"""Steps between two looks at whether somebody stops them."""

MEAN, SQUARE = 0.9, 0.99
"""Shares of the running means that stay in each step (Adam, as `solvers.fast.ascent`)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Loads:
    """What each pod may hold.

    Parameters
    ----------
    start
        Where the places of each pod begin, and the end of the last (P + 1).
    unit, value, hours
        Of each place: which account, what it earns there and what it takes of the rep (K).
    room
        Hours of the rep of each pod at most (P).
    opening
        What each pod costs at least when it has any account (P).
    direct
        What each account earns without a rep at most (U).
    offset
        Of the plan's worth.
    """

    start: Ints
    unit: Ints
    value: Floats
    hours: Floats
    room: Floats
    opening: Floats
    direct: Floats
    offset: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Priced:
    """Prices, and what they prove.

    Parameters
    ----------
    unit
        Price of each account, no less than what it earns without a rep (U).
    worth
        What each pod earns at them at most, -inf where it is shut (P).
    often
        Part of the later steps in which each pod opened (P).
    bound
        Of all plans with what is decided.
    """

    unit: Floats
    worth: Floats
    often: Floats
    bound: float


def loads_of(master: Master) -> Loads | None:
    """The loads of a staffing model, None where some pod may have two reps, or not only accounts earn."""
    arrays, draft = master.arrays, master.draft
    columns, crews = draft.columns, draft.crews
    functions = np.unique(crews.role[crews.role != LEADER])
    beside = np.ones(len(arrays.cost), bool)
    beside[draft.place] = False
    if len(functions) != 1 or draft.has_owners or (arrays.cost[beside] > 0).any():
        return None
    function = int(functions[0])
    reps, room = crews.role[crews.seat_crew] == function, np.zeros(len(draft.copies))
    np.maximum.at(room, crews.seat_pod[reps], crews.plannable[crews.seat_crew[reps]])
    served, worth = draft.serves[columns.pod], arrays.cost[draft.place]
    others = np.delete(columns.hours, function, axis=1).sum(axis=1)
    inside = served & (others <= 0) & (room[columns.pod] > 0)  # nobody serves other functions, or where no rep can be
    pods, hours = np.unique(columns.pod[inside]), columns.hours[:, function]
    direct = np.full(len(columns.size), -np.inf)
    np.maximum.at(direct, columns.unit[~served], worth[~served])
    place = np.flatnonzero(inside)[np.argsort(columns.pod[inside], kind="stable")]
    is_known = (
        len(pods) > 0
        and (draft.copies[pods] == 1).all()
        and (draft.instance.pods.max_people[pods] < LONE).all()
        and (hours[place] > 0).all()
        and len(np.unique(columns.pod[place] * len(columns.size) + columns.unit[place])) == len(place)
        and np.isfinite(direct).all()
    )
    if not is_known:
        return None
    return Loads(
        start=np.searchsorted(columns.pod[place], np.append(pods, len(draft.copies))).astype(np.int64),
        unit=columns.unit[place],
        value=worth[place],
        hours=hours[place],
        room=room[pods] * (1.0 + SLACK) + SLACK,
        opening=np.array([_opening(master, pod, function) for pod in pods.tolist()]),
        direct=direct,
        offset=float(arrays.offset),
    )


def _opening(master: Master, pod: int, function: int) -> float:
    """What a pod with a rep costs at least: its own cost, and the cheapest of those who could be it.

    Who is in several pods is paid once, so that no pod need pay.
    """
    cost, draft = master.arrays.cost, master.draft
    seats = draft.seats(role=function, pod=pod)
    own = [draft.open[pod], draft.staffed[pod]]
    pay = cost[draft.heads[seats]] + cost[draft.used[draft.crews.seat_crew[seats]]]
    pay = np.where(draft.steps[seats] != NOBODY, 0.0, pay)
    return -float(sum(cost[column] for column in own if column != NOBODY) + pay.max())


def usual_worth(loads: Loads) -> float:
    """What an account usually earns, in money, where hours cost their part of what its pod does."""
    paid = np.repeat(loads.opening / loads.room, np.diff(loads.start)) * loads.hours
    return float(np.median(np.abs(loads.value - paid)))


def priced(
    loads: Loads,
    decided: NDArray[np.int8],
    price: Floats,
    lengths: Floats,
    is_over: Callable[[], bool] = lambda: False,
) -> Priced:
    """Prices after some steps, those that prove most.

    Parameters
    ----------
    decided
        `SHUT`, `MAYBE` or `OPEN` (P).
    price
        To begin with (U).
    lengths
        Of the steps, in money, one at least.
    is_over
        Whether somebody stops it, asked after every `CHUNK` steps.
    """
    unit, latest = price.copy(), price.copy()
    mean, square = np.zeros(len(price)), np.zeros(len(price))
    worth, often, bound = np.empty(len(decided)), np.zeros(len(decided)), np.inf
    for first in range(0, len(lengths), CHUNK):
        some = lengths[first : first + CHUNK]
        opened = np.zeros(len(decided))
        bound = _descend(
            loads.start,
            loads.unit,
            loads.value,
            loads.hours,
            loads.room,
            loads.opening,
            loads.direct,
            decided,
            some,
            bound,
            (latest, mean, square),
            unit,
            worth,
            opened,
        )
        often = (often if 2 * first >= len(lengths) else 0.0) + opened
        if is_over():
            break
    return Priced(unit=unit, worth=worth, often=often / max(often.max(), 1.0), bound=bound + loads.offset)


@kernel
def _descend(
    start: Ints,
    unit: Ints,
    value: Floats,
    hours: Floats,
    room: Floats,
    opening: Floats,
    direct: Floats,
    decided: NDArray[np.int8],
    lengths: Floats,
    bound: float,
    motion: tuple[Floats, Floats, Floats],
    best: Floats,
    best_worth: Floats,
    opened: Floats,
) -> float:
    """Step by step from the latest prices; where the bound falls they are noted as the best. Returns the bound.

    Parameters
    ----------
    motion
        Latest prices, and the running means of how often each account is left over, and of its square (each U).
    best, best_worth
        Prices that prove most, and what pods are worth at them (U, P).
    opened
        In how many of the steps each pod opened is added here (P).
    """
    price, mean, square = motion
    worth, rest = np.empty(len(room)), np.empty(len(price))
    for length in lengths:
        rest[:] = 1.0
        total = price.sum()
        for pod in range(len(room)):
            worth[pod] = -np.inf
            if decided[pod] == SHUT:
                continue
            some = _load(pod, start, unit, value, hours, room, opening, price, decided[pod] == MAYBE, worth)
            if decided[pod] == OPEN or worth[pod] > 0.0:
                total += worth[pod]
                rest[some] -= 1.0
                opened[pod] += 1.0
        if total < bound:
            bound = total
            best[:], best_worth[:] = price, worth
        for account in range(len(price)):
            mean[account] += (1.0 - MEAN) * (rest[account] - mean[account])
            square[account] += (1.0 - SQUARE) * (rest[account] ** 2 - square[account])
            if square[account] > 0.0:
                change = length * mean[account] / np.sqrt(square[account])
                price[account] = max(direct[account], price[account] - change)
    return bound


@kernel
def _load(
    pod: int,
    start: Ints,
    unit: Ints,
    value: Floats,
    hours: Floats,
    room: Floats,
    opening: Floats,
    price: Floats,
    is_free: bool,
    worth: Floats,
) -> Ints:
    """Note what a pod earns at most at the prices; returns the accounts of its best load."""
    places = np.arange(start[pod], start[pod + 1])
    gain = value[start[pod] : start[pod + 1]] - price[unit[places]]
    places = places[(gain > 0.0) & (hours[places] <= room[pod])]
    chosen = np.empty(len(places), np.bool_)
    least = opening[pod] if is_free else -np.inf
    gain = value[places] - price[unit[places]]
    worth[pod] = best_load(gain, hours[places], room[pod], least, MOST_SETS, chosen) - opening[pod]
    return np.asarray(unit[places[chosen]])
