"""Planning near an earlier plan: only what pays is moved.

The engine searches with the earlier plan's owners as those of today, so that every change of an owner costs what a
handover costs, and starts from the earlier plan, mended where the new input breaks it. At the same time it proves the
bound of the input itself, and searches without regard to the earlier plan; what that finds is taken only where the plan
near the earlier one is farther from the bound than was asked for. As soon as a plan is as near to the bound as that,
both end: what a change needs is searched for, not what the earlier plan could have had without it. The earlier plan
itself often is, and then neither begins. A change that takes much (a leader or a rep gone, a pod closed) needs more:
where both end too far from the bound and the company is small, they go on from what they have found, and where that
does not help it is planned anew. In the end, what does not pay by the input's own yardstick is taken back.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.domain.result import DEFAULT_GAP, Limit, PlanResult, Reason, Termination, reached
from podplanner.domain.result import gap as relative_gap
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.planning.choose import choose_engine
from podplanner.planning.mend import mended
from podplanner.planning.pipeline import checked_score, plan
from podplanner.whatif.alike import exchanged
from podplanner.whatif.differences import differing_accounts, settled
from podplanner.whatif.watching import Anew, Beside, Goal, Near
from solvers.engine import Limits, Progress
from solvers.registry import get_engine

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from podplanner.domain.result import Duals

NEAR_ENOUGH = 1.05
"""Times the gap asked for at which the plan near the earlier one still does: moving a hundred accounts for less is no
better answer."""
AS_GOOD = 1.02
"""Times the gap asked for at which a search ends: bounds of two inputs differ by as much for no reason."""
FARTHEST = 0.999
"""Most that an engine can be asked for as a gap; a plan of little worth may be farther from its bound."""
SECONDS_PER_ACCOUNT, LIMITS_S = 0.0008, (1.0, 60.0)
"""How long to search at most by default: a meeting does not wait longer."""
NEAR_CONTRIBUTION, NEAR_MOVED = "near_contribution", "near_accounts_moved"
"""Statistics of a plan that was not found near the earlier one: what such a one brings and moves."""
LONGER, MOST_LONGER, GOING_ON = 10.0, 3_000, 0.4
"""Times that long by default for planning anew where that is not enough, accounts up to which that is long enough to be
worth it, and the part of it for which the searches go on before."""


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How long to search, and when it is enough.

    Parameters
    ----------
    time_limit_s
        Wall seconds of each of the two searches at first; None without.
    work_limit
        Units of the engine's work of each of them; None without.
    longer_s
        Wall seconds of planning anew where both end too far from the bound, also once they have gone on for
        `GOING_ON` of that; None: neither is tried.
    gap
        Distance to the bound at which the plan near the earlier one will do.
    thorough
        Whether the search near the earlier plan goes on when that is reached.
    seed, workers
        As of `Limits`.
    engine
        ``auto``, or the name of an engine.
    """

    time_limit_s: float | None = None
    work_limit: int | None = None
    longer_s: float | None = None
    gap: float = DEFAULT_GAP
    thorough: bool = False
    seed: int = 0
    workers: int = 1
    engine: str = "auto"

    def limits(self, gap: float) -> Limits:
        """Limits of one run of the engine; a plan may be farther from its bound than an engine can be asked for."""
        return Limits(
            time_limit_s=self.time_limit_s,
            work_limit=self.work_limit,
            gap=min(gap, FARTHEST),
            seed=self.seed,
            workers=self.workers,
        )


@dataclass(frozen=True, kw_only=True)
class Known:
    """What earlier runs leave to a search.

    Parameters
    ----------
    duals
        The prices behind the earlier plan's bound, in the instance's indices; None: they are found anew.
    bound
        That is proven of the instance already; infinite without.
    plan
        The best plan of the instance so far, None without.
    """

    duals: Duals | None = None
    bound: float = math.inf
    plan: Plan | None = None


NOTHING = Known()


def effort_for(
    accounts: int,
    gap: float | None,
    *,
    time_limit_s: float | None = None,
    work_limit: int | None = None,
    seed: int = 0,
    workers: int = 1,
    engine: str = "auto",
) -> Effort:
    """An effort as asked for; without any limit, one by size.

    Parameters
    ----------
    gap
        That will do, such as the earlier plan's; None where it has none.
    """
    longer_s = None
    if time_limit_s is None and work_limit is None:
        low, high = LIMITS_S
        time_limit_s = min(high, max(low, SECONDS_PER_ACCOUNT * accounts))
        longer_s = LONGER * time_limit_s if accounts <= MOST_LONGER else None
    return Effort(
        time_limit_s=time_limit_s,
        work_limit=work_limit,
        longer_s=longer_s,
        gap=DEFAULT_GAP if gap is None else gap,
        seed=seed,
        workers=workers,
        engine=engine,
    )


def plan_near(
    instance: Instance, before: Plan, effort: Effort, progress: Progress | None = None, known: Known = NOTHING
) -> PlanResult:
    """Plan an instance near an earlier plan.

    Parameters
    ----------
    before
        The earlier plan in the instance's indices (see `planning.carry`); it need not keep any rule.

    Raises
    ------
    EngineError
        As `planning.pipeline.plan` does.
    """
    progress = progress or Progress()
    name, why = choose_engine(instance, effort.engine)
    start = _better(instance, known.plan, mended(instance, before))
    if start is None or name != "fast":
        result = _solved(instance, effort.limits(0.0 if name != "fast" else effort.gap), name, why, start, progress)
        return _with_plan(_bounded(result, known), _best(instance, before, result.outcome.plan, start))
    goal = Goal(instance, None if effort.thorough else AS_GOOD * effort.gap)
    at_once = _at_once(instance, before, effort, goal, start, progress, known)
    if at_once is not None:
        return at_once
    near, free, near_by = _searched(instance, before, effort, goal, start, progress, known)
    if near_by is None or _stopped(near):
        return near
    best = _freely(instance, before, near_by, free, effort) if _is_far(instance, near_by, free, effort) else near_by
    if effort.longer_s is not None and _is_far(instance, best, free, effort) and not progress.stop_asked():
        goal.worth = max(goal.worth, _worth(instance, best))
        limits = replace(effort.limits(AS_GOOD * effort.gap), time_limit_s=effort.longer_s)
        anew = _solved(instance, limits, name, why, None, Anew(progress, goal))
        if anew.outcome.termination.reason is Reason.CANCELLED:
            return anew
        # Its prices are found anew too: where much has changed they prove more than those of the earlier plan.
        free = _bounded(free, replace(known, bound=anew.outcome.bound))
        best = homeward(instance, before, best, anew, free, effort, progress)
    if best is not near_by:
        free = replace(free, outcome=replace(free.outcome, statistics=_told_beside(near_by, instance, before)))
    return _with_plan(free, best, gap=goal.gap or 0.0, limit=_limit(near))


def _searched(
    instance: Instance, before: Plan, effort: Effort, goal: Goal, start: Plan, progress: Progress, known: Known
) -> tuple[PlanResult, PlanResult, Plan | None]:
    """What both searches end with, and the best plan near the earlier one.

    They go on once, from what they have found, where that is too far from the bound.
    """
    near, free = _both(instance, before, effort, goal, (start, start), progress, known)
    best = _best(instance, before, near.outcome.plan, start)
    ends = best is None or _stopped(near) or progress.stop_asked() or not _is_far(instance, best, free, effort)
    if best is None or ends or effort.longer_s is None:
        return near, free, best
    starts = best, _better(instance, free.outcome.plan, best) or best
    more = replace(effort, time_limit_s=GOING_ON * effort.longer_s, seed=effort.seed + 1)
    near, free = _both(instance, before, more, goal, starts, progress, replace(known, bound=free.outcome.bound))
    return near, free, _best(instance, before, near.outcome.plan, best)


def _told_beside(near: Plan, instance: Instance, before: Plan) -> dict[str, Any]:
    """What the plan near the earlier one would have brought, so that one planned anew can be weighed against it."""
    moved = int(differing_accounts(near, before).sum())
    return {NEAR_CONTRIBUTION: round(_worth(instance, near), 2), NEAR_MOVED: moved}


def _freely(instance: Instance, before: Plan, best: Plan, free: PlanResult, effort: Effort) -> Plan:
    """The plan near the earlier one, or one that was found without regard to it.

    That is taken where it is near enough to the bound; else only where it is better though each change of an owner
    costs a handover: to move thousands for little is no answer.
    """
    found = free.outcome.plan
    if found is None or _worth(instance, found) <= _worth(instance, best):
        return best
    today, found = _as_today(instance, before), exchanged(instance, found, before)
    if _is_far(instance, found, free, effort) and _worth(today, found) <= _worth(today, best):
        return best
    return _best(instance, before, found) or best


def homeward(
    instance: Instance,
    before: Plan,
    best: Plan,
    anew: PlanResult,
    proved: PlanResult,
    effort: Effort,
    progress: Progress,
) -> Plan:
    """The best plan; where that was planned anew, as much of it as at the earlier one as the gap asked for allows.

    Of the plans that are near enough to the bound it is the best where each change of an owner costs a handover; where
    none is, planning anew must be worth its handovers, as it is or back near the earlier plan.
    """
    found = anew.outcome.plan
    if found is None or _worth(instance, found) <= _worth(instance, best):
        return best
    today, (name, why) = _as_today(instance, before), choose_engine(instance, effort.engine)
    start, endless = exchanged(instance, found, before), Goal(instance, None)
    endless.worth = _worth(instance, found)
    told = Anew(progress, endless)
    back = _solved(today, effort.limits(0.0), name, why, start, told, anew.outcome.duals).outcome.plan
    plans = [start] if back is None else [start, back]
    near = [each for each in plans if not _is_far(instance, each, proved, effort)]
    nearest = max(near or plans, key=lambda each: _worth(today, each))
    if not near and _worth(today, nearest) <= _worth(today, best):
        return best
    return _best(instance, before, nearest) or best


def _is_far(instance: Instance, best: Plan, proved: PlanResult, effort: Effort) -> bool:
    """Whether a plan is farther from the bound than will do."""
    distance = relative_gap(proved.outcome.bound, _worth(instance, best))
    return distance is not None and distance > NEAR_ENOUGH * effort.gap


def _worth(instance: Instance, plan: Plan) -> float:
    return score(instance, plan).contribution


def _at_once(
    instance: Instance, before: Plan, effort: Effort, goal: Goal, start: Plan, progress: Progress, known: Known
) -> PlanResult | None:
    """The earlier plan, where its prices prove at once that it still will do; None where only a search may tell."""
    if goal.gap is None or known.duals is None:
        return None
    name, why = choose_engine(instance, effort.engine)
    limits = replace(effort.limits(goal.gap), time_limit_s=0.0)
    proved = _bounded(_solved(instance, limits, name, why, start, progress, known.duals), known)
    if _stopped(proved):
        return proved
    goal.bound, goal.worth = proved.outcome.bound, _worth(instance, start)
    return _told(proved, _best(instance, before, start) or start, gap=goal.gap) if goal.reached() else None


def _both(
    instance: Instance,
    before: Plan,
    effort: Effort,
    goal: Goal,
    starts: tuple[Plan, Plan],
    progress: Progress,
    known: Known,
) -> tuple[PlanResult, PlanResult]:
    """What the search near the earlier plan ends with, and the one without regard to it.

    Under a work limit one follows the other, so that neither ends by the other's pace.

    Parameters
    ----------
    starts
        Of the one and of the other.
    """
    name, why = choose_engine(instance, effort.engine)
    watched = Near(progress, goal)
    with ThreadPoolExecutor(1) as pool:
        freely = pool.submit(
            _solved, instance, effort.limits(effort.gap), name, why, starts[1], Beside(watched), known.duals
        )
        if effort.work_limit is not None:
            wait([freely])
        near = _solved(_as_today(instance, before), effort.limits(0.0), name, why, starts[0], watched, known.duals)
        return near, _bounded(freely.result(), known)


def _solved(
    instance: Instance,
    limits: Limits,
    name: str,
    why: str,
    hint: Plan | None,
    progress: Progress,
    known: Duals | None = None,
) -> PlanResult:
    return plan(instance, get_engine(name), limits, engine_reason=why, hint=hint, known=known, progress=progress)


def _as_today(instance: Instance, before: Plan) -> Instance:
    """The instance where today's owners are the earlier plan's; where moves are capped, the caps count from today."""
    policy = instance.policy
    if np.isfinite([policy.max_moved_revenue, policy.max_moved_accounts]).any():
        return instance
    return replace(instance, owner_today=before.owner.copy(), has_books=True)


def _best(instance: Instance, before: Plan, *plans: Plan | None) -> Plan | None:
    """The best of those plans that keep the rules, without what does not pay."""
    best = _better(instance, *plans)
    return None if best is None else settled(instance, best, before)


def _better(instance: Instance, *plans: Plan | None) -> Plan | None:
    """The best of those plans that keep the rules."""
    sound = [each for each in plans if each is not None and not verify(instance, each).violations]
    return max(sound, key=lambda each: _worth(instance, each), default=None)


def _bounded(result: PlanResult, known: Known) -> PlanResult:
    """The result with a bound that was known before, where that is lower."""
    outcome = result.outcome
    return replace(result, outcome=replace(outcome, bound=min(outcome.bound, known.bound)))


def _stopped(result: PlanResult) -> bool:
    """Whether somebody cancelled it, or it cannot have a plan."""
    return result.outcome.termination.reason in (Reason.CANCELLED, Reason.INFEASIBLE)


def _limit(result: PlanResult) -> Limit:
    """What ended a search; one that ended by itself would not have found more, which its own work limits."""
    return result.outcome.termination.limit or Limit.WORK


def _with_plan(result: PlanResult, best: Plan | None, *, gap: float = 0.0, limit: Limit | None = None) -> PlanResult:
    """The result with another plan, checked against its bound."""
    if best is None or best is result.outcome.plan or _stopped(result):
        return result
    return _told(result, best, gap=gap, limit=limit)


def _told(result: PlanResult, best: Plan, *, gap: float, limit: Limit | None = None) -> PlanResult:
    """The result with a plan, and what that is at its distance to the bound."""
    instance, outcome = result.instance, result.outcome
    scored = checked_score(instance, best, outcome.bound)
    reason = reached(outcome.bound, scored.contribution, gap)
    told = Termination(
        reason=reason,
        limit=None if reason is not Reason.FEASIBLE else limit or outcome.termination.limit or Limit.WORK,
        detail=outcome.termination.detail,
    )
    return replace(result, outcome=replace(outcome, termination=told, plan=best), score=scored)
