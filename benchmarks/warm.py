"""Cases of re-planning: how soon a plan is as good again after 1 % of the company has changed.

Two answers: when the gap that its class is planned for is proven again, and when the one that the first plan had.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmarks.changes import changed
from benchmarks.contest import GRACE, GRACE_S
from benchmarks.drawn import Drawn
from benchmarks.figures import percent, seconds
from benchmarks.results import Result
from benchmarks.sizes import CLASSES, SMOKE
from benchmarks.standings import medians
from benchmarks.trace import read_trace
from benchmarks.watch import python, watched
from datasets.generator import write_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.sizes import SizeClass

SEEDS = (1, 2, 3)
ROUNDING = 1e-9
SOLVES = 3
"""The first, the warm one, and the same from nothing."""


@dataclass(frozen=True)
class WarmCase:
    """Re-planning in a size class.

    Parameters
    ----------
    goal_s
        Seconds in which the gap of the first plan is to be there again.
    """

    size: SizeClass
    books: bool
    goal_s: float
    seeds: tuple[int, ...] = SEEDS
    is_long: bool = True

    @property
    def in_smoke(self) -> bool:
        """One is enough: they differ in size only."""
        return self.size.name == "S" and self.books

    @property
    def name(self) -> str:
        """As it stands in the results."""
        return f"warm {self.size.name}{' with books' if self.books else ''}"

    def results(self, folder: Path, *, smoke: bool) -> Sequence[Result]:
        """Measure; a smoke run draws a tiny company, once."""
        if smoke:
            return replace(self, size=SMOKE, seeds=SEEDS[:1]).results(folder, smoke=False)
        found = [self._measured(Drawn(self.size, self.books, seed), folder) for seed in self.seeds]
        return [Result(self.name, self.size.sizes, self._cells(medians(found)))]

    def _measured(self, drawn: Drawn, folder: Path) -> dict[str, float]:
        """Seconds and gaps of one company; ``inf`` where it failed."""
        before = drawn.written(folder)
        after, trace = folder / f"{before.name}-changed", folder / f"{before.name}.warm.jsonl"
        write_tables(changed(drawn.tables(), drawn.seed), after)
        goal = self.size.goal(self.books)
        limits = ["--time-limit", goal.seconds, "--seed", drawn.seed, "--gap", goal.gap]
        spent = watched(
            python("benchmarks.warm_child", before, after, trace, *limits), SOLVES * goal.seconds * GRACE + GRACE_S
        )
        told = read_trace(trace)
        names = ("gap", "first_s", "warm_gap", "warm_s", "cold_gap", "cold_s")
        facts = {name: told.facts.get(name, math.inf) for name in names}
        again = {
            "goal_s": told.seconds_to_proof(goal.gap + ROUNDING),
            "again_s": told.seconds_to_proof(facts["gap"] + ROUNDING),
        }
        return {**facts, **again, "peak_mb": spent.peak_mb()}

    def _cells(self, value: Mapping[str, float]) -> dict[str, str]:
        return {
            "goal s": f"{self.goal_s:g}",
            "first gap": percent(value["gap"]),
            "first s": seconds(value["first_s"]),
            "to class gap s": seconds(value["goal_s"]),
            "again s": seconds(value["again_s"]),
            "warm gap": percent(value["warm_gap"]),
            "warm s": seconds(value["warm_s"]),
            "cold gap": percent(value["cold_gap"]),
            "cold s": seconds(value["cold_s"]),
            "peak MB": f"{value['peak_mb']:,.0f}",
        }


WARM_CASES = tuple(
    WarmCase(size, books, size.warm_s)
    for size in CLASSES.values()
    if size.warm_s is not None
    for books in (False, True)
)
