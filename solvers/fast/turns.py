"""People and accounts of a part, in turns: where owners count, both at once take long and end far from the best.

With fractions of people the accounts of each follow in fractions, and hundreds are in two places. So people are made
whole with every account held that the fractions leave in no doubt, accounts follow these people, and again: from then
on few are in doubt, and each turn takes a tenth of the time of the whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import NOBODY
from solvers.fast.neighbourhoods import WHOLE
from solvers.highs import Answer, Arrays, solve
from solvers.sparse import distinct

if TYPE_CHECKING:
    from collections.abc import Callable

Ints = NDArray[np.int64]

TURNS = ((1e-2, 50), (1e-3, 50), (1e-3, 100))
"""Of each turn: gap of its people, relative to what the model is worth (the first need only be good enough to begin
with), and the units that are free beside those in several places, of a site of typical size."""

LOOSE = 5e-3
"""Gap from which a search around the relaxation (RENS) is not worth its time."""

SPLIT = 30
"""Units that fractions put in several places, of a site of typical size, up to which both at once are quicker."""

MANY = 150_000
"""Columns from which fractions alone take longer than both at once, which presolve makes small."""


def in_turns(model: Arrays, unit: Ints, *, size: float, left: Callable[[], float | None], nodes: int) -> Answer | None:
    """The best answer of some turns; None where there is none, or both at once are better.

    Parameters
    ----------
    unit
        Of each column that places one, else `NOBODY` (N).
    size
        In sites of typical size.
    left
        Seconds left, None without limit.
    nodes
        Branch-and-bound nodes of people in each turn.
    """
    if len(model.cost) >= MANY:
        return None
    fractions, whole = replace(model, integer=np.zeros(len(model.cost), bool)), np.flatnonzero(model.integer)
    best, answer = None, solve(fractions, time_limit_s=left())
    if answer.duals is None or len(_split(model, unit, answer)) <= SPLIT * size:
        return None
    for gap, doubtful in TURNS:
        held = _held(model, unit, answer, round(doubtful * size))
        people = solve(held, time_limit_s=left(), nodes=nodes, gap=gap, rens=gap < LOOSE, restarts=False)
        if people.values is None:
            break
        answer = solve(_fixed(fractions, whole, np.rint(people.values[whole])), time_limit_s=left())
        if answer.duals is None:
            break
        if best is None or answer.objective > best.objective:
            best = answer
    return best


def _split(model: Arrays, unit: Ints, answer: Answer) -> Ints:
    """Units that an answer has in several places."""
    assert answer.values is not None
    place = np.flatnonzero(unit != NOBODY)
    ends = np.minimum(answer.values[place] - model.lower[place], model.upper[place] - answer.values[place])
    return distinct(unit[place[ends > WHOLE]])


def _held(model: Arrays, unit: Ints, answer: Answer, most: int) -> Arrays:
    """The model with its units where an answer has them, but for those in several places and some of the others.

    These are spread evenly. Those whose second place is worth nearly as much would have little to give, and made people
    no better in more time.
    """
    assert answer.values is not None
    place = np.flatnonzero((unit != NOBODY) & (model.lower < model.upper))
    number, of = np.unique(unit[place], return_inverse=True)
    free = np.isin(number, _split(model, unit, answer))
    others = np.flatnonzero(~free)
    free[others[:: max(1, len(others) // max(1, most))]] = True
    held = place[~free[of]]
    return _fixed(model, held, answer.values[held])


def _fixed(model: Arrays, columns: Ints, values: NDArray[np.float64]) -> Arrays:
    """The model with some columns at values."""
    lower, upper = model.lower.copy(), model.upper.copy()
    lower[columns] = upper[columns] = values
    return replace(model, lower=lower, upper=upper)
