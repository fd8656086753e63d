"""Cases of what-if: how soon ``podplanner scenario`` answers a small change of a plan, command to files."""

from __future__ import annotations

import json
import math
import statistics
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmarks.drawn import Drawn
from benchmarks.figures import percent, seconds
from benchmarks.results import Result
from benchmarks.sizes import CLASSES, SMOKE
from benchmarks.small_changes import small_changes
from benchmarks.watch import python, watched
from podplanner.report.files import SUMMARY
from podplanner.whatif.parent import read_parent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.sizes import SizeClass

SEED = 1
MOST_S = 600.0
"""A command that takes longer is killed."""


@dataclass(frozen=True)
class WhatIfCase:
    """Twenty different small changes of one plan.

    Parameters
    ----------
    plan_s
        Seconds of solving that the plan has had.
    goal_s
        Median seconds aimed at.
    changes
        How many of the changes are asked for.
    """

    size: SizeClass
    books: bool
    plan_s: float
    goal_s: float
    changes: int = 20
    is_long: bool = True

    @property
    def in_smoke(self) -> bool:
        """One is enough: they differ in size only."""
        return self.size.name == "S" and self.books

    @property
    def name(self) -> str:
        """As it stands in the results."""
        return f"what-if {self.size.name}{' with books' if self.books else ''}"

    def results(self, folder: Path, *, smoke: bool) -> Sequence[Result]:
        """Plan, and ask; a smoke run asks a tiny company twice."""
        if smoke:
            return replace(self, size=SMOKE, plan_s=1.0, changes=2).results(folder, smoke=False)
        plan = folder / f"what-if-{self.size.name}{'-books' if self.books else ''}"
        source = Drawn(self.size, self.books, SEED).written(folder)
        _run("plan", source, "-o", plan, "--time-limit", self.plan_s, "--gap", 0)
        parent = read_parent(plan)
        gap = float(parent.summary["gap"])
        same, _ = _asked(plan, folder)
        answers = [_asked(plan, folder, each) for each in small_changes(parent)[: self.changes]]
        found = [(wall, told["gap"] - gap) for wall, told in answers if told.get("gap") is not None]
        cells = self._cells(gap, same, found) | {"answered": f"{len(found)} of {len(answers)}"}
        return [Result(self.name, self.size.sizes, cells)]

    def _cells(self, gap: float, same: float, found: Sequence[tuple[float, float]]) -> dict[str, str]:
        walls, more = ([each[k] for each in found] or [math.inf] for k in (0, 1))
        return {
            "goal s": f"{self.goal_s:g}",
            "plan's gap": percent(gap),
            "no change s": seconds(same),
            "median s": seconds(statistics.median(walls)),
            "worst s": seconds(max(walls)),
            "median gap − plan's": percent(statistics.median(more)),
            "worst": percent(max(more)),
            "no worse": f"{sum(each <= 1e-9 for each in more)}",
        }


def _asked(plan: Path, folder: Path, *words: str) -> tuple[float, Mapping[str, float]]:
    """Seconds of one scenario, and its summary; empty where no plan can grant it."""
    out = folder / "answer"
    if out.exists():
        for file in out.iterdir():
            file.unlink()
    wall_s = _run("scenario", plan, *words, "-o", out)
    told = out / SUMMARY
    return wall_s, json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}


def _run(*words: object) -> float:
    """Seconds of one command of podplanner."""
    return watched(python("podplanner", *words), MOST_S).wall_s


WHAT_IF_CASES = (
    WhatIfCase(CLASSES["S"], books=True, plan_s=20, goal_s=3),
    WhatIfCase(CLASSES["S"], books=False, plan_s=10, goal_s=3),
    WhatIfCase(CLASSES["M"], books=True, plan_s=120, goal_s=15),
    WhatIfCase(CLASSES["M"], books=False, plan_s=60, goal_s=15),
)
