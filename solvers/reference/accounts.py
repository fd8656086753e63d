"""Rules of accounts: one place, tier, named team, families."""

from __future__ import annotations

import numpy as np

from podplanner.domain.vocabulary import COVERAGES, LEADER, ROLES
from solvers.reference.rulebook import RuleBook
from solvers.reference.variables import plain, serving, weighted


class AccountRules(RuleBook):
    """What holds for accounts and families."""

    def add_one_place(self) -> None:
        """Sum over p, t of x[a,p,t] = 1."""
        for a in range(len(self.instance.accounts)):
            self.add("one_place", self.account_id(a), plain(x for _, _, x in self.v.places[a]) == 1, self.v.account[a])

    def add_account_place(self) -> None:
        """x[a,p,t] = 0 where the pod is out of reach (such variables exist only where nothing is pruned)."""
        for a, p in self.v.choices.pairs:
            if (a, p) not in self.v.choices.near:
                place = self.v.in_pod_at_any_tier(a, p)
                self.add("account_place", self.account_id(a), place == 0, self.v.account[a], self.v.pod[p])

    def add_tier_limits(self) -> None:
        """x[a,p,t] = 0 below min_potential; sum over a, p of x[a,p,t] <= max_accounts[t]."""
        allowed = self.instance.derived.tier_allowed
        for (a, p, t), x in self.v.x.items():
            if not allowed[a, t]:
                where = (self.v.account[a], self.v.pod[p], self.v.tier[t])
                self.add("tier_limits", self.account_id(a), x <= 0, *where)
        for t, most in enumerate(self.instance.tiers.max_accounts):
            if np.isfinite(most):
                count = plain(x for (_, _, tier), x in self.v.x.items() if tier == t)
                self.add("tier_limits", f"tier {self.instance.tiers.ids[t]}", count <= float(most), self.v.tier[t])

    def add_named_team(self) -> None:
        """Sum over s of own[a,s,p,t] = x[a,p,t] for each function that the tier serves."""
        for (a, p, t), x in self.v.x.items():
            owners = self.v.owners.get((a, p, t), [])
            for r in serving(self.instance, t):
                team = plain(own for s, own in owners if self.v.is_role(s, r))
                where = (self.v.account[a], self.v.pod[p], self.v.tier[t], ROLES[r])
                self.add("named_team", f"{self.account_id(a)} {ROLES[r]}", team - x == 0, *where)

    def add_skills(self) -> None:
        """own[a,s,p,t] = 0 without the skills (such variables exist only where nothing is pruned)."""
        for (a, s), places in self.v.named.items():
            if not self.v.choices.skilled(a, s):
                role = ROLES[self.instance.people.role[s]]
                owned = plain(own for _, _, own in places)
                self.add("skills", f"{self.account_id(a)} {role}", owned <= 0, self.v.account[a], self.v.person[s])

    def add_accounts_per_pod(self) -> None:
        """min_accounts x staffed[p] <= n[p] <= max_accounts x open[p]."""
        pods = self.instance.pods
        for p in range(len(pods)):
            count = self.v.accounts_in(p)
            if np.isfinite(pods.max_accounts[p]):
                most = float(pods.max_accounts[p]) * self.v.open[p]
                self.add("accounts_per_pod", self.pod_id(p), count - most <= 0, self.v.pod[p], "max")
            if pods.min_accounts[p] > 0:
                least = float(pods.min_accounts[p]) * self.v.staffed[p]
                self.add("accounts_per_pod", self.pod_id(p), count - least >= 0, self.v.pod[p], "min")

    def _kin(self) -> list[tuple[int, list[int]]]:
        """(family, members)."""
        families = self.instance.derived.families
        return [(f, families.members(f).tolist()) for f in range(len(families))]

    def add_families(self) -> None:
        """x[a,p,t] = x[b,p,t] for members of a family that shares a pod; equal coverage where it shares that."""
        for f, (first, *others) in self._kin():
            for b in others:
                if self.instance.derived.families.shares_pod[f]:
                    self._share_place(first, b)
                else:
                    self._share_coverage(first, b)

    def _share_place(self, a: int, b: int) -> None:
        everywhere = sorted({(p, t) for p, t, _ in self.v.places[a]} | {(p, t) for p, t, _ in self.v.places[b]})
        for p, t in everywhere:
            same = plain([self.v.x[a, p, t]] if (a, p, t) in self.v.x else [])
            same -= plain([self.v.x[b, p, t]] if (b, p, t) in self.v.x else [])
            where = (self.v.account[a], self.v.account[b], self.v.pod[p], self.v.tier[t])
            self.add("families", self._family_of(a), same == 0, *where)

    def _share_coverage(self, a: int, b: int) -> None:
        coverage_of = self.instance.pods.coverage
        for coverage, label in enumerate(COVERAGES):
            same = plain(x for p, _, x in self.v.places[a] if coverage_of[p] == coverage)
            same -= plain(x for p, _, x in self.v.places[b] if coverage_of[p] == coverage)
            self.add("families", self._family_of(a), same == 0, self.v.account[a], self.v.account[b], label)

    def _family_of(self, first: int) -> str:
        return f"family of {self.instance.accounts.ids[first]}"

    def add_family_owner(self) -> None:
        """own[a,s,p,t] = own[b,s,p,t] where the family's hours at t are small enough for one owner."""
        families = self.instance.derived.families
        for f, (first, *others) in self._kin():
            for t, r in np.argwhere(families.one_owner[f]).tolist():
                for b in others:
                    self._share_owner(first, b, t, r)

    def _share_owner(self, a: int, b: int, tier: int, role: int) -> None:
        for s in range(len(self.instance.people)):
            if self.v.is_role(s, role) and role != LEADER:
                for p, _ in self.v.joins[s]:
                    pair = [
                        (sign, self.v.own[member, s, p, tier])
                        for sign, member in ((1.0, a), (-1.0, b))
                        if (member, s, p, tier) in self.v.own
                    ]
                    if pair:
                        where = (
                            self.v.account[a],
                            self.v.account[b],
                            self.v.person[s],
                            self.v.pod[p],
                            self.v.tier[tier],
                        )
                        self.add("family_owner", self._family_of(a), weighted(pair) == 0, *where)
