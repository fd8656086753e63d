"""The all-direct plan: every account in the direct coverage, nobody placed. What coverage is measured against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.plan import Plan
from podplanner.domain.vocabulary import DIRECT, FUNCTIONS, NOBODY

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance


def all_direct_plan(instance: Instance) -> Plan | None:
    """Every account at its best direct tier that needs nobody; None where some account has none.

    It need not keep the planner's own rules: that is for the verifier to say.
    """
    tiers, derived = instance.tiers, instance.derived
    unserved = np.flatnonzero((tiers.coverage == DIRECT) & ~tiers.served.any(axis=1))
    pods = np.flatnonzero(instance.pods.coverage == DIRECT)
    if not len(unserved) or not len(pods):
        return None
    value = instance.accounts.margin[:, None] * derived.expected[:, unserved] - tiers.cost_per_account[unserved]
    value = np.where(derived.tier_allowed[:, unserved], value, -np.inf)
    if not np.isfinite(value.max(axis=1)).all():
        return None
    accounts = len(instance.accounts)
    return Plan(
        pod=np.full(accounts, pods[np.argmin(instance.pods.fixed_cost[pods])], np.int32),
        tier=unserved[value.argmax(axis=1)].astype(np.int32),
        owner=np.full((accounts, len(FUNCTIONS)), NOBODY, np.int32),
        placed_person=np.zeros(0, np.int32),
        placed_pod=np.zeros(0, np.int32),
        share=np.zeros(0),
        leader=np.full(len(instance.pods), NOBODY, np.int32),
        coach=np.full(len(instance.pods), NOBODY, np.int32),
    )
