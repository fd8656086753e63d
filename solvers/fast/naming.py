"""Naming owners: in each pod and function a small generalised assignment of accounts to people.

A plain greedy comes first (today's owners by price an hour, then the largest items to who has the most room). Where it
leaves somebody unnamed or gives up a handover price, the exact model improves it; unnamed accounts go to repair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY, SALES
from solvers.fast.books import Book, Item
from solvers.fast.desk import SLACK, coaching_hours
from solvers.fast.exact_naming import name_exactly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solvers.fast.desk import Desk
    from solvers.fast.naming_rules import Naming


def name_owners(desk: Desk, placed: Sequence[int], rules: Naming, *, time_limit_s: float | None) -> list[int]:
    """Name owners for account columns, pod by pod and function by function. Returns the units that found no team."""
    columns = desk.draft.columns
    pods = sorted({int(columns.pod[column]) for column in placed})
    each_s = None if time_limit_s is None else time_limit_s / max(1, len(pods))
    unnamed: set[int] = set()
    named: dict[int, dict[tuple[int, int], int]] = {int(column): {} for column in placed}
    column_of = {account: int(c) for c in placed for account in desk.members(int(columns.unit[c]))}
    for pod in pods:
        inside = [int(column) for column in placed if columns.pod[column] == pod]
        for function in range(desk.owner.shape[1]):
            entries = _entries(desk, rules, [column for column in inside if column not in unnamed], function)
            book = _book(desk, rules, pod, function, [item for _, item in entries])
            owner, coach = _name(book, rules, function, each_s)
            if function == SALES and coach != NOBODY:
                desk.coach[pod] = book.people[coach]
                desk.room[book.people[coach], pod] -= book.coaching or 0.0
            for (columns_of_item, item), person in zip(entries, owner, strict=True):
                if person == NOBODY:
                    unnamed.update(columns_of_item)
                else:
                    for account in item.accounts:
                        named[column_of[account]][account, function] = book.people[person]
    for column, team in named.items():
        if column not in unnamed:
            desk.put(column, team)
    return sorted(int(columns.unit[column]) for column in unnamed)


def _entries(desk: Desk, rules: Naming, columns: list[int], function: int) -> list[tuple[list[int], Item]]:
    """Items of these columns; accounts that need the same owner are one item."""
    entries = [([column], item) for column in columns for item in desk.items(column, function)]
    for one, other, role in rules.same:
        both = [entry for entry in entries if role == function and {one, other} & set(entry[1].accounts)]
        if len(both) == 2:
            (first, item), (second, more) = both
            entries = [entry for entry in entries if entry not in both]
            entries.append((first + second, Item(item.accounts + more.accounts, item.hours + more.hours)))
    return entries


def _book(desk: Desk, rules: Naming, pod: int, function: int, items: list[Item]) -> Book:
    instance = desk.draft.instance
    people = tuple(desk.people(pod, function))
    shape = (len(items), len(people))
    fits = [[all(desk.may_own(a, s, function) for a in item.accounts) for s in people] for item in items]
    worth = [[sum(desk.kept(a, function, s) for a in item.accounts) for s in people] for item in items]
    where = {account: i for i, item in enumerate(items) for account in item.accounts}
    share = np.array([desk.share(s, pod) for s in people], dtype=float)
    return Book(
        items=tuple(items),
        people=people,
        room=np.array([desk.room[s, pod] for s in people], dtype=float),
        fits=np.array(fits, bool).reshape(shape),
        price=np.array(worth, dtype=float).reshape(shape),
        full=np.stack([share, share * instance.derived.plannable[list(people)]], axis=1),
        conflicts=tuple(
            (where[a], where[b]) for a, b, role in rules.different if role == function and a in where and b in where
        ),
        coaching=coaching_hours(desk, pod) if function == SALES else None,
        can_coach=np.array([instance.people.can_coach[s] and instance.derived.has_duties[s] for s in people], bool),
    )


def _name(book: Book, rules: Naming, function: int, time_limit_s: float | None) -> tuple[list[int], int]:
    """Person (position in ``book.people``) of each item, and the coach; `NOBODY` where there is none."""
    owner, coach = _greedy(book)
    best = float(book.price.max(axis=1, initial=0.0).sum())
    done = NOBODY not in owner and _kept(book, owner) >= best - 1e-6 and not rules.binds_books
    if done or not book.people or not book.items:
        return owner, coach
    return name_exactly(book, rules, function, (owner, coach), time_limit_s)


def _kept(book: Book, owner: Sequence[int]) -> float:
    return float(sum(book.price[i, j] for i, j in enumerate(owner) if j != NOBODY))


def _greedy(book: Book) -> tuple[list[int], int]:
    room = book.room.copy()
    hours = np.array([item.hours for item in book.items])
    coach = NOBODY
    if book.coaching is not None and book.can_coach.any():
        # Who keeps the least of today's book gives up the least by coaching.
        regret = np.where(book.can_coach, book.price.sum(axis=0) / np.maximum(room, 1.0), np.inf)
        coach = int(np.argmin(regret))
        room[coach] -= book.coaching
    owner = [NOBODY] * len(book.items)
    best = book.price.argmax(axis=1) if len(book.people) and len(book.items) else np.zeros(0, int)
    keep = book.price.max(axis=1, initial=0.0)
    for i in np.lexsort((np.arange(len(hours)), -keep / np.maximum(hours, SLACK))).tolist():
        j = int(best[i]) if len(best) else NOBODY
        if j != NOBODY and keep[i] > 0 and book.fits[i, j] and room[j] + SLACK >= hours[i]:
            owner[i] = j
            room[j] -= hours[i]
    for i in np.lexsort((np.arange(len(hours)), -hours)).tolist():
        able = np.flatnonzero(book.fits[i] & (room + SLACK >= hours[i])) if owner[i] == NOBODY else np.zeros(0, int)
        if len(able):
            owner[i] = int(able[np.argmax(room[able])])
            room[owner[i]] -= hours[i]
    return owner, coach
