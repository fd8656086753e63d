"""The objective term by term, under the names that `podplanner.domain.score.TERMS` gives them.

Costs are held as positive amounts here and subtracted in the objective, as in the score.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.place import RELOCATED
from podplanner.domain.vocabulary import NOBODY
from solvers.reference.variables import Expr, Var, weighted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from solvers.reference.variables import Variables

CAPPED = (
    "people_cost",
    "hire_cost",
    "travel_cost",
    "fixed_cost",
    "direct_cost",
    "relocation_cost",
    "release_cost",
)
"""What the budget caps."""


class Terms:
    """Each term as a sum over the variables; the soft rules join when they have been added."""

    def __init__(self, variables: Variables) -> None:
        self.v = variables
        self.instance = variables.instance
        self.cost: dict[str, Expr] = {
            "people_cost": self._people_cost(),
            "hire_cost": self._hire_cost(),
            "travel_cost": self._travel_cost(),
            "fixed_cost": weighted(zip(self.instance.pods.fixed_cost, self.v.open, strict=True)),
            "direct_cost": weighted((self.instance.tiers.cost_per_account[t], x) for (_, _, t), x in self.v.x.items()),
            "relocation_cost": self._relocation_cost(),
            "release_cost": self._release_cost(),
            "move_cost": self.instance.policy.move_cost * self.people_moved(),
            "handover_cost": self._handover_cost(),
            "soft_cost": self._missing_coaches(),
        }

    def add_soft_rules(self, broken: Mapping[int, Iterable[Expr]]) -> None:
        """Add what broken soft rules cost, ``soft_cost`` a unit."""
        paid = (
            (self.instance.rules[index].soft_cost or 0.0, amount)
            for index, amounts in broken.items()
            for amount in amounts
        )
        self.cost["soft_cost"] += weighted(paid)

    def by_name(self) -> dict[str, Expr]:
        """All terms as they add up: margin positive, costs negative."""
        return {"margin": self.margin(), **{term: -1 * cost for term, cost in self.cost.items()}}

    def objective(self) -> Expr:
        """Yearly contribution, its constant carried by the variable ``one``."""
        total = self.margin()
        for cost in self.cost.values():
            total -= cost
        constant, total.constant = total.constant, 0.0
        return total + constant * self.v.one

    def margin(self) -> Expr:
        """Sum of margin x expected revenue."""
        accounts, expected = self.instance.accounts, self.instance.derived.expected
        return weighted((accounts.margin[a] * expected[a, t], x) for (a, _, t), x in self.v.x.items())

    def paid_anyway(self, person: int) -> bool:
        """Whether the person draws pay without a place: everybody under fixed head-count, leavers always."""
        instance = self.instance
        return bool(
            not instance.people.is_hire[person] and (instance.derived.leaver[person] or not instance.policy.flexible)
        )

    def paid_heads(self) -> Expr:
        """Number of people who draw pay."""
        return self._of_paid(lambda _: 1.0)

    def _people_cost(self) -> Expr:
        pay = self.instance.people.annual_cost * self.instance.derived.employed
        return self._of_paid(lambda person: float(pay[person]))

    def _of_paid(self, amount: Callable[[int], float]) -> Expr:
        employed = np.flatnonzero(self.instance.derived.employed > 0).tolist()
        constant = sum(amount(s) for s in employed if self.paid_anyway(s))
        return weighted(((amount(s), self.v.placed[s]) for s in employed if not self.paid_anyway(s)), constant)

    @property
    def _once(self) -> float:
        return 1.0 / self.instance.policy.horizon_years

    def _hire_cost(self) -> Expr:
        people, cost = self.instance.people, self.instance.roles.hire_cost
        hires = np.flatnonzero(people.is_hire).tolist()
        return weighted((cost[people.role[s]] * self._once, self.v.placed[s]) for s in hires)

    def _travel_cost(self) -> Expr:
        trips = self.instance.derived.visits.sum(axis=1)
        per_km = self.instance.policy.travel_cost_per_km
        return weighted(
            (per_km * 2 * self.v.choices.travel[a, p][0] * trips[t], x)
            for (a, p, t), x in self.v.x.items()
            if trips[t] > 0
        )

    def _relocation_cost(self) -> Expr:
        cost, mode = self.instance.policy.relocation_cost * self._once, self.v.choices.mode
        return weighted((cost, head) for (s, p), head in self.v.head.items() if mode[s, p] == RELOCATED)

    def releasable(self) -> list[int]:
        """People who are released unless they are placed."""
        derived, people = self.instance.derived, self.instance.people
        present = (derived.employed > 0) & ~derived.leaver & ~people.is_hire
        return np.flatnonzero(present).tolist() if self.instance.policy.flexible else []

    def _release_cost(self) -> Expr:
        roles, people = self.instance.roles, self.instance.people
        cost = {s: roles.release_cost[people.role[s]] * people.annual_cost[s] * self._once for s in self.releasable()}
        return weighted(((-price, self.v.placed[s]) for s, price in cost.items()), sum(cost.values()))

    def people_moved(self) -> Expr:
        """Number of people placed, but no longer in their pod of today."""
        today = self.instance.people.pod_today
        moved: list[tuple[float, Var]] = []
        for s in np.flatnonzero(today != NOBODY).tolist():
            moved.append((1.0, self.v.placed[s]))
            if (s, int(today[s])) in self.v.head:
                moved.append((-1.0, self.v.head[s, int(today[s])]))
        return weighted(moved)

    def gives_up(self, account: int, owner: int) -> Expr:
        """1 where the account is no longer owned by its owner of today."""
        return 1 - self.v.owned_by(account, owner) if owner >= 0 else weighted([], 1.0)

    def _handover_cost(self) -> Expr:
        today, price = self.instance.owner_today, self.instance.derived.handover_price
        total = weighted([])
        for a, r in np.argwhere((today != NOBODY) & (price > 0)).tolist():
            total += float(price[a, r]) * self.gives_up(a, int(today[a, r]))
        return total

    def _missing_coaches(self) -> Expr:
        total = weighted([])
        for p, two in self.v.two_reps.items():
            total += self.instance.policy.missing_coach_cost * (two - self.v.coached(p))
        return total
