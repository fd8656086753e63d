"""Plain facts of a plan that score, report and pipeline share: heads, open and staffed pods, who moved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.place import RELOCATED, join_mode
from podplanner.domain.vocabulary import DIRECT, NOBODY, SALES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan


@dataclass(frozen=True)
class Facts:
    """Facts of one plan; each is computed when first asked for."""

    instance: Instance
    plan: Plan

    @cached_property
    def heads(self) -> NDArray[np.int64]:
        """People with a share in the pod, the leader included (P)."""
        return np.bincount(self.plan.placed_pod, minlength=len(self.instance.pods))

    @cached_property
    def accounts(self) -> NDArray[np.int64]:
        """Accounts in the pod (P)."""
        return np.bincount(self.plan.pod, minlength=len(self.instance.pods))

    @cached_property
    def staffed(self) -> NDArray[np.bool_]:
        """Pods with people (P)."""
        return self.heads > 0

    @cached_property
    def open(self) -> NDArray[np.bool_]:
        """Pods with accounts or people, or that must be kept open (P)."""
        result: NDArray[np.bool_] = self.staffed | (self.accounts > 0) | self.instance.pods.keep_open
        return result

    @cached_property
    def counted_open(self) -> int:
        """Open pods as ``max_open_pods`` counts them: local and virtual ones."""
        return int((self.open & (self.instance.pods.coverage != DIRECT)).sum())

    @cached_property
    def reps(self) -> NDArray[np.int64]:
        """Sales people with a share in the pod (P)."""
        sales = self.instance.people.role[self.plan.placed_person] == SALES
        return np.bincount(self.plan.placed_pod[sales], minlength=len(self.instance.pods))

    @cached_property
    def placed(self) -> NDArray[np.bool_]:
        """People with a share anywhere (S)."""
        result = np.zeros(len(self.instance.people), bool)
        result[self.plan.placed_person] = True
        return result

    @cached_property
    def relocated(self) -> NDArray[np.bool_]:
        """Placements that need a relocation (N)."""
        mode = join_mode(self.instance, self.plan.placed_person, self.plan.placed_pod)
        return np.asarray(mode == RELOCATED)

    @cached_property
    def person_moved(self) -> NDArray[np.bool_]:
        """People with a pod today who are placed, but no longer in it (S)."""
        today = self.instance.people.pod_today
        stays = np.zeros(len(today), bool)
        stays[self.plan.placed_person[today[self.plan.placed_person] == self.plan.placed_pod]] = True
        result: NDArray[np.bool_] = (today != NOBODY) & self.placed & ~stays
        return result

    @cached_property
    def released(self) -> NDArray[np.bool_]:
        """People let go: only under ``flexible`` head-count; leavers and hire slots never count (S)."""
        derived, people = self.instance.derived, self.instance.people
        result = (derived.employed > 0) & ~derived.leaver & ~people.is_hire & ~self.placed
        return np.asarray(result & self.instance.policy.flexible)

    @cached_property
    def paid(self) -> NDArray[np.bool_]:
        """People who draw pay (S)."""
        derived, people = self.instance.derived, self.instance.people
        stays = ~people.is_hire & (derived.leaver | (not self.instance.policy.flexible))
        return np.asarray((derived.employed > 0) & (self.placed | stays))

    @cached_property
    def handed_over(self) -> NDArray[np.bool_]:
        """Functions of accounts whose owner changes or ends, vacancies included (A x R)."""
        today = self.instance.owner_today
        result: NDArray[np.bool_] = (today != NOBODY) & (today != self.plan.owner)
        return result

    @cached_property
    def account_moved(self) -> NDArray[np.bool_]:
        """Accounts whose sales owner changes; a vacancy is no move (A)."""
        today = self.instance.owner_today[:, SALES]
        result: NDArray[np.bool_] = (today >= 0) & (today != self.plan.owner[:, SALES])
        return result
