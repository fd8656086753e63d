"""Core problems are special cases of the whole model: the reference engine finds the same optimum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from datasets import from_tables
from datasets.core_tables import core_tables, payroll
from podplanner.domain.build import build_instance
from podplanner.domain.core import CoreProblem
from podplanner.domain.result import Reason
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from solvers.engine import Limits, Progress
from solvers.reference.engine import ENGINE

# Three accounts, two pods. Alone each account is cheapest in pod 0 (1 + 2 + 3), which has room for two of them only
# (4 + 4 <= 9). To send account 0, 1 or 2 to pod 1 costs 5, 4 or 6 more: the optimum is 1 + 6 + 3 = 10.
ASSIGNMENT = CoreProblem(
    cost=np.array([[1.0, 2.0, 3.0], [6.0, 6.0, 9.0]]),
    use=np.array([[4.0, 4.0, 4.0], [2.0, 3.0, 4.0]]),
    capacity=np.array([9.0, 9.0]),
    opening=np.zeros(2),
)
# The same with a price for opening: both pods 10 + 100 + 7; pod 1 alone has room (2 + 3 + 4 <= 9): 21 + 7 = 28.
LOCATION = replace(ASSIGNMENT, opening=np.array([100.0, 7.0]))


@pytest.mark.parametrize(("problem", "optimum"), [(ASSIGNMENT, 10.0), (LOCATION, 28.0)])
def test_the_reference_engine_finds_the_same_optimum(problem: CoreProblem, optimum: float) -> None:
    """Contribution is the negative cost, less a payroll that no plan changes."""
    instance = build_instance(from_tables(core_tables(problem)))
    outcome = ENGINE.solve(instance, Limits(gap=0.0), hint=None, progress=Progress())
    assert outcome.termination.reason is Reason.OPTIMAL
    assert outcome.plan is not None
    assert not verify(instance, outcome.plan).violations
    assert -score(instance, outcome.plan).contribution - payroll(problem) == pytest.approx(optimum, abs=1e-6)


@pytest.mark.parametrize(
    "problem",
    [
        replace(ASSIGNMENT, open_pods=1),
        replace(ASSIGNMENT, home=np.array([0, 1])),
        replace(ASSIGNMENT, cost=-ASSIGNMENT.cost),
        replace(ASSIGNMENT, use=ASSIGNMENT.use / 10),
    ],
)
def test_what_tables_cannot_say_is_refused(problem: CoreProblem) -> None:
    """A given number of open pods, homes, gains, and accounts that take less than an hour."""
    with pytest.raises(ValueError, match="cannot be said"):
        core_tables(problem)
