"""What could be where in some plan, as far as plain conditions tell: more than any plan allows, never less."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.domain.place import MAY_NOT, allowed_pairs, count_allowed, join_mode
from podplanner.domain.vocabulary import FUNCTIONS, LEADER, NOBODY
from podplanner.planning.alike import first_alike
from podplanner.planning.joins import make_joins

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance
    from podplanner.domain.place import Pairs
    from podplanner.planning.joins import Joins

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int32]
    Index = int | NDArray[np.integer[Any]]

_CHUNK = 1 << 18
"""Pairs looked at together."""
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
    """Possible (account, pod, tier), sorted by account; of pods that are alike, the first stands for all.

    Parameters
    ----------
    account, pod, tier
        Indices (E).
    way
        One-way hours (E).
    """

    instance: Instance
    account: Ints
    pod: Ints
    tier: NDArray[np.int8]
    way: Floats

    def hours(self, function: int) -> Floats:
        """Of the owner for the function, travel included; 0 where not served (E)."""
        derived, served = self.instance.derived, self.instance.tiers.served[:, function]
        hours = derived.hours[self.account, self.tier, function] + 2 * self.way * derived.visits[self.tier, function]
        return np.where(served[self.tier], hours, 0.0)


@dataclass(frozen=True)
class Possible:
    """What could be where; each figure is computed when first asked for."""

    instance: Instance

    def mode(self, person: Index, pod: Index) -> NDArray[np.int8]:
        """How each person may join each pod by the rule of place; indices broadcast."""
        return join_mode(self.instance, np.asarray(person), np.asarray(pod))

    def may_join(self, person: Index, pod: Index) -> Bools:
        """Whether each person could be in each pod: in reach and present, leaders with duties; indices broadcast."""
        result: Bools = (self.mode(person, pod) != MAY_NOT) & self.joins.fit[person]
        return result

    @cached_property
    def joins(self) -> Joins:
        """Who could be in which pod, in sums."""
        return make_joins(self.instance)

    @cached_property
    def alike(self) -> NDArray[np.intp]:
        """First pod that each pod is like (P)."""
        return first_alike(self.instance)

    @cached_property
    def copies(self) -> NDArray[np.int64]:
        """Pods that each pod stands for, itself included; 0 where another stands for it (P)."""
        return np.bincount(self.alike, minlength=len(self.alike))

    @cached_property
    def leader_hours(self) -> Floats:
        """Plannable hours of the leader who could lead the pod and has most; -inf where nobody could (P)."""
        return self._most(np.asarray(self.instance.people.role == LEADER))

    def _most(self, able: Bools) -> Floats:
        derived = self.instance.derived
        return self.joins.most(able & derived.has_duties, derived.plannable)

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
        heads = self.joins.count(np.ones(len(instance.people), bool))
        accounts = count_allowed(instance)
        result: Bools = (pods.min_people <= heads) & (pods.min_accounts <= accounts)
        result &= (pods.min_people <= pods.max_people) & (pods.min_accounts <= pods.max_accounts)
        for r, least in enumerate(instance.roles.min_per_pod):
            result &= self.joins.count(instance.people.role == r) >= least * (1 - RELATIVE)
        return result

    def staffed(self, functions: int) -> Bools:
        """Whether each pod could be staffed with owners of so many functions (P)."""
        return np.asarray(self.room & (self.instance.pods.max_people >= 1 + functions))

    def led(self, functions: int, accounts: int) -> Bools:
        """Whether somebody could lead each pod with so many members and accounts (P)."""
        policy = self.instance.policy
        week = (
            policy.leader_hours_base
            + policy.leader_hours_per_member * functions
            + policy.leader_hours_per_account * accounts
        )
        return np.asarray(self.leader_hours >= week * (1 - RELATIVE) - RELATIVE)

    @cached_property
    def _pairs(self) -> Pairs:
        """(account, pod) that the place allows, of the pods that stand for others."""
        return allowed_pairs(self.instance, self.copies > 0)

    @cached_property
    def _steps(self) -> NDArray[np.int8]:
        """How far each pair gets at each tier (K x T)."""
        pairs, coverage = self._pairs, self.instance.pods.coverage
        result = np.full((len(pairs), len(self.instance.tiers)), Step.NOWHERE, np.int8)
        for t, of_tier in enumerate(self.instance.tiers.coverage):
            pod_step = self._pod_steps(t)
            for begin in range(0, len(pairs), _CHUNK):
                rows = begin + np.flatnonzero(coverage[pairs.pod[begin : begin + _CHUNK]] == of_tier)
                result[rows, t] = self._steps_at(rows, t, pod_step)
        return result

    def _pod_steps(self, tier: int) -> NDArray[np.int8]:
        """How far a large enough account gets in each pod at the tier, as far as that does not depend on it (P)."""
        instance = self.instance
        served = int(instance.tiers.served[tier].sum())
        good = (instance.pods.max_accounts >= 1) & (instance.tiers.max_accounts[tier] >= 1)
        if not served:
            return np.where(good, Step.POSSIBLE, Step.IN_REACH).astype(np.int8)
        step = np.where(good, Step.LARGE_ENOUGH, Step.IN_REACH).astype(np.int8)
        for reached, condition in ((Step.LED, self.led(served, 1)), (Step.STAFFED, self.staffed(served))):
            good &= condition
            step[good] = reached
        return step

    def _steps_at(self, rows: NDArray[np.intp], tier: int, pod_step: NDArray[np.int8]) -> NDArray[np.int8]:
        """How far these pairs get at the tier."""
        instance, derived = self.instance, self.instance.derived
        account, pod, way = self._pairs.account[rows], self._pairs.pod[rows], self._pairs.hours[rows]
        step = np.where(derived.tier_allowed[account, tier], pod_step[pod], Step.IN_REACH).astype(np.int8)
        skilled = enough = step == Step.STAFFED
        _, need = self.needs
        for r in np.flatnonzero(instance.tiers.served[tier]):
            most = self.owner_hours[need[account, r], r, pod]
            hours = derived.hours[account, tier, r] + 2 * way * derived.visits[tier, r]
            skilled = skilled & np.isfinite(most)
            enough = enough & (hours <= most * (1 + RELATIVE) + RELATIVE)
        step[skilled] = Step.SKILLED
        step[skilled & enough] = Step.POSSIBLE
        return step

    @cached_property
    def reached(self) -> NDArray[np.int8]:
        """How far each account gets (A)."""
        result = np.full(len(self.instance.accounts), Step.NOWHERE, np.int8)
        np.maximum.at(result, self._pairs.account, self._steps.max(axis=1))
        return result

    def reached_at(self, account: int, pod: int, tier: int) -> Step:
        """How far the account gets at the pod and tier; `NOBODY` for any."""
        rows = np.arange(self._pairs.start[account], self._pairs.start[account + 1])
        if pod != NOBODY:
            rows = rows[self._pairs.pod[rows] == pod]
        steps = self._steps[rows] if tier == NOBODY else self._steps[rows, tier]
        return Step(int(steps.max(initial=Step.NOWHERE)))

    @cached_property
    def options(self) -> Options:
        """What is possible."""
        pair, tier = np.nonzero(self._steps == Step.POSSIBLE)
        pairs = self._pairs
        return Options(self.instance, pairs.account[pair], pairs.pod[pair], tier.astype(np.int8), pairs.hours[pair])

    @cached_property
    def count(self) -> NDArray[np.int64]:
        """Number of options (A), pods that are alike counted once."""
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
        """Pod and tier of each option of one account, each of the pods that are alike by itself."""
        high = int(self._last[account])
        low = high - int(self.count[account])
        pods = [np.flatnonzero(self.alike == pod) for pod in self.options.pod[low:high]]
        tier = np.repeat(self.options.tier[low:high], [len(alike) for alike in pods])
        return np.concatenate([np.zeros(0, np.int32), *pods]).astype(np.int32), tier.astype(np.int32)

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
            & holds[need[options.account, function], instance.people.skill_set[person]]
            & instance.tiers.served[options.tier, function]
            & (options.hours(function) <= room)
        )
        left = np.flatnonzero(result)
        for begin in range(0, len(left), _CHUNK):
            rows = left[begin : begin + _CHUNK]
            result[rows] = self.may_join(person[rows], options.pod[rows])
        return result

    def needed_hours(self) -> Floats:
        """Hours that each account takes of each function wherever it goes (A x R)."""
        least = np.full((len(FUNCTIONS), len(self.count)), np.inf)
        for r, row in enumerate(least):
            np.minimum.at(row, self.options.account, self.options.hours(r))
        return np.where(np.isfinite(least), least, 0.0).T
