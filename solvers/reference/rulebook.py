"""What all rules are written with: the variables, and one way to add a constraint."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solvers.reference.names import name
from solvers.reference.variables import Expr, Var, Variables, weighted

if TYPE_CHECKING:
    from podplanner.domain.instance import Rule
    from solvers.reference.terms import Terms


@dataclass(frozen=True)
class Row:
    """Where a constraint comes from.

    Parameters
    ----------
    code
        The business rule, or "" for what only says what the variables mean.
    subject
        Whom it binds, in the planner's ids; one subject's rows are told as one.
    """

    code: str
    subject: str


class RuleBook:
    """Base of the rules by theme.

    Parameters
    ----------
    variables
        All of them.
    terms
        The terms of the objective, which the budget caps.
    """

    def __init__(self, variables: Variables, terms: Terms) -> None:
        self.v = variables
        self.terms = terms
        self.instance = variables.instance
        self.origin: dict[str, Row] = {}
        """Constraint name -> where it comes from."""
        self.broken: dict[int, list[Expr]] = defaultdict(list)
        """Index of a soft rule -> amounts by which it is broken."""

    def add(self, code: str, subject: str, constraint: Any, *parts: object) -> None:
        """Add a constraint of a rule, named ``code(part,part)``; a counter keeps equal names apart."""
        label = name(code or "means", *parts)
        number = 1
        while label in self.origin:
            number += 1
            label = name(code or "means", *parts, number)
        self.v.problem.addConstraint(constraint, label)
        self.origin[label] = Row(code, subject)

    def define(self, constraint: Any, *parts: object) -> None:
        """Add a constraint that says what a variable means; no rule, and never in question."""
        self.add("", "", constraint, *parts)

    def keep(self, index: int, amount: Expr, *parts: object) -> None:
        """Hold one of the planner's rules: an amount broken is at most 0, or is paid where the rule is soft."""
        self.keep_all(index, [amount], *parts)

    def keep_all(self, index: int, amounts: list[Expr], *parts: object) -> None:
        """Hold one of the planner's rules where the largest of several amounts is what breaks it."""
        rule = self.instance.rules[index]
        subject = f"rule {rule.rule_id}"
        paid: Var | float = 0.0
        if rule.soft_cost is not None:
            paid = self.v.number(name("broken", index, *parts))
            self.broken[index].append(paid)
        for amount in amounts:
            self.add(rule.kind, subject, amount - paid <= 0, index, *parts)

    def value_of(self, attribute: str) -> list[float]:
        """The account column that a limit sums; ``"1"`` counts accounts, a blank cell counts nothing."""
        accounts = self.instance.accounts
        values = np.ones(len(accounts)) if attribute == "1" else accounts.numeric[attribute]
        return [float(value) for value in np.nan_to_num(values)]

    def rules_of(self, kind: str) -> list[tuple[int, Rule]]:
        """The planner's rules of one kind, with their index."""
        return [(index, rule) for index, rule in enumerate(self.instance.rules) if rule.kind == kind]

    def account_id(self, account: int) -> str:
        """The planner's words for an account."""
        return f"account {self.instance.accounts.ids[account]}"

    def person_id(self, person: int) -> str:
        """The planner's words for a person."""
        return f"person {self.instance.people.ids[person]}"

    def pod_id(self, pod: int) -> str:
        """The planner's words for a pod."""
        return f"pod {self.instance.pods.ids[pod]}"

    def work_in(self, person: int, pod: int) -> Expr:
        """Hours of the person's book in the pod, travel included."""
        return weighted(self.v.work(person, pod))

    def capacity(self, person: int, pod: int) -> Expr:
        """Hours that the person's share in the pod gives."""
        plannable = float(self.instance.derived.plannable[person])
        return weighted((plannable * part, variable) for part, variable in self.v.share(person, pod))
