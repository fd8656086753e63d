"""The command group ``bench``: podplanner measured."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from datasets.public import FAMILIES, public_files, read_public
from podplanner.cli.exits import ExitCode, Reply
from podplanner.cli.progress import Console
from solvers.engine import Limits
from solvers.registry import get_core_solver

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from datasets.public import PublicInstance
    from podplanner.domain.core import CoreAnswer

ROUNDED = 1e-6
"""Published values are rounded: a bound above one by no more than this share of it is not on the wrong side."""

HEAD = (
    f"{'family':<8}{'instance':<20}{'pods x accounts':>16}{'best known':>15}{'cost':>15}{'distance':>10}"
    f"{'bound':>15}{'below':>9}{'time':>8}  ending"
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One instance measured.

    Parameters
    ----------
    cost, distance
        Of the answer, and its distance to the best known as a share of that; None without an answer.
    bound, below
        Proven lower limit, and how far it lies below the best known as a share of that; None where there is none.
    is_bound_valid
        Whether the bound passes no published value.
    ending
        Reason, as in every result.
    """

    family: str
    name: str
    pods: int
    accounts: int
    best_known: float
    is_best_known_optimal: bool
    cost: float | None
    distance: float | None
    bound: float
    below: float
    is_bound_valid: bool
    ending: str
    time_s: float

    @property
    def line(self) -> str:
        """The row as text."""
        cost, distance = ("-", "-") if self.cost is None else (f"{self.cost:,.2f}", f"{self.distance:.3%}")
        return (
            f"{self.family:<8}{self.name:<20}{f'{self.pods} x {self.accounts}':>16}{self.best_known:>15,.2f}{cost:>15}"
            f"{distance:>10}{self.bound:>15,.2f}{self.below:>9.3%}{self.time_s:>7.1f}s  {self.ending}"
            f"{'' if self.is_bound_valid else '  WRONG BOUND'}"
        )


def run_public(arguments: Namespace) -> Reply:
    """Solve public instances, and hold the answers against the best known."""
    files = public_files(Path(arguments.folder), (arguments.family,) if arguments.family else FAMILIES)
    wanted = [path for path in files if path.name.startswith(arguments.name)]
    limits = Limits(time_limit_s=arguments.time_limit, gap=0.0, seed=arguments.seed, workers=arguments.workers)
    rows: list[Row] = []
    with Console(sys.stderr) as console, console.interruptible():
        for path in wanted:
            if console.stop_asked():
                break
            rows.append(_measured(read_public(path), limits, console))
            console.say(rows[-1].line)
    means = [_mean(list(group)) for _, group in groupby(rows, key=lambda row: row.family)]
    return Reply(
        code=ExitCode.DONE if all(row.is_bound_valid for row in rows) else ExitCode.OWN_DEFECT,
        lines=(HEAD, *(row.line for row in rows), "", *map(_mean_line, means)),
        data={"instances": [asdict(row) for row in rows], "families": means},
    )


def _measured(instance: PublicInstance, limits: Limits, console: Console) -> Row:
    console.begin(instance.name)
    begin = time.monotonic()
    answer = get_core_solver()(instance.problem, limits, console)
    return _row(instance, answer, time.monotonic() - begin)


def _row(instance: PublicInstance, answer: CoreAnswer, time_s: float) -> Row:
    best = instance.best_known
    share = abs(best) or 1.0
    cost = answer.found_cost
    return Row(
        family=instance.family,
        name=instance.name,
        pods=instance.problem.pods,
        accounts=instance.problem.accounts,
        best_known=best,
        is_best_known_optimal=instance.is_optimal,
        cost=cost,
        distance=None if cost is None else (cost - best) / share,
        bound=answer.bound,
        below=(best - answer.bound) / share,
        is_bound_valid=answer.bound <= best + ROUNDED * share,
        ending=str(answer.termination.reason),
        time_s=time_s,
    )


def _mean(rows: Sequence[Row]) -> dict[str, object]:
    distances = [row.distance for row in rows if row.distance is not None]
    return {
        "family": rows[0].family,
        "instances": len(rows),
        "without_answer": len(rows) - len(distances),
        "mean_distance": fmean(distances) if distances else None,
        "worst_distance": max(distances, default=None),
        "mean_bound_below": fmean(row.below for row in rows),
        "wrong_bounds": sum(not row.is_bound_valid for row in rows),
        "mean_time_s": fmean(row.time_s for row in rows),
    }


def _mean_line(mean: dict[str, object]) -> str:
    distance, worst = ("-" if mean[key] is None else f"{mean[key]:.3%}" for key in ("mean_distance", "worst_distance"))
    return (
        f"{mean['family']:<8}{mean['instances']} instances: mean distance {distance}, worst {worst}, bounds "
        f"{mean['mean_bound_below']:.3%} below, {mean['wrong_bounds']} wrong, {mean['without_answer']} without "
        f"answer, {mean['mean_time_s']:.1f} s each"
    )
