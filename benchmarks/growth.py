"""The case of growth: time and memory of each step from files to a plan, against the number of accounts."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.contest import GRACE, GRACE_S
from benchmarks.figures import percent, seconds
from benchmarks.plot import Panel, plot
from benchmarks.results import Result
from benchmarks.watch import python, watched
from datasets.generator import generate, write_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

STEPS = ("read", "build", "precheck", "solve", "verify", "score", "report")
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
SMOKE_SIZES = (20, 60)
SEED = 1
GAP = 0.01
"""Solving ends when this is proven: equal quality at every size."""
LIMIT_S = 1_200.0
PICTURE = Path(__file__).with_name("growth.svg")


@dataclass(frozen=True)
class Grown:
    """One size.

    Parameters
    ----------
    seconds, peak_mb
        By step, as far as it got.
    gap
        Of the plan, ``inf`` without one.
    ended
        "done", or what ended it.
    """

    accounts: int
    seconds: dict[str, float]
    peak_mb: dict[str, float]
    gap: float
    ended: str


@dataclass(frozen=True)
class GrowthCase:
    """Companies of the usual team, larger and larger."""

    sizes: tuple[int, ...] = SIZES
    time_limit_s: float = LIMIT_S
    picture: Path | None = PICTURE
    name: str = "growth"
    is_long: bool = True
    in_smoke: bool = True

    def results(self, folder: Path, *, smoke: bool) -> Sequence[Result]:
        """Measure every size, and draw the picture; a smoke run takes tiny ones, and draws beside the input."""
        if smoke:
            tiny = replace(self, sizes=SMOKE_SIZES, time_limit_s=2.0, picture=folder / "growth.svg")
            return tiny.results(folder, smoke=False)
        grown = [measure(accounts, folder, self.time_limit_s) for accounts in self.sizes]
        if self.picture is not None:
            self.picture.write_text(picture(grown), encoding="utf-8")
        return rows(grown)


def measure(accounts: int, folder: Path, time_limit_s: float) -> Grown:
    """Draw a company, and take it from files to a plan in a process of its own."""
    source, out, steps = (folder / f"growth-{accounts}{ending}" for ending in ("", "-plan", ".jsonl"))
    write_tables(generate(accounts, seed=SEED), source)
    limits = ["--time-limit", time_limit_s, "--gap", GAP, "--seed", SEED]
    spent = watched(python("benchmarks.growth_child", source, out, steps, *limits), 2 * time_limit_s * GRACE + GRACE_S)
    told = [json.loads(line) for line in steps.read_text(encoding="utf-8").splitlines()] if steps.exists() else []
    passed = {line["step"]: line for line in told if "step" in line}
    return Grown(
        accounts,
        seconds={name: line["end"] - line["begin"] for name, line in passed.items()},
        peak_mb={name: spent.peak_mb(line["begin"], line["end"]) for name, line in passed.items()},
        gap=next((line["gap"] for line in told if "gap" in line), math.inf),
        ended=spent.ended if spent.ended == "done" else f"{spent.ended}: {spent.message}",
    )


def rows(grown: Sequence[Grown]) -> list[Result]:
    """A row of seconds and one of memory for each size, and how each step grows."""
    times = [
        Result(
            "growth, seconds",
            f"{each.accounts:,} accounts",
            {name: seconds(each.seconds.get(name, math.inf)) for name in STEPS}
            | {"gap": percent(each.gap), "ended": each.ended},
        )
        for each in grown
    ]
    exponents = {name: exponent(*points(grown, name)) for name in STEPS}
    shown = {name: "" if math.isnan(value) else f"n^{value:.2f}" for name, value in exponents.items()}
    times.append(Result("growth, seconds", "grows as", shown | {"gap": "", "ended": ""}))
    memory = [
        Result(
            "growth, peak MB",
            f"{each.accounts:,} accounts",
            {name: f"{each.peak_mb[name]:,.0f}" if name in each.peak_mb else "none" for name in STEPS},
        )
        for each in grown
    ]
    return [*times, *memory]


def points(grown: Sequence[Grown], step: str) -> tuple[list[float], list[float]]:
    """Accounts and seconds of the sizes that got through a step."""
    passed = [each for each in grown if each.seconds.get(step, 0.0) > 0]
    return [float(each.accounts) for each in passed], [each.seconds[step] for each in passed]


def exponent(size: Sequence[float], value: Sequence[float]) -> float:
    """The k of value ~ size^k by least squares of the logarithms; nan below two points."""
    if len(size) < 2:
        return math.nan
    return float(np.polyfit(np.log(size), np.log(value), 1)[0])


def picture(grown: Sequence[Grown]) -> str:
    """Seconds and memory of each step against the number of accounts, as SVG."""
    memory = {
        name: [(float(each.accounts), each.peak_mb[name]) for each in grown if each.peak_mb.get(name)] for name in STEPS
    }
    times = {name: list(zip(*points(grown, name), strict=True)) for name in STEPS}
    return plot((Panel("seconds", times), Panel("peak MB", memory)), "accounts")


GROWTH_CASES = (GrowthCase(),)
