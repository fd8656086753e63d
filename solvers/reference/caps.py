"""Caps on the whole plan: heads, hires, pods, moves, budget."""

from __future__ import annotations

import numpy as np

from podplanner.domain.vocabulary import DIRECT, ROLES, SALES
from solvers.reference.rulebook import RuleBook
from solvers.reference.terms import CAPPED
from solvers.reference.variables import Expr, plain, weighted


class Caps(RuleBook):
    """What the policy limits."""

    def _cap(self, code: str, key: str, amount: Expr, most: float) -> None:
        """Amount <= cap, unless the policy leaves it open."""
        if np.isfinite(most):
            self.add(code, f"{key} = {most:g}", amount <= float(most), key)

    def add_head_count(self) -> None:
        """Paid heads <= max_headcount."""
        self._cap("head_count", "max_headcount", self.terms.paid_heads(), self.instance.policy.max_headcount)

    def add_hires(self) -> None:
        """Hires <= max_hires, by role and over all; under flexible none in a role with a released person."""
        people = self.instance.people
        hires = np.flatnonzero(people.is_hire).tolist()
        for r, most in enumerate(self.instance.roles.max_hires):
            slots = [self.v.placed[s] for s in hires if people.role[s] == r]
            if slots:
                self.add("hires", f"role {ROLES[r]}", plain(slots) <= int(most), ROLES[r])
        self._cap("hires", "max_hires", plain(self.v.placed[s] for s in hires), self.instance.policy.max_hires)
        for s in self.terms.releasable():
            for h in hires:
                if people.role[h] == people.role[s]:
                    only_if_kept = self.v.placed[h] - self.v.placed[s]
                    self.add("hires", self.person_id(s), only_if_kept <= 0, self.v.person[h], self.v.person[s])

    def add_max_open_pods(self) -> None:
        """Sum over local and virtual p of open[p] <= max_open_pods."""
        count = plain(self.v.open[p] for p in np.flatnonzero(self.instance.pods.coverage != DIRECT))
        self._cap("max_open_pods", "max_open_pods", count, self.instance.policy.max_open_pods)

    def add_moved(self) -> None:
        """Revenue and accounts that change their sales owner, and people who change pod, within their caps."""
        policy, today = self.instance.policy, self.instance.owner_today[:, SALES]
        owned = np.flatnonzero(today >= 0).tolist()
        gone = {a: self.terms.gives_up(a, int(today[a])) for a in owned}
        revenue = self.instance.accounts.revenue
        moved, count = weighted([]), weighted([])
        for a, moves in gone.items():
            moved += float(revenue[a]) * moves
            count += moves
        most = policy.max_moved_revenue * float(revenue[today >= 0].sum())
        if np.isfinite(policy.max_moved_revenue):
            subject = f"max_moved_revenue = {policy.max_moved_revenue:g}"
            self.add("moved", subject, moved <= most, "max_moved_revenue")
        self._cap("moved", "max_moved_accounts", count, policy.max_moved_accounts)
        self._cap("moved", "max_moved_people", self.terms.people_moved(), policy.max_moved_people)

    def add_budget(self) -> None:
        """Pay, hires, fixed cost, cost per account, travel, relocation and release <= budget."""
        use = weighted([])
        for term in CAPPED:
            use += self.terms.cost[term]
        self._cap("budget", "budget", use, self.instance.policy.budget)
