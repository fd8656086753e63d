"""From averages of a dual ascent to whole people, one site after the other, where a linear program would take too long.

A site is staffed as if every account could also go, at the prices, to the best of the sites that are not staffed yet.
What it leaves of an account is there, or where averages are rough shared out as they had it, and these sites are
staffed for it in their turn. Prices make that nearly neutral, so that each site is a small model of its own (relax and
fix, with prices in place of the relaxed part).
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import NOBODY
from solvers.fast.averages import even_averages
from solvers.fast.neighbourhoods import WHOLE, in_common
from solvers.fast.repair import repaired
from solvers.fast.search import SECONDS
from solvers.fast.settling import settle
from solvers.fast.site_staffing import Moment, SiteStaffing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future

    from solvers.fast.budget import Budget
    from solvers.fast.relaxing import Prices
    from solvers.fast.restriction import Change, Point
    from solvers.fast.search import Search, Staffing

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]

ABREAST = 4
"""Sites begun before the first of them is taken, however many workers there are: the answer must not depend on them.
Two threads are seldom idle then, and what a site begins from is not old."""

LEAST_UNITS, FADES = 0.2, 0.98
"""Part of a reach's units that move at least where time is short; how much what a site took counts one site later."""

PACE, RESERVE = 2.0, 0.15
"""Time that one site may take, in what is left for one of its size: late sites should not be without any; and the part
of all that is kept for the accounts of those that are."""


def rounded(search: Search, prices: Prices, budget: Budget) -> Staffing | None:
    """Make averages whole, accounts as they come out of that; None where it fails or is stopped.

    Sites that time was too short for, or that found no answer in theirs, have nobody.
    """
    rounding = _Rounding(search, prices, budget)
    values = rounding.run()
    if values is None:
        return None
    staffing = None if rounding.waiting.any() else search.checked(values)
    if staffing is not None:
        return staffing
    rounding.shut(rounding.waiting)
    values = rounding.now.values
    staffing = search.checked(values) or repaired(search, values, budget)
    if staffing is not None:
        return staffing
    # Sites that found no answer one after the other may find one together.
    settled = settle(search, values, budget)
    return None if settled is None else search.checked(settled.values)


class _Begun(NamedTuple):
    """A site that is being staffed."""

    site: int
    share: float
    answer: Future[Change | None]


class _Rounding:
    """One run over all sites.

    Parameters
    ----------
    waiting
        Sites that are not begun, in the end those without an answer too (P).
    rivals
        Accounts, and people of whom both have a part on average, that two sites share (P x P): side by side they would
        take the same.
    first, work
        Hours of the accounts that each site has on average, and at present (P).
    """

    def __init__(self, search: Search, prices: Prices, budget: Budget) -> None:
        self.search, self.budget = search, budget
        place = search.master.draft.place
        even = even_averages(search, prices)
        self.staffing = SiteStaffing(search, prices, budget, even)
        self.waiting = self.staffing.with_work.copy()
        self.unanswered = np.zeros_like(self.waiting)
        self.now = self.staffing.evened(search.whole.at(even), self.waiting)
        self.first = self.work = self.staffing.work(place, self.now.values[place])
        self.seconds, self.share = SECONDS, 1.0
        crews = search.master.draft.crews
        held = np.flatnonzero((self.now.values[self.staffing.time] > WHOLE) & (crews.size[crews.seat_crew] == 1))
        self.rivals = search.rivals + in_common(crews.seat_crew[held], crews.seat_pod[held], len(self.waiting))
        self.spent, self.done = 0.0, 0.0

    def run(self) -> Floats | None:
        """Site after site, those with least work first; each begins from what all left that are not begun any more."""
        self.empty(~self.waiting)
        begun: deque[_Begun] = deque()
        left = self.budget.left()
        reserve = 0.0 if left is None else RESERVE * left
        last = time.monotonic()
        with ThreadPoolExecutor(self.budget.workers) as pool:
            while begun or self.waiting.any():
                if self.budget.over():
                    pool.shutdown(cancel_futures=True)
                    return None
                site = self._next(begun, reserve) if len(begun) < ABREAST else NOBODY
                if site != NOBODY:
                    self.waiting[site] = False
                    begun.append(_Begun(site, self.share, pool.submit(self.staffing.staffed, self._moment(), site)))
                elif begun:
                    oldest, since = begun.popleft(), last
                    self._take(oldest)
                    last = time.monotonic()
                    self._timed(oldest, last - since)
                else:
                    break
        self.waiting |= self.unanswered
        return self.now.values

    def empty(self, idle: Marks) -> None:
        """Nobody is where no account is."""
        site, integer = self.search.blocks.site, self.search.master.arrays.integer
        here = np.flatnonzero(integer & (site != NOBODY) & idle[site])
        self.now = self.search.whole.moved(self.now, here, self.search.master.arrays.lower[here])

    def shut(self, idle: Marks) -> None:
        """Nobody is at some sites, or used for them, and their accounts are where nobody serves them, if they may be.

        A program of all accounts could do better, and would take longer than there is time for.
        """
        search, values = self.search, self.now.values
        draft, columns = search.master.draft, search.master.draft.columns
        common = np.flatnonzero(search.common)
        common = common[np.lexsort((search.regret[common], columns.unit[common]))]
        units, first = np.unique(columns.unit[common], return_index=True)
        leaves = idle[columns.pod] & np.isin(columns.unit, units)
        leaving = np.bincount(columns.unit[leaves], weights=values[draft.place[leaves]], minlength=len(columns.size))
        site = search.blocks.site
        gone = (site != NOBODY) & idle[site]
        gone[draft.place] = leaves
        after = np.where(gone, np.minimum(values, search.master.arrays.lower), values)
        after[draft.place[common[first]]] += leaving[units]
        heads = np.bincount(draft.crews.seat_crew, weights=after[draft.heads], minlength=len(draft.used))
        after[draft.used[heads <= WHOLE]] = 0.0
        changed = np.flatnonzero(after != values)
        self.now = search.whole.moved(self.now, changed, after[changed])

    def _next(self, begun: Iterable[_Begun], reserve: float) -> int:
        """The first site that shares nothing with those begun; `NOBODY` where there is none, or no time for it."""
        sites = np.array([each.site for each in begun], np.int64)
        left, queue = self.budget.left(), np.flatnonzero(self.waiting)
        if not len(queue) or (left is not None and left <= reserve):
            return NOBODY
        if left is not None:
            self._keep_pace((left - reserve) / float(self.staffing.size[np.append(queue, sites)].sum()))
        queue = self._in_turn(queue)
        apart = ~self.rivals[np.ix_(queue, sites)].any(axis=1)
        return int(queue[np.argmax(apart)]) if apart.any() else NOBODY

    def _in_turn(self, queue: Ints) -> Ints:
        """Sites that wait by the work that averages have, or have left; of several pods, which take in many, behind."""
        is_rough = self.staffing.is_rough
        several = is_rough & (self.search.master.draft.copies[queue] > 1)
        work = self.work if is_rough else self.first
        return np.asarray(queue[np.lexsort((work[queue], several))])

    def _keep_pace(self, each: float) -> None:
        """Let fewer units move where sites take longer than there is time for each, so that none is left out.

        Parameters
        ----------
        each
            Seconds there are for a site of typical size.
        """
        took = self.spent / self.done if self.done else 0.0
        self.seconds = min(SECONDS, PACE * self.budget.workers * each)
        self.share = float(np.clip(each / max(took, each), LEAST_UNITS, 1.0))

    def _timed(self, begun: _Begun, seconds: float) -> None:
        """Note how long it took until a site was done after the one before."""
        self.spent = FADES * self.spent + seconds
        self.done = FADES * self.done + begun.share * float(self.staffing.size[begun.site])

    def _moment(self) -> Moment:
        return Moment(self.now, self.waiting.copy(), self.share, self.seconds)

    def _take(self, begun: _Begun) -> None:
        """A site's answer as far as it goes with those taken since; else the site again after them."""
        change = begun.answer.result()
        if change is not None and not self._goes(change):
            change = self.staffing.staffed(self._moment(), begun.site)
        if change is None:
            self.unanswered[begun.site] = True
            return
        then = self._after(change)
        more = then.values[change.columns] - self.now.values[change.columns]
        self.work = self.work + self.staffing.work(change.columns, more)
        self.now = then

    def _goes(self, change: Change) -> bool:
        """Whether a site's answer breaks no row but of those that wait: others were taken, or began, since it began."""
        columns = np.concatenate([change.columns, self.staffing.time])
        dropped = partial(self.staffing.at, self.waiting)
        return self.search.whole.goes_from(self.now, self._after(change), columns, dropped=dropped)

    def _after(self, change: Change) -> Point:
        """What follows from a site's answer."""
        return self.staffing.evened(self.search.whole.changed(self.now, change), self.waiting)
