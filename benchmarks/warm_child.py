"""``python -m benchmarks.warm_child BEFORE AFTER TRACE ...``: plan, change, plan again from the plan in hand."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import datasets
from benchmarks.contestant import WORKERS, Told
from benchmarks.trace import Teller
from podplanner.domain.build import build_instance
from podplanner.domain.instance import Instance
from podplanner.domain.plan import Plan
from podplanner.domain.result import Duals, PlanResult
from podplanner.planning.carry import carried, carried_duals
from podplanner.planning.choose import choose_engine
from podplanner.planning.mend import mended
from podplanner.planning.pipeline import plan
from solvers.engine import Limits, Progress
from solvers.registry import get_engine


@dataclass(frozen=True)
class Planner:
    """Plans with the engine that the size calls for."""

    engine: str
    seed: int
    time_limit_s: float

    def plan(
        self,
        instance: Instance,
        gap: float,
        hint: Plan | None = None,
        known: Duals | None = None,
        progress: Progress | None = None,
    ) -> tuple[PlanResult, float]:
        """A plan that is proven to be within a gap, or the best there is when the time is over; and its seconds."""
        name, why = choose_engine(instance, self.engine)
        limits = Limits(time_limit_s=self.time_limit_s, gap=gap, seed=self.seed, workers=WORKERS)
        engine, begin = get_engine(name), time.monotonic()
        result = plan(instance, engine, limits, engine_reason=why, hint=hint, known=known, progress=progress)
        return result, time.monotonic() - begin


def main() -> None:
    """Plan BEFORE to the gap; then AFTER to the gap that came out, once warm and once from nothing."""
    parser = argparse.ArgumentParser()
    for name in ("before", "after", "trace"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--time-limit", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--gap", type=float, required=True)
    asked = parser.parse_args()
    before, after = (build_instance(datasets.read(path)) for path in (asked.before, asked.after))
    planner = Planner(asked.engine, asked.seed, asked.time_limit)
    first, first_s = planner.plan(before, asked.gap)
    gap = first.gap or 0.0
    hint = mended(after, carried(first.plan, before, after))
    teller = Teller(asked.trace)
    duals = first.outcome.duals
    known = None if duals is None else carried_duals(duals, before, after)
    warm, warm_s = planner.plan(after, gap, hint, known, Told(teller))
    teller.tell(warm.contribution, warm.outcome.bound)
    cold, cold_s = planner.plan(after, gap)
    teller.end(
        warm.outcome.termination.reason.value,
        gap=gap,
        first_s=first_s,
        warm_gap=warm.gap or 0.0,
        warm_s=warm_s,
        cold_gap=cold.gap or 0.0,
        cold_s=cold_s,
    )


if __name__ == "__main__":
    main()
