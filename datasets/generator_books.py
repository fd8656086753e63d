"""Owners of today for a drawn company: books that a company could have, and that a plan can better.

A base is a pod today where it has a leader and people of all four functions. An account of a pod is owned by people of
that pod in every function, within their hours and its leader's week: the large accounts first, in reach of the base,
each owner in one direction. Marketing, support and operations work from where they are, so bases get the nearest of
them, as many as their accounts need. Sales people without a base sell around their home; whom no base has work for
sells from afar, in one range of longitudes. They, and those who look after the accounts sold so, are in no pod.
Accounts beyond all their hours are nobody's. Most people's books leave hours free, some are a little over. All shares
are assumed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from datasets.geo.nearest import nearest_places
from datasets.schema import POLICY_KEYS, TABLES, Column
from podplanner.domain.geography import great_circle_km
from podplanner.domain.vocabulary import COVERAGES, FUNCTIONS, LEADER, LOCAL, ROLES, SALES, VIRTUAL

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FILLED = (0.6, 1.0)
"""Least and largest share of the plannable hours that a book is meant to take."""
TASTE = 1.0
"""Standard deviation, in logarithms of potential, of the order in which accounts found an owner."""
SEATS_TRIED = 6
"""An account finds an owner at one of so many nearest bases, or none."""
LED = 0.85
"""Share of a leader's week, less the base hours, that accounts and people are meant to take."""
VACANT_SHARE = 0.01
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

    def rooms(self) -> Floats:
        """Room of each seat (seats)."""
        return _sums(self.seat, self.room, len(self.latitude))

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
    wanted, bases = customers.iloc[order], len(pods)
    sellers, *others = (_team(staff, function, pods, home, random) for function in FUNCTIONS)
    seats, hours = _in_reach(wanted, sellers)
    once = np.stack([_service_hours(wanted, function, LOCAL) for function in FUNCTIONS], axis=1)
    leads = np.flatnonzero(staff["role"] == ROLES[LEADER])
    week, led = _leaders_weeks(home[leads], len(sellers.latitude), bases), _led_hours(once)
    first = _seated(seats, [hours, led], [sellers.rooms(), week])
    teams = [_sent(team, staff, pods, _sums(first, once[:, r], bases)) for r, team in enumerate(others, start=1)]
    rooms = [np.append(team.rooms(), np.full(len(week) - bases, np.inf)) for team in teams]
    sold_at = _seated(seats, [hours, led, *once.T[1:]], [sellers.rooms(), week, *rooms])
    taken = _at(sold_at, seats, hours)
    owner, far = _dealt(wanted, sold_at, taken, sellers)
    at_base = (sold_at >= 0) & (sold_at < bases)
    base = np.full(len(staff), -1)
    base[sellers.person] = np.where(sellers.seat < bases, sellers.seat, -1)
    base[far.person] = -1
    base[leads] = _first_of_each(home[leads], np.bincount(sold_at[at_base], minlength=bases) > 0)
    afar = _from_afar(wanted, staff, owner < 0, _service_hours(wanted, FUNCTIONS[SALES], VIRTUAL), far)
    near = (sold_at >= bases) | _near_home(wanted, staff, afar)
    afar = _within_room(afar, np.where(near, once[:, SALES], _service_hours(wanted, FUNCTIONS[SALES], VIRTUAL)), far)
    owner = np.where(owner < 0, afar, owner)
    parts = [_rows(FUNCTIONS[SALES], wanted, staff, owner, random)]
    for r, team in enumerate(teams, start=1):
        keeper, far = _dealt(wanted, np.where(at_base, sold_at, -1), once[:, r], team)
        hours = np.where(near, once[:, r], _service_hours(wanted, FUNCTIONS[r], VIRTUAL))
        afar = _from_afar(wanted, staff, (owner >= 0) & ~at_base, hours, far)
        parts.append(_rows(FUNCTIONS[r], wanted, staff, np.where(keeper < 0, afar, keeper), random))
        base[team.person] = team.seat
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


def _leaders_weeks(home: Ints, seats: int, bases: int) -> Floats:
    """Hours that each seat's leader has for accounts and people: none without one, any at a seat that needs none."""
    week = LED * (_plannable_hours() - _policy("leader_hours_base"))
    has = np.bincount(home[home >= 0], minlength=seats) > 0
    return np.where(np.arange(seats) < bases, np.where(has, week, 0.0), np.inf)


def _led_hours(once: Floats) -> Floats:
    """Hours of a leader that each account takes, its part of the pod's people included; hours by function given."""
    heads = once.sum(axis=1) / (_plannable_hours() * np.mean(FILLED))
    return np.asarray(_policy("leader_hours_per_account") + _policy("leader_hours_per_member") * heads)


def _sent(team: _Team, staff: pd.DataFrame, pods: pd.DataFrame, need: Floats) -> _Team:
    """The team with the nearest people sent to the bases, from the largest need on; seat -1 for who is sent nowhere.

    Parameters
    ----------
    need
        Hours of each base (bases).
    """
    heads = _heads(need, len(team.person), float(team.room.mean()))
    latitude, longitude = (staff[name].to_numpy()[team.person] for name in ("latitude", "longitude"))
    seat, free = np.full(len(team.person), -1), np.arange(len(team.person))
    for base in np.argsort(-need, kind="stable"):
        km = great_circle_km(pods["latitude"][base], pods["longitude"][base], latitude[free], longitude[free])
        sent = np.argsort(km, kind="stable")[: heads[base]]
        seat[free[sent]] = base
        free = np.delete(free, sent)
    order = np.argsort(seat, kind="stable")
    return _Team(
        person=team.person[order],
        seat=seat[order],
        room=team.room[order],
        latitude=pods["latitude"].to_numpy(),
        longitude=pods["longitude"].to_numpy(),
    )


def _heads(need: Floats, size: int, room: float) -> Ints:
    """People for each base: what it needs, or its part of so many; one at least, while there is one (bases)."""
    quota = need / max(room, need.sum() / size)
    largest_first = np.argsort(-need, kind="stable")
    whole = np.where(need > 0, np.maximum(1, np.floor(quota)), 0)[largest_first]
    heads = np.zeros(len(need), np.int64)
    heads[largest_first] = np.diff(np.minimum(np.cumsum(whole), size), prepend=0)
    rest = quota - heads
    heads[np.argsort(-rest, kind="stable")[: min(size - heads.sum(), np.count_nonzero(rest > 0))]] += 1
    return heads


def _sums(group: Ints, amount: Floats, groups: int) -> Floats:
    """Sum of the amount over each group; -1 and what is beyond the groups belongs to none."""
    inside = (group >= 0) & (group < groups)
    return np.bincount(group[inside], weights=amount[inside], minlength=groups).astype(np.float64)


def _first_of_each(home: Ints, open_bases: Bools) -> Ints:
    """The base of the first leader of each open base, -1 for all others."""
    base, first = np.unique(home, return_index=True)
    led = (base >= 0) & open_bases[base]
    result = np.full(len(home), -1)
    result[first[led]] = base[led]
    return result


def _seated(seats: Ints, needs: Sequence[Floats], rooms: Sequence[Floats]) -> Ints:
    """Give each account, in order, the first of its seats that has room of every kind: the seat, -1 for none.

    Parameters
    ----------
    seats
        Seats that an account may be at, -1 for none (accounts x seats tried).
    needs
        What it takes of each kind, anywhere (accounts) or at each of these seats (accounts x seats tried).
    rooms
        What each seat has of each kind (seats).
    """
    left_over = [room.copy() for room in rooms]
    result = np.full(len(seats), -1)
    for choice in range(seats.shape[1]):
        left = np.flatnonzero((result < 0) & (seats[:, choice] >= 0))
        left = left[np.argsort(seats[left, choice], kind="stable")]
        at, fits = seats[left, choice], np.ones(len(left), bool)
        here = [need[left] if need.ndim == 1 else need[left, choice] for need in needs]
        for need, room in zip(here, left_over, strict=True):
            fits &= _running(at, need) <= room[at]
        result[left[fits]] = at[fits]
        for need, room in zip(here, left_over, strict=True):
            room -= _sums(at[fits], need[fits], len(room))
    return result


def _at(seat: Ints, seats: Ints, hours: Floats) -> Floats:
    """Hours of each account at its seat, 0 without one."""
    tried = (seats == seat[:, None]) & (seat >= 0)[:, None]
    return np.asarray(np.where(tried, hours, 0.0).max(axis=1))


def _dealt(wanted: pd.DataFrame, seat: Ints, hours: Floats, team: _Team) -> tuple[Ints, _Team]:
    """Row of each account's owner in the people, -1 for none: round the seat, a sector each; and whom no seat needs."""
    whole = _sums(seat, hours, len(team.latitude))
    needed = (team.seat >= 0) & (whole[team.seat] > 0)
    needed &= _running(team.seat, team.room) - team.room < whole[team.seat]
    keepers, spare = team.only(needed), team.only(~needed)
    rows = np.flatnonzero(seat >= 0)
    north = wanted["latitude"].to_numpy()[rows] - team.latitude[seat[rows]]
    east = wanted["longitude"].to_numpy()[rows] - team.longitude[seat[rows]]
    bearing = np.arctan2(north, east * np.cos(np.radians(team.latitude[seat[rows]])))
    rows = rows[np.lexsort((bearing, seat[rows]))]
    owner = np.full(len(seat), -1)
    owner[rows] = keepers.person[_shared(seat[rows], hours[rows], keepers)]
    return owner, spare


def _near_home(wanted: pd.DataFrame, staff: pd.DataFrame, owner: Ints) -> Bools:
    """Whether an account's owner lives so near that today's service is a local one."""
    latitude, longitude = (staff[name].to_numpy()[owner] for name in ("latitude", "longitude"))
    km = great_circle_km(wanted["latitude"].to_numpy(), wanted["longitude"].to_numpy(), latitude, longitude)
    return np.asarray((owner >= 0) & (_policy("road_factor") * km <= _policy("max_local_km")))


def _within_room(owner: Ints, hours: Floats, team: _Team) -> Ints:
    """The owners, less of the accounts for which they have no hours left; large accounts come first."""
    room = np.zeros(owner.max(initial=0) + 1)
    known = team.person < len(room)
    room[team.person[known]] = team.room[known]
    rows = np.flatnonzero(owner >= 0)
    rows = rows[np.argsort(owner[rows], kind="stable")]
    result = owner.copy()
    result[rows[_running(owner[rows], hours[rows]) > room[owner[rows]]]] = -1
    return result


def _from_afar(wanted: pd.DataFrame, staff: pd.DataFrame, free: Bools, hours: Floats, team: _Team) -> Ints:
    """Row of each free account's owner in the people, -1 for none: west to east, by the hours the team has."""
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
