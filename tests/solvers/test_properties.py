"""The reference engine against the judge, on random tiny companies; and what must hold when a company changes."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given

from podplanner.domain.result import Reason
from podplanner.domain.score import score
from podplanner.domain.verify import require_agreement, verify
from solvers.engine import Limits, Progress
from solvers.reference.engine import ENGINE, ReferenceEngine
from tests.solvers.bruteforce import TooManyPlans, best_plan
from tests.solvers.companies import companies

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from podplanner.domain.result import Outcome

EXACT = Limits(gap=0)


def solve(instance: Instance, engine: ReferenceEngine = ENGINE, hint: Plan | None = None) -> Outcome:
    """Solve to the optimum."""
    return engine.solve(instance, EXACT, hint=hint, progress=Progress())


def judged(instance: Instance) -> tuple[float, Plan] | None:
    """The judge's best plan, on instances small enough for it."""
    try:
        return best_plan(instance)
    except TooManyPlans:
        assume(False)
        raise


@given(companies())
def test_optimum_is_the_judges(instance: Instance) -> None:
    """Same optimum or both without a plan; the plan is clean, and verifier and score agree on every term."""
    best = judged(instance)
    outcome = solve(instance)
    if best is None:
        assert outcome.termination.reason is Reason.INFEASIBLE
        assert outcome.clashes != ()
        return
    assert outcome.termination.reason is Reason.OPTIMAL, outcome.clashes
    assert outcome.plan is not None
    found = score(instance, outcome.plan)
    verified = verify(instance, outcome.plan)
    assert verified.violations == ()
    require_agreement(verified.terms, found.terms)
    assert found.contribution == pytest.approx(best[0], abs=1e-3)
    assert found.contribution <= outcome.bound <= best[0] + 1e-2


def value_of(instance: Instance) -> float:
    """The proven optimum, ``-inf`` where there is no plan."""
    outcome = solve(instance)
    return -np.inf if outcome.plan is None else score(instance, outcome.plan).contribution


def permuted(struct: Any, order: Any, **renumbered: Any) -> Any:
    """The rows of a column struct in another order, some columns with new indices."""
    columns = {item.name: getattr(struct, item.name) for item in fields(struct)}
    moved = {name: column[order] for name, column in columns.items() if isinstance(column, np.ndarray)}
    if "numeric" in columns:
        moved["numeric"] = {name: column[order] for name, column in struct.numeric.items()}
    return replace(struct, **(moved | renumbered))


@given(companies())
def test_order_and_names_change_nothing(instance: Instance) -> None:
    """Accounts and people turned round and renamed: the same optimum."""
    plain = replace(instance, rules=())
    accounts, people = plain.accounts, plain.people
    last_account, last_person = len(accounts) - 1, int((~people.is_hire).sum()) - 1
    of_account = np.arange(last_account, -1, -1)
    of_person = np.arange(len(people))
    of_person[: last_person + 1] = of_person[last_person::-1]
    parent, owner = accounts.parent[of_account], plain.owner_today[of_account]
    turned = replace(
        plain,
        accounts=permuted(
            accounts,
            of_account,
            ids=np.array([f"Ä {number}" for number in range(len(accounts))], object),
            parent=np.where(parent >= 0, last_account - parent, parent).astype(np.int32),
        ),
        people=permuted(people, of_person),
        owner_today=np.where(owner >= 0, last_person - owner, owner).astype(np.int32),
    )
    assert value_of(turned) == pytest.approx(value_of(plain), abs=1e-3)


@given(companies())
def test_less_asked_is_never_worse(instance: Instance) -> None:
    """Without the planner's rules and caps, or with one more way to go, the optimum is at least as high."""
    before = value_of(instance)
    policy = replace(
        instance.policy, budget=np.inf, max_headcount=np.inf, max_open_pods=np.inf, max_moved_people=np.inf
    )
    assert value_of(replace(instance, policy=policy)) >= before - 1e-3
    hard = tuple(rule for rule in instance.rules if rule.soft_cost is None)
    kept = tuple(rule for rule in hard if rule.kind == "pin")  # a pin also excuses who is idle
    assert value_of(replace(instance, rules=kept)) >= value_of(replace(instance, rules=hard)) - 1e-3
    softer = tuple(replace(rule, soft_cost=1e3) for rule in instance.rules)
    assert value_of(replace(instance, rules=softer)) >= before - 1e-3
