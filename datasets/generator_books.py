"""Owners of today for a drawn company: books that a company could have, and that a plan can better.

Everybody fills their plannable hours at the default local service, some less, some a little over. Sales people own
accounts in reach of their base, or of their home where they work at none, the large ones first and each in one
direction. Whom a base has no work for sells from afar, each in one range of longitudes, and is in no pod. Accounts
beyond all their hours are nobody's. The other functions look after the accounts that have a sales owner: in a pod
those of its base, then of the next ones; from afar those sold from a home or from afar. They work from where they
are, so a base without one is lent the nearest whom another can spare. All shares are assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from datasets.geo.nearest import nearest_places
from datasets.schema import POLICY_KEYS, TABLES, Column
from podplanner.domain.geography import great_circle_km
from podplanner.domain.vocabulary import COVERAGES, FUNCTIONS, LOCAL, SALES, VIRTUAL

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FILLED = (0.6, 1.1)
"""Least and largest share of the plannable hours that a book is meant to take."""
TASTE = 1.0
"""Standard deviation, in logarithms of potential, of the order in which accounts found an owner."""
SEATS_TRIED = 6
"""An account finds an owner at one of so many nearest bases, or none."""
LEAST_LENT = 0.25
"""A base is lent somebody for so much of a person's plannable hours."""
VACANT_SHARE = 0.03
"""Share of the owners who have left."""
FIRST_DAY, DAYS = np.datetime64("2020-01-01"), 1826
"""Owners are named from 2020 to 2024."""


@dataclass(frozen=True)
class _Team:
    """The people of a function, in order of their seats: first the bases, then the homes of who works at none.

    Parameters
    ----------
    person
        Row in the people (team).
    seat
        Seat of each (team).
    room
        Hours a year that the book is meant to take (team).
    latitude, longitude
        Degrees (seats).
    """

    person: Ints
    seat: Ints
    room: Floats
    latitude: Floats
    longitude: Floats

    def only(self, rows: Bools | Ints) -> _Team:
        """Some of the people."""
        return replace(self, person=self.person[rows], seat=self.seat[rows], room=self.room[rows])


def draw_books(
    customers: pd.DataFrame, staff: pd.DataFrame, pods: pd.DataFrame, home: Ints, random: np.random.Generator
) -> tuple[pd.DataFrame, Ints]:
    """Draw the owners of today.

    Parameters
    ----------
    customers, staff, pods
        Accounts, people and bases.
    home
        Row of each person's base; -1 for who works at none.

    Returns
    -------
    tuple
        Table ``books``, and the row of the base whose pod each person is in, -1 for none (people).
    """
    potential = customers["potential"].to_numpy(dtype=float)
    order = np.argsort(random.normal(0.0, TASTE, len(potential)) - np.log(potential), kind="stable")
    wanted = customers.iloc[order]
    teams = [_team(staff, function, pods, home, random) for function in FUNCTIONS]
    sellers = teams[SALES]
    seats, hours = _in_reach(wanted, sellers)
    sold_at, taken = _seated(seats, hours, sellers)
    owner, far = _dealt(wanted, sold_at, taken, sellers)
    afar = _from_afar(wanted, staff, owner < 0, FUNCTIONS[SALES], far)
    owner = np.where(owner < 0, afar, owner)
    parts = [_rows(FUNCTIONS[SALES], wanted, staff, owner, random)]
    base = home.copy()
    base[far.person] = -1
    at_base = (sold_at >= 0) & (sold_at < len(pods))
    for function, drawn in zip(FUNCTIONS[SALES + 1 :], teams[SALES + 1 :], strict=True):
        once = _service_hours(wanted, function, LOCAL)
        team = _lent(drawn, np.bincount(sold_at[at_base], weights=once[at_base], minlength=len(pods)))
        seats = np.where(at_base[:, None], _next_to(sellers, team, len(pods))[sold_at], -1)
        hours = np.repeat(once[:, None], seats.shape[1], axis=1)
        keeper, far = _dealt(wanted, *_seated(seats, hours, team), team)
        afar = _from_afar(wanted, staff, (owner >= 0) & ~at_base, function, far)
        parts.append(_rows(function, wanted, staff, np.where(keeper < 0, afar, keeper), random))
        base[team.person] = np.where(team.seat < len(pods), team.seat, -1)
        base[far.person] = -1
    return pd.concat(parts, ignore_index=True), base


def _team(staff: pd.DataFrame, function: str, pods: pd.DataFrame, home: Ints, random: np.random.Generator) -> _Team:
    members = np.flatnonzero(staff["role"] == function)
    seat = home[members].copy()
    away = seat < 0
    seat[away] = len(pods) + np.arange(away.sum())
    homes = staff.iloc[members[away]]
    order = np.argsort(seat, kind="stable")
    return _Team(
        person=members[order],
        seat=seat[order],
        room=_plannable_hours() * random.uniform(*FILLED, len(members)),
        latitude=np.concatenate([pods["latitude"], homes["latitude"]]),
        longitude=np.concatenate([pods["longitude"], homes["longitude"]]),
    )


def _in_reach(wanted: pd.DataFrame, team: _Team) -> tuple[Ints, Floats]:
    """Seats of the team nearest to each account, -1 beyond reach, and hours of service and travel from each."""
    staffed = np.unique(team.seat)
    at = (team.latitude[staffed], team.longitude[staffed])
    row, km = nearest_places(wanted["latitude"].to_numpy(), wanted["longitude"].to_numpy(), at, SEATS_TRIED)
    road_km = km * _policy("road_factor")
    trips = _declared(TABLES["service"]["visits"], FUNCTIONS[SALES], LOCAL)
    travel = trips * 2 * road_km / _policy("travel_speed_kmh")
    seats = np.where(road_km <= _policy("max_local_km"), staffed[row], -1)
    return seats, _service_hours(wanted, FUNCTIONS[SALES], LOCAL)[:, None] + travel


def _lent(team: _Team, need: NDArray[Any]) -> _Team:
    """Give each base with enough accounts and nobody the nearest person whose own base has others, or no accounts.

    Parameters
    ----------
    need
        Hours of the accounts of each base (bases).
    """
    seat, bases, least = team.seat.copy(), len(need), LEAST_LENT * _plannable_hours()
    for base in np.argsort(-need, kind="stable"):
        heads = np.bincount(seat, minlength=len(team.latitude))
        if need[base] < least or heads[base]:
            continue
        at_base = np.flatnonzero(seat < bases)
        spare = at_base[(heads[seat[at_base]] > 1) | (need[seat[at_base]] <= 0)]
        if not len(spare):
            break
        lender = seat[spare]
        km = great_circle_km(team.latitude[base], team.longitude[base], team.latitude[lender], team.longitude[lender])
        seat[spare[km.argmin()]] = base
    order = np.argsort(seat, kind="stable")
    return replace(team, person=team.person[order], seat=seat[order], room=team.room[order])


def _next_to(sellers: _Team, team: _Team, bases: int) -> Ints:
    """Seats of the team nearest to each seat of the sellers: bases for bases, homes for homes, -1 for none."""
    staffed = np.unique(team.seat)
    km = great_circle_km(
        sellers.latitude[:, None],
        sellers.longitude[:, None],
        team.latitude[staffed][None, :],
        team.longitude[staffed][None, :],
    )
    km[(np.arange(len(km)) < bases)[:, None] != (staffed < bases)[None, :]] = np.inf
    order = np.argsort(km, axis=1, kind="stable")[:, :SEATS_TRIED]
    return np.where(np.isinf(np.take_along_axis(km, order, axis=1)), -1, staffed[order])


def _seated(seats: Ints, hours: Floats, team: _Team) -> tuple[Ints, Floats]:
    """Give each account, in order, the first of its seats that has room: the seat, -1 for none, and its hours.

    Parameters
    ----------
    seats, hours
        Seats that an account may be at, -1 for none, and what it takes there (accounts x seats).
    """
    room = np.bincount(team.seat, weights=team.room, minlength=len(team.latitude))
    result, taken = np.full(len(seats), -1), np.zeros(len(seats))
    for choice in range(seats.shape[1]):
        left = np.flatnonzero((result < 0) & (seats[:, choice] >= 0))
        left = left[np.argsort(seats[left, choice], kind="stable")]
        at, need = seats[left, choice], hours[left, choice]
        fits = _running(at, need) <= room[at]
        result[left[fits]], taken[left[fits]] = at[fits], need[fits]
        room -= np.bincount(at[fits], weights=need[fits], minlength=len(room))
    return result, taken


def _dealt(wanted: pd.DataFrame, seat: Ints, hours: Floats, team: _Team) -> tuple[Ints, _Team]:
    """Row of each account's owner in the people, -1 for none: round the seat, a sector each; and whom no seat needs."""
    whole = np.bincount(seat[seat >= 0], weights=hours[seat >= 0], minlength=len(team.latitude))
    needed = _running(team.seat, team.room) - team.room < whole[team.seat]
    keepers, spare = team.only(needed), team.only(~needed)
    rows = np.flatnonzero(seat >= 0)
    north = wanted["latitude"].to_numpy()[rows] - team.latitude[seat[rows]]
    east = wanted["longitude"].to_numpy()[rows] - team.longitude[seat[rows]]
    bearing = np.arctan2(north, east * np.cos(np.radians(team.latitude[seat[rows]])))
    rows = rows[np.lexsort((bearing, seat[rows]))]
    owner = np.full(len(seat), -1)
    owner[rows] = keepers.person[_shared(seat[rows], hours[rows], keepers)]
    return owner, spare


def _from_afar(wanted: pd.DataFrame, staff: pd.DataFrame, free: Bools, function: str, team: _Team) -> Ints:
    """Row of each free account's owner in the people, -1 for none: west to east, by the hours the team has."""
    hours = _service_hours(wanted, function, VIRTUAL)
    rows = np.flatnonzero(free)
    rows = rows[np.cumsum(hours[rows]) <= team.room.sum()]
    rows = rows[np.argsort(wanted["longitude"].to_numpy()[rows], kind="stable")]
    west = team.only(np.argsort(staff["longitude"].to_numpy()[team.person], kind="stable"))
    owner = np.full(len(free), -1)
    at_one = replace(west, seat=np.zeros(len(west.person), np.int64))
    owner[rows] = west.person[_shared(np.zeros(len(rows), np.int64), hours[rows], at_one)]
    return owner


def _shared(group: Ints, hours: Floats, team: _Team) -> Ints:
    """Rows of the team: accounts, in order of groups, go to the people of that seat in turn, by their room."""
    seats = max(group.max(initial=0), team.seat.max(initial=0)) + 1
    whole = np.bincount(group, weights=hours, minlength=seats)
    room = np.bincount(team.seat, weights=team.room, minlength=seats)
    # The middle of an account decides, so that no rounding moves the last one to the next seat.
    passed = (_running(group, hours) - hours / 2) / whole[group] * room[group]
    return np.searchsorted(np.cumsum(team.room), (np.cumsum(room) - room)[group] + passed)


def _running(group: Ints, hours: Floats) -> Floats:
    """Running sum within each group; groups stand together, in rising order."""
    total = np.cumsum(hours)
    before = np.concatenate([[0.0], total])[np.searchsorted(group, group)]
    return np.asarray(total - before)


def _rows(
    function: str, wanted: pd.DataFrame, staff: pd.DataFrame, owner: Ints, random: np.random.Generator
) -> pd.DataFrame:
    """Rows of ``books`` in order of the accounts; some owners are gone."""
    owned = np.flatnonzero(owner >= 0)
    owned = owned[np.argsort(wanted.index.to_numpy()[owned])]
    person = staff["person_id"].to_numpy(dtype=object)[owner[owned]]
    gone = random.random(len(owned)) < VACANT_SHARE
    person[gone] = "left-" + person[gone]
    return pd.DataFrame(
        {
            "account_id": wanted["account_id"].to_numpy()[owned],
            "role": function,
            "person_id": person,
            "since": FIRST_DAY + random.integers(DAYS, size=len(owned)),
        }
    )


def _service_hours(wanted: pd.DataFrame, function: str, coverage: int) -> Floats:
    """Hours a year of each account at the default service of a coverage."""
    service = TABLES["service"]
    once, per_million = (
        _declared(service[name], function, coverage) for name in ("hours_per_account", "hours_per_million")
    )
    hours = once + per_million * wanted["potential"].to_numpy(dtype=float) / 1e6
    return np.minimum(hours, _plannable_hours() / 2)


def _plannable_hours() -> float:
    """Plannable hours a year of a person, by default."""
    roles = TABLES["roles"]
    return _number(roles["annual_hours"].default) * _number(roles["utilisation"].default)


def _declared(column: Column, function: str, coverage: int) -> float:
    """Default of a column of ``service`` for the coverage."""
    if not isinstance(column.default, Mapping):
        raise TypeError(f"{column.name} has no default for each coverage and function")
    return _number(column.default[COVERAGES[coverage], function])


def _policy(key: str) -> float:
    return _number(POLICY_KEYS[key].default)


def _number(value: object) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    return float(value)
