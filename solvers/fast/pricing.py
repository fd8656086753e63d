"""A bound with whole people: at the prices of what sites share, every site is a small model of its own.

Rows that columns of several sites share are relaxed by their prices (Geoffrion 1974, "Lagrangean relaxation for integer
programming", section 3): each account's choice, everybody's time, what holds for the whole plan. What is left falls
apart into sites, whose people and openings are whole; at any prices their best values add up to a bound of the model.
It lies below that of fractions, most where whole people fit a leader's week badly, and falls with every site solved.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import NOBODY
from solvers.fast.beside import Beside
from solvers.fast.blocks import find_blocks, row_sites
from solvers.fast.restriction import cut
from solvers.highs import Arrays, Status, solve
from solvers.kernel import kernel
from solvers.sparse import paid, rows_with, spans

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ThreadPoolExecutor

    from solvers.fast.master import Master
    from solvers.sparse import Places

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NODES = 20
"""Branch-and-bound nodes of a site: more prove next to nothing beyond."""

GAP = 1e-3
"""Relative to what a site is worth, which is little of the whole."""

LARGEST = 200_000
"""Account columns of a site beyond which its fractions alone take longer than a run: of 69,000 columns they take HiGHS
13 s, and until every site has a value nothing is proven."""


def worth_pricing(master: Master) -> bool:
    """Whether whole people tell more than fractions, and in time.

    Where today's owners count, people differ so that they do not. With owners it took 145 CPU seconds at
    10,000 accounts for 0.017 %, without 2 for 0.027 %.
    """
    columns = master.draft.columns
    return not master.draft.has_owners and int(np.bincount(columns.pod, minlength=1).max()) <= LARGEST


class Sites:
    """A staffing model cut into its sites, at some prices, and what each of these earns at most.

    Of the model it keeps what may earn something, so that the whole need not stay.

    Parameters
    ----------
    price
        Of each row of the model, such as an ascent's; those of rows of one site are not used (M).
    """

    def __init__(self, master: Master, price: Floats) -> None:
        arrays, blocks = master.arrays, find_blocks(master)
        of = row_sites(arrays, blocks)
        lone = blocks.site == NOBODY
        of[rows_with(arrays.matrix, lone)] = NOBODY
        price = _legal(arrays, np.where(of == NOBODY, price, 0.0))
        worth = arrays.cost - paid(*arrays.matrix, price, len(arrays.cost))
        told = np.flatnonzero(price)
        limit = np.where(price > 0, arrays.row_upper, arrays.row_lower)
        earned = np.maximum(worth * arrays.upper, worth * arrays.lower)
        self.rest = float(arrays.offset + price[told] @ limit[told] + earned[lone].sum())
        sites = len(master.draft.copies)
        busy = (blocks.site != NOBODY) & ~_is_idle(arrays, worth, of)
        self.model = cut(replace(arrays, cost=worth), busy, of != NOBODY)
        self.columns, self.rows = _by_site(blocks.site[busy], sites), _by_site(of[of != NOBODY], sites)
        self.value = np.full(sites, np.inf)
        self.value[[not len(columns) for columns in self.columns]] = 0.0

    @property
    def bound(self) -> float:
        """Proven so far, ``inf`` before every site has a value."""
        return self.rest + float(self.value.sum())

    def order(self) -> Ints:
        """Sites that have anything to decide, the small ones first: they are soon done."""
        size = np.array([len(columns) for columns in self.columns])
        order = np.argsort(size, kind="stable")
        return np.asarray(order[size[order] > 0])

    def bound_site(self, site: int, *, whole: bool, left: float | None, stop_asked: Callable[[], bool]) -> None:
        """Lower a site's value to what it can earn with whole people, or with fractions of them."""
        model = self._model(site)
        if not whole:
            model = replace(model, integer=np.zeros(len(model.cost), bool))
        answer = solve(
            model, time_limit_s=left, nodes=NODES, gap=GAP, restarts=False, presolve=False, stop_asked=stop_asked
        )
        if answer.status is not Status.FAILED:
            self.value[site] = min(self.value[site], answer.bound)

    def _model(self, site: int) -> Arrays:
        arrays, columns, rows = self.model, self.columns[site], self.rows[site]
        start, index, value = arrays.matrix
        entry, local = spans(start[rows], start[rows + 1])
        position = np.searchsorted(columns, index[entry])
        inside = columns[np.minimum(position, len(columns) - 1)] == index[entry]
        count = np.bincount(local[inside], minlength=len(rows))
        return Arrays(
            cost=arrays.cost[columns],
            lower=arrays.lower[columns],
            upper=arrays.upper[columns],
            integer=arrays.integer[columns],
            row_lower=arrays.row_lower[rows],
            row_upper=arrays.row_upper[rows],
            matrix=(
                np.concatenate(([0], np.cumsum(count))).astype(np.int64),
                position[inside].astype(np.int32),
                value[entry][inside],
            ),
            offset=0.0,
        )


class Pricing(Beside):
    """Sites being priced one after the other, on a thread of its own.

    Parameters
    ----------
    pool
        Threads to run on.
    most
        Sites with whole people at most (repeatable), None: all.
    left
        Seconds left, None without limit.
    """

    def __init__(
        self,
        pool: ThreadPoolExecutor,
        sites: Sites,
        *,
        most: int | None,
        left: Callable[[], float | None],
    ) -> None:
        super().__init__(pool, partial(self._run, sites, most, left))

    def _run(self, sites: Sites, most: int | None, left: Callable[[], float | None]) -> None:
        order = sites.order()
        for whole, some in ((False, order), (True, order[:most])):
            for site in some.tolist():
                seconds = left()
                if self.is_stopped() or (seconds is not None and seconds <= 0):
                    return
                sites.bound_site(site, whole=whole, left=seconds, stop_asked=self.is_stopped)
                self.bound = min(self.bound, sites.bound)


def _is_idle(arrays: Arrays, worth: Floats, of: Ints) -> NDArray[np.bool_]:
    """Columns that are best at 0, whatever their site does: they earn nothing, and no row of it needs them."""
    low, high = (np.isfinite(limit) & (of != NOBODY) for limit in (arrays.row_lower, arrays.row_upper))
    needed = _needed(*arrays.matrix, low, high, len(arrays.cost))
    return np.asarray((worth <= 0) & (arrays.lower == 0) & ~needed)


@kernel
def _needed(
    start: Ints, index: Places, value: Floats, low: NDArray[np.bool_], high: NDArray[np.bool_], columns: int
) -> NDArray[np.bool_]:
    """Columns that help to keep a row: they add to one with a lower limit, or take from one with an upper one."""
    needed = np.zeros(columns, np.bool_)
    for row in range(len(low)):
        for entry in range(start[row], start[row + 1]):
            if low[row] if value[entry] > 0.0 else high[row]:
                needed[index[entry]] = True
    return needed


def _legal(arrays: Arrays, price: Floats) -> Floats:
    """Prices without those that a row cannot have: it has no limit on that side."""
    price = np.where(np.isinf(arrays.row_upper), np.minimum(price, 0.0), price)
    return np.where(np.isinf(arrays.row_lower), np.maximum(price, 0.0), price)


def _by_site(of: Ints, sites: int) -> list[Ints]:
    """What belongs to each site, ascending."""
    order = np.argsort(of, kind="stable")
    return np.split(order, np.searchsorted(of[order], np.arange(sites + 1)))[1:-1]
