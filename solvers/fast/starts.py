"""Staffings where a search may begin: those of a plan, of a roster, or nobody anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solvers.fast.plan_values import staffing_values
from solvers.fast.roster import nobody
from solvers.fast.rosters import roster_of

if TYPE_CHECKING:
    from podplanner.domain.plan import Plan
    from solvers.fast.roster import Roster
    from solvers.fast.search import Search, Staffing


def planned_staffing(search: Search, plan: Plan, *, time_limit_s: float | None) -> Staffing | None:
    """A plan's staffing, its accounts where they are; None where it breaks a row of the model."""
    return _checked(search, roster_of(search.master.draft, plan), plan, time_limit_s)


def seated_staffing(search: Search, roster: Roster, *, time_limit_s: float | None) -> Staffing | None:
    """A roster's staffing, its accounts where they are worth most; None where it breaks a row of the model."""
    return _checked(search, roster, None, time_limit_s)


def empty_staffing(search: Search, *, time_limit_s: float | None) -> Staffing | None:
    """Nobody anywhere: where every search may begin."""
    return seated_staffing(search, nobody(len(search.master.draft.site)), time_limit_s=time_limit_s)


def _checked(search: Search, roster: Roster, plan: Plan | None, time_limit_s: float | None) -> Staffing | None:
    values = staffing_values(search.master, search.whole, roster, plan, time_limit_s=time_limit_s)
    return None if values is None else search.checked(values)
