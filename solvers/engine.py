"""What every engine is: a name, what it can take, and ``solve``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from podplanner.domain.result import Duals, Outcome


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When to stop.

    Parameters
    ----------
    time_limit_s
        Wall seconds; None without limit. A run that it stops need not be repeatable.
    work_limit
        Units of work of the engine's own count (documented by each engine), None without limit; a run that only work
        stops is repeatable.
    gap
        Stop when (bound - contribution) / |bound| is at most this.
    seed
        Of everything random.
    workers
        Processes or threads; never changes the answer.
    """

    time_limit_s: float | None = None
    work_limit: int | None = None
    gap: float = 1e-4
    seed: int = 0
    workers: int = 1

    def __post_init__(self) -> None:
        if self.time_limit_s is not None and self.time_limit_s < 0:
            raise ValueError(f"time_limit_s = {self.time_limit_s} not understood, must be >= 0")
        if self.work_limit is not None and self.work_limit < 0:
            raise ValueError(f"work_limit = {self.work_limit} not understood, must be >= 0")
        if not 0 <= self.gap < 1:
            raise ValueError(f"gap = {self.gap} not understood, must be in [0, 1)")
        if self.workers < 1:
            raise ValueError(f"workers = {self.workers} not understood, must be >= 1")


class Progress:
    """What an engine tells while it runs; override what you need."""

    def update(self, *, step: str, best: float | None, bound: float | None) -> None:
        """Something changed: the step under way, best contribution so far, proven bound."""

    def found(self, plan: Plan) -> None:
        """A verified plan better than all before; whoever starts again gives it back as the hint."""

    def stop_asked(self) -> bool:
        """Whether to stop now and keep the best."""
        return False

    def cancelled(self) -> bool:
        """Whether to stop now and keep nothing."""
        return False


class Engine(Protocol):
    """A way to solve an `Instance`."""

    name: str

    def refusal(self, instance: Instance) -> str | None:
        """Why this engine cannot take the instance, and the way out; None where it can."""
        ...

    def solve(
        self, instance: Instance, limits: Limits, *, hint: Plan | None, progress: Progress, known: Duals | None = None
    ) -> Outcome:
        """Solve; the bound is proven for the whole model of the instance.

        ``known`` are prices of an earlier run on an input much like this one.
        """
        ...


class ModelWriter(Engine, Protocol):
    """An engine that can write its model to a file."""

    def write_model(self, instance: Instance, path: Path) -> None:
        """Write the model of an instance it can take as ``.lp`` or ``.mps``, by the file's name."""
        ...
