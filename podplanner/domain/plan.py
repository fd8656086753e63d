"""What is decided: a place and a named team for each account, a place for each person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import FUNCTIONS, NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Decisions of one plan, by the dense indices of its `Instance`.

    A pod is open when it has accounts or people or must be kept open; it is *staffed* when it has people.

    Parameters
    ----------
    pod, tier
        Where each account is and at which tier (A); never blank.
    owner
        Person index of the named owner by function, `NOBODY` where the tier does not serve it (A x R).
    placed_person, placed_pod, share
        One entry for each person and pod, sorted by person, then pod: person index, pod index and share of the person's
        time, 0 < share <= 1 (N). Hires are placed like people; an unused hire slot has no entry.
    leader, coach
        Person index by pod, `NOBODY` without (P).
    """

    pod: NDArray[np.int32]
    tier: NDArray[np.int32]
    owner: NDArray[np.int32]
    placed_person: NDArray[np.int32]
    placed_pod: NDArray[np.int32]
    share: NDArray[np.float64]
    leader: NDArray[np.int32]
    coach: NDArray[np.int32]

    def __post_init__(self) -> None:
        if not len(self.pod) == len(self.tier) == len(self.owner):
            raise ValueError("pod, tier and owner must have one row for each account")
        if self.owner.shape != (len(self.pod), len(FUNCTIONS)):
            raise ValueError(f"owner has shape {self.owner.shape}, must be (accounts, 4)")
        if not len(self.placed_person) == len(self.placed_pod) == len(self.share):
            raise ValueError("placements must have equal length")
        if len(self.leader) != len(self.coach):
            raise ValueError("leader and coach must have one row for each pod")
        order = np.lexsort((self.placed_pod, self.placed_person))
        for name in ("placed_person", "placed_pod", "share"):
            object.__setattr__(self, name, getattr(self, name)[order])
        for name in self.__dataclass_fields__:
            getattr(self, name).setflags(write=False)

    def fits(self, instance: Instance) -> bool:
        """Whether all indices exist in the instance (the verifier judges the rest)."""
        accounts, people, pods, tiers = (
            len(x) for x in (instance.accounts, instance.people, instance.pods, instance.tiers)
        )
        return (
            len(self.pod) == accounts
            and len(self.leader) == pods
            and _within(self.pod, 0, pods)
            and _within(self.tier, 0, tiers)
            and _within(self.owner, NOBODY, people)
            and _within(self.placed_person, 0, people)
            and _within(self.placed_pod, 0, pods)
            and _within(self.leader, NOBODY, people)
            and _within(self.coach, NOBODY, people)
        )


def _within(indices: NDArray[np.int32], low: int, high: int) -> bool:
    return not indices.size or (int(indices.min()) >= low and int(indices.max()) < high)
