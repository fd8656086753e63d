"""From values of variables to a `Plan`, and the proof that the model and the score mean the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.errors import EngineError
from podplanner.domain.plan import Plan
from podplanner.domain.score import score
from podplanner.domain.vocabulary import FUNCTIONS, LEADER, NOBODY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from podplanner.domain.score import Score
    from solvers.reference.model import ReferenceModel

AGREEMENT = 1e-4
"""Money by which a term of the model may differ from the score's, and the share of the term that rounding may add."""

ROUNDING = 1e-11

INTEGRALITY = 1e-4
"""Farther than this from a whole number, a decision is none."""


def assign(model: ReferenceModel, values: Mapping[str, float]) -> None:
    """Give each variable its value; decisions are rounded to the whole numbers that they are within tolerance."""
    for variable in model.problem.variables():
        value = values[variable.name]
        if variable.isInteger():
            whole = round(value)
            if abs(value - whole) > INTEGRALITY:
                raise EngineError(f"the solver calls {variable.name} = {value} a solution")
            value = float(whole)
        variable.varValue = value


def plan_of(model: ReferenceModel) -> Plan:
    """The plan that the assigned values say."""
    instance, v = model.instance, model.variables
    accounts, pods = len(instance.accounts), len(instance.pods)
    pod, tier = np.full(accounts, NOBODY, np.int32), np.full(accounts, NOBODY, np.int32)
    for (a, p, t), x in v.x.items():
        if x.varValue:
            pod[a], tier[a] = p, t
    owner = np.full((accounts, len(FUNCTIONS)), NOBODY, np.int32)
    for (a, s, _, _), own in v.own.items():
        if own.varValue:
            owner[a, instance.people.role[s]] = s
    leader, coach = np.full(pods, NOBODY, np.int32), np.full(pods, NOBODY, np.int32)
    for (s, p), each in v.coach.items():
        if each.varValue:
            coach[p] = s
    placed = sorted(key for key, head in v.head.items() if head.varValue)
    for s, p in placed:
        if v.is_role(s, LEADER):
            leader[p] = s
    return Plan(
        pod=pod,
        tier=tier,
        owner=owner,
        placed_person=np.array([s for s, _ in placed], np.int32),
        placed_pod=np.array([p for _, p in placed], np.int32),
        share=np.array([sum(part * each.varValue for part, each in v.share(s, p)) for s, p in placed], float),
        leader=leader,
        coach=coach,
    )


def scored(model: ReferenceModel, plan: Plan) -> Score:
    """Score the plan and hold every term of the model against it.

    The model may pay more for soft rules than the plan costs, for a solution that is not optimal need not have the
    smallest amounts; every other term is equal.

    Raises
    ------
    EngineError
        With both numbers, where they differ: the model and the score do not mean the same.
    """
    result = score(model.instance, plan)
    for term, expression in model.terms.by_name().items():
        ours, theirs = float(expression.value()), result.terms[term]
        allowed = AGREEMENT + ROUNDING * max(abs(ours), abs(theirs))
        too_much = ours - theirs if term == "soft_cost" else abs(ours - theirs)
        if not too_much <= allowed:
            raise EngineError(f"{term} is {ours} in the model, {theirs} in the score")
    return result
