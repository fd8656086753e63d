"""What a run ends with: its plan, how it is proven, and why it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podplanner.domain.result import Limit, Outcome, Reason, Termination, reached
from solvers.fast.prices import hour_prices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from podplanner.domain.plan import Plan
    from podplanner.domain.result import Duals
    from solvers.engine import Limits
    from solvers.fast.search import Search, Staffing
    from solvers.highs import Arrays

    Best = tuple[float, Plan, tuple[Search, Staffing] | None]
    """A plan's contribution, the plan, and the staffing that it came from with its search, None where unknown."""


def cancelled(bound: float) -> Outcome:
    """Nothing but the bound."""
    termination = Termination(reason=Reason.CANCELLED, limit=Limit.CANCELLED, detail="cancelled")
    return Outcome(termination=termination, bound=bound, plan=None)


def sizes_of(arrays: Arrays) -> dict[str, int]:
    """How large a model is."""
    return {"model_columns": len(arrays.cost), "model_rows": len(arrays.row_lower)}


def ended(
    best: Best | None,
    bound: float,
    limits: Limits,
    limit: Limit,
    *,
    detail: str,
    duals: Duals | None,
    statistics: Mapping[str, int],
) -> Outcome:
    """The best plan there is, and whether it is as near to the bound as was asked for; else which limit ended it."""
    if best is None:
        termination = Termination(reason=Reason.NO_SOLUTION, limit=limit, detail=detail)
        return Outcome(termination=termination, bound=bound, plan=None)
    contribution, plan, staffing = best
    reason = reached(bound, contribution, limits.gap)
    return Outcome(
        termination=Termination(reason=reason, limit=limit if reason is Reason.FEASIBLE else None, detail=detail),
        bound=bound,
        plan=plan,
        prices=None if staffing is None else hour_prices(*staffing, timed=limits.time_limit_s is not None),
        duals=duals,
        statistics=dict(statistics),
    )
