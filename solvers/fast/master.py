"""The staffing model: the whole model with owners reduced to hours, accounts continuous, people whole.

It relaxes the model of the contract (naming owners one by one, balance, limits over single books, idle people), so its
bound is a bound of the whole. Openings, heads and steps of time are integer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solvers.fast.coverage import add_coverage
from solvers.fast.draft import start_draft
from solvers.fast.owners import add_owners
from solvers.fast.planner_rules import add_planner_rules
from solvers.fast.staffing import add_staffing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from solvers.fast.draft import Draft
    from solvers.highs import Arrays


@dataclass(frozen=True)
class Master:
    """The finished staffing model and its index maps."""

    draft: Draft
    arrays: Arrays


def build_master(
    instance: Instance,
    site: NDArray[np.int64],
    *,
    held: bool = True,
    most_seats: float = np.inf,
    plan: Plan | None = None,
) -> Master:
    """Build the staffing model of an instance.

    Parameters
    ----------
    site
        The pod that stands for each pod (P), see `sites`.
    held
        Whether hard pins leave accounts no other place; else their rows alone keep them, so that one may give way.
    most_seats
        Seats beyond which people who are alike but for their books have `pools`.
    plan
        An earlier plan, whose seats stay.
    """
    draft = start_draft(instance, site, held=held, most_seats=most_seats, plan=plan)
    add_coverage(draft)
    add_staffing(draft)
    add_owners(draft)
    add_planner_rules(draft)
    _budget(draft)
    return Master(draft=draft, arrays=draft.model.frozen())


def _budget(draft: Draft) -> None:
    """The planner's budget over all that was noted as spent, which is then let go of."""
    budget = draft.instance.policy.budget
    if np.isfinite(budget):
        row = draft.model.add_row([], [], upper=budget - draft.spend_constant)
        for column, cost in draft.spend:
            draft.model.add_entries(row, column, cost)
        draft.clause(f"policy budget = {budget:,.0f}", row)
    draft.spend.clear()


def plain_bound(master: Master) -> float:
    """Every unit at its best column and every other decision at its better limit: valid from the first moment."""
    arrays, draft = master.arrays, master.draft
    best = np.full(len(draft.columns.size), -np.inf)
    np.maximum.at(best, draft.columns.unit, draft.columns.value)
    other = np.ones(len(arrays.cost), bool)
    other[draft.place] = False
    cost, limit = arrays.cost[other], np.where(arrays.cost > 0, arrays.upper, arrays.lower)[other]
    return float(arrays.offset + best.sum() + (cost * limit)[cost != 0].sum())
