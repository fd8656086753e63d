"""Today's organisation, scored by the same function as a plan.

What is assumed of today, who is where and at which tier, is told in `podplanner.domain.today`. Here its score is
corrected for overfull and missing coverage: an account earns f of the way from the first direct tier's expected
revenue to its own tier's. f is the smallest, over the functions that its tier serves and that have any row in
``books``, of min(1, owner's plannable hours / hours of all accounts on the owner's book), and 0 without an owner.
Travel is no part of a book's hours here, which is in favour of today.

Fixed cost is paid for pods in use today, and for those kept open. Vacancies are charged as in a plan, and soft rules
cost what they cost a plan. Of functions without any row in ``books`` nothing is known: neither do they lower f, nor
is their missing owner or idle person held against today; and neither is what only a made-up pod breaks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.score import Score, score
from podplanner.domain.today import today
from podplanner.domain.verify import Violation, verify
from podplanner.domain.vocabulary import DIRECT, FUNCTIONS, NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan

Floats = NDArray[np.float64]

_OF_PLACE_AND_TEAM = frozenset(
    {"account_place", "person_place", "named_team", "leader", "role_minimum", "families", "family_owner"}
)
"""Rules that a made-up pod may break without fault of today's organisation."""


@dataclass(frozen=True)
class Baseline:
    """Today's organisation by the yardstick of plans.

    Parameters
    ----------
    instance, plan
        Today as an instance (made-up pods after the known ones) and a plan of it.
    score
        Its score before the correction.
    filled
        f of each account, 0 to 1 (A).
    expected_revenue
        Corrected, money a year (A).
    terms
        Corrected terms, under the names and signs of ``Score.terms``.
    violations
        Hard rules that today breaks.
    """

    instance: Instance
    plan: Plan
    score: Score
    filled: Floats
    expected_revenue: Floats
    terms: Mapping[str, float]
    violations: tuple[Violation, ...]

    @property
    def contribution(self) -> float:
        """Corrected contribution, money a year."""
        return sum(self.terms.values())

    @property
    def uncorrected(self) -> float:
        """Contribution if every account were served in full."""
        return self.score.contribution

    @property
    def taken_as_served(self) -> tuple[str, ...]:
        """Functions that today's tiers promise though ``books`` name nobody for them: counted as served, at no cost."""
        promised = self.instance.tiers.served[np.unique(self.plan.tier)].any(axis=0)
        return tuple(FUNCTIONS[r] for r in np.flatnonzero(promised & ~_in_books(self.instance)))

    @property
    def broken(self) -> Mapping[str, int]:
        """Violations by the code of their rule."""
        return MappingProxyType(dict(Counter(violation.code for violation in self.violations)))


def baseline(instance: Instance) -> Baseline | None:
    """Score today's organisation; None where the input has no books."""
    if not instance.has_books:
        return None
    of_today, plan = today(instance)
    scored = score(of_today, plan)
    filled = _filled(of_today, plan)
    own = of_today.derived.expected[np.arange(len(filled)), plan.tier]
    direct = of_today.derived.expected[:, np.flatnonzero(of_today.tiers.coverage == DIRECT)[0]]
    expected = direct + filled * (own - direct)
    margin = float((of_today.accounts.margin * expected).sum())
    return Baseline(
        instance=of_today,
        plan=plan,
        score=scored,
        filled=filled,
        expected_revenue=expected,
        terms=MappingProxyType(dict(scored.terms) | {"margin": margin}),
        violations=tuple(_held_against(of_today, plan, known_pods=len(instance.pods))),
    )


def _filled(instance: Instance, plan: Plan) -> Floats:
    """How far each account's owners reach with their hours: f (A)."""
    derived, owner = instance.derived, plan.owner
    hours = derived.hours[np.arange(len(owner)), plan.tier]
    named = owner != NOBODY
    book = np.bincount(owner[named], weights=hours[named], minlength=len(instance.people))
    reach = np.divide(derived.plannable, book, out=np.ones(len(book)), where=book > derived.plannable)
    by_function = np.append(reach, 0.0)[owner]
    counts = instance.tiers.served[plan.tier] & _in_books(instance)
    return np.asarray(np.where(counts, by_function, 1.0).min(axis=1))


def _in_books(instance: Instance) -> NDArray[np.bool_]:
    """Functions with any row in ``books`` (R)."""
    return np.asarray((instance.owner_today != NOBODY).any(axis=0))


def _held_against(instance: Instance, plan: Plan, *, known_pods: int) -> Iterator[Violation]:
    """What today breaks, less what only a made-up pod or an unknown function breaks."""
    accounts, people = instance.accounts, instance.people
    made_up = {*instance.pods.ids[known_pods:], *accounts.ids[plan.pod >= known_pods]}
    unknown = np.flatnonzero(~_in_books(instance))
    unknown_functions = {FUNCTIONS[r] for r in unknown}
    unknown_people = set(people.ids[np.isin(people.role, unknown)])
    for violation in verify(instance, plan).violations:
        subjects = set(violation.subjects)
        excused = {
            "named_team": bool(subjects & unknown_functions),
            "idle": bool(subjects & unknown_people),
        }.get(violation.code, False)
        of_made_up = violation.code in _OF_PLACE_AND_TEAM and bool(subjects & made_up)
        if not excused and not of_made_up:
            yield violation
