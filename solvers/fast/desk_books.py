"""Exact naming where rules tie the books of a pod to one another: balance, limits of books, owners together or apart.

The pods that such a rule touches are named function by function by the model of `naming`; then they stand still. Who
finds no owner there goes where nobody is needed, or where no such rule reaches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import LEADER, NOBODY, SALES
from solvers.fast.books import Book, Item
from solvers.fast.desk_board import share_of
from solvers.fast.desk_state import LOST, account_worth, item_hours, step_of, take, write_item
from solvers.fast.desk_swaps import strike_item
from solvers.fast.exact_naming import name_exactly
from solvers.tables import tabled

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from solvers.fast.desk_board import Board
    from solvers.fast.desk_state import State
    from solvers.fast.draft import Draft
    from solvers.fast.naming_rules import Naming
    from solvers.fast.roster import Roster

ROUNDS = 3
"""Times that a pod is named again after somebody found no owner."""


def touched_pods(draft: Draft, board: Board, state: State, rules: Naming) -> NDArray[np.bool_]:
    """Pods where a rule ties books to one another (P)."""
    policy, team = draft.instance.policy, board.team
    balanced = policy.balance_workload is not None or policy.balance_potential is not None
    if balanced or any(rule.person == NOBODY for rule in rules.limits):
        return team.staffed.copy()
    touched = np.zeros(len(team.staffed), bool)
    limited = [rule.person for rule in rules.limits]
    touched[team.pod[np.isin(team.person, limited)]] = True
    tied = [account for one, other, _ in rules.same + rules.different for account in (one, other)]
    touched[state.seat[board.places.unit_of[tied]]] = True
    return touched & team.staffed


@dataclass(frozen=True)
class Entry:
    """What has to be named together.

    Parameters
    ----------
    parts
        Unit, first member and number of members of each part (one, but for accounts that a rule ties together).
    """

    item: Item
    parts: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Desktop:
    """What naming a pod looks at and writes on."""

    draft: Draft
    board: Board
    state: State
    rules: Naming
    share: NDArray[np.float64]

    def name(self, pod: int, time_limit_s: float | None) -> set[int]:
        """Name a pod. Returns the units that found no owner in some function."""
        units = np.flatnonzero(self.state.seat == pod).tolist()
        return {unit for function in range(LEADER) for unit in self._function(pod, function, units, time_limit_s)}

    def _function(self, pod: int, function: int, units: list[int], time_limit_s: float | None) -> list[int]:
        first, last = self.board.team.first[pod * LEADER + function : pod * LEADER + function + 2].tolist()
        state, coached = self.state, function == SALES and self.board.team.coaching[pod] > 0
        entries = self._entries(units, function)
        owner = [self._owner(entry, function) - first for entry in entries]
        coach = int(state.coach[pod]) - first if coached and state.coach[pod] >= 0 else NOBODY
        self._strike(entries, function)
        if coach != NOBODY:
            state.room[first + coach] += self.board.team.coaching[pod]
        book = self._book(pod, function, range(first, last), entries)
        if entries and last > first:
            owner, coach = name_exactly(book, self.rules, function, (owner, coach), time_limit_s)
        if coached:
            state.coach[pod] = first + coach if coach != NOBODY else NOBODY
            if coach != NOBODY:
                state.room[first + coach] -= self.board.team.coaching[pod]
        for entry, person in zip(entries, owner, strict=True):
            if person != NOBODY:
                for unit, j, step in entry.parts:
                    column = int(state.place[unit])
                    write_item(tabled(self.board), tabled(state), unit, column, function, first + person, j, step)
        lost = [entry for entry, person in zip(entries, owner, strict=True) if person == NOBODY]
        return [unit for entry in lost for unit, _, _ in entry.parts]

    def _entries(self, units: list[int], function: int) -> list[Entry]:
        """Items of these units; accounts that need the same owner are one item."""
        on, places = tabled(self.board), self.board.places
        entries = []
        for unit in units:
            column, first = int(self.state.place[unit]), int(places.member_first[unit])
            tier = int(places.tier[column])
            if places.served[tier, function]:
                step = int(step_of(on, unit, tier, function))
                for j in range(0, int(places.size[unit]), step):
                    accounts = tuple(places.member[first + j : first + j + step].tolist())
                    hours = float(item_hours(on, unit, column, function, j, step))
                    entries.append(Entry(Item(accounts, hours), ((unit, j, step),)))
        for one, other, role in self.rules.same:
            both = [entry for entry in entries if role == function and {one, other} & set(entry.item.accounts)]
            if len(both) == 2:
                entries = [entry for entry in entries if entry not in both]
                item = Item(both[0].item.accounts + both[1].item.accounts, both[0].item.hours + both[1].item.hours)
                entries.append(Entry(item, both[0].parts + both[1].parts))
        return entries

    def _owner(self, entry: Entry, function: int) -> int:
        """Slot of an item's owner, below all slots where its accounts have different ones."""
        slots = {int(self.state.own[account, function]) for account in entry.item.accounts}
        return slots.pop() if len(slots) == 1 else NOBODY

    def _strike(self, entries: list[Entry], function: int) -> None:
        for entry in entries:
            for unit, j, step in entry.parts:
                for k in range(j, j + step):
                    account = self.board.places.member[self.board.places.member_first[unit] + k]
                    if self.state.own[account, function] >= 0:
                        strike_item(tabled(self.board), tabled(self.state), unit, function, k, 1)

    def _book(self, pod: int, function: int, slots: range, entries: list[Entry]) -> Book:
        instance, team = self.draft.instance, self.board.team
        on = tabled(self.board)
        shape = (len(entries), len(slots))
        worth = np.zeros(shape)
        for i, entry in enumerate(entries):
            tier = int(self.board.places.tier[self.state.place[entry.parts[0][0]]])
            for account in entry.item.accounts:
                worth[i] += [account_worth(on, account, function, slot, tier) for slot in slots]
        where = {account: i for i, entry in enumerate(entries) for account in entry.item.accounts}
        people = team.person[slots.start : slots.stop]
        share = self.share[slots.start : slots.stop]
        return Book(
            items=tuple(entry.item for entry in entries),
            people=tuple(people.tolist()),
            room=self.state.room[slots.start : slots.stop].copy(),
            fits=worth > LOST / 2,
            price=np.where(worth > LOST / 2, worth, 0.0),
            full=np.stack([share, share * instance.derived.plannable[people]], axis=1),
            conflicts=tuple(
                (where[a], where[b])
                for a, b, role in self.rules.different
                if role == function and a in where and b in where
            ),
            coaching=float(team.coaching[pod]) if function == SALES and team.coaching[pod] > 0 else None,
            can_coach=team.can_coach[slots.start : slots.stop].copy(),
        )


def name_touched(
    draft: Draft,
    board: Board,
    state: State,
    rules: Naming,
    roster: Roster,
    touched: NDArray[np.bool_],
    left: Callable[[], float | None],
) -> None:
    """Name the touched pods exactly; units that find no owner lose their place."""
    desktop = Desktop(draft, board, state, rules, share_of(draft, roster, board.team))
    for pod in np.flatnonzero(touched).tolist():
        for _ in range(ROUNDS):
            unnamed = desktop.name(pod, left())
            for unit in sorted(unnamed):
                take(tabled(board), tabled(state), unit)
            if not unnamed:
                break
