"""Interchangeable pods as one site: numbered copies of a virtual pod differ in nothing but their number.

Left apart, every account would have one equal column a copy, and the solver would count the same plan many times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY, VIRTUAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance
    from solvers.fast.columns import Columns
    from solvers.fast.draft import Draft


def site_of_pods(instance: Instance) -> NDArray[np.int64]:
    """The first pod of each pod's site (P): the pod itself where nothing is like it.

    Pods that a person is in today or a rule names stay by themselves; so do all pods where rules tie accounts to each
    other's pod.
    """
    pods = instance.pods
    site = np.arange(len(pods))
    if any(rule.kind in ("together", "apart") for rule in instance.rules):
        return site
    named = {rule.pod for rule in instance.rules} | set(instance.people.pod_today.tolist())
    first: dict[tuple[object, ...], int] = {}
    for p in range(len(pods)):
        if pods.coverage[p] != VIRTUAL or pods.keep_open[p] or p in named - {NOBODY}:
            continue
        likeness = (
            str(pods.utc_offset[p]),
            *(
                float(column[p])
                for column in (pods.fixed_cost, pods.min_people, pods.max_people, pods.min_accounts, pods.max_accounts)
            ),
        )
        site[p] = first.setdefault(likeness, p)
    return site


def apart_regret(draft: Draft, regret: NDArray[np.float64], columns: Columns) -> NDArray[np.float64]:
    """Regret of account columns of single pods: that of their sites' columns."""
    site = draft.columns
    wide, tiers = len(draft.site), int(max(site.tier.max(initial=0), columns.tier.max(initial=0))) + 1
    known = (site.unit * wide + site.pod) * tiers + site.tier
    asked = (columns.unit * wide + draft.site[columns.pod]) * tiers + columns.tier
    order = np.argsort(known, kind="stable")
    place = np.minimum(np.searchsorted(known[order], asked), len(known) - 1)
    return np.where(known[order][place] == asked, regret[order][place], np.inf)
