"""What is told about a run: its figures by column, and how times and memory are taken."""

from __future__ import annotations

import math
import resource
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from benchmarks.inputs import Input


SHOWN = 1e-5
"""Smallest share that a table shows."""


class SingleCase(Protocol):
    """A case that gives one row."""

    @property
    def name(self) -> str:
        """As it stands in the results; its first word is its family."""
        ...

    @property
    def small(self) -> Input:
        """What it works on in a smoke run."""
        ...

    @property
    def full(self) -> Input:
        """What it works on in a measurement."""
        ...

    def run(self, path: Path, *, smoke: bool) -> Mapping[str, str]:
        """Figures by column; in a smoke run what comes quickest. It has a process of its own."""
        ...


@dataclass(frozen=True)
class Time:
    """How long some work took.

    Parameters
    ----------
    wall_s
        By the clock.
    cpu_s
        Of all processors, in this process and in those it started: what a busy machine changes least.
    """

    wall_s: float
    cpu_s: float


def timed(work: Callable[[], object], repeats: int) -> Time:
    """Shortest times of so many runs."""
    times = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), _cpu_s()
        work()
        times.append(Time(time.perf_counter() - wall, _cpu_s() - cpu))
    return Time(min(run.wall_s for run in times), min(run.cpu_s for run in times))


def peak_memory() -> str:
    """Most memory that this process or one that it started has held so far, the preparation included."""
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return f"{peak >> 10:,}"


def percent(share: float) -> str:
    """A share as the tables show it, "none" for what is not finite."""
    return f"{0.0 if abs(share) < SHOWN / 2 else share:.3%}" if math.isfinite(share) else "none"


def seconds(value: float) -> str:
    """Seconds as the tables show them, "none" for what is not finite."""
    return f"{value:,.2f}" if value < 10 else f"{value:,.0f}" if math.isfinite(value) else "none"


def _cpu_s() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
