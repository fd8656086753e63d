"""The staffing model under construction: which column means what, and which rows speak for which rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import DIRECT, LEADER, NOBODY
from solvers.fast.columns import make_columns
from solvers.fast.crews import make_crews
from solvers.fast.kept_books import KeptBooks, no_books
from solvers.fast.pools import pooled
from solvers.highs import Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance, Rule
    from podplanner.domain.plan import Plan
    from solvers.fast.columns import Columns
    from solvers.fast.crews import Crews


@dataclass(frozen=True, kw_only=True)
class Own:
    """Owners that matter: one model column for each (account, person, pod), pods of an account and person together.

    Parameters
    ----------
    account, person, pod, seat, column
        Of each (O).
    least_hours
        What the account takes of the person there at least (O).
    """

    account: NDArray[np.int64]
    person: NDArray[np.int64]
    pod: NDArray[np.int64]
    seat: NDArray[np.int64]
    column: NDArray[np.int64]
    least_hours: NDArray[np.float64]

    def of(self, account: int, person: int) -> NDArray[np.int64]:
        """Model columns of an account and a person."""
        order, accounts = self._by_account
        mine = order[slice(*np.searchsorted(accounts, [account, account + 1]))]
        found: NDArray[np.int64] = self.column[mine[self.person[mine] == person]]
        return found

    @cached_property
    def _by_account(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows in the order of their accounts, and these."""
        order = np.argsort(self.account, kind="stable")
        return order, self.account[order]


def no_owners() -> Own:
    """Nobody matters before naming."""
    none = np.zeros(0, np.int64)
    return Own(account=none, person=none, pod=none, seat=none, column=none, least_hours=np.zeros(0))


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
    choice
        Row of each unit: one place (U).
    place
        Model column of each account column (K).
    staffed, open
        Model column of each pod, `NOBODY` where it has none (P).
    heads, steps
        Model column of each seat: heads, and steps of time where shared (else `NOBODY`) (Q).
    used
        Model column of the members used of each crew (G).
    lent
        Model column of the time that each crew's member lends to a pool, `NOBODY` where there is none (G).
    time_row
        Row that holds the time of each crew (G).
    missing_coach
        Model column of paying for a missing coach, `NOBODY` where none can be (P).
    own
        Today's and pinned owners who are told account by account.
    kept_books
        Today's owners who are told by their books.
    hours_row, week_row
        Rows that hold the hours of each function (P x R) and the leader's week (P); `NOBODY` without.
    gates
        Rows ``a x child <= b x parent`` that keep a column to what another one opens: no column has two of these, so
        that they form a forest. Other rows of that form are ordinary rows.
    spend
        (model column, cost) of everything that the budget caps, beside what is constant; none once the model is built.
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
    choice: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    place: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    staffed: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    open: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    heads: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    steps: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    used: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    lent: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    time_row: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    missing_coach: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    own: Own = field(default_factory=no_owners)
    kept_books: KeptBooks = field(default_factory=no_books)
    hours_row: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    week_row: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    gates: list[NDArray[np.int64]] = field(default_factory=list)
    spend: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = field(default_factory=list)
    spend_constant: float = 0.0
    clauses: list[tuple[str, list[int]]] = field(default_factory=list)

    @property
    def has_owners(self) -> bool:
        """Whether it matters who owns an account."""
        return bool(len(self.own.column) or len(self.kept_books.column))

    def clause(self, words: str, *rows: int) -> None:
        """Note that these rows speak for a limit or rule."""
        self.clauses.append((words, [int(row) for row in rows]))

    def gate(
        self,
        child: NDArray[np.int64],
        parent: NDArray[np.int64],
        *,
        most: NDArray[np.float64] | float = 1.0,
        each: NDArray[np.float64] | float = 1.0,
    ) -> None:
        """Keep columns to what others open: ``each x child <= most x parent``."""
        rows = self.model.add_rows(len(child), upper=0.0)
        self.model.add_entries(rows, child, each)
        self.model.add_entries(rows, parent, -np.asarray(most))
        self.gates.append(rows)

    def seats(self, *, role: int | None = None, pod: int | None = None, crew: int | None = None) -> NDArray[np.int64]:
        """Seats of a role, pod or crew, ascending."""
        crews = self.crews
        if crew is not None:
            chosen = np.arange(*self._crew_start[crew : crew + 2])
            chosen = chosen if pod is None else chosen[crews.seat_pod[chosen] == pod]
        else:
            chosen = np.arange(len(crews.seat_crew)) if pod is None else self._pod_seats[pod]
        return chosen if role is None else chosen[crews.role[crews.seat_crew[chosen]] == role]

    @cached_property
    def _crew_start(self) -> NDArray[np.int64]:
        return np.searchsorted(self.crews.seat_crew, np.arange(len(self.crews) + 1))

    @cached_property
    def _pod_seats(self) -> tuple[NDArray[np.int64], ...]:
        order = np.argsort(self.crews.seat_pod, kind="stable")
        return tuple(np.split(order, np.searchsorted(self.crews.seat_pod[order], np.arange(1, len(self.serves)))))

    @cached_property
    def _seat_key(self) -> NDArray[np.int64]:
        return self.crews.seat_crew * len(self.serves) + self.crews.seat_pod

    def find_seats(self, crew: NDArray[np.int64], pod: NDArray[np.int64]) -> NDArray[np.int64]:
        """The seat of each (crew, pod), `NOBODY` where there is none."""
        if not len(self._seat_key):
            return np.full(len(crew), NOBODY, np.int64)
        wanted = crew * len(self.serves) + pod
        position = np.minimum(np.searchsorted(self._seat_key, wanted), len(self._seat_key) - 1)
        return np.where((self._seat_key[position] == wanted) & (crew != NOBODY), position, NOBODY)

    def share(self, seats: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Model columns and weights whose sum is the time (in whole people) on these seats."""
        shared = self.steps[seats] != NOBODY
        column = np.where(shared, self.steps[seats], self.heads[seats])
        weight = np.where(shared, self.crews.step[self.crews.seat_crew[seats]], 1.0)
        return column, weight

    def seat(self, person: int, pod: int) -> int:
        """The seat of a person's crew in a pod, `NOBODY` where the person may not join."""
        return int(self.find_seats(self.crews.of[[person]], np.array([pod]))[0])

    def coached(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Pods that have a coach, or need none, in a staffing with these values (P)."""
        may_lack = self.missing_coach != NOBODY
        coached = np.ones(len(self.site), bool)
        coached[may_lack] = values[self.missing_coach[may_lack]] < 0.5
        return coached

    def penalty(self, rule: Rule, *, upper: float = 1.0) -> NDArray[np.int64]:
        """A column for breaking a soft rule; no column (empty) for a hard one."""
        if rule.soft_cost is None:
            return np.zeros(0, np.int64)
        return self.model.add_columns(1, cost=-rule.soft_cost, upper=upper)


def start_draft(
    instance: Instance, site: NDArray[np.int64], *, held: bool, most_seats: float, plan: Plan | None
) -> Draft:
    """Columns, crews and an empty model; see `master.build_master`."""
    coverage, served = instance.pods.coverage, instance.tiers.served
    serves = np.zeros(len(coverage), bool)
    always = np.zeros((len(coverage), LEADER), bool)
    for kind in range(DIRECT + 1):
        of_kind = instance.tiers.coverage == kind
        serves[coverage == kind] = served[of_kind].any()
        always[coverage == kind] = served[of_kind].all(axis=0) if of_kind.any() else False
    serves[[rule.pod for rule in instance.rules if rule.kind == "pin" and rule.account == NOBODY]] = True
    copies = np.bincount(site, minlength=len(site))
    columns, crews = make_columns(instance, copies > 0, held=held), make_crews(instance, serves & (copies > 0))
    if len(crews.seat_crew) > most_seats:
        nobody = np.zeros(0, np.int64), np.zeros(0, np.int64)
        taken = nobody if plan is None else (plan.placed_person.astype(np.int64), site[plan.placed_pod])
        crews = pooled(instance, columns, crews, taken)
    return Draft(
        instance=instance,
        columns=columns,
        crews=crews,
        model=Model(),
        serves=serves,
        always=always,
        site=site,
        copies=copies,
    )
