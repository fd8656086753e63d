"""From averages of a dual ascent to whole people, one site after the other, where a linear program would take too long.

A site is staffed as if every account could also go, at the prices, to the best of the sites that are not staffed yet.
What it leaves of an account is there, or where averages are rough shared out as they had it, and these sites are
staffed for it in their turn. Prices make that nearly neutral, so that each site is a small model of its own (relax and
fix, with prices in place of the relaxed part).
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.fast.averages import even_averages, far_seats, share_out, sizes_of_sites, tied_units
from solvers.fast.blocks import row_sites
from solvers.fast.neighbourhoods import WHOLE
from solvers.fast.repair import repaired
from solvers.fast.restriction import change_between
from solvers.fast.search import SECONDS
from solvers.fast.settling import settle
from solvers.highs import Status, solve
from solvers.sparse import distinct, in_order, members, spans

if TYPE_CHECKING:
    from solvers.fast.budget import Budget
    from solvers.fast.relaxing import Prices
    from solvers.fast.restriction import Change, Point, Restriction
    from solvers.fast.search import Search, Staffing
    from solvers.highs import Arrays

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far a site may go from its averages.

    Parameters
    ----------
    units
        Units that may move at most, the doubtful ones first, of a site of typical size.
    heads
        By how many heads of its busiest function in each pod, with what they need of the others, it may grow; it may
        shrink by half of that. At the prices a site may close as well as not: what it passes on would find no place.
        Beyond that it goes where it must only, at `BEYOND`.
    """

    units: int
    heads: float


REACHES = (
    Reach(units=1_000, heads=1.0),
    Reach(units=4_000, heads=1.0),
    Reach(units=4_000, heads=np.inf),
    Reach(units=25_000, heads=np.inf),
    Reach(units=250_000, heads=np.inf),
)
"""Farther where a site has no answer within less."""

BEYOND, GROWING = 0.2, 0.02
"""Price of an hour outside of a reach, by what the site's hours are worth: more than what an hour is worth at the
prices, but where averages ask for more than a leader's week has room for, it should not be met at any price. A pod with
hardly a leader on average grows at a tenth of that: a team needs one, so that its averages have not converged, and say
little of its size.
"""

LED = 0.9
"""Part of a leader below which that is so."""

ROUGH = 1 / 3
"""Part of the local pods with hardly a leader beyond which averages are rough: they then tell little of how large a
site is, and sites must not empty each other. Elsewhere sites made whole by their averages alone are as good or better.
"""

ABREAST = 6
"""Sites solved between two looks at what is taken, however many workers there are: the answer must not depend on them.
Two threads are seldom idle then."""

SHARE = 0.01
"""Part of a site's hours by which it may grow beside each head: averages are no closer than that."""

NODES = 1
"""Branch-and-bound nodes of a site: with the search around its relaxation (RENS) the root beats 200 nodes."""

GAP = 1e-3
"""Relative to what the site is worth."""

LEAST_UNITS, FADES = 0.2, 0.9
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
    rounding.empty(rounding.waiting)
    values = rounding.now.values
    staffing = repaired(search, values, budget)
    if staffing is not None:
        return staffing
    # Sites that found no answer one after the other may find one together.
    settled = settle(search, values, budget)
    return None if settled is None else search.checked(settled.values)


class _Rounding:
    """One run over all sites."""

    def __init__(self, search: Search, prices: Prices, budget: Budget) -> None:
        self.search, self.worth, self.budget = search, prices.worth, budget
        draft = search.master.draft
        crews = draft.crews
        self.time, self.part = draft.share(np.arange(len(crews.seat_crew)))
        self.cost = search.master.arrays.cost.copy()
        self.cost[self.time] -= prices.row[draft.time_row[crews.seat_crew]] * self.part
        average = even_averages(search, prices)
        self.far = far_seats(search, prices, average)
        average[self.far] = 0.0
        self.now = search.whole.at(average)
        self.is_used, self.is_far, self.is_own = np.zeros((3, len(self.cost)), bool)
        self.is_used[draft.used], self.is_far[self.far], self.is_own[draft.own.column] = True, True, True
        self.owners = in_order(draft.own.column, search.blocks.site)
        self.row_site = row_sites(search.master.arrays, search.blocks)
        self.tied = tied_units(search, self.row_site)
        self.head = np.zeros(len(crews))
        np.maximum.at(self.head, crews.seat_crew, self.part)
        self.serves = draft.serves & (draft.copies > 0)
        self.hours = draft.columns.hours.sum(axis=1)
        self.waiting = self.serves & (self._work() > 0)
        self.unanswered = np.zeros_like(self.waiting)
        leads = crews.role[crews.seat_crew] == LEADER
        led = np.bincount(crews.seat_pod[leads], weights=prices.mean[draft.heads[leads]], minlength=len(draft.copies))
        alone = self.waiting & (draft.copies == 1)
        self.leaderless = alone & (led < LED)
        self.is_rough = self.leaderless.sum() > ROUGH * alone.sum()
        self.first = self._work()
        self.size = sizes_of_sites(search, self.far)
        self.seconds, self.share, self.took = SECONDS, 1.0, 0.0
        self.now = self._evened(self.now, NOBODY)

    def run(self) -> Floats | None:
        """Site after site, those with least work first."""
        self.empty(~self.waiting)
        queue = np.flatnonzero(self.waiting)
        with ThreadPoolExecutor(self.budget.workers) as pool:
            left = self.budget.left()
            reserve = 0.0 if left is None else RESERVE * left
            while len(queue):
                if self.budget.over():
                    return None
                left = self.budget.left()
                if left is not None:
                    if left <= reserve:
                        break
                    self._keep_pace((left - reserve) / float(self.size[queue].sum()))
                some, begun = self._strangers(self._in_turn(queue).tolist()), time.monotonic()
                base = self.now
                found = list(pool.map(partial(self._staffed, base), some))
                self.waiting[some] = False
                queue = queue[self.waiting[queue]]
                for site, change in zip(some, found, strict=True):
                    self._take(base, site, change)
                took = (time.monotonic() - begun) / float(self.size[some].sum()) / self.share
                self.took = took if self.took == 0 else FADES * self.took + (1 - FADES) * took
        self.waiting |= self.unanswered
        return self.now.values

    def _keep_pace(self, each: float) -> None:
        """Let fewer units move where sites take longer than there is time for each, so that none is left out.

        Parameters
        ----------
        each
            Seconds there are for a site of typical size.
        """
        self.seconds = min(SECONDS, PACE * self.budget.workers * each)
        self.share = float(np.clip(each / max(self.took, each), LEAST_UNITS, 1.0))

    def empty(self, idle: Marks) -> None:
        """Nobody is where no account is."""
        site, integer = self.search.blocks.site, self.search.master.arrays.integer
        here = np.flatnonzero(integer & (site != NOBODY) & idle[site])
        self.now = self.search.whole.moved(self.now, here, self.search.master.arrays.lower[here])

    def _work(self) -> Floats:
        """Hours that each site has now (P)."""
        draft = self.search.master.draft
        there = self.now.values[draft.place] * self.hours
        return np.bincount(draft.columns.pod, weights=there, minlength=len(draft.copies)).astype(float)

    def _in_turn(self, queue: Ints) -> Ints:
        """Sites that wait by the work that averages have, or have left; of several pods, which take in many, behind."""
        several = self.is_rough & (self.search.master.draft.copies[queue] > 1)
        work = self._work() if self.is_rough else self.first
        return np.asarray(queue[np.lexsort((work[queue], several))])

    def _strangers(self, queue: list[int]) -> list[int]:
        """The first sites of a queue that share no account."""
        some = [queue.pop(0)]
        while len(some) < ABREAST:
            apart = (k for k, site in enumerate(queue) if not self.search.rivals[site, some].any())
            found = next(apart, None)
            if found is None:
                break
            some.append(queue.pop(found))
        return some

    def _take(self, base: Point, site: int, change: Change | None) -> None:
        """A site's answer as far as it goes with those taken since; else the site again after them."""
        then = self._after(change, site)
        if change is not None and then is not None and self.now is not base:
            columns = np.concatenate([change.columns, self.time])
            if not self.search.whole.goes_from(self.now, then, columns, dropped=partial(self._at_waiting, site)):
                then = self._after(self._staffed(self.now, site), site)
        if then is None:
            self.unanswered[site] = True
        else:
            self.now = then

    def _after(self, change: Change | None, site: int) -> Point | None:
        """What follows from a site's answer, None without."""
        return None if change is None else self._evened(self.search.whole.changed(self.now, change), site)

    def _evened(self, now: Point, site: int) -> Point:
        """What a site took of a crew's time is no longer there for those that wait (error diffusion)."""
        draft = self.search.master.draft
        crew, used = draft.crews.seat_crew, now.values[draft.used]
        much = now.values[self.time] * self.part
        waits = self._waits(site)
        there = np.bincount(crew[waits], weights=much[waits], minlength=len(used))
        over = np.clip(np.bincount(crew, weights=much, minlength=len(used)) - used, 0.0, there)
        left = 1.0 - over / np.maximum(there, WHOLE)
        time = self.time[waits]
        return self.search.whole.moved(now, time, now.values[time] * left[crew[waits]])

    def _at_waiting(self, site: int, rows: Ints) -> Marks:
        """Which rows are of sites that wait, besides this one."""
        of = self.row_site[rows]
        return np.asarray((of != NOBODY) & self.waiting[of] & (of != site))

    def _waits(self, site: int) -> Marks:
        """Seats at sites that wait, besides this one (Q)."""
        pod = self.search.master.draft.crews.seat_pod
        return np.asarray(self.waiting[pod] & (pod != site))

    def _may_take(self, values: Floats, site: int) -> Floats:
        """Time of each crew that a site may take from those that wait: a step or a head, if they have it (G)."""
        crews = self.search.master.draft.crews
        waits = self._waits(site)
        much = (values[self.time] * self.part)[waits]
        return np.minimum(self.head, np.bincount(crews.seat_crew[waits], weights=much, minlength=len(crews)))

    def _staffed(self, now: Point, site: int) -> Change | None:
        """One site staffed, as near to its averages as it can be; None where there is no answer."""
        for reach in REACHES:
            found = self._solved(now, site, reach)
            if found is not None:
                return found
        return None

    def _solved(self, now: Point, site: int, reach: Reach) -> Change | None:
        search, values = self.search, now.values
        draft = search.master.draft
        columns, place = draft.columns, draft.place
        here = search.taken_or_near(values, np.array([site]))
        units = search.active(here, int(self.share * reach.units * self.size[site]))
        spots, _ = spans(columns.start[units], columns.start[units + 1])
        outside = spots[(columns.pod[spots] != site) & self.waiting[columns.pod[spots]]]
        best = self._best_outside(outside)
        owners = search.blocks.of_units(units)
        owners = owners[self.is_own[owners]]
        others = owners[(search.blocks.site[owners] != site) & self.waiting[search.blocks.site[owners]]]
        gone = np.concatenate([place[outside], others])
        base = search.whole.moved(now, gone, np.zeros(len(gone)))
        free = self._free(values, site, units, is_near=bool(np.isfinite(reach.heads)))
        part, model = self._part(base, distinct(np.append(free, place[best])), site, best)
        if np.isfinite(reach.heads):
            spot = search.place_of[part.columns]
            inside = spot[(spot != NOBODY) & (columns.pod[spot] == site)]
            model = self._near_average(model, part, base.values, site, inside, reach)
        seconds = self.budget.seconds(self.seconds * self.size[site])
        answer = solve(model, time_limit_s=seconds, nodes=NODES, gap=GAP, rens=True, restarts=False)
        if answer.values is None or answer.status is Status.FAILED:
            return None
        found = answer.values[: len(part.columns)]
        after = base.values
        after[part.columns] = np.where(model.integer[: len(part.columns)], np.rint(found), found)
        if self.is_rough:
            loose = outside[~self.tied[columns.unit[outside]]]
            share_out(search, values, after, outside=loose, best=best, others=others)
        return change_between(distinct(np.concatenate([part.columns, gone])), values, after)

    def _free(self, values: Floats, site: int, units: Ints, *, is_near: bool) -> Ints:
        """Columns that a site decides: its people, its owners, and where units may be but for sites that wait.

        Parameters
        ----------
        is_near
            Whether far seats stay as they are.
        """
        search, pod = self.search, self.search.master.draft.columns.pod
        of_units = search.blocks.of_units(units)
        owners = members(self.owners, np.array([site]))
        around = search.blocks.around(np.array([site]))
        free = distinct(np.concatenate([around, of_units[~self.is_own[of_units]], owners]))
        spot = search.place_of[free]
        at = pod[spot]
        worth_a_look = search.near[spot] | (values[free] > WHOLE)
        decided = np.where(at == site, worth_a_look, ~self.waiting[at] & ~self.serves[at])
        stays = self.is_used[free] | (is_near & self.is_far[free])
        return np.asarray(free[~stays & ((spot == NOBODY) | decided)])

    def _part(self, base: Point, free: Ints, site: int, best: Ints) -> tuple[Restriction, Arrays]:
        """The model of a site, with time and places elsewhere at their prices."""
        search, draft = self.search, self.search.master.draft
        part = search.whole.restricted(base, free, dropped=partial(self._at_waiting, site))
        cost, upper = self.cost[part.columns], part.model.row_upper.copy()
        cost[np.searchsorted(part.columns, draft.place[best])] = self.worth[best]
        of = np.searchsorted(part.rows, draft.time_row)
        mine = part.rows[np.minimum(of, len(part.rows) - 1)] == draft.time_row
        upper[of[mine]] += self._may_take(base.values, site)[mine]
        return part, replace(part.model, cost=cost, row_upper=upper)

    def _near_average(
        self, model: Arrays, part: Restriction, base: Floats, site: int, inside: Ints, reach: Reach
    ) -> Arrays:
        """The model of a site with its hours near those of its averages; the last two columns are how far they are off.

        Parameters
        ----------
        inside
            The site's account columns that are free.
        """
        draft = self.search.master.draft
        hours = draft.columns.hours[inside]
        crew = draft.crews.seat_crew[draft.crews.seat_pod == site]
        if not len(crew) or not hours.any():
            return model
        total = hours.sum(axis=1)
        average = float(total @ base[draft.place[inside]])
        head = float(np.median(draft.crews.plannable[crew])) * total.sum() / hours.sum(axis=0).max()
        pods = max(1.0, float(base[draft.staffed[site]])) if draft.staffed[site] != NOBODY else 1.0
        more = reach.heads * (pods * head + SHARE * average)
        worth = abs(float(self.search.master.arrays.cost[draft.place[inside]] @ base[draft.place[inside]]))
        growing = GROWING if self.is_rough and self.leaderless[site] else BEYOND
        pay = np.array([-BEYOND, -growing]) * worth / max(average, 1.0)
        start, index, value = model.matrix
        column = np.append(np.searchsorted(part.columns, draft.place[inside]), len(model.cost) + np.arange(2))
        return replace(
            model,
            cost=np.append(model.cost, pay),
            lower=np.append(model.lower, np.zeros(2)),
            upper=np.append(model.upper, np.full(2, total.sum() + average)),
            integer=np.append(model.integer, np.zeros(2, bool)),
            row_lower=np.append(model.row_lower, max(0.0, average - more / 2)),
            row_upper=np.append(model.row_upper, average + more),
            matrix=(
                np.append(start, start[-1] + len(column)),
                np.concatenate([index, column.astype(index.dtype)]),
                np.concatenate([value, total, [1.0, -1.0]]),
            ),
        )

    def _best_outside(self, outside: Ints) -> Ints:
        """The account column with most worth of each unit that has any of these, in the order of units."""
        columns = self.search.master.draft.columns
        order: Ints = outside[np.lexsort((outside, -self.worth[outside], columns.unit[outside]))]
        first = np.append(True, columns.unit[order][1:] != columns.unit[order][:-1])[: len(order)]
        return np.asarray(order[first])
