"""The decisions of the model as named variables, and the sums over them that the rules are written in.

Indices: account a, person s (hire slots included), pod p, tier t, function r.

===================  ==================================================================================
``x[a, p, t]``       account a is in pod p at tier t
``own[a, s, p, t]``  person s is the owner, for the function s works in, of account a in pod p at tier t
``head[s, p]``       person s has a share in pod p; for a leader it means leading the pod
``steps[s, p]``      that share, counted in the person's ``share_step`` (shared people only)
``level[s, p, k]``   ... is exactly k steps (only where books are balanced)
``book[s, p]``       person s owns an account in pod p
``coach[s, p]``      person s coaches the other reps of pod p
``placed[s]``        person s has a share anywhere
``open[p]``          pod p has accounts or people, or must be kept open
``staffed[p]``       pod p has people
``two_reps[p]``      pod p has two or more reps (local pods, where coaching is required)
===================  ==================================================================================

Shares, leaders, moves and whatever else a plan says are sums of these. The tier is part of ``own`` because hours depend
on it: the hours of a book are then a plain sum, with no product of two decisions.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pulp

from podplanner.domain.place import MAY_NOT, allowed_pairs, join_mode, way
from podplanner.domain.vocabulary import FUNCTIONS, LEADER, LOCAL, ROLES, SALES
from solvers.reference.names import labels, name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from podplanner.domain.instance import Instance

Var: TypeAlias = Any
"""``pulp.LpVariable``; the library ships no types."""

Expr: TypeAlias = Any
"""``pulp.LpAffineExpression``."""


def weighted(terms: Iterable[tuple[float, Var]], constant: float = 0.0) -> Expr:
    """Sum of coefficient x variable, plus a constant."""
    total: dict[Var, float] = {}
    for coefficient, variable in terms:
        total[variable] = total.get(variable, 0.0) + float(coefficient)
    return pulp.LpAffineExpression(total, constant=float(constant))


def plain(variables: Iterable[Var]) -> Expr:
    """Sum of variables."""
    return weighted((1.0, variable) for variable in variables)


class Choices:
    """Which combinations the rules of place, tiers, skills and leavers leave open.

    Parameters
    ----------
    pruned
        True: a combination that such a rule forbids has no variable. False: every combination has one, and the rule's
        constraint fixes it at 0, so that a search for clashing rules can take the rule away.
    """

    def __init__(self, instance: Instance, *, pruned: bool) -> None:
        self.instance = instance
        self.pruned = pruned
        people, derived = instance.people, instance.derived
        everyone, everywhere = np.arange(len(people), dtype=np.int32), np.arange(len(instance.pods), dtype=np.int32)
        self.mode = join_mode(instance, everyone[:, None], everywhere[None, :])
        leads = people.role == LEADER
        # Every placement of a leader leads, so that a leader without duties has no place at all.
        self.may_be = (self.mode != MAY_NOT) & (derived.present & (~leads | derived.has_duties))[:, None]
        self.tiers_of_pod = [np.flatnonzero(instance.tiers.coverage == c).tolist() for c in instance.pods.coverage]
        near = allowed_pairs(instance, np.ones(len(instance.pods), bool))
        self.near: set[tuple[int, int]] = set(zip(near.account.tolist(), near.pod.tolist(), strict=True))

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """(account, pod) with variables."""
        if self.pruned:
            return sorted(self.near)
        return [(a, p) for a in range(len(self.instance.accounts)) for p in range(len(self.instance.pods))]

    @cached_property
    def travel(self) -> dict[tuple[int, int], tuple[float, float]]:
        """One-way km and hours of each pair; 0 where there is no way (only where nothing is pruned)."""
        account, pod = np.array(self.pairs, dtype=np.int32).reshape(-1, 2).T
        km, hours = (np.nan_to_num(column) for column in way(self.instance, account, pod))
        return dict(zip(self.pairs, zip(km.tolist(), hours.tolist(), strict=True), strict=True))

    def may_own(self, person: int) -> bool:
        """Whether the person may have a book at all."""
        people, derived = self.instance.people, self.instance.derived
        return bool(people.role[person] != LEADER and (derived.has_duties[person] or not self.pruned))

    def skilled(self, account: int, person: int) -> bool:
        """Whether the person holds every skill that the account needs of the person's function."""
        sets, people = self.instance.skill_sets, self.instance.people
        function = ROLES[people.role[person]]
        need = {skill for skill in sets[self.instance.accounts.skill_set[account]] if skill.startswith(f"{function}:")}
        return bool(need <= sets[people.skill_set[person]])

    def may_coach(self, person: int, pod: int) -> bool:
        """Whether the person could be the pod's coach."""
        people, derived = self.instance.people, self.instance.derived
        return bool(
            self.instance.policy.coach_required
            and self.instance.pods.coverage[pod] == LOCAL
            and people.role[person] == SALES
            and people.can_coach[person]
            and (derived.has_duties[person] or not self.pruned)
        )

    def steps(self, person: int) -> int:
        """Steps that make a whole person."""
        return int(np.floor(1 / self.instance.derived.share_step[person] + 1e-9))


class Variables:
    """All variables of one model, created in `problem`, and the sums over them."""

    def __init__(self, instance: Instance, problem: Any, *, pruned: bool) -> None:
        self.instance = instance
        self.problem = problem
        self.choices = Choices(instance, pruned=pruned)
        self.account = labels(instance.accounts.ids)
        self.person = labels(instance.people.ids)
        self.pod = labels(instance.pods.ids)
        self.tier = labels(instance.tiers.ids)
        self.one = problem.add_variable("one", 1, 1)
        """Fixed at 1: carries the constants of the objective, which the file formats have no place for."""
        self._add_places()
        self._add_people()
        self._add_owners()
        self._add_coaches()

    def binary(self, label: str) -> Var:
        """A new 0/1 variable."""
        return self.problem.add_variable(label, 0, 1, cat=pulp.LpInteger)

    def number(self, label: str, high: float | None = None) -> Var:
        """A new number of at least 0."""
        return self.problem.add_variable(label, 0, high)

    def _add_places(self) -> None:
        self.x: dict[tuple[int, int, int], Var] = {}
        self.places: dict[int, list[tuple[int, int, Var]]] = defaultdict(list)
        self.in_pod: dict[int, list[tuple[int, int, Var]]] = defaultdict(list)
        allowed, pruned = self.instance.derived.tier_allowed, self.choices.pruned
        for a, p in self.choices.pairs:
            for t in self.choices.tiers_of_pod[p]:
                if allowed[a, t] or not pruned:
                    variable = self.binary(name("x", self.account[a], self.pod[p], self.tier[t]))
                    self.x[a, p, t] = variable
                    self.places[a].append((p, t, variable))
                    self.in_pod[p].append((a, t, variable))
        pods = self.instance.pods
        self.open = [self.binary(name("open", label)) for label in self.pod]
        self.staffed = [self.binary(name("staffed", label)) for label in self.pod]
        for p in np.flatnonzero(pods.keep_open).tolist():
            self.open[p].lowBound = 1

    def _add_people(self) -> None:
        self.head: dict[tuple[int, int], Var] = {}
        self.steps: dict[tuple[int, int], Var] = {}
        self.level: dict[tuple[int, int, int], Var] = {}
        self.team: dict[int, list[tuple[int, Var]]] = defaultdict(list)
        self.joins: dict[int, list[tuple[int, Var]]] = defaultdict(list)
        policy = self.instance.policy
        balanced = policy.balance_workload is not None or policy.balance_potential is not None
        self.placed = [self.binary(name("placed", label)) for label in self.person]
        for s, p in np.argwhere(self.choices.may_be | (not self.choices.pruned)).tolist():
            where = (self.person[s], self.pod[p])
            head = self.head[s, p] = self.binary(name("head", *where))
            self.joins[s].append((p, head))
            self.team[p].append((s, head))
            count = self.choices.steps(s)
            if count > 1:
                self.steps[s, p] = self.problem.add_variable(name("steps", *where), 0, count, cat=pulp.LpInteger)
                if balanced:
                    for k in range(1, count + 1):
                        self.level[s, p, k] = self.binary(name("level", *where, k))

    def _add_owners(self) -> None:
        self.own: dict[tuple[int, int, int, int], Var] = {}
        self.book: dict[tuple[int, int], Var] = {}
        self.owners: dict[tuple[int, int, int], list[tuple[int, Var]]] = defaultdict(list)
        self.books: dict[tuple[int, int], list[tuple[int, int, Var]]] = defaultdict(list)
        self.named: dict[tuple[int, int], list[tuple[int, int, Var]]] = defaultdict(list)
        role, served = self.instance.people.role, self.instance.tiers.served
        for s, p in self.head:
            if not self.choices.may_own(s):
                continue
            for a, t, _ in self.in_pod[p]:
                if served[t, role[s]] and (self.choices.skilled(a, s) or not self.choices.pruned):
                    label = name("own", self.account[a], self.person[s], self.pod[p], self.tier[t])
                    variable = self.own[a, s, p, t] = self.binary(label)
                    self.owners[a, p, t].append((s, variable))
                    self.books[s, p].append((a, t, variable))
                    self.named[a, s].append((p, t, variable))
            if self.books[s, p]:
                self.book[s, p] = self.binary(name("book", self.person[s], self.pod[p]))

    def _add_coaches(self) -> None:
        self.coach: dict[tuple[int, int], Var] = {}
        self.two_reps: dict[int, Var] = {}
        for s, p in self.head:
            if self.choices.may_coach(s, p):
                self.coach[s, p] = self.binary(name("coach", self.person[s], self.pod[p]))
        if self.instance.policy.coach_required:
            for p in np.flatnonzero(self.instance.pods.coverage == LOCAL).tolist():
                self.two_reps[p] = self.binary(name("two_reps", self.pod[p]))

    # Sums over the variables, in the words of the business.

    def is_role(self, person: int, role: int) -> bool:
        """Whether the person is of the role."""
        return bool(self.instance.people.role[person] == role)

    def in_pod_at_any_tier(self, account: int, pod: int) -> Expr:
        """1 where the account is in the pod."""
        return plain(x for p, _, x in self.places[account] if p == pod)

    def owned_by(self, account: int, person: int) -> Expr:
        """1 where the person is the account's owner for the person's function."""
        return plain(own for _, _, own in self.named.get((account, person), ()))

    def accounts_in(self, pod: int) -> Expr:
        """Number of accounts in the pod."""
        return plain(x for _, _, x in self.in_pod[pod])

    def heads_in(self, pod: int, role: int | None = None) -> Expr:
        """Number of people in the pod, of one role or of all."""
        return plain(head for s, head in self.team[pod] if role is None or self.is_role(s, role))

    def share(self, person: int, pod: int) -> list[tuple[float, Var]]:
        """Terms of the person's share in the pod, a whole number of steps."""
        step = float(self.instance.derived.share_step[person])
        if (person, pod) in self.steps:
            return [(step, self.steps[person, pod])]
        return [(step * self.choices.steps(person), self.head[person, pod])]

    def work(self, person: int, pod: int) -> list[tuple[float, Var]]:
        """Terms of the hours of the person's book in the pod, travel included."""
        derived, function = self.instance.derived, int(self.instance.people.role[person])
        return [
            (
                derived.hours[a, t, function] + 2 * self.choices.travel[a, pod][1] * derived.visits[t, function],
                own,
            )
            for a, t, own in self.books.get((person, pod), ())
        ]

    def coached(self, pod: int) -> Expr:
        """1 where the pod has a coach."""
        return plain(self.coach[s, pod] for s, _ in self.team[pod] if (s, pod) in self.coach)


def serving(instance: Instance, tier: int) -> list[int]:
    """Functions that the tier names an owner for."""
    return [r for r in range(len(FUNCTIONS)) if instance.tiers.served[tier, r]]
