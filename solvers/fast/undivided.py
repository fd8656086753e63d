"""Where teams are of one: owners follow from pods, so that the search may place whole accounts itself.

Naming then loses nothing; what is lost is by accounts that the staffing model splits between pods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.fast.starts import planned_staffing

if TYPE_CHECKING:
    from podplanner.domain.plan import Plan
    from solvers.fast.budget import Budget
    from solvers.fast.draft import Draft
    from solvers.fast.search import Search, Staffing


def has_teams_of_one(draft: Draft, plan: Plan) -> bool:
    """Whether a plan has owners, and they follow from its pods: no two there do the same, and no owner counts."""
    role = draft.instance.people.role[plan.placed_person].astype(np.int64)
    place = plan.placed_pod.astype(np.int64) * (LEADER + 1) + role
    is_one = int(np.bincount(place[role != LEADER]).max(initial=0)) <= 1
    return is_one and not draft.has_owners and bool((plan.owner != NOBODY).any())


def undivided(search: Search, plan: Plan, budget: Budget) -> Staffing | None:
    """The best staffing found with everybody where a plan has them, and whole accounts.

    None where the plan's teams are not of one, or it breaks a row of the model.
    """
    if not has_teams_of_one(search.master.draft, plan):
        return None
    start = planned_staffing(search, plan, time_limit_s=budget.left())
    return None if start is None else search.with_whole_units(start, budget)
