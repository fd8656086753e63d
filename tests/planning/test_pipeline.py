"""The pipeline trusts no engine: what leaves it has been checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import datasets
from datasets.samples import sample_path
from podplanner.domain.build import build_instance
from podplanner.domain.direct import all_direct_plan
from podplanner.domain.errors import EngineError, NoPlan, PlanRejected
from podplanner.domain.result import Duals, Limit, Outcome, Reason, Termination
from podplanner.planning.choose import choose_engine
from podplanner.planning.pipeline import all_direct, plan
from solvers.engine import Limits, Progress
from solvers.registry import get_engine

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan

TINY = build_instance(datasets.read(sample_path("tiny")))


class Liar:
    """An engine that says what it is told to say."""

    name = "liar"

    def __init__(self, outcome: Outcome, refuses: str | None = None) -> None:
        self.outcome, self.refuses = outcome, refuses

    def refusal(self, instance: Instance) -> str | None:
        """What it was told."""
        return self.refuses

    def solve(
        self, instance: Instance, limits: Limits, *, hint: Plan | None, progress: Progress, known: Duals | None = None
    ) -> Outcome:
        """What it was told."""
        return self.outcome


def said(found: Plan | None, bound: float) -> Outcome:
    """An outcome that claims to be optimal, or to have found nothing in time."""
    reason, limit = (Reason.OPTIMAL, None) if found is not None else (Reason.NO_SOLUTION, Limit.TIME)
    return Outcome(termination=Termination(reason=reason, limit=limit, detail="said"), bound=bound, plan=found)


def direct() -> Plan:
    """A clean plan of the tiny sample."""
    found = all_direct_plan(TINY)
    assert found is not None
    return found


def run(outcome: Outcome, refuses: str | None = None) -> object:
    """The pipeline with an engine that says so."""
    return plan(TINY, Liar(outcome, refuses), Limits(), engine_reason="a test")


def test_a_plan_that_breaks_a_rule_is_rejected() -> None:
    """An owner who is nowhere placed is told by the verifier, whatever the engine says."""
    owner = direct().owner.copy()
    owner[0, 0] = 0
    with pytest.raises(PlanRejected, match="violation"):
        run(said(replace(direct(), owner=owner), 1e9))


def test_a_bound_below_the_plan_is_a_defect() -> None:
    """A bound that its own plan beats proves nothing."""
    with pytest.raises(EngineError, match="above the bound"):
        run(said(direct(), -1e9))


def test_a_refusal_is_not_planned_around() -> None:
    """An engine that refuses is not asked."""
    with pytest.raises(EngineError, match="too large"):
        run(said(direct(), 1e9), refuses="too large")


def test_a_missing_plan_raises_when_asked_for() -> None:
    """No row of zeros: asking for what is not there raises."""
    result = plan(TINY, Liar(said(None, np.inf)), Limits(), engine_reason="a test")
    with pytest.raises(NoPlan):
        _ = result.plan
    with pytest.raises(NoPlan):
        _ = result.contribution
    assert result.gap_of_gain is None


def test_tiny_is_planned_to_the_cent() -> None:
    """71,700.00, worked out in the sample's README; proven by the whole model."""
    name, reason = choose_engine(TINY)
    assert (name, "small enough" in reason) == ("reference", True)
    result = plan(TINY, get_engine(name), Limits(gap=1e-6), engine_reason=reason)
    assert result.contribution == pytest.approx(71_700.0, abs=0.005)
    assert result.gap == pytest.approx(0.0, abs=1e-6)
    assert result.all_direct == all_direct(TINY)


@pytest.mark.parametrize(
    "wrong", [{"time_limit_s": -1.0}, {"work_limit": -1}, {"gap": 1.0}, {"gap": -0.1}, {"workers": 0}]
)
def test_limits_out_of_range_are_told(wrong: dict[str, float]) -> None:
    """A limit that cannot be is refused with its value."""
    with pytest.raises(ValueError, match="not understood"):
        Limits(**wrong)  # type: ignore[arg-type]  # that is the point
