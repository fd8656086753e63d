"""A plan of one instance in the indices of another, by ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.direct import all_direct_plan
from podplanner.domain.errors import NoStart
from podplanner.domain.plan import Plan
from podplanner.domain.result import Duals
from podplanner.domain.vocabulary import NOBODY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance


def carried(plan: Plan, before: Instance, after: Instance) -> Plan:
    """The plan of one instance in the indices of another: who is gone owns, leads and coaches nowhere.

    Accounts that are new, or whose pod or tier is gone, are direct. The result need not keep any rule.

    Raises
    ------
    NoStart
        Where the other instance has no all-direct plan.
    """
    start = all_direct_plan(after)
    if start is None:
        raise NoStart("no account is served directly there: nothing to carry the plan over to")
    account = _rows(before.accounts.ids, after.account_index)
    person = _rows(before.people.ids, after.person_index)
    to_pod, to_tier = _rows(before.pods.ids, after.pod_index), _rows(before.tiers.ids, after.tier_index)
    pod, tier, owner = start.pod.copy(), start.tier.copy(), start.owner.copy()
    stays = (account != NOBODY) & (to_pod[plan.pod] != NOBODY) & (to_tier[plan.tier] != NOBODY)
    pod[account[stays]], tier[account[stays]] = to_pod[plan.pod[stays]], to_tier[plan.tier[stays]]
    owner[account[stays]] = _looked_up(person, plan.owner[stays])
    placed = (person[plan.placed_person] != NOBODY) & (to_pod[plan.placed_pod] != NOBODY)
    leader, coach = start.leader.copy(), start.coach.copy()
    there = to_pod != NOBODY
    leader[to_pod[there]] = _looked_up(person, plan.leader[there])
    coach[to_pod[there]] = _looked_up(person, plan.coach[there])
    return Plan(
        pod=pod,
        tier=tier,
        owner=owner,
        placed_person=person[plan.placed_person[placed]],
        placed_pod=to_pod[plan.placed_pod[placed]],
        share=plan.share[placed],
        leader=leader,
        coach=coach,
    )


def carried_duals(duals: Duals, before: Instance, after: Instance) -> Duals:
    """Prices of one instance in the indices of another: what is about somebody or something that is gone is dropped."""
    rows = (
        _rows(before.accounts.ids, after.account_index),
        _rows(before.people.ids, after.person_index),
        _rows(before.pods.ids, after.pod_index),
        _rows(before.tiers.ids, after.tier_index),
    )
    about, there = duals.about.copy(), np.ones(len(duals.price), bool)
    for number, row in enumerate(rows, start=1):
        about[:, number] = _looked_up(row, duals.about[:, number])
        there &= (about[:, number] != NOBODY) | (duals.about[:, number] == NOBODY)
    site = np.full(len(after.pods), NOBODY, np.int32)
    left = rows[2] != NOBODY
    site[rows[2][left]] = _looked_up(rows[2], duals.site[left])
    return Duals(about=about[there], price=duals.price[there], site=site)


def _rows(ids: NDArray[np.object_], index: Mapping[str, int]) -> NDArray[np.int32]:
    """Row of each id, `NOBODY` where it is not there."""
    return np.array([index.get(name, NOBODY) for name in ids.tolist()], np.int32)


def _looked_up(rows: NDArray[np.int32], of: NDArray[np.int32]) -> NDArray[np.int32]:
    """Row of each index, `NOBODY` for `NOBODY`."""
    return np.where(of == NOBODY, np.int32(NOBODY), rows[of]).astype(np.int32)
