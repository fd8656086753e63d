"""Cases of speed: how long a step takes, best of three, and how that compares with a well-known library's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pandas as pd

import datasets
from benchmarks.figures import peak_memory, timed
from benchmarks.inputs import Accounts, Company
from podplanner.domain.build import build_instance
from podplanner.domain.place import local_pairs
from podplanner.domain.score import score
from podplanner.domain.today import today
from podplanner.domain.verify import require_agreement, verify
from podplanner.domain.vocabulary import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.inputs import Input
    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan

REPEATS = 3


@dataclass(frozen=True)
class Work:
    """A step, ready to be timed.

    Parameters
    ----------
    step
        What is timed.
    peer_name, peer
        What it is held against: the nearest that a well-known library does with the same input; "" where there is none.
    """

    step: Callable[[], object]
    peer_name: str = ""
    peer: Callable[[], object] | None = None


@dataclass(frozen=True)
class SpeedCase:
    """A case of speed.

    Parameters
    ----------
    prepare
        Path of the input -> the work; what it does itself is not timed.
    """

    name: str
    small: Input
    full: Input
    prepare: Callable[[Path], Work]

    def run(self, path: Path, *, smoke: bool) -> dict[str, str]:
        """Times of the step and of its peer, and their ratio."""
        work, repeats = self.prepare(path), 1 if smoke else REPEATS
        took = timed(work.step, repeats)
        figures = {"wall s": f"{took.wall_s:.2f}", "CPU s": f"{took.cpu_s:.2f}", "peak MB": peak_memory()}
        if work.peer is None:
            return figures | {"peer": "", "peer's wall s": "", "ratio": ""}
        peer = timed(work.peer, repeats)
        ratio = f"{took.wall_s / peer.wall_s:.1f}"
        return figures | {"peer": work.peer_name, "peer's wall s": f"{peer.wall_s:.2f}", "ratio": ratio}


def _read_csv(path: Path) -> Work:
    def peer() -> None:
        for file in sorted(path.glob("*.csv")):
            pd.read_csv(file)

    return Work(lambda: datasets.read(path), "pandas.read_csv of the same files", peer)


def _read_workbook(path: Path) -> Work:
    def peer() -> None:
        book = openpyxl.load_workbook(path, read_only=True)
        for sheet in book.worksheets:
            for _ in sheet.iter_rows(values_only=True):
                pass
        book.close()

    return Work(lambda: datasets.read(path), "openpyxl, read-only, all cells", peer)


def _hash(path: Path) -> Work:
    tables = datasets.read(path)
    frames = [pd.DataFrame(dict(table.columns)) for table in tables.tables.values()]
    return Work(
        tables.sha256,
        "pandas.util.hash_pandas_object",
        lambda: [pd.util.hash_pandas_object(frame) for frame in frames],
    )


def _build(path: Path) -> Work:
    tables = datasets.read(path)
    return Work(lambda: build_instance(tables))


def _pairs(path: Path) -> Work:
    instance = build_instance(datasets.read(path))
    return Work(lambda: local_pairs(instance))


def _verify(path: Path) -> Work:
    instance, plan = _staffed_today(build_instance(datasets.read(path)))

    def step() -> None:
        require_agreement(verify(instance, plan).terms, score(instance, plan).terms)

    return Work(step)


def _staffed_today(instance: Instance) -> tuple[Instance, Plan]:
    """Today's pods, where everybody in a pod owns their part of its accounts in turn: a plan with few breaches."""
    instance, plan = today(instance)
    owner = plan.owner.copy()
    for function in range(len(FUNCTIONS)):
        team = np.flatnonzero(instance.people.role[plan.placed_person] == function)
        team = team[np.argsort(plan.placed_pod[team], kind="stable")]
        first, last = (np.searchsorted(plan.placed_pod[team], plan.pod, side=side) for side in ("left", "right"))
        owned = instance.tiers.served[plan.tier, function] & (last > first)
        turn = first + np.arange(len(first)) % np.maximum(1, last - first)
        owner[owned, function] = plan.placed_person[team[turn[owned]]]
    return instance, replace(plan, owner=owner)


SPEED_CASES = (
    SpeedCase("read csv", Accounts(1_000), Accounts(100_000), _read_csv),
    SpeedCase("read xlsx", Accounts(1_000, as_workbook=True), Accounts(100_000, as_workbook=True), _read_workbook),
    SpeedCase("input hash", Accounts(1_000), Accounts(100_000), _hash),
    SpeedCase("build instance", Company(1_000), Company(100_000), _build),
    SpeedCase("local pairs", Company(1_000), Company(100_000), _pairs),
    SpeedCase("verify and score", Company(1_000), Company(100_000), _verify),
)
