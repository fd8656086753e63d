"""What the solvers' own words mean for a planner."""

from __future__ import annotations

from podplanner.domain.errors import EngineError
from podplanner.domain.result import Limit, Reason, Termination
from solvers.highs import STATUS_OF, Status

PROVEN = 1e-6
"""Money, or share of the contribution, within which a bound is met: HiGHS's own absolute tolerance of a gap."""

LIMIT_OF = {Status.TIME: Limit.TIME, Status.WORK: Limit.WORK, Status.INTERRUPTED: Limit.CANCELLED}


def native_status(name: str) -> Status:
    """Neutral status of a native one; every bounded model that is "unbounded or infeasible" is infeasible."""
    status = STATUS_OF[name]
    if name == "kUnboundedOrInfeasible":
        return Status.INFEASIBLE
    if status in (Status.FAILED, Status.UNBOUNDED):
        raise EngineError(f"HiGHS ended with status {name}")
    return status


def termination(status: Status, detail: str, contribution: float | None, bound: float) -> Termination:
    """Reason and limit from the native status *and* whether there is a solution.

    Parameters
    ----------
    detail
        Native status text.
    contribution
        Of the solution, None without one.
    """
    if status is Status.INFEASIBLE:
        return Termination(reason=Reason.INFEASIBLE, limit=None, detail=detail)
    if status in LIMIT_OF:
        reason = Reason.NO_SOLUTION if contribution is None else Reason.FEASIBLE
        return Termination(reason=reason, limit=LIMIT_OF[status], detail=detail)
    if status is not Status.OPTIMAL or contribution is None:
        raise EngineError(f"the solver ended with status {detail}, but has no solution")
    met = bound - contribution <= PROVEN * max(1.0, abs(contribution))
    return Termination(reason=Reason.OPTIMAL if met else Reason.GAP_REACHED, limit=None, detail=detail)
