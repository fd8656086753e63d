"""One site staffed near its averages, with places and people elsewhere at their prices."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.fast.averages import far_seats, share_out, sizes_of_sites, tied_units
from solvers.fast.blocks import row_sites
from solvers.fast.neighbourhoods import WHOLE
from solvers.fast.restriction import change_between
from solvers.fast.turns import MANY, in_turns
from solvers.highs import Status, solve
from solvers.memory import give_back
from solvers.sparse import distinct, in_order, members, spans

if TYPE_CHECKING:
    from solvers.fast.budget import Budget
    from solvers.fast.relaxing import Prices
    from solvers.fast.restriction import Change, Point, Restriction
    from solvers.fast.search import Search
    from solvers.highs import Answer, Arrays

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

UNBOUND = tuple(reach for reach in REACHES if np.isinf(reach.heads))
"""Of a site that no other waits for: whoever and whatever it does not take is lost."""

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

SHARE = 0.01
"""Part of a site's hours by which it may grow beside each head: averages are no closer than that."""

NODES = 1
"""Branch-and-bound nodes of a site: with the search around its relaxation (RENS) the root beats 200 nodes."""

GAP = 1e-3
"""Relative to what the site is worth."""


class Moment(NamedTuple):
    """What a site begins from.

    Parameters
    ----------
    now
        Values of the whole model, averages at sites that wait or are being staffed.
    waiting
        Sites that begin later (P).
    share
        Part of a reach's units that may move.
    seconds
        For a site of typical size.
    """

    now: Point
    waiting: Marks
    share: float
    seconds: float


class SiteStaffing:
    """What the models of all sites have in common.

    Parameters
    ----------
    even
        Averages with every unit placed once (N); changed: nobody is on far seats.
    """

    def __init__(self, search: Search, prices: Prices, budget: Budget, even: Floats) -> None:
        self.search, self.worth, self.budget = search, prices.worth, budget
        arrays, draft = search.master.arrays, search.master.draft
        crews = draft.crews
        self.time, self.part = draft.share(np.arange(len(crews.seat_crew)))
        self.price = prices.row[draft.time_row[crews.seat_crew]] * self.part
        self.seats, self.seat_of = (
            in_order(np.arange(len(self.time)), crews.seat_crew),
            np.full(len(arrays.cost), NOBODY),
        )
        self.seat_of[self.time] = np.arange(len(self.time))
        self.far = far_seats(search, prices, even)
        even[self.far] = 0.0
        self.is_used, self.is_far, self.is_own = np.zeros((3, len(arrays.cost)), bool)
        self.is_used[draft.used], self.is_far[self.far], self.is_own[draft.own.column] = True, True, True
        self.owners = in_order(draft.own.column, search.blocks.site)
        self.row_site = row_sites(arrays, search.blocks)
        self.tied = tied_units(search, self.row_site)
        self.head = np.zeros(len(crews))
        np.maximum.at(self.head, crews.seat_crew, self.part)
        self.size = sizes_of_sites(search, self.far)
        self.hours = draft.columns.hours.sum(axis=1)
        self.with_work = draft.serves & (draft.copies > 0) & (self.work(draft.place, even[draft.place]) > 0)
        leads = crews.role[crews.seat_crew] == LEADER
        led = np.bincount(crews.seat_pod[leads], weights=prices.mean[draft.heads[leads]], minlength=len(draft.copies))
        alone = self.with_work & (draft.copies == 1)
        self.leaderless = alone & (led < LED)
        self.is_rough = bool(self.leaderless.sum() > ROUGH * alone.sum())

    def work(self, columns: Ints, much: Floats) -> Floats:
        """Hours that accounts need at each site (P), where some columns of the model have these values."""
        draft, spot = self.search.master.draft, self.search.place_of[columns]
        placed = spot != NOBODY
        spot, much = spot[placed], much[placed]
        hours = much * self.hours[spot]
        return np.bincount(draft.columns.pod[spot], weights=hours, minlength=len(draft.copies)).astype(float)

    def evened(self, now: Point, waiting: Marks) -> Point:
        """What sites took of a crew's time is no longer there for those that wait (error diffusion)."""
        draft = self.search.master.draft
        crew, used = draft.crews.seat_crew, now.values[draft.used]
        much = now.values[self.time] * self.part
        waits = waiting[draft.crews.seat_pod]
        there = np.bincount(crew[waits], weights=much[waits], minlength=len(used))
        over = np.clip(np.bincount(crew, weights=much, minlength=len(used)) - used, 0.0, there)
        left = 1.0 - over / np.maximum(there, WHOLE)
        time = self.time[waits]
        return self.search.whole.moved(now, time, now.values[time] * left[crew[waits]])

    def at(self, waiting: Marks, rows: Ints) -> Marks:
        """Which rows are of sites that wait."""
        of = self.row_site[rows]
        return np.asarray((of != NOBODY) & waiting[of])

    def _earned(self, columns: Ints, waiting: Marks) -> Floats:
        """What columns earn, time less its price where a site that waits could use it: else nobody would."""
        draft, seat = self.search.master.draft, self.seat_of[columns]
        crews, mine = draft.crews, np.flatnonzero(seat != NOBODY)
        seat, cost = seat[mine], self.search.master.arrays.cost[columns]
        others = members(self.seats, distinct(crews.seat_crew[seat]))
        others = others[waiting[crews.seat_pod[others]] & ~self.is_far[draft.heads[others]]]
        wanted = np.isin(crews.seat_crew[seat], crews.seat_crew[others])
        cost[mine[wanted]] -= self.price[seat[wanted]]
        return cost

    def _may_take(self, values: Floats, waiting: Marks) -> Floats:
        """Time of each crew that a site may take from those that wait: a step or a head, if they have it (G)."""
        crews = self.search.master.draft.crews
        waits = waiting[crews.seat_pod]
        much = (values[self.time] * self.part)[waits]
        return np.minimum(self.head, np.bincount(crews.seat_crew[waits], weights=much, minlength=len(crews)))

    def staffed(self, moment: Moment, site: int) -> Change | None:
        """One site staffed, as near to its averages as it can be; None where there is no answer."""
        for reach in REACHES if moment.waiting.any() else UNBOUND:
            found = self._solved(moment, site, reach)
            if found is not None:
                return found
        return None

    def _solved(self, moment: Moment, site: int, reach: Reach) -> Change | None:
        search, (now, waiting, share, seconds) = self.search, moment
        values = now.values
        draft = search.master.draft
        columns, place = draft.columns, draft.place
        here = search.taken_or_near(values, np.array([site]))
        units = search.active(here, int(share * reach.units * self.size[site]))
        spots, _ = spans(columns.start[units], columns.start[units + 1])
        outside = spots[waiting[columns.pod[spots]]]
        best = self._best_outside(outside)
        owners = search.blocks.of_units(units)
        owners = owners[self.is_own[owners]]
        others = owners[waiting[search.blocks.site[owners]]]
        gone = np.concatenate([place[outside], others])
        base = search.whole.moved(now, gone, np.zeros(len(gone)))
        free = self._free(moment, site, units, is_near=bool(np.isfinite(reach.heads)))
        part, model = self._part(base, waiting, distinct(np.append(free, place[best])), best)
        if np.isfinite(reach.heads):
            spot = search.place_of[part.columns]
            inside = spot[(spot != NOBODY) & (columns.pod[spot] == site)]
            model = self._near_average(model, part, base.values, site, inside, reach)
        answer = self._answer(model, part.columns, site, seconds)
        if answer.values is None or answer.status is Status.FAILED:
            return None
        found = answer.values[: len(part.columns)]
        after = base.values
        after[part.columns] = np.where(model.integer[: len(part.columns)], np.rint(found), found)
        if self.is_rough:
            loose = outside[~self.tied[columns.unit[outside]]]
            share_out(search, values, after, outside=loose, best=best, others=others)
        return change_between(distinct(np.concatenate([part.columns, gone])), values, after)

    def _answer(self, model: Arrays, columns: Ints, site: int, seconds: float) -> Answer:
        """A site's best people and accounts that there is time for."""
        size, spot = float(self.size[site]), self.search.place_of[columns]
        ends = time.monotonic() + seconds * size

        def left() -> float | None:
            return self.budget.seconds(ends - time.monotonic())

        if self.is_own[columns].any():
            unit = np.full(len(model.cost), NOBODY)
            unit[: len(columns)] = np.where(spot != NOBODY, self.search.master.draft.columns.unit[spot], NOBODY)
            answer = in_turns(model, unit, size=size, left=left, nodes=NODES)
            if answer is not None:
                return answer
        if len(model.cost) >= MANY:
            give_back()  # what is free between the arrays of small models, a tenth of all memory by then
        # Its own time: where a machine is slow fractions alone may have taken all of the first.
        limit = self.budget.seconds(seconds * size)
        return solve(model, time_limit_s=limit, nodes=NODES, gap=GAP, rens=True, restarts=False)

    def _free(self, moment: Moment, site: int, units: Ints, *, is_near: bool) -> Ints:
        """Columns that a site decides: its people, its owners, and where units may be but for sites that wait.

        Parameters
        ----------
        is_near
            Whether far seats stay as they are.
        """
        search, pod, values = self.search, self.search.master.draft.columns.pod, moment.now.values
        of_units = search.blocks.of_units(units)
        owners = members(self.owners, np.array([site]))
        around = search.blocks.around(np.array([site]))
        free = distinct(np.concatenate([around, of_units[~self.is_own[of_units]], owners]))
        spot = search.place_of[free]
        at = pod[spot]
        worth_a_look = search.near[spot] | (values[free] > WHOLE)
        decided = np.where(at == site, worth_a_look, ~moment.waiting[at] & ~self.search.master.draft.serves[at])
        stays = self.is_used[free] | (is_near & self.is_far[free])
        return np.asarray(free[~stays & ((spot == NOBODY) | decided)])

    def _part(self, base: Point, waiting: Marks, free: Ints, best: Ints) -> tuple[Restriction, Arrays]:
        """The model of a site, with time and places elsewhere at their prices."""
        search, draft = self.search, self.search.master.draft
        part = search.whole.restricted(base, free, dropped=partial(self.at, waiting))
        cost, upper = self._earned(part.columns, waiting), part.model.row_upper.copy()
        cost[np.searchsorted(part.columns, draft.place[best])] = self.worth[best]
        of = np.searchsorted(part.rows, draft.time_row)
        mine = part.rows[np.minimum(of, len(part.rows) - 1)] == draft.time_row
        upper[of[mine]] += self._may_take(base.values, waiting)[mine]
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
