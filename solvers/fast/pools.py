"""Pools: what people who are alike but for their books may be where they own nothing, told once for all of them.

Today's owners make everybody a crew of their own. Where many may join any pod, that is a seat for each of them in each
pod, nearly all of which differ in nothing. So each keeps the seats that tell them apart, and lends the rest of their
time to a pool, which may be anywhere that they may. All that the people can do the pool can do for them: a bound of the
model holds. It has no people; what works on whole people leaves it out (`sift`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.fast.crews import likeness, named
from solvers.sparse import distinct, spans

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance
    from solvers.fast.columns import Columns
    from solvers.fast.crews import Crews

Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]

MANY_SEATS = 100_000
"""Seats of a whole company beyond which there are pools."""

WIDE = 50
"""Seats beyond which somebody may be in a pool: with fewer there is little to save."""

OTHERS = 8
"""People of a pool who keep a seat in each pod in turn, so that somebody may be where nobody owns anything."""


def pooled(instance: Instance, columns: Columns, crews: Crews, taken: tuple[Ints, Ints]) -> Crews:
    """The same people with pools behind them.

    Parameters
    ----------
    taken
        People of an earlier plan and the pods that stand for theirs, who keep these seats.
    """
    group = _groups(instance, crews)
    lends = group != NOBODY
    if not lends.any():
        return crews
    pools = int(group.max()) + 1
    crew, pod = crews.seat_crew, crews.seat_pod
    kept = ~lends[crew] | (pod == instance.people.pod_today[crews.person[crew]])
    kept |= np.isin(crew * len(instance.pods) + pod, _booked(instance, columns, crews))
    kept |= np.isin(crew * len(instance.pods) + pod, crews.of[taken[0]] * len(instance.pods) + taken[1])
    kept |= _in_turn(crews, group)
    first = np.array([np.flatnonzero(group == each)[0] for each in range(pools)])
    behind, of = spans(np.searchsorted(crew, first), np.searchsorted(crew, first + 1))
    some = np.flatnonzero(kept)
    seats = np.concatenate([some, behind])
    return replace(
        crews,
        **{
            name: np.append(getattr(crews, name), getattr(crews, name)[first])
            for name in ("role", "plannable", "person", "step", "max_pods")
        },
        size=np.append(crews.size, np.bincount(group[lends], minlength=pools)),
        seat_crew=np.append(crew[some], len(crews) + of),
        seat_pod=pod[seats],
        seat_mode=crews.seat_mode[seats],
        pool=np.append(np.where(lends, len(crews) + group, NOBODY), np.full(pools, NOBODY)),
        pools=pools,
    )


def _groups(instance: Instance, crews: Crews) -> Ints:
    """Number of each crew's pool (G).

    `NOBODY` for crews with several members or few seats, leaders, hires, those whom a rule names, and whom too few
    are like.
    """
    alone = (crews.size == 1) & (crews.role != LEADER)
    alone &= ~(named(instance) | instance.people.is_hire)[crews.person]
    bounds = np.searchsorted(crews.seat_crew, np.arange(len(crews) + 1))
    alone &= np.diff(bounds) > WIDE
    traits = likeness(instance)[crews.person]
    number: dict[bytes, int] = {}
    group = np.full(len(crews), NOBODY, np.int64)
    for crew in np.flatnonzero(alone).tolist():
        mine = slice(bounds[crew], bounds[crew + 1])
        key = traits[crew].tobytes() + crews.seat_pod[mine].tobytes() + crews.seat_mode[mine].tobytes()
        group[crew] = number.setdefault(key, len(number))
    many = np.bincount(group[group != NOBODY], minlength=len(number)) > OTHERS
    fresh = np.append(np.where(many, np.cumsum(many) - 1, NOBODY), NOBODY)
    return fresh[group]


def _booked(instance: Instance, columns: Columns, crews: Crews) -> Ints:
    """Crew and pod of everybody and where an account of their book may be, as one number."""
    account, function = np.nonzero(instance.owner_today >= 0)
    crew = crews.of[instance.owner_today[account, function]]
    unit = columns.unit_of[account]
    inside, pair = spans(columns.start[unit], columns.start[unit + 1])
    served = instance.tiers.served[columns.tier[inside], function[pair]]
    return distinct(crew[pair[served]] * len(instance.pods) + columns.pod[inside[served]])


def _in_turn(crews: Crews, group: Ints) -> Marks:
    """Seats of `OTHERS` members of each pool in each pod, others in every pod (Q)."""
    member = np.zeros(len(crews), np.int64)
    order = np.argsort(group, kind="stable")
    member[order] = np.arange(len(order)) - np.searchsorted(group[order], group[order])
    size = np.bincount(group[group != NOBODY])[group]
    crew = crews.seat_crew
    turn = (member[crew] - OTHERS * crews.seat_pod) % size[crew]
    return np.asarray((group[crew] != NOBODY) & (turn < OTHERS))
