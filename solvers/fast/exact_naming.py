"""One pod and function named exactly: a small generalised assignment of accounts to people, with the rules of books."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY
from solvers.fast.book_rules import add_book_rules
from solvers.highs import Model, solve

if TYPE_CHECKING:
    from solvers.fast.books import Book
    from solvers.fast.naming_rules import Naming

NODES = 200
"""Branch-and-bound nodes of one naming model: repeatable, and enough for a few hundred accounts."""


def name_exactly(
    book: Book, rules: Naming, function: int, known: tuple[list[int], int], time_limit_s: float | None
) -> tuple[list[int], int]:
    """Fewest unnamed first (by hours), then the most of the handover price kept; never worse than what is known."""
    owner, coach = known
    model = Model()
    hours = np.array([item.hours for item in book.items])
    i, j = np.nonzero(book.fits)
    own = model.add_columns(len(i), cost=book.price[i, j], upper=1.0, integer=True)
    # Leaving an item unnamed must cost more than any handover it could save elsewhere.
    dear = 1.0 + book.price.max(initial=0.0) + book.price.sum() * hours / max(float(hours.sum()), 1.0)
    unnamed = model.add_columns(len(hours), cost=-dear, upper=1.0, integer=True)
    rows = model.add_rows(len(hours), lower=1.0, upper=1.0)
    model.add_entries(rows[i], own)
    model.add_entries(rows, unnamed)
    time = model.add_rows(len(book.people), upper=book.room)
    model.add_entries(time[j], own, hours[i])
    coaches = np.flatnonzero(book.can_coach) if book.coaching is not None else np.zeros(0, int)
    gives = model.add_columns(len(coaches), upper=1.0, integer=True)
    if len(coaches):
        model.add_row(gives, 1.0, lower=1.0, upper=1.0)
        model.add_entries(time[coaches], gives, book.coaching or 0.0)
    if rules.binds_books:
        add_book_rules(model, book, rules, function, (i, j, own))
    start = np.zeros(model.columns)
    start[own] = [owner[a] == b for a, b in zip(i, j, strict=True)]
    start[unnamed] = [person == NOBODY for person in owner]
    start[gives] = coaches == coach
    answer = solve(model.frozen(), nodes=NODES, time_limit_s=time_limit_s, gap=1e-3, start=start)
    if answer.values is None:
        return known
    chosen = answer.values[own] > 0.5
    result = [NOBODY] * len(hours)
    for a, b in zip(i[chosen].tolist(), j[chosen].tolist(), strict=True):
        result[a] = b
    giving = coaches[answer.values[gives] > 0.5]
    return result, int(giving[0]) if len(giving) else NOBODY
