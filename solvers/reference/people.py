"""Rules of people in pods: hours, shares, heads, place, leavers, idle."""

from __future__ import annotations

import numpy as np

from podplanner.domain.place import MAY_NOT, RELOCATED
from podplanner.domain.vocabulary import FUNCTIONS, LEADER, LOCAL, ROLES, SALES
from solvers.reference.rulebook import RuleBook
from solvers.reference.variables import Expr, plain, serving, weighted


class PeopleRules(RuleBook):
    """What holds for people, one by one and as a pod's team."""

    def add_hours(self) -> None:
        """Book + travel + coaching <= z[s,p] x plannable[s]; the leader's side of it is ``leader_week``.

        The hours of coaching are coaching_hours_per_rep x (reps[p] - 1) where s is the coach and 0 otherwise: a second
        row, which the coach decision switches off by the most it could be.
        """
        per_rep = self.instance.policy.coaching_hours_per_rep
        for s, p in self.v.head:
            if self.v.is_role(s, LEADER):
                continue
            room = self.work_in(s, p) - self.capacity(s, p)
            where = (self.v.person[s], self.v.pod[p])
            self.add("hours", self.person_id(s), room <= 0, *where)
            if (s, p) in self.v.coach and per_rep > 0:
                reps, most = self.v.heads_in(p, SALES), self._most_reps(p)
                coaching = per_rep * (reps - 1) - per_rep * (most - 1) * (1 - self.v.coach[s, p])
                self.add("hours", self.person_id(s), room + coaching <= 0, *where, "coaching")

    def _most_reps(self, pod: int) -> float:
        """Most reps that the pod could have: those who may join, and no more than its heads less the leader."""
        able = sum(self.v.is_role(s, SALES) for s, _ in self.v.team[pod])
        return float(max(1.0, min(able, self.instance.pods.max_people[pod] - 1)))

    def add_people_per_pod(self) -> None:
        """min_people x staffed[p] <= heads[p] <= max_people x staffed[p]."""
        pods = self.instance.pods
        for p in range(len(pods)):
            heads = self.v.heads_in(p)
            if np.isfinite(pods.max_people[p]):
                most = float(pods.max_people[p]) * self.v.staffed[p]
                self.add("people_per_pod", self.pod_id(p), heads - most <= 0, self.v.pod[p], "max")
            if pods.min_people[p] > 0:
                least = float(pods.min_people[p]) * self.v.staffed[p]
                self.add("people_per_pod", self.pod_id(p), heads - least >= 0, self.v.pod[p], "min")

    def _shares_in(self, pod: int, role: int) -> Expr:
        return weighted(term for s, _ in self.v.team[pod] if self.v.is_role(s, role) for term in self.v.share(s, pod))

    def add_role_minimum(self) -> None:
        """Sum over s of role r of z[s,p] >= min_per_pod[r] x staffed[p]."""
        for r, least in enumerate(self.instance.roles.min_per_pod):
            if least > 0:
                for p in range(len(self.instance.pods)):
                    enough = self._shares_in(p, r) - float(least) * self.v.staffed[p]
                    self.add("role_minimum", f"{self.pod_id(p)} {ROLES[r]}", enough >= 0, self.v.pod[p], ROLES[r])

    def add_shares(self) -> None:
        """z[s,p] in whole steps; sum over p of z[s,p] <= 1; at most max_pods[s] pods."""
        for (s, p), steps in self.v.steps.items():
            head, most = self.v.head[s, p], self.v.choices.steps(s)
            self.define(head - steps <= 0, "some_share", self.v.person[s], self.v.pod[p])
            self.define(steps - most * head <= 0, "no_share", self.v.person[s], self.v.pod[p])
            levels = [(k, self.v.level[s, p, k]) for k in range(1, most + 1) if (s, p, k) in self.v.level]
            if levels:
                self.define(
                    plain(level for _, level in levels) - head == 0, "one_level", self.v.person[s], self.v.pod[p]
                )
                self.define(weighted(levels) - steps == 0, "level", self.v.person[s], self.v.pod[p])
        for s, joins in self.v.joins.items():
            whole = weighted(term for p, _ in joins for term in self.v.share(s, p))
            self.add("shares", self.person_id(s), whole <= 1, self.v.person[s], "whole")
            pods = plain(head for _, head in joins)
            self.add("shares", self.person_id(s), pods <= int(self.instance.people.max_pods[s]), self.v.person[s])

    def add_person_place(self) -> None:
        """z[s,p] = 0 where the person may not join; relocated: that pod only; on-site hires: one local pod at most."""
        mode, local = self.v.choices.mode, self.instance.pods.coverage == LOCAL
        for (s, p), head in self.v.head.items():
            if mode[s, p] == MAY_NOT:
                self.add("person_place", self.person_id(s), head <= 0, self.v.person[s], self.v.pod[p])
        people, on_site = self.instance.people, self.instance.roles.on_site
        for s, joins in self.v.joins.items():
            far = plain(head for p, head in joins if mode[s, p] == RELOCATED)
            if far:
                near = plain(head for p, head in joins if mode[s, p] != RELOCATED)
                self._excludes(s, far, near)
            if people.is_hire[s] and on_site[people.role[s]]:
                bases = plain(head for p, head in joins if local[p])
                self.add("person_place", self.person_id(s), bases <= 1, self.v.person[s], "base")

    def _excludes(self, person: int, far: Expr, near: Expr) -> None:
        """Relocated to one pod, the person is in no other: most x far + near <= most."""
        most = int(self.instance.people.max_pods[person])
        self.add("person_place", self.person_id(person), most * far + near <= most, self.v.person[person], "moves")

    def add_leavers(self) -> None:
        """Who is absent is not placed; who has no duties does not own, lead or coach."""
        derived, label = self.instance.derived, self.v.person
        for (s, p), head in self.v.head.items():
            subject = self.person_id(s)
            if not derived.present[s] or (self.v.is_role(s, LEADER) and not derived.has_duties[s]):
                self.add("leavers", subject, head <= 0, label[s], self.v.pod[p])
            if derived.has_duties[s]:
                continue
            if (s, p) in self.v.book:
                self.add("leavers", subject, self.v.book[s, p] <= 0, label[s], self.v.pod[p], "book")
            if (s, p) in self.v.coach:
                self.add("leavers", subject, self.v.coach[s, p] <= 0, label[s], self.v.pod[p], "coach")

    def add_idle(self) -> None:
        """head[s,p] <= book + lead + coach, but for pins and where a pod is at its smallest.

        Two more decisions carry the allowances: ``lean[p]`` may be 1 only where the pod's heads equal min_people,
        ``short[p,r]`` only where its shares of the role are below min_per_pod + one step. A pod in which nobody owns an
        account, nor is pinned, has no people.
        """
        pinned = {(rule.person, rule.pod) for _, rule in self.rules_of("pin") if rule.person >= 0 and rule.account < 0}
        for p in range(len(self.instance.pods)):
            reasons = [x for _, t, x in self.v.in_pod[p] if serving(self.instance, t)]
            reasons += [head for s, head in self.v.team[p] if (s, p) in pinned]
            self.add("idle", self.pod_id(p), self.v.staffed[p] - plain(reasons) <= 0, self.v.pod[p])
            lean, short = self._allow_lean(p), {r: self._allow_short(p, r) for r in range(len(FUNCTIONS))}
            for s, head in self.v.team[p]:
                if self.v.is_role(s, LEADER) or (s, p) in pinned:
                    continue  # every placement of a leader leads
                duties = plain(kind[s, p] for kind in (self.v.book, self.v.coach) if (s, p) in kind)
                excuse = lean + short[int(self.instance.people.role[s])]
                self.add("idle", self.person_id(s), head - duties - excuse <= 0, self.v.person[s], self.v.pod[p])

    def _allow_lean(self, pod: int) -> Expr:
        least = float(self.instance.pods.min_people[pod])
        able = len(self.v.team[pod])
        if least < 1 or able < least:
            return plain([])
        lean = self.v.binary(f"lean({self.v.pod[pod]})")
        heads = self.v.heads_in(pod)
        self.define(heads + (able - least) * lean <= able, "lean", self.v.pod[pod])
        self.define(heads - least * lean >= 0, "lean_heads", self.v.pod[pod])
        return plain([lean])

    def _allow_short(self, pod: int, role: int) -> Expr:
        """Shares below min_per_pod + one step, that is at most the largest whole number of steps below it."""
        roles = self.instance.roles
        step, least = float(roles.share_step[role]), float(roles.min_per_pod[role])
        shares = self._shares_in(pod, role)
        most = step * (int(np.ceil((least + step) / step - 1e-9)) - 1)
        if most <= 0 or not shares:
            return plain([])
        able = float(sum(self.v.is_role(s, role) for s, _ in self.v.team[pod]))
        if able <= most:
            return plain([self.v.one])
        short = self.v.binary(f"short({self.v.pod[pod]},{ROLES[role]})")
        self.define(shares + (able - most) * short <= able, "short", self.v.pod[pod], ROLES[role])
        return plain([short])
