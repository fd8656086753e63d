"""Pods that are alike in what may be in them: numbered copies of a virtual pod, of which there may be thousands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import LOCAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance


def first_alike(instance: Instance) -> NDArray[np.intp]:
    """First pod that each pod is like (P): itself where nothing before is like it.

    Pods without a place are alike where band and limits are; what holds for the first of them as to accounts and people
    holds for all. A pod that a rule names is like no other.
    """
    pods = instance.pods
    place = np.arange(len(pods))
    own = (pods.coverage == LOCAL) | np.isin(place, [rule.pod for rule in instance.rules])
    limits = (pods.min_people, pods.max_people, pods.min_accounts, pods.max_accounts)
    likeness = np.stack([np.where(own, place, -1), pods.coverage, np.nan_to_num(pods.utc_offset, nan=np.inf), *limits])
    _, first, kind = np.unique(likeness, axis=1, return_index=True, return_inverse=True)
    return first[kind]
