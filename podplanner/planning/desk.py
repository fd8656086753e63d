"""A plan laid open to be changed by hand: owners are named anew, people come and go, accounts go direct."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.place import MAY, allowed, join_mode, way
from podplanner.domain.plan import Plan
from podplanner.domain.vocabulary import DIRECT, FUNCTIONS, LEADER, LOCAL, NOBODY, ROLES, SALES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance

    Ints = NDArray[np.int32]
    Floats = NDArray[np.float64]

SLACK_HOURS = 1e-6


class Desk:
    """Decisions of a plan that may be changed one by one; nothing here keeps all rules.

    Parameters
    ----------
    direct
        The all-direct plan: where accounts go that can be nowhere else.
    """

    def __init__(self, instance: Instance, plan: Plan, direct: Plan) -> None:
        self.instance, self.direct = instance, direct
        self.pod, self.tier, self.owner = plan.pod.copy(), plan.tier.copy(), plan.owner.copy()
        self.leader, self.coach = plan.leader.copy(), plan.coach.copy()
        keys = zip(plan.placed_person.tolist(), plan.placed_pod.tolist(), strict=True)
        self.share: dict[tuple[int, int], float] = {}
        self._inside: defaultdict[int, set[int]] = defaultdict(set)  # people of each pod
        for (person, pod), share in zip(keys, plan.share.tolist(), strict=True):
            self._put(person, pod, share)
        self.held = np.zeros(len(plan.pod), bool)
        """Accounts that a wish has put where they are."""

    def plan(self) -> Plan:
        """The decisions as they are now."""
        keys = list(self.share)
        return Plan(
            pod=self.pod.copy(),
            tier=self.tier.copy(),
            owner=self.owner.copy(),
            placed_person=np.array([person for person, _ in keys], np.int32),
            placed_pod=np.array([pod for _, pod in keys], np.int32),
            share=np.array(list(self.share.values()), np.float64),
            leader=self.leader.copy(),
            coach=self.coach.copy(),
        )

    def tidy(self) -> None:
        """Who may have no duty has none; owners, leaders and coaches are in the pod; every function has its owner."""
        has_duties = self.instance.derived.has_duties
        for person, pod in [key for key in self.share if not has_duties[key[0]]]:
            self.remove(person, pod)
        for holder in (self.leader, self.coach):
            for pod in np.flatnonzero(holder != NOBODY).tolist():
                if (int(holder[pod]), pod) not in self.share:
                    holder[pod] = NOBODY
        self._lead()
        served = self.instance.tiers.served[self.tier]
        self.owner[~served | ~self._in_pod()] = NOBODY
        for account in np.flatnonzero((served & (self.owner == NOBODY)).any(axis=1)).tolist():
            if not self._name(account):
                self.to_direct([account])
        self._drop_idle()

    def remove(self, person: int, pod: int) -> None:
        """Take a person out of a pod, with all duties there."""
        self.share.pop((person, pod), None)
        self._inside[pod].discard(person)
        rows = np.flatnonzero(self.pod == pod)
        self.owner[rows] = np.where(self.owner[rows] == person, NOBODY, self.owner[rows])
        for holder in (self.leader, self.coach):
            if holder[pod] == person:
                holder[pod] = NOBODY

    def place(self, person: int, pod: int) -> None:
        """Put a person into a pod: whole where dedicated, else with what time is left, at least one step."""
        step = float(self.instance.derived.share_step[person])
        if self.instance.people.max_pods[person] <= 1:
            for other in [where for who, where in self.share if who == person and where != pod]:
                self.remove(person, other)
            self._put(person, pod, 1.0)
            return
        left = 1.0 - sum(share for (who, where), share in self.share.items() if who == person and where != pod)
        if left < step - SLACK_HOURS:
            where = min((key for key in self.share if key[0] == person), key=lambda key: self.share[key])
            left += self.share[where]
            self.remove(*where)
        self._put(person, pod, max(step, left))

    def _put(self, person: int, pod: int, share: float) -> None:
        self.share[person, pod] = share
        self._inside[pod].add(person)

    def to_direct(self, accounts: Iterable[int]) -> None:
        """These accounts are served directly."""
        for account in accounts:
            self.pod[account], self.tier[account] = self.direct.pod[account], self.direct.tier[account]
            self.owner[account] = NOBODY

    def settle(self, account: int, pod: int, tier: int) -> None:
        """Put an account somewhere; owners who are not there are named anew by `tidy`."""
        self.pod[account], self.tier[account] = pod, tier
        self.held[account] = True

    def pods_of(self, person: int) -> list[int]:
        """Pods of a person, the largest share first."""
        return [pod for _, pod in sorted((k for k in self.share if k[0] == person), key=lambda k: -self.share[k])]

    def takes(self, account: int, pod: int) -> bool:
        """Whether the account may be in the pod."""
        return bool(allowed(self.instance, np.array([account], np.int32), np.array([pod], np.int32))[0])

    def tier_in(self, account: int, pod: int) -> int:
        """The account's tier where it is of the pod's coverage, else the first that takes it; `NOBODY` without."""
        coverage = self.instance.pods.coverage[pod]
        if self.instance.tiers.coverage[self.tier[account]] == coverage:
            return int(self.tier[account])
        fits = (self.instance.tiers.coverage == coverage) & self.instance.derived.tier_allowed[account]
        return int(np.argmax(fits)) if fits.any() else NOBODY

    def book(self, person: int, pod: int) -> NDArray[np.intp]:
        """Accounts of a person in a pod, the least worth first; a leader's are the pod's."""
        rows = np.flatnonzero((self.pod == pod) & ~self.held)
        if self.instance.people.role[person] != LEADER:
            rows = rows[(self.owner[rows] == person).any(axis=1)]
        return rows[np.argsort(self.worth[rows], kind="stable")]

    @property
    def worth(self) -> Floats:
        """What each account brings more than directly, before pay (A)."""
        instance, rows = self.instance, np.arange(len(self.pod))
        value = instance.accounts.margin[:, None] * instance.derived.expected - instance.tiers.cost_per_account
        result: Floats = value[rows, self.tier] - value[rows, self.direct.tier]
        return result

    def needs(self, accounts: NDArray[np.intp]) -> Floats:
        """Hours by function that these accounts take where they are, travel included (n x R)."""
        pod, tier = self.pod[accounts], self.tier[accounts]
        _, one_way = way(self.instance, accounts.astype(np.int32), pod)
        visits = self.instance.derived.visits[tier]
        travel = np.where(visits > 0, 2.0 * one_way[:, None] * visits, 0.0)
        hours: Floats = self.instance.derived.hours[accounts, tier] + travel
        return hours

    def free(self, person: int, pod: int) -> float:
        """Hours that a person has left in a pod."""
        policy = self.instance.policy
        rows = np.flatnonzero(self.pod == pod)
        rows = rows[(self.owner[rows] == person).any(axis=1)]
        used = float(self.needs(rows)[self.owner[rows] == person].sum())
        if self.coach[pod] == person:
            used += policy.coaching_hours_per_rep * max(0, len(self._members(pod, SALES)) - 1)
        return float(self.share[person, pod] * self.instance.derived.plannable[person]) - used

    def _in_pod(self) -> NDArray[np.bool_]:
        """Whether each owner is in the account's pod (A x R)."""
        wide = len(self.instance.pods)
        keys = np.array([person * wide + pod for person, pod in self.share], np.int64)
        asked = self.owner.astype(np.int64) * wide + self.pod[:, None]
        return np.isin(asked, keys)

    def _members(self, pod: int, role: int) -> list[int]:
        return sorted(who for who in self._inside[pod] if self.instance.people.role[who] == role)

    def _lead(self) -> None:
        """Staffed pods without a leader take one who is in them, or is free and may join; else they are closed."""
        for pod in sorted({where for _, where in self.share if self.leader[where] == NOBODY}):
            inside = self._members(pod, LEADER)
            leader = inside[0] if inside else self._free_leader(pod)
            if leader == NOBODY:
                self.close(pod)
                continue
            self.place(leader, pod)
            self.leader[pod] = leader

    def _free_leader(self, pod: int) -> int:
        people, busy = self.instance.people, {who for who, _ in self.share}
        fit = np.flatnonzero((people.role == LEADER) & ~people.is_hire & self.instance.derived.has_duties)
        free = np.array([who for who in fit.tolist() if who not in busy], np.int32)
        may = join_mode(self.instance, free, np.full(len(free), pod, np.int32)) == MAY
        return int(free[may][0]) if may.any() else NOBODY

    def close(self, pod: int) -> None:
        """Everybody leaves the pod, and its accounts go direct."""
        for person in sorted(self._inside[pod]):
            self.remove(person, pod)
        if self.instance.pods.coverage[pod] != DIRECT:
            self.to_direct(np.flatnonzero(self.pod == pod).tolist())

    def _name(self, account: int) -> bool:
        """Name an owner for each function that lacks one: who has most hours left; False where nobody has enough.

        Where a wish has put the account here, somebody takes it all the same, and other accounts give way.
        """
        needs, tier, pod = self.needs(np.array([account]))[0], self.tier[account], int(self.pod[account])
        if self._inside[pod] and self.leader[pod] == NOBODY:
            return False
        for function in np.flatnonzero(self.instance.tiers.served[tier] & (self.owner[account] == NOBODY)).tolist():
            fit = [who for who in self._members(pod, function) if self._has_skills(who, account, function)]
            best = max(fit, key=lambda who: self.free(who, pod), default=NOBODY)
            if best == NOBODY or not (self.held[account] or self.free(best, pod) + SLACK_HOURS >= needs[function]):
                return False
            self.owner[account, function] = best
        return True

    def _has_skills(self, person: int, account: int, function: int) -> bool:
        instance = self.instance
        needed = self._needs_skills[int(instance.accounts.skill_set[account])][function]
        return bool(needed <= instance.skill_sets[instance.people.skill_set[person]])

    @cached_property
    def _needs_skills(self) -> list[list[frozenset[str]]]:
        """Skills that each set asks of each function."""
        return [
            [frozenset(skill for skill in skills if skill.startswith(f"{role}:")) for role in FUNCTIONS]
            for skills in self.instance.skill_sets
        ]

    def _drop_idle(self) -> None:
        """Who has no duty in a pod leaves it, unless pinned there; so do all where nobody owns an account."""
        owned = self.owner >= 0
        where = np.broadcast_to(self.pod[:, None], owned.shape)[owned]
        named = set(map(tuple, np.unique(np.stack([self.owner[owned], where], axis=1), axis=0).tolist()))
        stays = named | {(r.person, r.pod) for r in self.instance.rules if r.kind == "pin" and r.account == NOBODY}
        for person, pod in list(self.share):
            if (person, pod) in stays or person in (self.leader[pod], self.coach[pod]):
                continue
            self.remove(person, pod)
        busy = {pod for _, pod in stays}
        for pod in {where for _, where in self.share} - busy:
            self.close(pod)
        for pod in np.flatnonzero((self.coach == NOBODY) & (self.instance.pods.coverage == LOCAL)).tolist():
            self._coach(pod)

    def _coach(self, pod: int) -> None:
        reps = self._members(pod, SALES)
        needed = self.instance.policy.coaching_hours_per_rep * max(0, len(reps) - 1)
        fit = [who for who in reps if self.instance.people.can_coach[who] and self.free(who, pod) >= needed]
        if len(reps) >= 2 and fit and self.instance.policy.coach_required:
            self.coach[pod] = max(fit, key=lambda who: self.free(who, pod))


ROLE_INDEX = {role: index for index, role in enumerate(ROLES)}
