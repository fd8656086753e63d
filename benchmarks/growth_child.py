"""``python -m benchmarks.growth_child INPUT OUT STEPS ...``: a company's way from files to a plan, step by step."""

from __future__ import annotations

import argparse
import json
import resource
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import datasets
from benchmarks.contestant import WORKERS
from podplanner.domain.baseline import baseline
from podplanner.domain.build import build_instance
from podplanner.domain.errors import PlanRejected
from podplanner.domain.result import PlanResult
from podplanner.domain.score import score
from podplanner.domain.verify import require_agreement, verify
from podplanner.planning.choose import choose_engine
from podplanner.planning.pipeline import all_direct
from podplanner.planning.precheck import precheck
from podplanner.report.files import write_plan
from podplanner.report.report import make_report
from solvers.engine import Limits, Progress
from solvers.registry import get_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from podplanner.domain.instance import Instance


class Steps:
    """Notes when each step began and ended, by the clock that all processes share."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One step."""
        begin, cpu = time.monotonic(), _cpu_s()
        yield
        self._note({"step": name, "begin": begin, "end": time.monotonic(), "cpu_s": _cpu_s() - cpu})

    def gap(self, gap: float) -> None:
        """What the plan is worth."""
        self._note({"gap": gap})

    def _note(self, line: dict[str, object]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def main() -> None:
    """Go all the way."""
    parser = argparse.ArgumentParser()
    for name in ("input", "out", "steps"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--time-limit", type=float, required=True)
    parser.add_argument("--gap", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    asked = parser.parse_args()
    steps = Steps(asked.steps)
    with steps.step("read"):
        tables = datasets.read(asked.input)
    with steps.step("build"):
        instance = build_instance(tables)
    with steps.step("precheck"):
        precheck(instance)
    limits = Limits(time_limit_s=asked.time_limit, gap=asked.gap, seed=asked.seed, workers=WORKERS)
    result = _planned(instance, asked.engine, limits, steps)
    with steps.step("report"):
        write_plan(make_report(result, baseline(instance)), asked.out)


def _planned(instance: Instance, wanted: str, limits: Limits, steps: Steps) -> PlanResult:
    """Solve, verify and score as the pipeline does, each for itself."""
    name, why = choose_engine(instance, wanted)
    engine = get_engine(name)
    with steps.step("solve"):
        outcome = engine.solve(instance, limits, hint=None, progress=Progress())
    if outcome.plan is None:
        raise SystemExit(f"no plan: {outcome.termination.reason}")
    with steps.step("verify"):
        verification = verify(instance, outcome.plan)
    if verification.violations:
        raise PlanRejected(verification.violations[0].message)
    with steps.step("score"):
        scored = score(instance, outcome.plan)
    require_agreement(verification.terms, scored.terms)
    result = PlanResult(
        instance=instance,
        outcome=outcome,
        engine=name,
        engine_reason=why,
        score=scored,
        all_direct=all_direct(instance),
        seed=limits.seed,
        work_limit=None,
        versions={},
        wall_s={},
    )
    if result.gap is not None:
        steps.gap(result.gap)
    return result


def _cpu_s() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    main()
