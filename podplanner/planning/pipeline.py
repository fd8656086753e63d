"""The way from a valid instance to a verified, scored plan: six steps, top to bottom.

1 precheck, 2 solve, 3 verify, 4 score, 5 compare with the all-direct plan, 6 result. Candidate pods are rows of the
instance already; engines name owners themselves.
"""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.direct import all_direct_plan
from podplanner.domain.errors import EngineError, PlanRejected
from podplanner.domain.result import Outcome, PlanResult, Reason, Termination
from podplanner.domain.score import Score, score
from podplanner.domain.verify import require_agreement, verify
from podplanner.planning.precheck import precheck
from solvers.engine import Progress

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from podplanner.domain.result import Duals
    from solvers.engine import Engine, Limits

BOUND_TOLERANCE = 1e-6
"""A contribution above the bound by more than this share of it is a defect of an engine."""

LIBRARIES = ("podplanner", "highspy", "numpy", "pulp")


def plan(
    instance: Instance,
    engine: Engine,
    limits: Limits,
    *,
    engine_reason: str,
    hint: Plan | None = None,
    known: Duals | None = None,
    progress: Progress | None = None,
) -> PlanResult:
    """Plan an instance with an engine.

    Parameters
    ----------
    hint, known
        A plan of this instance to start from, and prices of a run on an input much like it.

    Raises
    ------
    EngineError
        Where the engine refuses the instance, or its bound is below a plan that it found.
    PlanRejected
        Where its plan fails the verifier, or verifier and score differ.
    """
    clock = _Clock()
    progress = progress or Progress()
    # A plan that keeps all rules shows that none of them clash.
    has_start = hint is not None and not verify(instance, hint).violations
    clashes = () if has_start else precheck(instance)
    clock.mark("precheck")
    if clashes:
        termination = Termination(reason=Reason.INFEASIBLE, limit=None, detail="found before solving")
        outcome = Outcome(termination=termination, bound=-np.inf, plan=None, clashes=clashes)
    else:
        refusal = engine.refusal(instance)
        if refusal is not None:
            raise EngineError(f"engine {engine.name}: {refusal}")
        outcome = engine.solve(instance, limits, hint=hint, progress=progress, known=known)
    clock.mark("solve")
    scored = None if outcome.plan is None else checked_score(instance, outcome.plan, outcome.bound)
    clock.mark("verify")
    return PlanResult(
        instance=instance,
        outcome=outcome,
        engine=engine.name,
        engine_reason=engine_reason,
        score=scored,
        all_direct=all_direct(instance),
        seed=limits.seed,
        work_limit=limits.work_limit,
        versions={name: version(name) for name in LIBRARIES},
        wall_s=clock.marks,
    )


def checked_score(instance: Instance, plan: Plan, bound: float) -> Score:
    """Score of a plan that has passed the verifier, whose terms agree, and that respects the bound."""
    verification = verify(instance, plan)
    if verification.violations:
        shown = "; ".join(violation.message for violation in verification.violations[:5])
        raise PlanRejected(f"{len(verification.violations)} violation(s): {shown}")
    scored = score(instance, plan)
    require_agreement(verification.terms, scored.terms)
    if scored.contribution > bound + BOUND_TOLERANCE * max(1.0, abs(bound)):
        raise EngineError(f"contribution {scored.contribution:.2f} is above the bound {bound:.2f}")
    return scored


def all_direct(instance: Instance) -> float | None:
    """Contribution of the all-direct plan, None where there is no such plan."""
    direct = all_direct_plan(instance)
    return None if direct is None else score(instance, direct).contribution


class _Clock:
    """Wall seconds by step."""

    def __init__(self) -> None:
        self.marks: dict[str, float] = {}
        self._last = time.monotonic()

    def mark(self, step: str) -> None:
        now = time.monotonic()
        self.marks[step] = now - self._last
        self._last = now
