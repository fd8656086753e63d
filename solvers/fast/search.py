"""Better staffing by large neighbourhoods: a few sites that compete for the same accounts are staffed again together.

Everything else stands still; accounts may be split, and may leave any site for these (Shaw, Using constraint
programming and local search methods to solve vehicle routing problems, 1998). Neighbourhoods that share no site
are solved at a time, on two threads where there are two workers; centres that bring nothing are asked less often.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import NOBODY
from solvers.fast.blocks import find_blocks
from solvers.fast.neighbourhoods import (
    WHOLE,
    Known,
    allies_of,
    doubt_of,
    drawn_neighbourhood,
    fractional,
    lenders_of,
    people_of,
    places_of_least_regret,
    rivals_of,
    strained,
)
from solvers.fast.restriction import Change, Point, Whole, all_kept
from solvers.fast.spreading import parts_of_units, units_in_time
from solvers.fast.ways import MANY_TOGETHER, TOGETHER, mending_stages, stages_by, whole_stages
from solvers.highs import Status, solve
from solvers.memory import give_back
from solvers.sparse import distinct

if TYPE_CHECKING:
    from solvers.fast.budget import Budget
    from solvers.fast.master import Master
    from solvers.fast.restriction import Restriction
    from solvers.fast.ways import Stage, Way

SECONDS = 3.0
"""Wall seconds of one neighbourhood, where a run has a time limit."""

NEAR = 1000.0
"""Money a year by which a column may be worse than its unit's best, at the prices, to be tried."""

MOST_NEAR, TIED = 100_000, 100.0
"""Columns up to which all of those are looked at when the accounts are spread again; else those within this money, as
outside of a neighbourhood."""

WEARY = 0.6
"""Factor on a centre's weight after it brought nothing."""

LEAST_GAIN = 1.0
"""Money a year below which a staffing is not better."""

REDRAWS = 8
"""Draws around one centre before it counts as one that brings nothing, where all were tried since they last changed."""

RESPREAD = 20
"""Neighbourhoods after which all accounts are spread again."""


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """Values of the staffing model, their objective, and prices of its rows where accounts were just spread (M)."""

    values: NDArray[np.float64]
    objective: float
    dual: NDArray[np.float64] | None = None


class Search:
    """Neighbourhoods of one staffing model.

    Parameters
    ----------
    regret
        What each account column is worth less than its unit's best at the prices (K).
    row_price
        Prices of the rows in the relaxation, for models too large for those of a staffing (M).
    """

    def __init__(
        self, master: Master, regret: NDArray[np.float64], row_price: NDArray[np.float64] | None = None
    ) -> None:
        draft = master.draft
        self.master, self.regret, self.row_price = master, regret, row_price
        self.common = ~draft.serves[draft.columns.pod]
        self.near = near = (regret <= NEAR) | self.common
        self.is_large = len(near) > MOST_NEAR
        self.place_of = np.full(len(master.arrays.cost), NOBODY, np.int32)
        self.place_of[draft.place] = np.arange(len(draft.place))
        self.head_of = np.full(len(master.arrays.cost), NOBODY, np.int32)
        self.head_of[draft.kept_books.column] = draft.heads[draft.kept_books.seat]
        self.doubt = doubt_of(draft, regret)
        self.blocks = find_blocks(master)
        self.whole = Whole(master.arrays)
        self.rivals = rivals_of(draft, near)
        self.people = people_of(draft)
        self.stages = stages_by(self.rivals, allies_of(self.rivals, self.people), alone=self.is_large)

    def checked(self, values: NDArray[np.float64]) -> Staffing | None:
        """Values from elsewhere as a staffing, None where they break a row."""
        if not self.whole.feasible(values) or (self.master.arrays.integer & fractional(values)).any():
            return None
        return self.valued(values)

    def respread(self, staffing: Staffing, budget: Budget) -> Staffing:
        """The accounts of a staffing at their best, split at will, with everybody where they are."""
        if budget.over():
            return staffing
        values, rows = staffing.values.copy(), len(self.master.arrays.row_lower)
        dual, times = np.zeros(rows), np.zeros(rows)
        most = units_in_time(len(self.doubt), budget.left(), owned=self.master.draft.has_owners)
        for units in parts_of_units(self.master.draft, self.regret, self.rivals, most):
            part = self.accounts_only(values, units=units)
            if self.is_large:
                give_back()  # what the part before has left free
            answer = solve(part.model, time_limit_s=budget.left(), stop_asked=budget.stop_asked)
            if answer.values is None or answer.duals is None:
                return max(staffing, self.valued(values), key=lambda each: each.objective)
            values[part.columns] = answer.values
            dual[part.rows] += answer.duals
            times[part.rows] += 1.0
        spread = replace(self.valued(values), dual=dual / np.maximum(times, 1.0))
        return max(staffing, spread, key=lambda each: each.objective)

    def duals(self, staffing: Staffing, time_limit_s: float | None = None) -> NDArray[np.float64] | None:
        """What one more unit of each row's limit earns, with everybody where they are; None without an answer.

        Of a model too large for that, and of one that takes longer than it may, what it earns in the relaxation.
        """
        if self.row_price is not None and self.is_large:
            return self.row_price
        part = self.accounts_only(staffing.values)
        answer = solve(part.model, time_limit_s=time_limit_s)
        if answer.status is not Status.OPTIMAL or answer.duals is None:
            return self.row_price if answer.status is Status.TIME else None
        dual = np.bincount(part.rows, weights=answer.duals, minlength=len(self.master.arrays.row_lower))
        return dual.astype(np.float64)

    def accounts_only(
        self, values: NDArray[np.float64], *, keeps_all: bool = False, units: NDArray[np.bool_] | None = None
    ) -> Restriction:
        """The model with everybody where they are; rows that the values break are kept again if that is asked for.

        Parameters
        ----------
        units
            Those that may move, and what belongs to nobody; None: all (U).
        """
        arrays, draft = self.master.arrays, self.master.draft
        free = ~arrays.integer
        if units is not None:
            free &= np.append(units, True)[self.blocks.unit]
        within = (self.regret <= TIED) | self.common if self.is_large else self.near
        free[draft.place] &= within | (values[draft.place] > WHOLE)
        books = draft.kept_books.column if units is None else self.blocks.books_of(np.flatnonzero(units))
        free[draft.kept_books.column] = False
        free[books] = (values[self.head_of[books]] > WHOLE) | (values[books] > WHOLE)
        now = self.whole.at(values)
        return self.whole.restricted(now, np.flatnonzero(free), dropped=all_kept if keeps_all else None)

    def valued(self, values: NDArray[np.float64]) -> Staffing:
        """Values that keep all rows, as a staffing."""
        arrays = self.master.arrays
        return Staffing(values=values, objective=float(arrays.offset + arrays.cost @ values))

    def mended(self, start: Staffing, budget: Budget) -> Staffing:
        """As `improve`, for a start that lacks something that it had: in `mending_stages`."""
        return self.improve(start, budget, mending_stages(self.stages))

    def with_whole_units(self, start: Staffing, budget: Budget) -> Staffing:
        """As `improve`, for a start whose units are whole: they stay so, and everybody stays."""
        staffed = self._staffed(start.values)
        return self.improve(start, budget, whole_stages(self.rivals * (staffed & staffed[:, None])))

    def improve(self, start: Staffing, budget: Budget, stages: list[Stage] | None = None) -> Staffing:
        """Search until time, tries or ideas are out; neighbourhoods grow when those of a size bring nothing more.

        Of each size those come first whose sites compete for accounts, then those that could also share people, then
        those with people of the staffed sites around them: what opens needs the leader who now leads another.

        Parameters
        ----------
        stages
            Other kinds of neighbourhoods than these.
        """
        draft, stages = self.master.draft, self.stages if stages is None else stages
        centres = np.where(draft.serves & (draft.copies > 0), 1.0, 0.0)
        weight, stage, count = self._first_weight(centres, stages[0], start), 0, 0
        random = np.random.default_rng(budget.seed)
        best, known = start, Known.nothing(len(centres))
        now = self.whole.at(best.values)
        with ThreadPoolExecutor(budget.workers) as pool:
            while not budget.over() and (budget.tries is None or count < budget.tries):
                if weight.max(initial=0.0) <= WEARY**2:
                    stage += 1
                    if stage == len(stages) or stages[stage].size > centres.sum():
                        break
                    weight = self._first_weight(centres, stages[stage], best)
                tried = self._draw(weight, stages[stage], known, random)
                if not tried:
                    continue
                count += len(tried)
                is_split = stages[stage].way.whole_places is None
                if is_split and count % RESPREAD < len(tried) and not self.is_large:
                    best = self.respread(best, budget)
                    now = self.whole.at(best.values)
                solve_here = partial(self.restaffed, now, way=stages[stage].way, budget=budget)
                answers = list((map if budget.busy() else pool.map)(solve_here, [sites for _, sites in tried]))
                best, now = self._join(best, now, tried, answers, weight, known)
        return best

    def _first_weight(self, centres: NDArray[np.float64], stage: Stage, start: Staffing) -> NDArray[np.float64]:
        """How often each site is to be a centre at first (P)."""
        if stage.opens:
            return np.where(self._staffed(start.values), 0.0, centres)
        if self.is_large and start.dual is not None and self.row_price is not None:
            return centres * strained(self.master.draft, start.values, start.dual - self.row_price)
        return centres.copy() if stage.way.whole_places is None else np.where(self._staffed(start.values), centres, 0.0)

    def _staffed(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Sites that have people (P)."""
        staffed = self.master.draft.staffed
        return np.asarray((staffed != NOBODY) & (values[staffed] > WHOLE))

    def _draw(
        self,
        weight: NDArray[np.float64],
        stage: Stage,
        known: Known,
        random: np.random.Generator,
    ) -> list[tuple[int, NDArray[np.bool_]]]:
        """Neighbourhoods that share no site and may bring something: their centres and sites."""
        tried: list[tuple[int, NDArray[np.bool_]]] = []
        taken = np.zeros(len(weight), bool)
        for _ in range(MANY_TOGETHER if self.is_large else TOGETHER):
            free = np.where(taken, 0.0, weight)
            if free.sum() <= 0:
                break
            centre = int(random.choice(len(weight), p=free / free.sum()))
            others = np.where(taken, 0.0, stage.ties[centre])
            drawn = (drawn_neighbourhood(others, centre, stage.size, random) for _ in range(REDRAWS))
            sites = next((each for each in drawn if known.is_new(each, stage.way.lenders)), None)
            if sites is None:
                weight[centre] *= WEARY
                continue
            known.remember(sites, stage.way.lenders)
            taken |= sites
            tried.append((centre, sites))
        return tried

    def _join(
        self,
        best: Staffing,
        now: Point,
        tried: list[tuple[int, NDArray[np.bool_]]],
        answers: list[Change | None],
        weight: NDArray[np.float64],
        known: Known,
    ) -> tuple[Staffing, Point]:
        """Add up the answers that gain and go together, the better ones first; the staffing and its point then."""
        cost = self.master.arrays.cost
        gains = [-np.inf if found is None else found.gain(cost) for found in answers]
        first = True
        for k in sorted(range(len(tried)), key=lambda k: (-gains[k], k)):
            (centre, sites), found = tried[k], answers[k]
            if found is None or gains[k] <= LEAST_GAIN:
                weight[centre] *= WEARY
                continue
            known.changes[sites] += 1
            joined = self.whole.changed(now, found)
            if first or self.whole.goes_from(now, joined, found.columns):
                best, now = Staffing(values=joined.values, objective=best.objective + gains[k]), joined
                first = False
                weight[sites] = np.maximum(weight[sites], 1.0)
        return best, now

    def restaffed(self, now: Point, sites: NDArray[np.bool_], *, way: Way, budget: Budget) -> Change | None:
        """How values change with these sites staffed again, None where there is no answer."""
        values = now.values
        free = self._free(values, sites, way) if way.whole_places is None else self._free_places(values, sites, way)
        part = self.whole.restricted(now, free)
        is_whole = part.model.integer | (self.place_of[free] != NOBODY) & (way.whole_places is not None)
        answer = solve(
            replace(part.model, integer=is_whole),
            time_limit_s=budget.seconds(SECONDS),
            nodes=way.nodes,
            gap=way.gap,
            start=values[free],
            own_search=way.whole_places is not None,
            restarts=False,
        )
        if answer.values is None or answer.status is Status.FAILED:
            return None
        after = np.where(is_whole, np.rint(answer.values), answer.values)
        return Change(columns=free, before=values[free], after=after)

    def _free(self, values: NDArray[np.float64], sites: NDArray[np.bool_], way: Way) -> NDArray[np.int64]:
        """Columns that are free when sites are staffed again: people there, and accounts that may be there."""
        draft = self.master.draft
        here = self.taken_or_near(values, np.flatnonzero(sites))
        units = self.active(here, way.units * min(way.sites, int(sites.sum())))
        lenders = lenders_of(self.people, self._staffed(values), sites, way.lenders)
        around = self.blocks.around(np.flatnonzero(sites | lenders))
        books = self.blocks.books_of(units)
        books = books[values[self.head_of[books]] > WHOLE]
        free = distinct(np.concatenate([around, self.blocks.of_units(units), books]))
        spot = self.place_of[free]
        is_away = ~sites[draft.columns.pod[spot]] & (self.regret[spot] > TIED) & ~self.common[spot]
        shut = (spot != NOBODY) & (~self.near[spot] | is_away) & (values[free] <= WHOLE)
        if way.keeps_whole:
            shut |= self.master.arrays.integer[free] & ~fractional(values[free])
        return np.asarray(free[~shut])

    def _free_places(self, values: NDArray[np.float64], sites: NDArray[np.bool_], way: Way) -> NDArray[np.int64]:
        """Columns that are free where everybody stays and units are whole."""
        draft = self.master.draft
        here = np.union1d(self.places_at(np.flatnonzero(sites)), np.flatnonzero(self.common))
        taken = values[draft.place[here]] > WHOLE
        most = way.whole_places or 0
        chosen = places_of_least_regret(draft.columns.unit[here], self.regret[here], taken, most)
        return np.asarray(draft.place[here[chosen]])

    def taken_or_near(self, values: NDArray[np.float64], sites: NDArray[np.int64]) -> NDArray[np.int64]:
        """Account columns at sites that are worth a look, or taken."""
        here = self.places_at(sites)
        return np.asarray(here[self.near[here] | (values[self.master.draft.place[here]] > WHOLE)])

    def places_at(self, sites: NDArray[np.int64]) -> NDArray[np.int64]:
        """Account columns at sites."""
        return np.concatenate([np.zeros(0, np.int64), *(self.master.draft.columns.by_pod[site] for site in sites)])

    def active(self, here: NDArray[np.int64], most: int) -> NDArray[np.int64]:
        """Units that may move, ascending: those with columns here, the doubtful ones first where they are many."""
        units, places = np.unique(self.master.draft.columns.unit[here], return_counts=True)
        if len(units) > most:
            order = np.lexsort((units, self.doubt[units], -np.minimum(places, 2)))
            units = np.sort(units[order[:most]])
        return np.asarray(units)
