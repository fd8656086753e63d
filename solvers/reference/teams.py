"""Rules of a pod's leader and coach, and of balance between its people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podplanner.domain.vocabulary import FUNCTIONS, LEADER, LOCAL, ROLES, SALES
from solvers.reference.rulebook import RuleBook
from solvers.reference.variables import Expr, Var, plain, serving, weighted

if TYPE_CHECKING:
    from collections.abc import Callable


class TeamRules(RuleBook):
    """What holds between the people of a pod."""

    def add_leader(self) -> None:
        """One leader in each staffed pod: who leads is who is placed; who leads a local pod leads no other."""
        local = self.instance.pods.coverage == LOCAL
        for p in range(len(self.instance.pods)):
            leaders = self.v.heads_in(p, LEADER)
            self.add("leader", self.pod_id(p), leaders - self.v.staffed[p] == 0, self.v.pod[p])
        for s, joins in self.v.joins.items():
            bases = plain(head for p, head in joins if local[p])
            if self.v.is_role(s, LEADER) and bases:
                most = int(self.instance.people.max_pods[s])
                others = plain(head for p, head in joins if not local[p])
                self.add("leader", self.person_id(s), most * bases + others <= most, self.v.person[s])

    def add_leader_week(self) -> None:
        """Base + per member x (heads[p] - 1) + per account x n[p] <= z[s,p] x plannable[s] of the leader s.

        A pod without people has no leader's week. It can have accounts only at tiers that serve nobody; for these the
        row is switched off by the hours that they could take.
        """
        policy = self.instance.policy
        for p in range(len(self.instance.pods)):
            week = (policy.leader_hours_base - policy.leader_hours_per_member) * self.v.staffed[p]
            week += policy.leader_hours_per_member * self.v.heads_in(p)
            week += policy.leader_hours_per_account * self.v.accounts_in(p)
            unserved = len({a for a, t, _ in self.v.in_pod[p] if not serving(self.instance, t)})
            week -= policy.leader_hours_per_account * unserved * (1 - self.v.staffed[p])
            leaders = [s for s, _ in self.v.team[p] if self.v.is_role(s, LEADER)]
            room = week
            for s in leaders:
                room -= self.capacity(s, p)
            self.add("leader_week", self.pod_id(p), room <= 0, self.v.pod[p])

    def add_coach(self) -> None:
        """Sum over s of coach[s,p] = two_reps[p] - missing[p]; the lack is paid in the objective."""
        for (s, p), coach in self.v.coach.items():
            self.define(coach - self.v.head[s, p] <= 0, "coach", self.v.person[s], self.v.pod[p])
        for p, two in self.v.two_reps.items():
            reps = self.v.heads_in(p, SALES)
            able = sum(self.v.is_role(s, SALES) for s, _ in self.v.team[p])
            self.define(reps - 2 * two >= 0, "two_reps", self.v.pod[p])
            self.define(reps - max(able - 1, 0) * two <= 1, "one_rep", self.v.pod[p])
            self.add("coach", self.pod_id(p), self.v.coached(p) - two <= 0, self.v.pod[p])

    def add_balance(self) -> None:
        """(1 - b) x largest load <= (1 + b) x smallest load over the non-empty books of a role in a pod."""
        policy, derived = self.instance.policy, self.instance.derived

        def potential_of(s: int, p: int) -> list[tuple[float, Var]]:
            return [(self.instance.accounts.potential[a], own) for a, _, own in self.v.books[s, p]]

        if policy.balance_workload is not None:
            self._balance(policy.balance_workload, "workload", self.v.work, [float(h) for h in derived.plannable])
        if policy.balance_potential is not None:
            ones = [1.0] * len(self.instance.people)
            self._balance(policy.balance_potential, "potential", potential_of, ones)

    def _balance(
        self, b: float, what: str, work_of: Callable[[int, int], list[tuple[float, Var]]], whole: list[float]
    ) -> None:
        """Loads are work / (share x whole): a quotient of decisions, written as one pair of rows for each share.

        With ``high`` and ``low`` the largest and smallest load, a share of k steps means work <= k steps x high, and
        work >= k steps x low where the book is not empty; both rows are off for every share but the chosen one.
        """
        for p in range(len(self.instance.pods)):
            for r in range(len(FUNCTIONS)):
                team = [s for s, _ in self.v.team[p] if self.v.is_role(s, r) and (s, p) in self.v.book]
                if len(team) < 2:
                    continue
                most = {s: sum(coefficient for coefficient, _ in work_of(s, p)) for s in team}
                top = max((most[s] * self.v.choices.steps(s) / whole[s] for s in team if whole[s] > 0), default=0.0)
                if what == "workload" and self.v.choices.pruned:
                    # Nobody has more work than hours, so that no load is above 1.
                    most, top = {s: min(most[s], whole[s]) for s in team}, min(top, 1.0)
                high = self.v.number(f"high({what},{self.v.pod[p]},{ROLES[r]})", top)
                low = self.v.number(f"low({what},{self.v.pod[p]},{ROLES[r]})", top)
                apart = (1 - b) * high - (1 + b) * low
                subject = f"{self.pod_id(p)} {ROLES[r]}"
                self.add("balance", subject, apart <= 0, what, self.v.pod[p], ROLES[r])
                for s in team:
                    work = weighted(work_of(s, p))
                    for part, chosen in self._shares(s, p):
                        self._bound_load(work, most[s], part * whole[s], (chosen, self.v.book[s, p]), (low, high), top,
                                         subject, (what, self.v.person[s], self.v.pod[p]))  # fmt: skip

    def _bound_load(
        self,
        work: Expr,
        most: float,
        capacity: float,
        switches: tuple[Var, Var],
        bounds: tuple[Var, Var],
        top: float,
        subject: str,
        where: tuple[str, ...],
    ) -> None:
        (chosen, book), (low, high) = switches, bounds
        self.add("balance", subject, work - capacity * high - most * (1 - chosen) <= 0, *where, "high")
        off = capacity * top * (2 - chosen - book)
        self.add("balance", subject, work - capacity * low + off >= 0, *where, "low")

    def _shares(self, s: int, p: int) -> list[tuple[float, Var]]:
        """(share, whether it is the person's in the pod) for each share that is possible."""
        count = self.v.choices.steps(s)
        if count == 1:
            return self.v.share(s, p)
        step = float(self.instance.derived.share_step[s])
        return [(k * step, self.v.level[s, p, k]) for k in range(1, count + 1)]
