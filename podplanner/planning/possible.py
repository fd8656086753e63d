"""What could be where in some plan, as far as plain conditions tell: more than any plan allows, never less."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.place import MAY_NOT, allowed_pairs, count_allowed, join_mode
from podplanner.domain.vocabulary import FUNCTIONS, LEADER, NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int32]

RELATIVE = 1e-6
"""A limit that is passed by less than this of itself is not passed: solvers and verifier work with such tolerances."""


def passes(value: float, limit: float) -> bool:
    """Whether a value lies beyond an upper limit, in any tolerance."""
    return value > limit + 2 * RELATIVE * max(1.0, abs(limit))


class Step(IntEnum):
    """How far an account gets on its way to a place; the best of its options counts."""

    NOWHERE = 0
    IN_REACH = 1
    LARGE_ENOUGH = 2
    LED = 3
    STAFFED = 4
    SKILLED = 5
    POSSIBLE = 6


@dataclass(frozen=True)
class Options:
    """Possible (account, pod, tier), sorted by account.

    Parameters
    ----------
    account, pod, tier
        Indices (E).
    hours
        Of the owner by function, travel included; 0 where not served (E x R).
    """

    account: Ints
    pod: Ints
    tier: Ints
    hours: Floats


@dataclass(frozen=True)
class Possible:
    """What could be where; each figure is computed when first asked for."""

    instance: Instance

    @cached_property
    def mode(self) -> NDArray[np.int8]:
        """How each person may join each pod by the rule of place (S x P)."""
        people, pods = (np.arange(len(each), dtype=np.int32) for each in (self.instance.people, self.instance.pods))
        return join_mode(self.instance, people[:, None], pods[None, :])

    @cached_property
    def may_join(self) -> Bools:
        """Whether each person could be in each pod: in reach and present, leaders with duties, as they lead (S x P)."""
        derived = self.instance.derived
        fit = derived.present & (derived.has_duties | (self.instance.people.role != LEADER))
        result: Bools = (self.mode != MAY_NOT) & fit[:, None]
        return result

    @cached_property
    def leader_hours(self) -> Floats:
        """Plannable hours of the leader who could lead the pod and has most; -inf where nobody could (P)."""
        return self._most(np.asarray(self.instance.people.role == LEADER))

    def _most(self, able: Bools) -> Floats:
        able = able & self.instance.derived.has_duties
        hours = np.where(self.may_join[able], self.instance.derived.plannable[able, None], -np.inf)
        result: Floats = hours.max(axis=0, initial=-np.inf)
        return result

    @cached_property
    def needs(self) -> tuple[tuple[frozenset[str], ...], NDArray[np.int64]]:
        """Distinct skills that accounts need of one function, and each account's number among them (A x R)."""
        distinct: dict[frozenset[str], int] = {}
        sets = self.instance.skill_sets
        of_set = np.array(
            [
                [
                    distinct.setdefault(frozenset(k for k in needs if k.startswith(f"{name}:")), len(distinct))
                    for name in FUNCTIONS
                ]
                for needs in sets
            ],
            dtype=np.int64,
        )
        return tuple(distinct), of_set[self.instance.accounts.skill_set]

    @cached_property
    def owner_hours(self) -> Floats:
        """Most plannable hours of one who could own, by need, function and pod; -inf where nobody could (N x R x P)."""
        needs, _ = self.needs
        people = self.instance.people
        result = np.full((len(needs), len(FUNCTIONS), len(self.instance.pods)), -np.inf)
        for n, need in enumerate(needs):
            holds = np.array([need <= held for held in self.instance.skill_sets], bool)[people.skill_set]
            for r, name in enumerate(FUNCTIONS):
                if all(skill.startswith(f"{name}:") for skill in need):
                    result[n, r] = self._most((people.role == r) & holds)
        return result

    @cached_property
    def room(self) -> Bools:
        """Whether a pod with people can meet its own minima: heads, accounts, shares by role (P)."""
        instance, pods = self.instance, self.instance.pods
        heads = self.may_join.sum(axis=0)
        accounts = count_allowed(instance)
        result: Bools = (pods.min_people <= heads) & (pods.min_accounts <= accounts)
        result &= (pods.min_people <= pods.max_people) & (pods.min_accounts <= pods.max_accounts)
        for r, least in enumerate(instance.roles.min_per_pod):
            result &= self.may_join[instance.people.role == r].sum(axis=0) >= least * (1 - RELATIVE)
        return result

    def staffed(self, pod: Ints | NDArray[np.int64], functions: int) -> Bools:
        """Whether each pod could be staffed with owners of so many functions."""
        return np.asarray(self.room[pod] & (self.instance.pods.max_people[pod] >= 1 + functions))

    def led(self, pod: Ints | NDArray[np.int64], functions: int, accounts: int) -> Bools:
        """Whether somebody could lead each pod with so many members and accounts."""
        policy = self.instance.policy
        week = (
            policy.leader_hours_base
            + policy.leader_hours_per_member * functions
            + policy.leader_hours_per_account * accounts
        )
        return np.asarray(self.leader_hours[pod] >= week * (1 - RELATIVE) - RELATIVE)

    @cached_property
    def _ways(self) -> tuple[Options, Ints]:
        """All (account, pod, tier) that the place allows, and how far each gets."""
        instance, derived = self.instance, self.instance.derived
        pairs, tiers = allowed_pairs(instance, np.ones(len(instance.pods), bool)), instance.tiers
        parts, steps = [], []
        for t in range(len(tiers)):
            k = np.flatnonzero(instance.pods.coverage[pairs.pod] == tiers.coverage[t])
            hours = derived.hours[pairs.account[k], t] + 2 * pairs.hours[k, None] * derived.visits[t][None, :]
            hours = np.where(tiers.served[t][None, :], hours, 0.0)
            parts.append((pairs.account[k], pairs.pod[k], np.full(len(k), t, np.int32), hours))
            steps.append(self._steps(pairs.account[k], pairs.pod[k], t, hours))
        account, pod, tier, hours = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.lexsort((tier, pod, account))
        return Options(account[order], pod[order], tier[order], hours[order]), np.concatenate(steps)[order]

    def _steps(self, account: Ints, pod: Ints, tier: int, hours: Floats) -> Ints:
        """How far each (account, pod) gets at the tier."""
        instance = self.instance
        served = np.flatnonzero(instance.tiers.served[tier])
        room = (instance.pods.max_accounts[pod] >= 1) & (instance.tiers.max_accounts[tier] >= 1)
        good = instance.derived.tier_allowed[account, tier] & room
        step = np.where(good, Step.LARGE_ENOUGH, Step.IN_REACH).astype(np.int32)
        if not len(served):
            return np.where(good, Step.POSSIBLE, step).astype(np.int32)
        _, need = self.needs
        most = np.stack([self.owner_hours[need[account, r], r, pod] for r in served], axis=1)
        enough = (hours[:, served] <= most * (1 + RELATIVE) + RELATIVE).all(axis=1)
        for reached, condition in (
            (Step.LED, self.led(pod, len(served), 1)),
            (Step.STAFFED, self.staffed(pod, len(served))),
            (Step.SKILLED, np.isfinite(most).all(axis=1)),
            (Step.POSSIBLE, enough),
        ):
            good = good & condition
            step[good] = reached
        return step

    @cached_property
    def reached(self) -> Ints:
        """How far each account gets (A)."""
        ways, step = self._ways
        result = np.full(len(self.instance.accounts), Step.NOWHERE, np.int32)
        np.maximum.at(result, ways.account, step)
        return result

    def reached_at(self, account: int, pod: int, tier: int) -> Step:
        """How far the account gets at the pod and tier; `NOBODY` for any."""
        ways, step = self._ways
        chosen = ways.account == account
        if pod != NOBODY:
            chosen &= ways.pod == pod
        if tier != NOBODY:
            chosen &= ways.tier == tier
        return Step(int(step[chosen].max(initial=Step.NOWHERE)))

    @cached_property
    def options(self) -> Options:
        """What is possible."""
        ways, step = self._ways
        keep = step == Step.POSSIBLE
        return Options(ways.account[keep], ways.pod[keep], ways.tier[keep], ways.hours[keep])

    @cached_property
    def count(self) -> NDArray[np.int64]:
        """Number of options (A)."""
        return np.bincount(self.options.account, minlength=len(self.instance.accounts))

    @cached_property
    def _last(self) -> NDArray[np.int64]:
        """One past the last option of each account (A)."""
        return np.cumsum(self.count)

    def must(self, option: Bools) -> Bools:
        """Accounts that have options, and only such as are marked (A)."""
        marked = np.bincount(self.options.account[option], minlength=len(self.count))
        result: Bools = (marked == self.count) & (self.count > 0)
        return result

    def can(self, option: Bools) -> Bools:
        """Accounts with a marked option (A)."""
        result = np.zeros(len(self.count), bool)
        result[self.options.account[option]] = True
        return result

    def places(self, account: int) -> tuple[Ints, Ints]:
        """Pod and tier of each option of one account."""
        high = int(self._last[account])
        low = high - int(self.count[account])
        return self.options.pod[low:high], self.options.tier[low:high]

    def may_own(self, person: Ints, function: int) -> Bools:
        """Whether the person (`NOBODY`: no) given for each option could own its account for the function there (E)."""
        instance, derived, options = self.instance, self.instance.derived, self.options
        needs, need = self.needs
        holds = np.array([[n <= held for held in instance.skill_sets] for n in needs], bool)
        room = derived.plannable[person] * (1 + RELATIVE) + RELATIVE
        result: Bools = (
            (person >= 0)
            & (instance.people.role[person] == function)
            & derived.has_duties[person]
            & self.may_join[person, options.pod]
            & holds[need[options.account, function], instance.people.skill_set[person]]
            & instance.tiers.served[options.tier, function]
            & (options.hours[:, function] <= room)
        )
        return result

    def needed_hours(self) -> Floats:
        """Hours that each account takes of each function wherever it goes (A x R)."""
        least = np.full((len(self.count), len(FUNCTIONS)), np.inf)
        np.minimum.at(least, self.options.account, self.options.hours)
        return np.where(np.isfinite(least), least, 0.0)
