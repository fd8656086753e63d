"""From runs to rows: how near each contestant came, when, and at what cost; medians over the seeds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.contest import OURS, best_bound
from benchmarks.figures import SHOWN, percent, seconds
from benchmarks.trace import share_below

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.contest import Run
    from benchmarks.sizes import Goal

NEAR = 0.01
"""The gap that "to 1 % s" is about."""


@dataclass(frozen=True)
class Standing:
    """One contestant in one class.

    Parameters
    ----------
    contestant
        Its name.
    measures
        Medians over the seeds, by name as in `measured`; ``inf`` where there is none.
    ended
        The different endings.
    """

    contestant: str
    measures: Mapping[str, float]
    ended: tuple[str, ...]

    def cells(self, ours: Standing | None) -> dict[str, str]:
        """As text by column; ``ours``: what its gap is divided by."""
        value = self.measures
        times = math.inf if ours is None or ours is self else _ratio(value["gap"], ours.measures["gap"])
        return {
            "by": self.contestant,
            "gap": percent(value["gap"]),
            "× ours": "" if math.isinf(times) else f"{times:.1f}",
            "gap of gain": percent(value["gain_gap"]),
            "own gap": percent(value["own_gap"]),
            "bound off": percent(value["bound_off"]),
            "first s": seconds(value["first_s"]),
            "to 1 % s": seconds(value["near_s"]),
            "to goal s": seconds(value["goal_s"]),
            "proven s": seconds(value["proven_s"]),
            "wall s": seconds(value["wall_s"]),
            "CPU s": seconds(value["cpu_s"]),
            "peak MB": f"{value['peak_mb']:,.0f}",
            "ended": "; ".join(self.ended),
        }


def measured(run: Run, bound: float, all_direct: float, goal: Goal) -> dict[str, float]:
    """What is read off one run.

    Parameters
    ----------
    bound
        The best of all contestants on the same company.
    all_direct
        Contribution of the all-direct plan, ``-inf`` where there is none.

    Returns
    -------
    dict
        ``gap`` and ``gain_gap`` to the best bound of all, ``own_gap`` to its own, ``bound_off``: how far its own bound
        is above the best, seconds to the first plan, to 1 % (``near_s``) and to the goal against the best bound, to the
        goal by its own bound (``proven_s``), and what it took.
    """
    best, own = run.trace.best, run.trace.bound
    gain = bound - all_direct
    return {
        "contribution": best,
        "bound": own,
        "gap": share_below(bound, best),
        "gain_gap": (bound - best) / gain if math.isfinite(gain) and gain > 0 else math.inf,
        "own_gap": share_below(own, best),
        "bound_off": share_below(own, bound) if math.isfinite(own) else math.inf,
        "first_s": run.trace.seconds_to_plan(),
        "near_s": run.trace.seconds_to(NEAR, bound),
        "goal_s": run.trace.seconds_to(goal.gap, bound),
        "proven_s": run.trace.seconds_to_proof(goal.gap),
        "wall_s": run.spent.wall_s,
        "cpu_s": run.spent.cpu_s,
        "peak_mb": run.spent.peak_mb(),
    }


def standings(by_seed: Sequence[Sequence[Run]], goal: Goal) -> list[Standing]:
    """Medians over the seeds, ours first, then in the order of the runs."""
    found: dict[str, list[dict[str, float]]] = {}
    ended: dict[str, list[str]] = {}
    for runs in by_seed:
        bound = best_bound(runs)
        all_direct = next((run.trace.facts["all_direct"] for run in runs if "all_direct" in run.trace.facts), -math.inf)
        for run in runs:
            found.setdefault(run.contestant, []).append(measured(run, bound, all_direct, goal))
            ended.setdefault(run.contestant, []).append(run.ended)
    rows = [Standing(name, medians(each), tuple(dict.fromkeys(ended[name]))) for name, each in found.items()]
    return sorted(rows, key=lambda row: row.contestant != OURS)


def medians(measures: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Median of each measure; what is missing counts as the worst, so that half of the seeds must have it."""
    return {name: median(each[name] for each in measures) for name in measures[0]}


def _ratio(value: float, by: float) -> float:
    """How often the one goes into the other, ``inf`` where that is too small to be shown."""
    return value / by if math.isfinite(value) and by >= SHOWN else math.inf
