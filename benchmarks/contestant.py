"""``python -m benchmarks.contestant INPUT TRACE ...``: podplanner itself, as one of those that are compared."""

from __future__ import annotations

import argparse
from pathlib import Path

import datasets
from benchmarks.trace import Teller
from podplanner.domain.build import build_instance
from podplanner.planning.choose import choose_engine
from podplanner.planning.pipeline import plan
from solvers.engine import Limits, Progress
from solvers.registry import get_engine

WORKERS = 2


class Told(Progress):
    """Passes on what the engine tells."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    def update(self, *, step: str, best: float | None, bound: float | None) -> None:
        """Note the best contribution and the bound."""
        self._teller.tell(best, bound)


def main() -> None:
    """Plan an input; the trace ends only where the plan passed the verifier."""
    parser = argparse.ArgumentParser()
    parser.add_argument("input", type=Path)
    parser.add_argument("trace", type=Path)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--time-limit", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    asked = parser.parse_args()
    instance = build_instance(datasets.read(asked.input))
    name, why = choose_engine(instance, asked.engine)
    limits = Limits(time_limit_s=asked.time_limit, gap=0.0, seed=asked.seed, workers=WORKERS)
    engine, teller = get_engine(name), Teller(asked.trace)
    result = plan(instance, engine, limits, engine_reason=why, progress=Told(teller))
    if result.outcome.plan is not None:
        teller.tell(result.contribution, result.outcome.bound)
    known = {} if result.all_direct is None else {"all_direct": result.all_direct}
    teller.end(result.outcome.termination.reason.value, **known)


if __name__ == "__main__":
    main()
