"""Podplanner and its peers on the same companies, with the same time, seed and number of threads."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.trace import Trace, read_trace
from benchmarks.watch import python, watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from benchmarks.drawn import Drawn
    from benchmarks.watch import Spent

OURS = "podplanner"
SOLVERS = {"highs": "benchmarks.peers.highs", "cp-sat": "benchmarks.peers.cp_sat", "cbc": "benchmarks.peers.cbc"}
"""General solvers, on the staffing model."""
PEERS = (*SOLVERS, "alns")
GRACE = 1.5
GRACE_S = 120.0
"""A run is killed after so much of its time limit and so many seconds more: to start and to read take time, too."""


@dataclass(frozen=True)
class Run:
    """One contestant on one company.

    Parameters
    ----------
    trace
        What it told; empty where nothing of it holds, because the run failed or left no verified plan.
    ended
        In a few words.
    """

    contestant: str
    trace: Trace
    spent: Spent
    ended: str


def contest(
    drawn: Drawn,
    folder: Path,
    contestants: Iterable[str],
    *,
    time_limit_s: float,
    engine: str = "auto",
    say: Callable[[str], None],
) -> list[Run]:
    """Run the contestants on a company, one after the other.

    Parameters
    ----------
    folder
        Where the company and the traces are written.
    contestants
        Some of `OURS` and `PEERS`.
    engine
        Which of ours; ``auto``: by size.
    say
        Is told what is under way.
    """
    say(f"{drawn.label}: drawing")
    source = drawn.written(folder)
    runs: list[Run] = []
    model: _Model | None = None
    for name in contestants:
        say(f"{drawn.label}: {name}")
        limits = ["--time-limit", time_limit_s, "--seed", drawn.seed]
        trace = folder / f"{source.name}.{name}.jsonl"
        if name in SOLVERS:
            model = model or _built(source, folder, time_limit_s)
            if model.offset is None:
                runs.append(Run(name, Trace(), model.spent, f"no model: {_words(model.spent)}"))
                continue
            command = python(SOLVERS[name], model.path, trace, *limits, f"--offset={model.offset!r}")
        elif name == OURS:
            command = python("benchmarks.contestant", source, trace, *limits, "--engine", engine)
        else:
            command = python("benchmarks.peers.alns", source, trace, *limits)
        runs.append(_run(name, command, trace, time_limit_s))
    if model is not None:
        model.path.unlink(missing_ok=True)
    return runs


@dataclass(frozen=True)
class _Model:
    """The staffing model as a file; no offset where it could not be built."""

    path: Path
    offset: float | None
    spent: Spent


def _built(source: Path, folder: Path, time_limit_s: float) -> _Model:
    """Build the staffing model, in a time of its own that the solvers are not charged for."""
    path, facts = folder / f"{source.name}.mps", folder / f"{source.name}.json"
    spent = watched(python("benchmarks.peers.model", source, path, facts), time_limit_s * GRACE + GRACE_S)
    told = json.loads(facts.read_text(encoding="utf-8")) if spent.ended == "done" else {}
    return _Model(path, told.get("offset"), spent)


def _run(name: str, command: list[str], path: Path, time_limit_s: float) -> Run:
    spent = watched(command, time_limit_s * GRACE + GRACE_S)
    trace = read_trace(path)
    path.unlink(missing_ok=True)
    if not trace.ended and (spent.ended == "failed" or name not in SOLVERS):
        trace = Trace()  # a whole plan counts once it is verified
    return Run(name, trace, spent, trace.ended or _words(spent))


def _words(spent: Spent) -> str:
    """How a run ended that did not say so itself."""
    words = {"time": "killed: overran its time", "memory": "killed: took too much memory"}
    return words.get(spent.ended, f"{spent.ended}: {spent.message}")


def best_bound(runs: Iterable[Run]) -> float:
    """Lowest bound of all on one company, ``inf`` where none is known."""
    return min((run.trace.bound for run in runs), default=math.inf)
