"""A plan that has come to break rules, changed as little as simple steps can until it keeps them.

Hard pins are carried out first: the account goes to the person, the person to the pod. Then who is missing is replaced
from the same pod, and what the verifier still complains about gives way: first the least worth of an overfull book,
then whoever or whatever is named, twice as much each time the same rule is broken again. What gives way goes direct.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.direct import all_direct_plan
from podplanner.domain.place import MAY, join_mode
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import DIRECT, LEADER, NOBODY
from podplanner.planning.desk import ROLE_INDEX, Desk

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance, Rule
    from podplanner.domain.plan import Plan
    from podplanner.domain.verify import Violation

ROUNDS = 40
"""Verifications before it is given up."""

OF_BOOKS = ("hours", "leader_week", "balance")
OF_HEADS = ("head_count", "hires", "budget")


def mended(instance: Instance, plan: Plan) -> Plan | None:
    """A plan near this one that keeps all rules; None where simple steps find none.

    Parameters
    ----------
    plan
        Fits the instance, and may break any rule.
    """
    direct = all_direct_plan(instance)
    if not verify(instance, plan).violations:
        return plan
    if direct is None:
        return None
    mender = _Mender(Desk(instance, plan, direct))
    return mender.run()


class _Mender:
    def __init__(self, desk: Desk) -> None:
        self.desk, self.instance = desk, desk.instance
        self.broken: Counter[str] = Counter()

    def run(self) -> Plan | None:
        """Carry out the pins, then give way until the verifier is content."""
        for rule in self.instance.rules:
            if rule.kind == "pin" and rule.soft_cost is None:
                self._carry_out(rule)
        for _ in range(ROUNDS):
            self.desk.tidy()
            plan = self.desk.plan()
            violations = verify(self.instance, plan).violations
            if not violations:
                return plan
            for code in {each.code for each in violations}:
                self.broken[code] += 1
            for violation in violations:
                self._give_way(violation)
        return None

    def _carry_out(self, rule: Rule) -> None:
        desk = self.desk
        if rule.account == NOBODY:
            if (rule.person, rule.pod) not in desk.share:
                desk.place(rule.person, rule.pod)
            return
        account = rule.account
        pod = self._pod_for(rule)
        tier = rule.tier if rule.tier != NOBODY else NOBODY if pod == NOBODY else desk.tier_in(account, pod)
        if pod == NOBODY or tier == NOBODY:
            return
        if (pod, tier) != (int(desk.pod[account]), int(desk.tier[account])):
            desk.settle(account, pod, tier)
        desk.held[account] = True
        role = int(self.instance.people.role[rule.person]) if rule.person != NOBODY else LEADER
        if role != LEADER and (rule.person, pod) in desk.share:
            desk.owner[account, role] = rule.person

    def _pod_for(self, rule: Rule) -> int:
        """Where a pinned account goes: the pod named, its own where that will do, or one of the person's."""
        desk, account, own = self.desk, rule.account, int(self.desk.pod[rule.account])
        if rule.pod != NOBODY:
            return rule.pod
        if rule.person != NOBODY:
            pods = desk.pods_of(rule.person)
            fit = [own] if own in pods else [pod for pod in pods if desk.takes(account, pod)]
            return fit[0] if fit else self._pod_of_both(account, rule.person)
        coverage = self.instance.tiers.coverage[rule.tier]
        if self.instance.pods.coverage[own] == coverage:
            return own
        staffed = sorted({pod for _, pod in desk.share if self.instance.pods.coverage[pod] == coverage})
        if coverage == DIRECT:
            return int(desk.direct.pod[account])
        return next((pod for pod in staffed if desk.takes(account, pod)), NOBODY)

    def _pod_of_both(self, account: int, person: int) -> int:
        """A staffed pod that takes the account and that the person may join, and joins; `NOBODY` without."""
        desk = self.desk
        staffed = sorted({pod for _, pod in desk.share}, key=lambda pod: (pod != desk.pod[account], pod))
        may = join_mode(self.instance, np.full(len(staffed), person, np.int32), np.array(staffed, np.int32)) == MAY
        fit = [pod for pod, fits in zip(staffed, may.tolist(), strict=True) if fits and desk.takes(account, pod)]
        if not fit:
            return NOBODY
        desk.place(person, fit[0])
        return int(fit[0])

    def _give_way(self, violation: Violation) -> None:
        """Let go of what a broken rule names."""
        desk, instance, subjects = self.desk, self.instance, violation.subjects
        much = 2 ** (self.broken[violation.code] - 1)
        accounts = [instance.account_index[name] for name in subjects if name in instance.account_index]
        people = [instance.person_index[name] for name in subjects if name in instance.person_index]
        pods = [instance.pod_index[name] for name in subjects if name in instance.pod_index]
        if violation.code == "max_open_pods" or (violation.code == "budget" and not instance.policy.flexible):
            self._close_smallest()
        elif violation.code in OF_HEADS:
            self._let_go(much, ROLE_INDEX.get(subjects[0], NOBODY))
        elif violation.code in OF_BOOKS and people and pods:
            desk.to_direct(desk.book(people[0], pods[0])[:much].tolist())
        elif people and pods and not accounts:
            desk.remove(people[0], pods[0])
        elif accounts:
            desk.to_direct([account for account in accounts if not desk.held[account] or much > 1])
        elif pods:
            rows = np.flatnonzero(desk.pod == pods[0])
            worst = rows[np.argsort(desk.worth[rows], kind="stable")][:much]
            desk.close(pods[0]) if much > len(rows) or not len(rows) else desk.to_direct(worst.tolist())
        elif people:
            for pod in desk.pods_of(people[0]):
                desk.remove(people[0], pod)

    def _let_go(self, count: int, role: int) -> None:
        """The people whose books bring least give up their places, hires first."""
        desk, people = self.desk, self.instance.people
        placed = sorted({who for who, _ in desk.share if role in (NOBODY, people.role[who])})
        if any(people.is_hire[who] for who in placed):
            placed = [who for who in placed if people.is_hire[who]]
        worth = desk.worth
        brings = {who: float(worth[(desk.owner == who).any(axis=1)].sum()) for who in placed}
        for who in sorted(placed, key=lambda each: (brings[each], each))[:count]:
            for pod in desk.pods_of(who):
                desk.remove(who, pod)

    def _close_smallest(self) -> None:
        desk = self.desk
        staffed = {pod for _, pod in desk.share}
        if staffed:
            desk.close(min(staffed, key=lambda pod: (float(desk.worth[desk.pod == pod].sum()), pod)))
