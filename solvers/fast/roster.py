"""Who sits where, and what that leaves of the leaders' weeks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.draft import Draft

Entries = list[tuple[int, int, float]]
"""(person, pod, share)."""


@dataclass(frozen=True, kw_only=True)
class Roster:
    """Placements of people.

    Parameters
    ----------
    person, pod, share
        One entry for each person and pod (N).
    leader
        Person by pod, `NOBODY` without (P).
    """

    person: NDArray[np.int64]
    pod: NDArray[np.int64]
    share: NDArray[np.float64]
    leader: NDArray[np.int64]


def nobody(pods: int) -> Roster:
    """The roster that places no one."""
    none = np.zeros(0, np.int64)
    return Roster(person=none, pod=none, share=np.zeros(0), leader=np.full(pods, NOBODY, np.int64))


def leading_room(draft: Draft, roster: Roster) -> NDArray[np.float64]:
    """Hours of the leader's week left for accounts, by pod (P); -inf without a leader."""
    instance = draft.instance
    policy, derived = instance.policy, instance.derived
    room = np.full(len(instance.pods), -np.inf)
    leads = roster.leader[roster.pod] == roster.person
    heads = np.bincount(roster.pod, minlength=len(room))
    room[roster.pod[leads]] = roster.share[leads] * derived.plannable[roster.person[leads]]
    return room - policy.leader_hours_base - policy.leader_hours_per_member * (heads - 1)
