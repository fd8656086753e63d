"""What differs between two plans of one instance: in groups that hang together, each with the money it brings.

Differences hang together where they touch the same pod (its hours, its leader's week) or the same family; a group can
be taken back without the others, as far as nothing that couples the whole plan, such as a budget, speaks against it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import DIRECT, NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan

Node = tuple[str, int]
"""``account``, ``person``, ``pod`` or ``family``, and its index."""

LEAST_GAIN = 0.005
"""Half a cent: what brings no more does not pay."""
TRIALS = 40
"""Plans looked at while taking back what does not pay."""


@dataclass(frozen=True)
class Group:
    """Differences that hang together.

    Parameters
    ----------
    accounts
        Accounts with another pod, tier or owner, ascending.
    people
        People with other pods or shares.
    pods
        Pods that are touched; direct pods, which everything would touch, are left out.
    """

    accounts: tuple[int, ...]
    people: tuple[int, ...]
    pods: tuple[int, ...]


@dataclass(frozen=True)
class Priced:
    """A group of differences, and what it brings.

    Parameters
    ----------
    gain
        Contribution of the plan less that with the group taken back; below 0 where the plan had to.
    forced
        Why the group cannot be taken back, in words; "" where it can.
    """

    group: Group
    gain: float
    forced: str


def groups(instance: Instance, plan: Plan, before: Plan) -> tuple[Group, ...]:
    """Differences of two plans, by first pod.

    Parameters
    ----------
    before
        The plan that differences are counted from; it need not keep any rule.
    """
    joint = _Joint()
    for account in np.flatnonzero(differing_accounts(plan, before)).tolist():
        joint.touch(("account", account), _pods_of_account(instance, account, plan, before))
        family = int(instance.derived.families.of[account])
        if family != NOBODY:
            joint.unite(("account", account), ("family", family))
    placed, placed_before = _placements(plan), _placements(before)
    for person in sorted({*placed, *placed_before}):
        now, was = placed.get(person, ()), placed_before.get(person, ())
        if now != was:
            joint.touch(("person", person), (pod for pod, _ in (*now, *was)))
    for pod in np.flatnonzero((plan.leader != before.leader) | (plan.coach != before.coach)).tolist():
        joint.root(("pod", pod))
    found = []
    for nodes in joint.sets():
        of = {kind: tuple(sorted(index for which, index in nodes if which == kind)) for kind, _ in nodes}
        found.append(Group(of.get("account", ()), of.get("person", ()), of.get("pod", ())))
    return tuple(sorted(found, key=lambda group: (group.pods, group.accounts)))


def differing_accounts(plan: Plan, before: Plan) -> NDArray[np.bool_]:
    """Whether each account has another pod, tier or owner (A)."""
    result: NDArray[np.bool_] = (
        (plan.pod != before.pod) | (plan.tier != before.tier) | (plan.owner != before.owner).any(axis=1)
    )
    return result


def _pods_of_account(instance: Instance, account: int, *plans: Plan) -> Iterator[int]:
    """Its pods in the plans, but for direct ones."""
    pods = (int(plan.pod[account]) for plan in plans)
    return (pod for pod in pods if instance.pods.coverage[pod] != DIRECT)


def settled(instance: Instance, plan: Plan, before: Plan) -> Plan:
    """The plan with every difference taken back that does not pay: whole groups first, then accounts by themselves."""
    trials = _Trials(instance, before, score(instance, plan).contribution, TRIALS)
    for group in groups(instance, plan, before):
        plan = trials.without(plan, group)
    return trials.without_accounts(plan, _not_paying(instance, plan, before))


def _not_paying(instance: Instance, plan: Plan, before: Plan) -> list[int]:
    """Accounts that differ and may bring no more than before; where soft rules count, any that differs."""
    differing = differing_accounts(plan, before)
    if any(rule.soft_cost is not None for rule in instance.rules):
        return [int(account) for account in np.flatnonzero(differing)]
    gain = _worth(instance, plan) - _worth(instance, before)
    return [int(account) for account in np.flatnonzero(differing & (gain <= LEAST_GAIN))]


def _worth(instance: Instance, plan: Plan) -> NDArray[np.float64]:
    """What each account brings by itself (A)."""
    terms = score(instance, plan).by_account
    return np.asarray(2 * terms["margin"] - np.sum(list(terms.values()), axis=0))


def priced(instance: Instance, plan: Plan, before: Plan) -> tuple[Priced, ...]:
    """Each group of differences with what it brings, the most first."""
    total = score(instance, plan).contribution
    found = []
    for group in groups(instance, plan, before):
        trial = taken_back(plan, before, group)
        broken = verify(instance, trial).violations
        found.append(Priced(group, total - score(instance, trial).contribution, broken[0].message if broken else ""))
    return tuple(sorted(found, key=lambda each: (-each.gain, each.group.pods, each.group.accounts)))


def taken_back(plan: Plan, before: Plan, group: Group) -> Plan:
    """The plan with one group as it was before."""
    pod, tier, owner = plan.pod.copy(), plan.tier.copy(), plan.owner.copy()
    leader, coach = plan.leader.copy(), plan.coach.copy()
    rows, heads = list(group.accounts), list(group.pods)
    pod[rows], tier[rows], owner[rows] = before.pod[rows], before.tier[rows], before.owner[rows]
    leader[heads], coach[heads] = before.leader[heads], before.coach[heads]
    keep, back = ~np.isin(plan.placed_person, group.people), np.isin(before.placed_person, group.people)
    return replace(
        plan,
        pod=pod,
        tier=tier,
        owner=owner,
        leader=leader,
        coach=coach,
        placed_person=np.concatenate([plan.placed_person[keep], before.placed_person[back]]),
        placed_pod=np.concatenate([plan.placed_pod[keep], before.placed_pod[back]]),
        share=np.concatenate([plan.share[keep], before.share[back]]),
    )


def _placements(plan: Plan) -> dict[int, tuple[tuple[int, float], ...]]:
    """Pods and shares of each placed person."""
    found: dict[int, tuple[tuple[int, float], ...]] = {}
    rows: Iterable[tuple[int, int, float]] = zip(
        plan.placed_person.tolist(), plan.placed_pod.tolist(), plan.share.tolist(), strict=True
    )
    for person, pod, share in rows:
        found[person] = (*found.get(person, ()), (pod, share))
    return found


class _Joint:
    """Union-find over accounts, people, families and pods."""

    def __init__(self) -> None:
        self._parent: dict[Node, Node] = {}

    def root(self, node: Node) -> Node:
        """What stands for the node's set; a new node is a set of its own."""
        parent = self._parent.setdefault(node, node)
        while parent != node:
            self._parent[node] = self._parent[parent]
            node, parent = parent, self._parent[parent]
        return node

    def unite(self, one: Node, other: Node) -> None:
        """Make one set of two."""
        low, high = sorted((self.root(one), self.root(other)))
        self._parent[high] = low

    def touch(self, node: Node, pods: Iterable[int]) -> None:
        """A node hangs together with these pods."""
        self.root(node)
        for pod in pods:
            self.unite(node, ("pod", pod))

    def sets(self) -> list[list[Node]]:
        """All sets."""
        found: dict[Node, list[Node]] = {}
        for node in self._parent:
            found.setdefault(self.root(node), []).append(node)
        return list(found.values())


class _Trials:
    """Looks at plans, up to so many.

    Parameters
    ----------
    best
        Contribution of the plan that is looked at first.
    """

    def __init__(self, instance: Instance, before: Plan, best: float, left: int) -> None:
        self._instance, self._before, self._best, self._left = instance, before, best, left

    def without(self, plan: Plan, group: Group) -> Plan:
        """The plan without the group where that keeps the rules and costs nothing; else the plan."""
        if self._left <= 0:
            return plan
        self._left -= 1
        trial = taken_back(plan, self._before, group)
        value = score(self._instance, trial).contribution
        if value < self._best - LEAST_GAIN or verify(self._instance, trial).violations:
            return plan
        self._best = value
        return trial

    def without_accounts(self, plan: Plan, accounts: list[int]) -> Plan:
        """The plan without as many of the accounts as can be: all at once, else half by half."""
        if not accounts:
            return plan
        trial = self.without(plan, Group(tuple(accounts), (), ()))
        if trial is not plan or len(accounts) == 1:
            return trial
        half = len(accounts) // 2
        return self.without_accounts(self.without_accounts(plan, accounts[:half]), accounts[half:])
