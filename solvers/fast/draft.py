"""The staffing model under construction: which column means what, and which rows speak for which rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.place import way
from podplanner.domain.vocabulary import DIRECT, LEADER, NOBODY
from solvers.highs import Model
from solvers.fast.columns import make_columns
from solvers.fast.crews import make_crews

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance, Rule
    from solvers.fast.columns import Columns
    from solvers.fast.crews import Crews


@dataclass
class Draft:
    """The model and its index maps; every theme module adds its variables and rows.

    Parameters
    ----------
    serves
        Whether the pod may have people (P): some tier of its coverage serves a function, or a rule pins somebody there.
    copies
        Pods of the site that each pod stands for, 0 for a pod that another stands for (P); see `sites`.
    site
        The pod that stands for each pod (P).
    always
        Whether every tier of the pod's coverage serves the function (P x R).
    place
        Model column of each account column (K).
    staffed, open
        Model column of each pod, `NOBODY` where it has none (P).
    heads, steps
        Model column of each seat: heads, and steps of time where shared (else `NOBODY`) (Q).
    used
        Model column of the members used of each crew (G).
    missing_coach
        Model column of paying for a missing coach, `NOBODY` where none can be (P).
    hours_row, week_row
        Rows that hold the hours of each function (P x R) and the leader's week (P); `NOBODY` without.
    spend
        (model column, cost) of everything that the budget caps, beside what is constant.
    clauses
        Rows that speak for a limit or rule, with its words: the vocabulary of clashes.
    """

    instance: Instance
    columns: Columns
    crews: Crews
    model: Model
    serves: NDArray[np.bool_]
    always: NDArray[np.bool_]
    site: NDArray[np.int64]
    copies: NDArray[np.int64]
    place: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    staffed: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    open: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    heads: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    steps: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    used: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    missing_coach: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    hours_row: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    week_row: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    spend: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = field(default_factory=list)
    spend_constant: float = 0.0
    clauses: list[tuple[str, list[int]]] = field(default_factory=list)

    def clause(self, words: str, *rows: int) -> None:
        """Note that these rows speak for a limit or rule."""
        self.clauses.append((words, [int(row) for row in rows]))

    def seats(self, *, role: int | None = None, pod: int | None = None, crew: int | None = None) -> NDArray[np.int64]:
        """Seats of a role, pod or crew."""
        chosen = np.ones(len(self.crews.seat_crew), bool)
        if role is not None:
            chosen &= self.crews.role[self.crews.seat_crew] == role
        if pod is not None:
            chosen &= self.crews.seat_pod == pod
        if crew is not None:
            chosen &= self.crews.seat_crew == crew
        return np.flatnonzero(chosen)

    def share(self, seats: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Model columns and weights whose sum is the time (in whole people) on these seats."""
        shared = self.steps[seats] != NOBODY
        column = np.where(shared, self.steps[seats], self.heads[seats])
        weight = np.where(shared, self.crews.step[self.crews.seat_crew[seats]], 1.0)
        return column, weight

    def seat(self, person: int, pod: int) -> int:
        """The seat of a person's crew in a pod, `NOBODY` where the person may not join."""
        crew = int(self.crews.of[person])
        found = np.flatnonzero((self.crews.seat_crew == crew) & (self.crews.seat_pod == pod))
        return int(found[0]) if len(found) else NOBODY

    @cached_property
    def members(self) -> tuple[NDArray[np.int64], ...]:
        """Accounts of each unit, ascending (U)."""
        order = np.argsort(self.columns.unit_of, kind="stable")
        return tuple(np.split(order, np.cumsum(self.columns.size)[:-1]))

    def member_travel(self, accounts: list[int], pod: int, tier: int, function: int) -> NDArray[np.float64]:
        """Travel hours of single members of a unit in a pod at a tier."""
        rows = np.array(accounts, dtype=np.int32)
        _, hours = way(self.instance, rows, np.full(len(rows), pod, np.int32))
        return 2 * hours * float(self.instance.derived.visits[tier, function])

    def penalty(self, rule: Rule, *, upper: float = 1.0) -> NDArray[np.int64]:
        """A column for breaking a soft rule; no column (empty) for a hard one."""
        if rule.soft_cost is None:
            return np.zeros(0, np.int64)
        return self.model.add_columns(1, cost=-rule.soft_cost, upper=upper)


def start_draft(instance: Instance, site: NDArray[np.int64]) -> Draft:
    """Columns, crews and an empty model; ``site`` is the pod that stands for each pod (P)."""
    coverage, served = instance.pods.coverage, instance.tiers.served
    serves = np.zeros(len(coverage), bool)
    always = np.zeros((len(coverage), LEADER), bool)
    for kind in range(DIRECT + 1):
        of_kind = instance.tiers.coverage == kind
        serves[coverage == kind] = served[of_kind].any()
        always[coverage == kind] = served[of_kind].all(axis=0) if of_kind.any() else False
    serves[[rule.pod for rule in instance.rules if rule.kind == "pin" and rule.account == NOBODY]] = True
    copies = np.bincount(site, minlength=len(site))
    return Draft(
        instance=instance,
        columns=make_columns(instance, copies > 0),
        crews=make_crews(instance, serves & (copies > 0)),
        model=Model(),
        serves=serves,
        always=always,
        site=site,
        copies=copies,
    )
