"""Who of a site's people stays in the pods that they had, when these are dealt again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from solvers.fast.roster import Roster

Ints = NDArray[np.int64]


def staying(near: Roster | None, person: Ints, pods: Ints, steps: Ints, step: NDArray[np.float64]) -> Ints:
    """Steps of those who had as many in these pods, where they had them (S x C).

    Parameters
    ----------
    near
        Who sat where; None: nobody did.
    person, steps, step
        Each of those whose time is to be dealt, how much, and what share one step is (S).
    pods
        Those it is to be dealt to, ascending (C).
    """
    known = np.zeros((len(person), len(pods)), np.int64)
    if near is None:
        return known
    order = np.argsort(person)
    row = order[np.minimum(np.searchsorted(person[order], near.person), len(person) - 1)]
    pod = np.minimum(np.searchsorted(pods, near.pod), len(pods) - 1)
    here = (person[row] == near.person) & (pods[pod] == near.pod)
    known[row[here], pod[here]] = np.rint(near.share[here] / step[row[here]])
    known[known.sum(axis=1) != steps] = 0
    return known
