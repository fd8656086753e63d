"""Rules that planners set by hand: pin, forbid, together, apart, limit; hard, or paid by the unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.reference.names import name
from solvers.reference.rulebook import RuleBook
from solvers.reference.variables import Expr, Var, plain, weighted

if TYPE_CHECKING:
    from podplanner.domain.instance import Rule


class PlannerRules(RuleBook):
    """The rows of the ``rules`` table."""

    def _met(self, rule: Rule) -> Expr:
        """1 where the plan has it all as the rule names it.

        An account is in one pod at one tier, and its owners are in that pod: tier, pod and person together are one sum.
        """
        if rule.account == NOBODY:
            return plain(head for p, head in self.v.joins[rule.person] if p == rule.pod)
        places = self.v.places[rule.account]
        if rule.person != NOBODY:
            places = self.v.named.get((rule.account, rule.person), [])
        return plain(decision for p, t, decision in places if rule.pod in (NOBODY, p) and rule.tier in (NOBODY, t))

    def add_pin(self) -> None:
        """X or own or head = 1."""
        for index, rule in self.rules_of("pin"):
            self.keep(index, 1 - self._met(rule))

    def add_forbid(self) -> None:
        """X or own or head = 0."""
        for index, rule in self.rules_of("forbid"):
            self.keep(index, self._met(rule))

    def add_together(self) -> None:
        """Two accounts in one pod, or with one owner; two people with a pod in common, once one of them is placed."""
        for index, rule in self.rules_of("together"):
            if rule.person != NOBODY:
                self._people_together(index, rule)
            elif rule.role != NOBODY:
                self.keep_all(index, [each - other for each, other in self._owners_both_ways(rule)])
            else:
                a, b = rule.account, rule.other_account
                pods = range(len(self.instance.pods))
                inside = [(self.v.in_pod_at_any_tier(a, p), self.v.in_pod_at_any_tier(b, p)) for p in pods]
                self.keep_all(index, [one - other for one, other in inside] + [other - one for one, other in inside])

    def _owners_both_ways(self, rule: Rule) -> list[tuple[Expr, Expr]]:
        """(owned, owned by the same person) for each person of the role, from either account's side."""
        people = [s for s in range(len(self.instance.people)) if self.v.is_role(s, rule.role)]
        pairs = [(self.v.owned_by(rule.account, s), self.v.owned_by(rule.other_account, s)) for s in people]
        return pairs + [(other, one) for one, other in pairs]

    def _people_together(self, index: int, rule: Rule) -> None:
        both = []
        for p in range(len(self.instance.pods)):
            pair = [self.v.head[s, p] for s in (rule.person, rule.other_person) if (s, p) in self.v.head]
            if len(pair) == 2:
                shared = self.v.binary(name("shared", index, self.v.pod[p]))
                for head in pair:
                    self.define(shared - head <= 0, "shared", index, self.v.pod[p])
                both.append(shared)
        self.keep_all(index, [self.v.placed[s] - plain(both) for s in (rule.person, rule.other_person)])

    def add_apart(self) -> None:
        """Two accounts or people in no common (staffed) pod, or with no common owner."""
        for index, rule in self.rules_of("apart"):
            pods = range(len(self.instance.pods))
            if rule.person != NOBODY:
                common = [
                    plain(self.v.head[s, p] for s in (rule.person, rule.other_person) if (s, p) in self.v.head) - 1
                    for p in pods
                ]
            elif rule.role != NOBODY:
                common = [one + other - 1 for one, other in self._owners_both_ways(rule)]
            else:
                common = [
                    self.v.in_pod_at_any_tier(rule.account, p)
                    + self.v.in_pod_at_any_tier(rule.other_account, p)
                    + self.v.staffed[p]
                    - 2
                    for p in pods
                ]
            self.keep_all(index, common)

    def add_limit(self) -> None:
        """Minimum <= sum <= maximum over the plan, a tier, a pod, or each book; minima bind what is not empty."""
        for index, rule in self.rules_of("limit"):
            if rule.person != NOBODY or rule.role != NOBODY:
                self._limit_books(index, rule)
            else:
                value = self.value_of(rule.attribute)
                sums = [(value[a], x) for (a, p, t), x in self.v.x.items() if self._chosen(rule, p, t)]
                self._limit(index, rule, sums, self.v.staffed[rule.pod] if rule.pod != NOBODY else None)

    @staticmethod
    def _chosen(rule: Rule, pod: int, tier: int) -> bool:
        return rule.pod in (NOBODY, pod) and rule.tier in (NOBODY, tier)

    def _limit_books(self, index: int, rule: Rule) -> None:
        """The same for every book of a role, or for one person's: over the chosen accounts that the person owns."""
        value, role = self.value_of(rule.attribute), self.instance.people.role
        function = rule.role if rule.role != NOBODY else int(role[rule.person])
        for s in range(len(self.instance.people)):
            if role[s] != function or function == LEADER or rule.person not in (NOBODY, s):
                continue
            owned = [(a, own) for (a, person), places in self.v.named.items() if person == s
                     for p, t, own in places if self._chosen(rule, p, t)]  # fmt: skip
            if owned:
                sums = [(value[a], own) for a, own in owned]
                self._limit(index, rule, sums, self._some_of(index, s, [own for _, own in owned]), self.v.person[s])

    def _some_of(self, index: int, person: int, owned: list[Var]) -> Var:
        """A decision that is 1 where the person owns any of the chosen accounts."""
        some = self.v.binary(name("owns_some", index, self.v.person[person]))
        for own in owned:
            self.define(own - some <= 0, "owns_some", index, self.v.person[person])
        self.define(some - plain(owned) <= 0, "owns_none", index, self.v.person[person])
        return some

    def _limit(self, index: int, rule: Rule, sums: list[tuple[float, Var]], binds: Var | None, *where: object) -> None:
        """Hold one sum; the minimum only where ``binds`` is 1 (None: always)."""
        total = weighted(sums)
        if np.isfinite(rule.maximum):
            self.keep(index, total - rule.maximum, *where, "max")
        if np.isfinite(rule.minimum):
            short = rule.minimum - total
            if binds is not None:
                lowest = sum(min(0.0, value) for value, _ in sums)
                short -= max(0.0, rule.minimum - lowest) * (1 - binds)
            self.keep(index, short, *where, "min")
