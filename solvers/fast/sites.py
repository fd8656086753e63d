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
