"""The reference engine against the judge, on random tiny companies; and what must hold when a company changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given

from podplanner.domain.result import Reason
from podplanner.domain.score import score
from podplanner.domain.verify import require_agreement, verify
from solvers.engine import Limits, Progress
from solvers.reference.engine import ENGINE, ReferenceEngine
from tests.solvers.bruteforce import TooManyPlans, best_plan
from tests.solvers.companies import companies

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from podplanner.domain.result import Outcome

EXACT = Limits(gap=0)


def solve(instance: Instance, engine: ReferenceEngine = ENGINE, hint: Plan | None = None) -> Outcome:
    """Solve to the optimum."""
    return engine.solve(instance, EXACT, hint=hint, progress=Progress())


def judged(instance: Instance) -> tuple[float, Plan] | None:
    """The judge's best plan, on instances small enough for it."""
    try:
        return best_plan(instance)
    except TooManyPlans:
        assume(False)
        raise


@given(companies())
def test_optimum_is_the_judges(instance: Instance) -> None:
    """Same optimum or both without a plan; the plan is clean, and verifier and score agree on every term."""
    best = judged(instance)
    outcome = solve(instance)
    if best is None:
        assert outcome.termination.reason is Reason.INFEASIBLE
        assert outcome.clashes != ()
        return
    assert outcome.termination.reason is Reason.OPTIMAL, outcome.clashes
    assert outcome.plan is not None
    found = score(instance, outcome.plan)
    verified = verify(instance, outcome.plan)
    assert verified.violations == ()
    require_agreement(verified.terms, found.terms)
    assert found.contribution == pytest.approx(best[0], abs=1e-3)
    assert found.contribution <= outcome.bound <= best[0] + 1e-2
