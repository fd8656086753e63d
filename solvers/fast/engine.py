"""The fast engine: staff the pods first, then place the accounts, then name their owners.

1. *Staff*: the staffing model (`master`) with accounts continuous, first roughly, then, after a search, in full; its
   dual bound is the proven bound of the whole.
2. *Search*: a few sites, later a few pods at a time are staffed again (`search`).
3. *Place*: people fixed, accounts whole.
4. *Name*: crews become people, owners are named pod by pod; who finds no team moves to the next best place.
5. *Polish*: one pod after the other is solved exactly with its people by name.

Where naming loses accounts, stage 3 may fill that pod's hours a little less, and 3 to 5 run again; the best
plan is kept. Numbered copies of a virtual pod are one site in stage 1; its people are dealt out to its pods before
stage 2. Work is counted in branch-and-bound nodes of stages 1 and 3, and in neighbourhoods of stage 2, each.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.direct import all_direct_plan
from podplanner.domain.errors import EngineError
from podplanner.domain.place import count_allowed
from podplanner.domain.result import Limit, Outcome, Reason, Termination
from podplanner.domain.result import gap as relative_gap
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import NOBODY
from solvers.highs import Answer, Status, solve
from solvers.fast.clashes import clashing_words
from solvers.fast.desk import to_plan
from solvers.fast.fixing import fixed_by
from solvers.fast.master import build_master, plain_bound
from solvers.fast.polish import polish
from solvers.fast.prices import hour_prices
from solvers.fast.roster import nobody
from solvers.fast.rosters import make_roster
from solvers.fast.search import Staffing, improve_staffing
from solvers.fast.sites import site_of_pods
from solvers.fast.teams import name_all

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from solvers.engine import Limits, Progress
    from solvers.fast.desk import Desk
    from solvers.fast.master import Master
    from solvers.fast.roster import Roster

ROUNDS = 4
"""Rounds of stages 3 to 5."""

POLISH_ROUNDS = 3
"""Rounds over all pods of stage 5."""

FIRST_SHARE = 0.1
"""Share of the time limit that the first, rough staffing may take."""

SEARCH_SHARE = 0.25
"""Share of the time then left that one search of stage 2 may take: first by sites, then by pods."""

PROOF_SHARE = 0.5
"""Share of the time then left that proving the bound (and staffing better) may take."""

MOST_PAIRS = 200_000
"""(account, pod) pairs beyond which the staffing model takes too long to be of use."""

OPTIMAL_GAP = 1e-6


@dataclass
class FastEngine:
    """See the module's words."""

    name: str = "fast"

    def refusal(self, instance: Instance) -> str | None:
        """Too many (account, pod) pairs for the staffing model."""
        columns = int(count_allowed(instance).sum())
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
        site = site_of_pods(self.instance)
        master = build_master(self.instance, site)
        self.bound = plain_bound(master)
        each = np.arange(len(site))
        whole = master if np.array_equal(site, each) else build_master(self.instance, each)
        first = self._staff(master, nodes=1, share=FIRST_SHARE, start=None)
        if first.status is Status.INFEASIBLE:
            return self._infeasible(master, first)
        rough = None if first.values is None else Staffing(values=first.values, objective=first.objective)
        best = self._early(master, whole, rough)
        proof = first
        if first.status is not Status.OPTIMAL and not self._done():
            self.step = "proving"
            start = None if best is None else best.values
            proof = self._staff(master, nodes=self._nodes(), share=PROOF_SHARE, start=start)
            if proof.status is Status.INFEASIBLE:
                return self._infeasible(master, proof)
            if proof.values is not None and (best is None or proof.objective > best.objective):
                best = Staffing(values=proof.values, objective=proof.objective)
        if best is not None and not self._done():
            self._cycles(whole, make_roster(master.draft, best.values))
        return self._ended(whole, proof)

    def _early(self, master: Master, whole: Master, rough: Staffing | None) -> Staffing | None:
        """A plan with people as soon as may be: from the first staffing, then from a search by sites."""
        full = np.ones(len(self.instance.pods))
        if rough is not None:
            self._round(whole, make_roster(master.draft, rough.values), full, share=FIRST_SHARE)
        best = self._search(master, rough or self._spread(master, nobody(len(full))), self.limits.seed)
        if best is not None and best is not rough and not self._done():
            self._round(whole, make_roster(master.draft, best.values), full, share=FIRST_SHARE)
        return best

    def _infeasible(self, master: Master, answer: Answer) -> Outcome:
        if self.best is not None:
            raise EngineError("the staffing model has no solution, but there is a plan")
        clashes = clashing_words(master, time_limit_s=self._left())
        termination = Termination(reason=Reason.INFEASIBLE, limit=None, detail=answer.detail)
        return Outcome(termination=termination, bound=-np.inf, plan=None, clashes=clashes)

    def _start(self, hint: Plan | None) -> None:
        """A plan in hand from the first moment: all direct, or the hint."""
        for known in (all_direct_plan(self.instance), hint):
            if known is not None:
                self._consider(known, None)

    def _staff(self, master: Master, *, nodes: int | None, share: float, start: NDArray[np.float64] | None) -> Answer:
        """Who works where, accounts continuous."""
        answer = solve(
            master.arrays,
            time_limit_s=self._left(share),
            nodes=nodes,
            gap=self.limits.gap / 4,
            seed=self.limits.seed,
            start=start,
            on_progress=self._told,
            stop_asked=self._stop,
        )
        if answer.status is Status.FAILED:
            raise EngineError(f"HiGHS ended the staffing model with status {answer.detail}")
        self.bound = min(self.bound, answer.bound)
        return answer

    def _cycles(self, whole: Master, roster: Roster) -> None:
        """Stages 2 to 5; with a clock again, each time with other draws, while that gains and time lasts."""
        for cycle in count():
            before = None if self.best is None else self.best[0]
            found = self._search(whole, self._spread(whole, roster), self.limits.seed + cycle)
            if found is not None:
                roster = make_roster(whole.draft, found.values)
            self._rounds(whole, roster)
            gained = self.best is not None and self.best[0] != before
            if self.limits.time_limit_s is None or self._done() or self._out_of_time() or not gained:
                return

    def _spread(self, master: Master, roster: Roster) -> Staffing | None:
        """A roster as a staffing, accounts split at will."""
        full = np.ones(len(self.instance.pods))
        spread = self._place(master, roster, full, whole_accounts=False)
        if spread.values is None:
            spread = self._place(master, roster, full, whole_accounts=False, at_most=True)
        return None if spread.values is None else Staffing(values=spread.values, objective=spread.objective)

    def _search(self, master: Master, start: Staffing | None, seed: int) -> Staffing | None:
        """Stage 2: better staffing while its share of the time, or work, lasts."""
        if start is None:
            return None
        distance = relative_gap(self.bound, start.objective)
        if distance is not None and distance <= self.limits.gap / 4:
            return start
        self.step = "searching"
        deadline = self._left(1 - SEARCH_SHARE)
        return improve_staffing(
            master,
            start,
            seed=seed,
            tries=self._nodes(),
            left=lambda: None if deadline is None else (self._left() or 0.0) - deadline,
            stop_asked=self._stop,
        )

    def _rounds(self, whole: Master, roster: Roster) -> None:
        """Stages 3 to 5, again with less filled pods where somebody found no team."""
        fill = np.ones(len(self.instance.pods))
        for _ in range(ROUNDS):
            desk, staffing, missed = self._round(whole, roster, fill)
            if desk is not None and staffing is not None:
                self._polish(desk, staffing)
            if not missed.any() or self._done() or self._out_of_time():
                return
            fill -= missed

    def _round(
        self, whole: Master, roster: Roster, fill: NDArray[np.float64], share: float = 0.5
    ) -> tuple[Desk | None, NDArray[np.float64] | None, NDArray[np.float64]]:
        """Stages 3 and 4: desk and staffing values where all went well, and what each pod missed."""
        self.step = "placing"
        placed = self._place(whole, roster, fill, share=share)
        if placed.values is None:
            # Dealt out to pods, people may be more than a leader's week allows: let some go.
            placed = self._place(whole, roster, fill, at_most=True, share=share)
            if placed.values is None:
                return None, None, np.zeros(len(fill))
            roster = make_roster(whole.draft, placed.values)
        self.step = "naming"
        desk, missed = name_all(whole, roster, placed.values, time_limit_s=self._left(share))
        if desk is not None:
            self._consider(to_plan(desk), placed.values)
        return desk, placed.values, missed

    def _polish(self, desk: Desk, staffing: NDArray[np.float64]) -> None:
        """Stage 5: pod by pod with everybody by name."""
        if self._done():
            return
        self.step = "polishing"
        polish(desk, desk.rules.allowed(desk.draft), desk.rules.movable(desk.draft), self._left, POLISH_ROUNDS)
        self._consider(to_plan(desk), staffing)

    def _place(
        self,
        whole: Master,
        roster: Roster,
        fill: NDArray[np.float64],
        *,
        whole_accounts: bool = True,
        at_most: bool = False,
        share: float = 0.5,
    ) -> Answer:
        """Stage 3: people fixed (or at most those), accounts whole (or split), each pod's hours filled to its share."""
        arrays, draft = whole.arrays, whole.draft
        column, fixed = fixed_by(draft, roster)
        lower, upper, integer = arrays.lower.copy(), arrays.upper.copy(), arrays.integer.copy()
        upper[column] = fixed
        if not at_most:
            lower[column] = fixed
        integer[draft.place] = whole_accounts
        row_fill = np.ones(len(arrays.row_lower))
        serving = draft.hours_row[:, 0] != NOBODY
        row_fill[draft.hours_row[serving]] = fill[serving, None]
        start, index, value = arrays.matrix
        account = np.zeros(len(arrays.cost), bool)
        account[draft.place] = True
        row = np.repeat(np.arange(len(start) - 1), np.diff(start))
        model = replace(
            arrays,
            lower=lower,
            upper=upper,
            integer=integer,
            matrix=(start, index, np.where(account[index], value / row_fill[row], value)),
        )
        return solve(
            model,
            time_limit_s=self._left(share),
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


ENGINE = FastEngine()
