"""One pod at a time, solved exactly with its people by name: which accounts, at which tier, owned by whom.

Everything else stands still: an account that leaves goes where it needs nobody, one that comes leaves its place. A
large neighbourhood in the sense of Shaw (1998), with the pod as the neighbourhood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.highs import Model, solve

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from solvers.fast.books import Item
    from solvers.fast.desk import Desk

NODES = 60
"""Branch-and-bound nodes of one pod: repeatable."""

GUESTS = 1.0
"""Accounts from elsewhere that may come, as a multiple of those in the pod (and at least 20)."""

LEAST_GAIN = 1.0
"""Money a year below which a new team is not worth the change."""

GAP = 2e-4


@dataclass(frozen=True)
class Entry:
    """A unit at a column of the pod: what it is worth there more than elsewhere, and what has to be named."""

    column: int
    gain: float
    items: tuple[tuple[int, Item], ...]


def polish_pod(
    desk: Desk, pod: int, allowed: NDArray[np.bool_], movable: NDArray[np.bool_], time_limit_s: float | None
) -> float:
    """Solve one pod again. Returns what was gained, 0 where nothing changed."""
    inside = np.flatnonzero(desk.draft.columns.pod[desk.place] == pod)
    away = {int(u): _without(desk, int(u), allowed) for u in inside if movable[u]}
    away = {unit: column for unit, column in away.items() if column != NOBODY}
    guests = _guests(desk, pod, allowed, movable, max(20, round(GUESTS * len(inside))))
    entries = _entries(desk, pod, allowed, away, guests)
    if not entries:
        return 0.0
    chosen = _solve(desk, pod, entries, away, time_limit_s)
    return 0.0 if chosen is None else _carry_out(desk, away, chosen)


def _without(desk: Desk, unit: int, allowed: NDArray[np.bool_]) -> int:
    """The best column of a unit that needs nobody, `NOBODY` where there is none."""
    columns = desk.draft.columns
    mine = np.arange(*np.searchsorted(columns.unit, [unit, unit + 1]))
    idle = ~desk.draft.instance.tiers.served[columns.tier[mine]].any(axis=1)
    mine = mine[allowed[mine] & idle & ~desk.draft.serves[columns.pod[mine]]]
    return int(mine[columns.value[mine].argmax()]) if len(mine) else NOBODY


def _guests(desk: Desk, pod: int, allowed: NDArray[np.bool_], movable: NDArray[np.bool_], most: int) -> list[int]:
    """Units elsewhere that are worth more here, those that gain most an hour first."""
    columns = desk.draft.columns
    there = np.flatnonzero((columns.pod == pod) & allowed & movable[columns.unit])
    there = there[columns.pod[desk.place[columns.unit[there]]] != pod]
    there = there[[desk.may_leave(int(u)) for u in columns.unit[there]]] if len(there) else there
    gain = columns.value[there] - np.array([desk.worth_now(int(u)) for u in columns.unit[there]], dtype=float)
    rate = gain / np.maximum(columns.hours[there].sum(axis=1), 1.0)
    order = np.lexsort((there, -rate))
    return list(dict.fromkeys(int(columns.unit[there[k]]) for k in order if gain[k] > 0))[:most]


def _entries(desk: Desk, pod: int, allowed: NDArray[np.bool_], away: dict[int, int], guests: list[int]) -> list[Entry]:
    columns = desk.draft.columns
    entries = []
    for unit in sorted([*away, *guests]):
        elsewhere = desk.worth(away[unit], {}) if unit in away else desk.worth_now(unit)
        mine = np.arange(*np.searchsorted(columns.unit, [unit, unit + 1]))
        for column in mine[(columns.pod[mine] == pod) & allowed[mine]].tolist():
            items = tuple((f, item) for f in range(LEADER) for item in desk.items(column, f))
            gain = desk.worth(column, {}) - elsewhere
            entries.append(Entry(column, gain, items))
    return entries


def _solve(
    desk: Desk, pod: int, entries: list[Entry], away: dict[int, int], time_limit_s: float | None
) -> list[tuple[int, dict[tuple[int, int], int]]] | None:
    """Columns with their teams, None where the current ones are best."""
    instance, columns = desk.draft.instance, desk.draft.columns
    model = Model()
    x = model.add_columns(len(entries), cost=[entry.gain for entry in entries], upper=1.0, integer=True)
    unit = np.array([columns.unit[entry.column] for entry in entries])
    once = model.add_rows(len(entries), upper=1.0)
    model.add_entries(once[np.unique(unit, return_inverse=True)[1]], x)
    size = columns.size[unit].astype(float)
    stay = desk.count[pod] - sum(int(columns.size[u]) for u in away)
    maximum, minimum = instance.pods.max_accounts[pod], desk.least_accounts(pod)
    model.add_row(x, size, lower=minimum - stay, upper=maximum - stay)
    each = instance.policy.leader_hours_per_account
    back = sum(int(columns.size[u]) for u in away) * each
    model.add_row(x, size * each, upper=desk.week[pod] + back)
    rooms = _rooms(desk, pod, away)
    time = {
        person: int(row)
        for person, row in zip(rooms, model.add_rows(len(rooms), upper=list(rooms.values())), strict=True)
    }
    owns: list[tuple[int, int, int, Item, int]] = []
    for k, entry in enumerate(entries):
        for function, item in entry.items:
            able = [s for s in desk.people(pod, function) if all(desk.may_own(a, s, function) for a in item.accounts)]
            kept = [sum(desk.kept(a, function, s) for a in item.accounts) for s in able]
            own = model.add_columns(len(able), cost=kept, upper=1.0, integer=True)
            row = model.add_row(own, 1.0, lower=0.0, upper=0.0)
            model.add_entries(row, x[k], -1.0)
            for column, person in zip(own.tolist(), able, strict=True):
                model.add_entries(time[person], column, item.hours)
                owns.append((k, function, person, item, column))
    start = np.zeros(model.columns)
    for k, entry in enumerate(entries):
        if desk.place[unit[k]] == entry.column:
            start[x[k]] = 1.0
    for k, function, person, item, column in owns:
        if start[x[k]] and desk.owner[item.accounts[0], function] == person:
            start[column] = 1.0
    arrays = model.frozen()
    answer = solve(arrays, nodes=NODES, time_limit_s=time_limit_s, gap=GAP, start=start)
    now = float(arrays.cost @ start)
    if answer.values is None or answer.objective <= now + LEAST_GAIN:
        return None
    teams: dict[int, dict[tuple[int, int], int]] = {k: {} for k in np.flatnonzero(answer.values[x] > 0.5).tolist()}
    for k, function, person, item, column in owns:
        if answer.values[column] > 0.5:
            teams[k].update({(account, function): person for account in item.accounts})
    return [(entries[k].column, team) for k, team in teams.items()]


def _rooms(desk: Desk, pod: int, away: dict[int, int]) -> dict[int, float]:
    """Hours of each person in the pod when the units that may leave have left."""
    rooms = {s: desk.room[s, pod] for f in range(LEADER) for s in desk.people(pod, f)}
    for unit in away:
        for function in range(LEADER):
            for item in desk.items(int(desk.place[unit]), function):
                rooms[int(desk.owner[item.accounts[0], function])] += item.hours
    return rooms


def _carry_out(desk: Desk, away: dict[int, int], chosen: list[tuple[int, dict[tuple[int, int], int]]]) -> float:
    columns = desk.draft.columns
    coming = [int(columns.unit[column]) for column, _ in chosen]
    touched = sorted({*away, *coming})
    before = sum(desk.worth_now(unit) for unit in touched)
    for unit in touched:
        desk.take(unit)
    for column, team in chosen:
        desk.put(column, team)
    for unit, column in away.items():
        if desk.place[unit] == NOBODY:
            desk.put(column, {})
    return sum(desk.worth_now(unit) for unit in touched) - before


def polish(
    desk: Desk, allowed: NDArray[np.bool_], movable: NDArray[np.bool_], left: Callable[[], float | None], rounds: int
) -> float:
    """Go round the staffed pods while a round gains. Returns what was gained in all."""
    total = 0.0
    pods = [int(p) for p in np.flatnonzero(desk.roster.leader != NOBODY)]
    for _ in range(rounds):
        gained = 0.0
        for pod in pods:
            rest = left()
            if rest is not None and rest <= 0:
                return total + gained
            gained += polish_pod(desk, pod, allowed, movable, rest)
        total += gained
        if gained < LEAST_GAIN:
            break
    return total
