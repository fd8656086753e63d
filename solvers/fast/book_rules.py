"""Rules that tie the books of a pod to one another: different owners, limits of a book, balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.violation import attribute
from podplanner.domain.vocabulary import NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.books import Book
    from solvers.fast.naming_rules import Naming
    from solvers.highs import Model

    Owning = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def add_book_rules(model: Model, book: Book, rules: Naming, function: int, owning: Owning) -> None:
    """Add the rows; ``owning`` is (item, person, model column) of each way to own."""
    i, j, own = owning
    for one, other in book.conflicts:
        for person in range(len(book.people)):
            model.add_row(own[np.isin(i, (one, other)) & (j == person)], 1.0, upper=1.0)
    used = model.add_columns(len(book.people), upper=1.0, integer=True)
    rows = model.add_rows(len(own), upper=0.0)
    model.add_entries(rows, own)
    model.add_entries(rows, used[j], -1.0)
    _limits(model, book, rules, function, owning, used)
    policy = rules.instance.policy
    hours = np.array([item.hours for item in book.items])
    potential = _sums(book, rules.instance.accounts.potential)
    _balance(model, book, owning, used, hours, book.full[:, 1], policy.balance_workload)
    _balance(model, book, owning, used, potential, book.full[:, 0], policy.balance_potential)


def _sums(book: Book, value: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([value[list(item.accounts)].sum() for item in book.items])


def _limits(model: Model, book: Book, rules: Naming, function: int, owning: Owning, used: NDArray[np.int64]) -> None:
    """Each limited book; of a person in several pods, each pod's part of a maximum is by the share there."""
    i, j, own = owning
    role = rules.instance.people.role
    for rule in rules.limits:
        of = rule.role if rule.role != NOBODY else int(role[rule.person])
        if of != function:
            continue
        value = _sums(book, attribute(rules.instance.accounts, rule.attribute))
        for person, s in enumerate(book.people):
            if rule.person not in (NOBODY, s):
                continue
            mine = j == person
            if np.isfinite(rule.maximum):
                model.add_row(own[mine], value[i[mine]], upper=rule.maximum * book.full[person, 0])
            if np.isfinite(rule.minimum):
                row = model.add_row(own[mine], value[i[mine]], lower=0.0)
                model.add_entries(row, used[person], -rule.minimum)


def _balance(
    model: Model,
    book: Book,
    owning: Owning,
    used: NDArray[np.int64],
    weight: NDArray[np.float64],
    full: NDArray[np.float64],
    balance: float | None,
) -> None:
    """(1 - b) x largest load <= (1 + b) x smallest load, over the books that are used."""
    if balance is None:
        return
    i, j, own = owning
    load = weight[i] / np.maximum(full[j], 1e-9)
    most = float(weight.sum() / max(float(full.min(initial=np.inf)), 1e-9))
    largest, smallest = model.add_columns(1, upper=most), model.add_columns(1, upper=most)
    for person in range(len(book.people)):
        mine = j == person
        row = model.add_row(own[mine], load[mine], upper=0.0)
        model.add_entries(row, largest, -1.0)
        row = model.add_row(own[mine], load[mine], lower=-most)
        model.add_entries(row, smallest, -1.0)
        model.add_entries(row, used[person], -most)
    row = model.add_row(largest, 1.0 - balance, upper=0.0)
    model.add_entries(row, smallest, -(1.0 + balance))
