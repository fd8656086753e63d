"""The staged engine: staff the pods first, then place the accounts, then name their owners.

1. *Staff*: the staffing model (`master`) with accounts continuous; its dual bound is the proven bound of the whole.
2. *Place*: heads fixed, accounts whole.
3. *Name*: crews become people, owners are named pod by pod; who finds no team moves to the next best place.

When naming loses much, the hours that stage 2 may fill shrink a little and 2 and 3 run again; the best plan is kept.
Work is counted in branch-and-bound nodes of stages 1 and 2 each.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.direct import all_direct_plan
from podplanner.domain.result import Limit, Outcome, Reason, Termination
from podplanner.domain.result import gap as relative_gap
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import NOBODY
from solvers.highs import Answer, Status, solve
from solvers.staged.clashes import clashing_words
from solvers.staged.desk import start_desk, to_plan
from solvers.staged.master import build_master
from solvers.staged.naming import name_owners
from solvers.staged.naming_rules import Naming
from solvers.staged.prices import hour_prices
from solvers.staged.repair import improve_places, place_leftovers
from solvers.staged.rosters import make_roster

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from solvers.engine import Limits, Progress
    from solvers.staged.master import Master

FILL = (1.0, 0.985, 0.96, 0.92)
"""Share of hours that accounts may fill in stage 2, one round after the other."""

STAFFING_SHARE = 0.6
"""Share of the time limit that stage 1 may take."""

MOST_PAIRS = 200_000
"""(account, pod) pairs beyond which the staffing model takes too long to be of use."""

OPTIMAL_GAP = 1e-6


@dataclass
class StagedEngine:
    """See the module's words."""

    name: str = "staged"

    def refusal(self, instance: Instance) -> str | None:
        """Too many accounts for the staffing model, or a rule that only the reference engine keeps."""
        columns = len(instance.derived.pairs)
        if columns > MOST_PAIRS:
            return (
                f"{columns:,} (account, pod) pairs are more than the {MOST_PAIRS:,} this engine takes; "
                "reduce max_local_km or the number of candidate pods"
            )
        return None

    def solve(self, instance: Instance, limits: Limits, *, hint: Plan | None, progress: Progress) -> Outcome:
        """Solve in stages; the bound is that of the staffing model, a relaxation of the whole."""
        return _Run(instance, limits, progress).outcome(hint)


class _Run:
    """One run: its clock, its best plan, its bound."""

    def __init__(self, instance: Instance, limits: Limits, progress: Progress) -> None:
        self.instance, self.limits, self.progress = instance, limits, progress
        self.begin = time.monotonic()
        self.best: tuple[float, Plan, NDArray[np.float64] | None] | None = None
        self.bound = np.inf
        self.rejected = 0
        self.step = "staffing"

    def outcome(self, hint: Plan | None) -> Outcome:
        """Run all stages."""
        self._start(hint)
        master = build_master(self.instance)
        self.bound = plain_bound(master)
        staffing = self._staff(master)
        self.bound = min(self.bound, staffing.bound)
        if staffing.status is Status.INFEASIBLE:
            clashes = clashing_words(master, time_limit_s=self._left())
            termination = Termination(reason=Reason.INFEASIBLE, limit=None, detail=staffing.detail)
            return Outcome(termination=termination, bound=-np.inf, plan=None, clashes=clashes)
        if staffing.values is not None and not self.progress.cancelled():
            for fill in FILL:
                self._round(master, staffing.values, fill)
                if self._done() or self._out_of_time():
                    break
        return self._ended(master, staffing)

    def _start(self, hint: Plan | None) -> None:
        """A plan in hand from the first moment: all direct, or the hint."""
        for known in (all_direct_plan(self.instance), hint):
            if known is not None:
                self._consider(known, None)

    def _staff(self, master: Master) -> Answer:
        """Stage 1: who works where, accounts continuous."""
        return solve(
            master.arrays,
            time_limit_s=self._left(STAFFING_SHARE),
            nodes=self._nodes(),
            gap=self.limits.gap / 4,
            seed=self.limits.seed,
            on_progress=self._told,
            stop_asked=self._stop,
        )

    def _round(self, master: Master, staffing: NDArray[np.float64], fill: float) -> None:
        """Stages 2 and 3 at one filling of hours."""
        self.step = "placing"
        placed = self._place(master, staffing, fill)
        if placed.values is None:
            return
        self.step = "naming"
        plan = make_plan(master, placed.values)
        if plan is not None:
            self._consider(plan, placed.values)

    def _place(self, master: Master, staffing: NDArray[np.float64], fill: float) -> Answer:
        """Stage 2: heads fixed, accounts whole, hours filled to a share."""
        arrays, draft = master.arrays, master.draft
        fixed = np.rint(staffing)
        keep_missing = np.zeros(len(fixed), bool)
        keep_missing[draft.missing_coach[draft.missing_coach != NOBODY]] = True
        frozen = arrays.integer & ~keep_missing
        integer = arrays.integer.copy()
        integer[draft.place] = True
        start, index, value = arrays.matrix
        row = np.repeat(np.arange(len(start) - 1), np.diff(start))
        tight = np.isin(row, draft.hours_row[draft.hours_row != NOBODY]) & np.isin(index, draft.place)
        model = replace(
            arrays,
            lower=np.where(frozen, fixed, arrays.lower),
            upper=np.where(frozen, fixed, arrays.upper),
            integer=integer,
            matrix=(start, index, np.where(tight, value / fill, value)),
        )
        return solve(
            model,
            time_limit_s=self._left(0.5),
            nodes=self._nodes(),
            gap=self.limits.gap / 10,
            seed=self.limits.seed,
            stop_asked=self._stop,
        )

    def _consider(self, plan: Plan, staffing: NDArray[np.float64] | None) -> None:
        """Keep a plan that is clean and better."""
        if verify(self.instance, plan).violations:
            self.rejected += 1
            return
        contribution = score(self.instance, plan).contribution
        if self.best is None or contribution > self.best[0]:
            self.best = (contribution, plan, staffing)
            self.progress.update(step=self.step, best=contribution, bound=self._known_bound())

    def _ended(self, master: Master, staffing: Answer) -> Outcome:
        if self.progress.cancelled():
            termination = Termination(reason=Reason.CANCELLED, limit=Limit.CANCELLED, detail="cancelled")
            return Outcome(termination=termination, bound=self.bound, plan=None)
        limit = Limit.CANCELLED if self.progress.stop_asked() else Limit.TIME if self._out_of_time() else Limit.WORK
        if self.best is None:
            termination = Termination(reason=Reason.NO_SOLUTION, limit=limit, detail=staffing.detail)
            return Outcome(termination=termination, bound=self.bound, plan=None)
        contribution, plan, values = self.best
        distance = relative_gap(self.bound, contribution)
        reason = Reason.FEASIBLE
        if distance is not None and distance <= OPTIMAL_GAP:
            reason = Reason.OPTIMAL
        elif distance is not None and distance <= self.limits.gap:
            reason = Reason.GAP_REACHED
        return Outcome(
            termination=Termination(
                reason=reason, limit=limit if reason is Reason.FEASIBLE else None, detail=staffing.detail
            ),
            bound=self.bound,
            plan=plan,
            prices=None if values is None else hour_prices(master, values),
            statistics={
                "model_columns": len(master.arrays.cost),
                "model_rows": len(master.arrays.row_lower),
                "plans_rejected": self.rejected,
            },
        )

    def _nodes(self) -> int | None:
        return None if self.limits.work_limit is None else max(1, self.limits.work_limit)

    def _left(self, share: float = 1.0) -> float | None:
        if self.limits.time_limit_s is None:
            return None
        return share * max(0.0, self.limits.time_limit_s - (time.monotonic() - self.begin))

    def _out_of_time(self) -> bool:
        left = self._left()
        return left is not None and left <= 0

    def _done(self) -> bool:
        distance = None if self.best is None else relative_gap(self.bound, self.best[0])
        return self._stop() or (distance is not None and distance <= self.limits.gap)

    def _stop(self) -> bool:
        return self.progress.stop_asked() or self.progress.cancelled()

    def _known_bound(self) -> float | None:
        return float(self.bound) if np.isfinite(self.bound) else None

    def _told(self, _: float, bound: float) -> None:
        """Progress of stage 1; its objective is no plan yet, its bound counts."""
        if np.isfinite(bound):
            self.bound = min(self.bound, bound)
        self.progress.update(
            step=self.step, best=None if self.best is None else self.best[0], bound=self._known_bound()
        )


def plain_bound(master: Master) -> float:
    """Every unit at its best column and every other decision at its better limit: valid from the first moment."""
    arrays, draft = master.arrays, master.draft
    best = np.full(len(draft.columns.size), -np.inf)
    np.maximum.at(best, draft.columns.unit, draft.columns.value)
    other = np.ones(len(arrays.cost), bool)
    other[draft.place] = False
    cost, limit = arrays.cost[other], np.where(arrays.cost > 0, arrays.upper, arrays.lower)[other]
    return float(arrays.offset + best.sum() + (cost * limit)[cost != 0].sum())


def make_plan(master: Master, values: NDArray[np.float64]) -> Plan | None:
    """Stage 3: crews become people, accounts get named teams; None where some account finds no place."""
    draft = master.draft
    roster = make_roster(draft, values)
    rules = Naming.of(draft.instance)
    desk = start_desk(draft, roster, rules)
    chosen = np.flatnonzero(values[draft.place] > 0.5)
    leftover = name_owners(desk, chosen.tolist(), rules)
    allowed = rules.allowed(draft)
    if place_leftovers(desk, leftover, allowed):
        return None
    improve_places(desk, allowed, rules.movable(draft))
    return to_plan(desk)


ENGINE = StagedEngine()
