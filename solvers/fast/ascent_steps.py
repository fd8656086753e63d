"""Typical prices of a staffing model's rows and units: how far the first steps of an ascent go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY
from solvers.kernel import kernel

if TYPE_CHECKING:
    from solvers.fast.draft import Draft
    from solvers.highs import Arrays
    from solvers.sparse import Floats, Ints, Places


def _worths(draft: Draft, arrays: Arrays) -> Floats:
    """What a unit of each column is about worth in money, 0 where nothing tells."""
    crews, people = draft.crews, draft.instance.people
    worth = np.abs(arrays.cost)
    pay = np.maximum(people.annual_cost[crews.person], 1.0)
    worth[draft.used] = pay
    worth[draft.heads] = pay[crews.seat_crew]
    shared = draft.steps != NOBODY
    worth[draft.steps[shared]] = (pay * crews.step)[crews.seat_crew[shared]]
    worth[draft.place] = 0.0
    return worth


def row_steps(draft: Draft, arrays: Arrays) -> Floats:
    """Typical price of each row: the mean (of logarithms) of what its columns are worth for what they take of it.

    Where owners are in the row they say it; places do only where nobody else does.
    """
    worth, place_worth = _worths(draft, arrays), _place_worths(draft, arrays)
    result = np.ones(len(arrays.row_lower))
    owners = np.append(draft.own.column, draft.kept_books.column)
    for names, money in ((draft.place, place_worth), (None, worth), (owners, worth)):
        if names is not None:
            money, every = np.zeros(len(worth)), money
            money[names] = every[names]
        told = _mean_prices(*arrays.matrix, money)
        result = np.where(np.isnan(told), result, told)
    return result


@kernel
def _mean_prices(start: Ints, index: Places, value: Floats, money: Floats) -> Floats:
    """Mean (of logarithms) of what columns worth money are worth for what they take of each row; nan without any."""
    mean = np.full(len(start) - 1, np.nan)
    for row in range(len(mean)):
        total, count = 0.0, 0
        for entry in range(start[row], start[row + 1]):
            if money[index[entry]] > 0.0:
                total += np.log(money[index[entry]] / abs(value[entry]))
                count += 1
        if count > 0:
            mean[row] = np.exp(total / count)
    return mean


def _place_worths(draft: Draft, arrays: Arrays) -> Floats:
    """What each place earns more than the least of its unit."""
    columns = draft.columns
    cost = arrays.cost[draft.place]
    least = np.minimum.reduceat(cost, columns.start[:-1]) if len(cost) else cost
    worth = np.zeros(len(arrays.cost))
    worth[draft.place] = cost - least[columns.unit]
    return worth


def unit_steps(draft: Draft, arrays: Arrays) -> Floats:
    """A tenth of what a unit's best gated place earns more than its least."""
    columns = draft.columns
    gain = _place_worths(draft, arrays)[draft.place]
    most = np.maximum.reduceat(gain, columns.start[:-1]) if len(gain) else gain
    return np.maximum(0.1 * most, 1e-3 * max(float(most.mean()), 1.0)) if len(most) else most
