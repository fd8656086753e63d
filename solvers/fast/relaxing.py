"""The first bound, and where to look: the staffing model with fractions of people and openings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY
from solvers.fast.ascent import ascend
from solvers.fast.desk_wanted import columns_of_plan
from solvers.fast.duals import duals_of, row_prices
from solvers.fast.pricing import Sites, worth_pricing
from solvers.fast.proof import worth_proving
from solvers.fast.rosters import roster_of
from solvers.fast.search import NEAR
from solvers.fast.sift import Held, Sifted, sifted, unsifted
from solvers.highs import Status, solve
from solvers.memory import give_back
from solvers.sparse import paid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.plan import Plan
    from podplanner.domain.result import Duals
    from solvers.fast.ascent import Ascent
    from solvers.fast.budget import Budget
    from solvers.fast.master import Master


MOST_COLUMNS = 12_000
"""Columns up to which the simplex method is quicker than prices that rise and fall."""

AGAIN, ANEW = 50, 200
"""Steps of the ascent from known prices, which of an input much like this one prove almost all at once; and those after
which its averages are as good as after all steps from none."""

COARSE, CLOSER = 50_000, 300
"""Units with today's owners from which the last steps are too long for good averages; and the short ones that follow
there, over the places that are left."""


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Prices, and what they lead to on average: of a dual ascent, or of the linear program.

    Parameters
    ----------
    row
        Price of each row (M).
    worth
        What each account column earns at the prices, before that of its unit (K).
    seat
        What a head on each seat earns at the prices (Q).
    mean
        Value of each column on average; rows may be broken a little (N).
    """

    row: NDArray[np.float64]
    worth: NDArray[np.float64]
    seat: NDArray[np.float64]
    mean: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Relaxed:
    """The relaxation's answer.

    Parameters
    ----------
    master
        The model to search on: the whole one, or that of the places that may matter.
    values
        Of the model's columns, fractions allowed; None where it is too large for them, or none were found.
    prices
        None where no values and no averages were found.
    regret
        What each account column is worth less than its unit's best, at the prices (K).
    duals
        Prices of the whole model, by what its rows are about.
    whole, sites
        What a proof can begin from: the whole model where it is small enough for one, else its sites where they are
        worth pricing.
    bound
        Proven, ``inf`` without.
    """

    master: Master
    status: Status
    detail: str
    values: NDArray[np.float64] | None
    prices: Prices | None
    regret: NDArray[np.float64]
    duals: Duals
    whole: Master | None
    sites: Sites | None
    bound: float


def relax(
    master: Master, budget: Budget, hint: Plan | None = None, known: Duals | None = None, *, steps: int = AGAIN
) -> Relaxed:
    """Solve the relaxation: by HiGHS where it is small, else by dual ascent, over the places that it leaves.

    Parameters
    ----------
    hint
        A plan to go on from: its places stay.
    known
        Prices of an earlier run; only an ascent from them follows.
    steps
        Of that ascent.
    """
    if known is None and len(master.arrays.cost) <= MOST_COLUMNS and not master.draft.crews.pools:
        return _by_simplex(master, budget)
    return by_ascent(master, budget, hint, known, steps=steps)


def by_ascent(
    master: Master, budget: Budget, hint: Plan | None = None, known: Duals | None = None, *, steps: int = AGAIN
) -> Relaxed:
    """The relaxation's prices and averages by dual ascent, over the places that they leave."""
    climb = partial(ascend, workers=budget.workers, left=budget.left, stop_asked=budget.stop_asked)
    start = None if known is None else row_prices(master, known)
    ascent = climb(master, iterations=None if known is None else steps, start=start)
    small = unsifted(master)
    if not worth_proving(master):  # a proof and the search beside it speak of the same columns
        small = sifted(master, ascent, NEAR, None if hint is None else _held(master, hint))
    row, bound = ascent.row, ascent.bound
    prices, regret = _averages(ascent, small), _regret(master, ascent.worth[master.draft.place])[small.place]
    del ascent  # before the sites are cut: at a million accounts half a gigabyte
    give_back()
    if known is None and small.master.draft.has_owners and len(small.master.draft.choice) >= COARSE:
        closer = climb(small.master, iterations=CLOSER, start=prices.row)
        prices = _averages(closer, unsifted(small.master))
        regret = _regret(small.master, prices.worth)
    return Relaxed(
        master=small.master,
        status=Status.TIME,
        detail="dual ascent",
        values=None,
        prices=prices,
        regret=regret,
        duals=duals_of(master, row),
        whole=_provable(master),
        sites=_priceable(master, row),
        bound=bound,
    )


def _averages(ascent: Ascent, small: Sifted) -> Prices:
    """Prices and averages of the columns that are left."""
    return Prices(
        row=ascent.row[small.row],
        worth=ascent.worth[small.column][small.master.draft.place],
        seat=ascent.worth[small.column][small.master.draft.heads],
        mean=ascent.mean[small.column],
    )


def _held(master: Master, hint: Plan) -> Held:
    """The places and seats of a plan."""
    draft = master.draft
    places, roster = columns_of_plan(draft, hint), roster_of(draft, hint)
    seats = draft.find_seats(draft.crews.of[roster.person], draft.site[roster.pod])
    return Held(places=places[places != NOBODY], seats=seats[seats != NOBODY])


def _by_simplex(master: Master, budget: Budget) -> Relaxed:
    arrays = master.arrays
    answer = solve(
        replace(arrays, integer=np.zeros(len(arrays.cost), bool)),
        time_limit_s=budget.left(),
        stop_asked=budget.stop_asked,
    )
    prices = np.zeros(len(arrays.row_lower)) if answer.duals is None else answer.duals
    reduced = arrays.cost - paid(*arrays.matrix, prices, len(arrays.cost))
    worth = reduced[master.draft.place]
    values = answer.values if answer.status is Status.OPTIMAL else None
    return Relaxed(
        master=master,
        status=answer.status,
        detail=answer.detail,
        values=values,
        prices=None
        if values is None
        else Prices(row=prices, worth=worth, seat=reduced[master.draft.heads], mean=values),
        regret=_regret(master, worth),
        duals=duals_of(master, prices),
        whole=_provable(master),
        sites=_priceable(master, prices),
        bound=answer.bound,
    )


def _provable(master: Master) -> Master | None:
    return master if worth_proving(master) else None


def _priceable(master: Master, price: NDArray[np.float64]) -> Sites | None:
    return Sites(master, price) if worth_pricing(master) and not worth_proving(master) else None


def _regret(master: Master, worth: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each account column is worth less than its unit's best (K)."""
    unit = master.draft.columns.unit
    best = np.full(len(master.draft.columns.size), -np.inf)
    np.maximum.at(best, unit, worth)
    return np.asarray(best[unit] - worth)
