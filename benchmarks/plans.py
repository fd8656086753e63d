"""Cases of planning: how good the fast engine's plan is, what it proves, and when."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import datasets
from benchmarks.figures import peak_memory
from benchmarks.inputs import Company, Sample
from podplanner.domain.build import build_instance
from podplanner.planning.pipeline import plan
from solvers.engine import Limits, Progress
from solvers.registry import get_engine

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.inputs import Input
    from podplanner.domain.result import PlanResult

ENGINE = "fast"
SMOKE_TIME_LIMIT_S = 10.0


@dataclass(frozen=True)
class PlanCase:
    """A case of planning, run once: a time limit makes its length, the plan its result.

    Parameters
    ----------
    time_limit_s
        Of a measurement.
    """

    name: str
    small: Input
    full: Input
    time_limit_s: float

    def run(self, path: Path, *, smoke: bool) -> dict[str, str]:
        """Contribution, bound and gap of the plan; when the first and the last came."""
        instance = build_instance(datasets.read(path))
        limit = SMOKE_TIME_LIMIT_S if smoke else self.time_limit_s
        watch = _Watch()
        result = plan(
            instance, get_engine(ENGINE), Limits(time_limit_s=limit), engine_reason="the case's", progress=watch
        )
        total = time.perf_counter() - watch.begin
        return {
            "limit s": f"{limit:g}",
            **_quality(result),
            "first plan s": watch.seconds_above(-math.inf),
            "first gain s": watch.seconds_above(-math.inf if result.all_direct is None else result.all_direct + 0.01),
            "wall s": f"{total:.1f}",
            "peak MB": peak_memory(),
            "ended": result.outcome.termination.reason.value,
        }


class _Watch(Progress):
    """Notes when which plan was there."""

    def __init__(self) -> None:
        self.begin = time.perf_counter()
        self.plans: list[tuple[float, float]] = []

    def update(self, *, step: str, best: float | None, bound: float | None) -> None:
        """Note the time and the best contribution."""
        if best is not None:
            self.plans.append((time.perf_counter() - self.begin, best))

    def seconds_above(self, contribution: float) -> str:
        """When the first plan above this contribution was there."""
        return next((f"{seconds:.1f}" for seconds, best in self.plans if best > contribution), "none")


def _quality(result: PlanResult) -> dict[str, str]:
    """A plan's worth against its bound; the gain is what it brings beyond all accounts direct."""
    bound = f"{result.outcome.bound:,.0f}"
    if result.score is None:
        return {"contribution": "none", "bound": bound, "gap": "none", "gap of gain": "none"}
    return {
        "contribution": f"{result.contribution:,.0f}",
        "bound": bound,
        "gap": _percent(result.gap),
        "gap of gain": _percent(result.gap_of_gain),
    }


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.3%}"


PLAN_CASES = (
    PlanCase("plan adventureworks", Sample("tiny"), Sample("adventureworks"), time_limit_s=120.0),
    PlanCase("plan fortune500", Company(60), Sample("fortune500"), time_limit_s=240.0),
)
