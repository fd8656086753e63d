"""The fast engine: prices and a bound first, then who works where, then whole accounts with named teams.

1. *Relax* (`relaxing`): the staffing model (`master`) with fractions; its value is the first proven bound, its prices
   say which places of an account are worth a look. On threads of its own a *proof* (`proof`; of lone reps `openings`
   too) lowers the bound, or where the model is too large for that, sites priced with whole people do (`pricing`).
2. *Settle* (`settling`, of averages `rounding`): people and openings become whole, a few sites at a time; or they are
   those of the hint.
3. *Search* (`search`): a few sites at a time are staffed again together.
4. *Seat* (`teams`): crews become people, those of a site are dealt to its pods (`split`), near the one of an earlier
   plan, owners are named, accounts whole: annealed, or searched for (`undivided`).

3 and 4 take turns while that gains and the limits allow; the best plan that the verifier finds clean is kept. Numbered
copies of a virtual pod are one site up to 3. One unit of work is a neighbourhood of 3, `MOVES` moves of 4, a node of
each proof, and a site priced.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.direct import all_direct_plan
from podplanner.domain.errors import EngineError
from podplanner.domain.result import Limit, Outcome
from podplanner.domain.result import gap as relative_gap
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from solvers.fast.apart import pod_by_pod, too_many_apart
from solvers.fast.budget import (
    DEAL_SHARE,
    FIRST_SHARE,
    LARGE_SHARE,
    SEARCH_SHARE,
    SEAT_SHARE,
    SETTLE_SHARE,
    STAYING_SHARE,
    SWEEPS,
    Clock,
)
from solvers.fast.clashes import no_plan
from solvers.fast.desk_parts import parts_of
from solvers.fast.ending import cancelled, ended, sizes_of
from solvers.fast.guard import guarded
from solvers.fast.master import build_master, plain_bound
from solvers.fast.pools import MANY_SEATS
from solvers.fast.proof import AHEAD, AHEAD_NEAR, AHEAD_S, AHEAD_SHARE, PROVERS
from solvers.fast.proofs import Proofs
from solvers.fast.relaxing import AGAIN, ANEW, relax
from solvers.fast.rosters import make_roster, roster_of
from solvers.fast.rounding import rounded
from solvers.fast.search import Search, Staffing
from solvers.fast.settling import settle
from solvers.fast.sites import site_of_pods
from solvers.fast.starts import empty_staffing, planned_staffing, seated_staffing
from solvers.fast.teams import seat, to_plan
from solvers.fast.undivided import has_teams_of_one, undivided
from solvers.highs import Status
from solvers.memory import give_back

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from podplanner.domain.result import Duals
    from solvers.engine import Limits, Progress
    from solvers.fast.budget import Budget
    from solvers.fast.draft import Draft
    from solvers.fast.ending import Best
    from solvers.fast.relaxing import Relaxed
    from solvers.fast.roster import Roster


@dataclass
class FastEngine:
    """See the module's words."""

    name: str = "fast"

    def refusal(self, instance: Instance) -> str | None:
        """It takes every instance."""
        return None

    def solve(
        self, instance: Instance, limits: Limits, *, hint: Plan | None, progress: Progress, known: Duals | None = None
    ) -> Outcome:
        """Solve; the bound is that of the staffing model, a relaxation of the whole."""
        with ThreadPoolExecutor(PROVERS) as pool:
            run = _Run(instance, limits, progress, pool)
            try:
                return run.outcome(hint, known)
            finally:
                run.proofs.stop()


class _Run:
    """One run: its clock, its best plan, its bound."""

    def __init__(self, instance: Instance, limits: Limits, progress: Progress, pool: ThreadPoolExecutor) -> None:
        self.instance, self.limits, self.progress = instance, limits, progress
        self.clock = Clock(limits)
        self.best: Best | None = None
        self.near: Plan | None = None  # the best with people where there was an earlier plan
        self.bound = np.inf
        self.duals: Duals | None = None
        self.proofs = Proofs(pool, limits, self.clock)
        self.rejected, self.step, self.detail, self.dealt_s, self.is_again = 0, "pricing", "", 0.0, False

    def outcome(self, hint: Plan | None, known: Duals | None) -> Outcome:
        """Run all steps."""
        self.is_again = hint is not None
        for start in filter(None, (all_direct_plan(self.instance), hint)):
            self._consider(start, None)
        if hint is None or verify(self.instance, hint).violations:
            hint = known = None  # with no plan to go on from, the few steps from known prices leave no averages
        master = build_master(self.instance, site_of_pods(self.instance), most_seats=MANY_SEATS, plan=hint)
        self._prove(plain_bound(master))
        anew = self.clock.may_plan_anew(len(self.instance.accounts), owned=master.draft.has_owners)
        relaxed = relax(master, self._budget(1.0, 0), hint, known, steps=ANEW if anew else AGAIN)
        if anew and known is not None and too_many_apart(relaxed.master.draft):
            hint = known = None
        self.detail = relaxed.detail
        if relaxed.status is Status.INFEASIBLE:
            return self._infeasible(relaxed.detail)
        self._prove(relaxed.bound)
        del master  # it may be most of all memory
        give_back()
        self.duals, self.proofs.master, self.proofs.sites = relaxed.duals, relaxed.whole, relaxed.sites
        self.proofs.price = None if relaxed.prices is None else relaxed.prices.row
        # An earlier plan's people are dealt already: what that costs is in its leaders' weeks.
        mean = None if relaxed.prices is None else relaxed.prices.mean
        within = guarded(relaxed.master, mean) if hint is None else relaxed.master
        search = Search(within, relaxed.regret, None if relaxed.prices is None else relaxed.prices.row)
        near = None if hint is None or known is None else self._near(search, hint)
        if near is not None:
            self._take_turns(*near, is_near=True)
        elif (staffing := self._first_staffing(search, relaxed, hint)) is not None:
            self._take_turns(search, staffing)
        return self._concluded(search)

    def _first_staffing(self, search: Search, relaxed: Relaxed, hint: Plan | None) -> Staffing | None:
        """That of the hint, else the relaxation's made whole, else the proof's."""
        if self._done() or self.clock.out_of_time():
            return None
        self.step = "staffing"
        known = None if hint is None else self._known_staffing(search, hint)
        if known is not None:
            return known
        budget = self._budget(SETTLE_SHARE, 0)
        settled = None if relaxed.values is None else settle(search, relaxed.values, budget)
        if settled is None and relaxed.prices is not None:
            settled = rounded(search, relaxed.prices, budget)
        if settled is not None:
            self.proofs.begin_pricing()  # spreading accounts leaves it a core
            return search.respread(settled, budget)
        if not self._done():
            self.proofs.begin_proof(None)
        proved = None if self.proofs.proof is None else self.proofs.proof.staffing()
        return empty_staffing(search, time_limit_s=self.clock.left()) if proved is None else proved

    def _known_staffing(self, search: Search, hint: Plan) -> Staffing | None:
        """The hint improved with everybody where they are, and its staffing; None where it has none."""
        roster = roster_of(search.master.draft, hint)
        self._name(search, roster, hint=hint, budget=self._budget(FIRST_SHARE, 0), staffing=None)
        start = planned_staffing(search, hint, time_limit_s=self.clock.left())
        return None if start is None else search.respread(start, self._budget(SEARCH_SHARE, 0))

    def _near(self, search: Search, hint: Plan) -> tuple[Search, Staffing] | None:
        """A search pod by pod and the hint's staffing, improved with everybody where they are unless a proof begins."""
        if self._done() or self.clock.out_of_time():
            return None
        self.step = "staffing"
        there, roster = pod_by_pod(search), roster_of(search.master.draft, hint)
        share = STAYING_SHARE if there is None else FIRST_SHARE
        if there is None or not self.proofs.may_prove_near:  # else that begins first
            self._name(search, roster, hint=hint, budget=self._budget(share, 0), staffing=None)
        if there is None:
            return None
        start = planned_staffing(there, self.near or hint, time_limit_s=self.clock.left())
        return None if start is None else (there, start)

    def _take_turns(self, search: Search, staffing: Staffing, *, is_near: bool = False) -> None:
        """Search and seat in turns; when sites have had theirs, pod by pod.

        Where today's owners count, pods differ by who of a team is in which: the search is pod by pod from the start.
        """
        apart = None
        if not is_near:
            self.proofs.begin_pricing()
            self._seat(search, staffing, share=FIRST_SHARE, seed=0, stays=True)
            apart = self._apart(search, staffing) if search.master.draft.has_owners else None
        by_site = apart is None and not is_near
        if apart is not None:
            search, staffing = apart
        of_one = self.best is not None and has_teams_of_one(search.master.draft, self.best[1])
        staffing = self._begin_proof(search, staffing, by_site=by_site, is_near=is_near, of_one=of_one)
        for turn in count():
            if self._done() or not self._has_time():
                return
            before = None if self.best is None else self.best[0]
            self.step = "searching"
            improve = search.mended if is_near and turn == 0 else search.improve
            if of_one or (turn == 0 and self.proofs.is_race):
                self.proofs.wait(self._budget(SEARCH_SHARE, turn), staffing.objective)
            sweep = SWEEPS * int((search.master.draft.copies > 0).sum()) if search.is_large else None
            budget = self._budget(LARGE_SHARE if search.is_large else SEARCH_SHARE, turn).at_most(sweep)
            until_proved = by_site or (is_near and turn == 0)
            staffing = improve(staffing, replace(budget, stop_asked=self._proved_or_enough) if until_proved else budget)
            staffing = self._or_proved(search, staffing) if by_site or is_near else staffing
            self._seat(search, staffing, share=FIRST_SHARE if of_one else SEAT_SHARE, seed=turn, stays=is_near)
            gained = self.best is not None and self.best[0] != before
            if by_site and (self.proofs.proof is None or self.limits.work_limit is not None or self.proofs.ended()):
                by_site = False
                self._place_whole(search)
                apart = self._apart(search, staffing)
                if apart is not None:
                    search, staffing = apart
                    continue
            if self.limits.time_limit_s is None or not (gained or by_site):
                return

    def _or_proved(self, search: Search, staffing: Staffing) -> Staffing:
        """A staffing, or what the proof has found where that is better: dealt to pods, where these are searched."""
        proof = self.proofs.proof
        proved = proof.staffing() if proof is not None and self.proofs.ended() else None
        if proof is None or proved is None or proved.objective <= staffing.objective:
            return staffing
        if len(proved.values) != len(staffing.values):
            roster = self._dealt(proof.master.draft, proved)
            proved = seated_staffing(search, roster, time_limit_s=self.clock.left())
        return max(staffing, proved or staffing, key=lambda each: each.objective)

    def _place_whole(self, search: Search) -> None:
        """While the best plan's teams are of one: place whole accounts with everybody where they are, and anneal."""
        for turn in count():
            if self.best is None or self._done():
                return
            self.step, (before, plan, _) = "placing", self.best
            staffing = undivided(search, plan, self._budget(SEAT_SHARE, turn))
            if staffing is None:
                return
            draft, budget = search.master.draft, self._budget(1.0, turn)
            self._name(search, roster_of(draft, plan), hint=plan, budget=budget, staffing=staffing)
            if self.limits.time_limit_s is None or self.clock.out_of_time() or self.best[0] == before:
                return

    def _begin_proof(
        self, search: Search, staffing: Staffing, *, by_site: bool, is_near: bool, of_one: bool
    ) -> Staffing:
        """Begin the proof from a staffing, which is improved before where that saves more than it takes; returns it."""
        if not (self.proofs.may_prove_near if is_near else self.proofs.may_prove):
            return staffing
        if is_near:
            staffing = search.mended(staffing, self._budget(SEARCH_SHARE, 0).at_most(AHEAD_NEAR))
        elif by_site and not of_one and self.clock.has(AHEAD_S):
            staffing = search.improve(staffing, self._budget(AHEAD_SHARE, 0).at_most(AHEAD))
        if not self._done():
            self.proofs.begin_proof(
                staffing if by_site else self._dealt(search.master.draft, staffing), is_race=is_near
            )
        return staffing

    def _apart(self, search: Search, staffing: Staffing) -> tuple[Search, Staffing] | None:
        """The same staffing where every pod stands for itself; None where sites are pods, or would be too many."""
        there = None if self._done() or self.clock.out_of_time() else pod_by_pod(search)
        if there is None or there is search:
            return None
        start = seated_staffing(there, self._dealt(search.master.draft, staffing), time_limit_s=self.clock.left())
        return None if start is None else (there, start)

    def _dealt(self, draft: Draft, staffing: Staffing) -> Roster:
        """Who sits where, of a staffing."""
        left, begun = self._budget(DEAL_SHARE, 0).left, time.monotonic()
        near = None if self.near is None else roster_of(draft, self.near)
        roster = make_roster(draft, staffing.values, left, near)
        self.dealt_s = max(self.dealt_s, time.monotonic() - begun)  # near a plan it takes less, and a seating not
        return roster

    def _seat(self, search: Search, staffing: Staffing, *, share: float, seed: int, stays: bool) -> None:
        """A whole plan with named teams out of a staffing; if wanted near the plan that sites are dealt near.

        From nothing accounts end better, where there is time for it.
        """
        roster, hint = self._dealt(search.master.draft, staffing), self.near if stays else None
        self._name(search, roster, hint=hint, budget=self._budget(share, seed), staffing=staffing)

    def _name(
        self, search: Search, roster: Roster, *, hint: Plan | None, budget: Budget, staffing: Staffing | None
    ) -> None:
        """Keep what a desk makes of a roster; ``staffing`` is the one it came from, None: the ``hint`` has it."""
        draft, values = search.master.draft, None if staffing is None else staffing.values
        self.step, units = "naming", len(draft.columns.size)
        desk = seat(
            draft,
            roster,
            None if values is None else values[draft.place],
            coached=None if values is None else draft.coached(values),
            hint=hint,
            seed=budget.seed,
            moves=self.clock.moves(units, in_parts=parts_of(units) > 1),
            left=budget.left,
            stop_asked=budget.stop_asked,
            workers=budget.workers,
            busy=budget.busy,
            enough=self.bound - self.limits.gap * abs(self.bound) if np.isfinite(self.bound) else np.inf,
        )
        if desk is not None:
            self._consider(to_plan(desk), None if staffing is None else (search, staffing))

    def _concluded(self, search: Search) -> Outcome:
        """Take what the proof has found, or the sites priced, and end."""
        if self.limits.work_limit is None or self._stopped():
            self.proofs.stop()
        self.proofs.join()
        answer = None if self.proofs.proof is None else self.proofs.proof.answer()
        self._prove(self.proofs.bound)
        if self.proofs.proof is not None and answer is not None:
            if answer.status is Status.INFEASIBLE:
                return self._infeasible(answer.detail)
            proved = self.proofs.proof.staffing()
            known = None if self.best is None else self.best[2]
            better = proved is not None and (known is None or proved.objective > known[1].objective)
            if self.limits.work_limit is not None and proved is not None and better and not self._done():
                self._seat(search, proved, share=1.0, seed=0, stays=False)
        return self._ended(search)

    def _infeasible(self, detail: str) -> Outcome:
        if self.best is not None:
            raise EngineError("the staffing model has no solution, but there is a plan")
        return no_plan(self.instance, detail, time_limit_s=self.clock.left())

    def _consider(self, plan: Plan, staffing: tuple[Search, Staffing] | None) -> None:
        """Keep a plan that is clean and better."""
        if verify(self.instance, plan).violations:
            self.rejected += 1
            return
        contribution = score(self.instance, plan).contribution
        if self.best is None or contribution > self.best[0]:
            self.best = (contribution, plan, staffing)
            if self.is_again and len(plan.placed_person):
                self.near = plan
            self.progress.found(plan)
            self._tell()

    def _ended(self, search: Search) -> Outcome:
        if self.progress.cancelled():
            return cancelled(self.bound)
        limit = Limit.CANCELLED if self.progress.stop_asked() else Limit.WORK if self._has_time() else Limit.TIME
        statistics = sizes_of(search.master.arrays) | {"plans_rejected": self.rejected}
        return ended(
            self.best, self.bound, self.limits, limit, detail=self.detail, duals=self.duals, statistics=statistics
        )

    def _budget(self, share: float, turn: int) -> Budget:
        """A share of the time left; a proof has a core to itself."""
        return self.clock.budget(share, turn, stop_asked=self._enough, busy=self.proofs.working)

    def _proved_or_enough(self) -> bool:
        """Whether nothing is left to search for by site."""
        return self._enough() or self.proofs.succeeded()

    def _prove(self, bound: float) -> None:
        """Take a lower bound, and tell it."""
        if bound < self.bound:
            self.bound = bound
            self._tell()

    def _tell(self) -> None:
        self.progress.update(
            step=self.step,
            best=None if self.best is None else self.best[0],
            bound=float(self.bound) if np.isfinite(self.bound) else None,
        )

    def _enough(self) -> bool:
        """Whether somebody stops the run, or its gap is reached; asked often, so that it also tells a better bound.

        Under a work limit the proof is looked at in the end only: its thread keeps no pace with this one.
        """
        if self.limits.work_limit is None:
            self._prove(self.proofs.bound)
        return self._done()

    def _has_time(self) -> bool:
        """Whether there is time for another seating."""
        return self.clock.may_seat(self.dealt_s) and not self.clock.out_of_time()

    def _stopped(self) -> bool:
        """Whether somebody wants it to end; nothing is repeatable then."""
        return self.progress.stop_asked() or self.progress.cancelled()

    def _done(self) -> bool:
        distance = None if self.best is None else relative_gap(self.bound, self.best[0])
        return self._stopped() or (distance is not None and distance <= self.limits.gap)


ENGINE = FastEngine()
