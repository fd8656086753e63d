"""The solving process: told to stop, killed, left alone, given an earlier plan; and what it may not be given."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from api.jobs.hints import read_hint, write_hint
from api.jobs.messages import BEST, HINT, OUT, PARENT, TASK, Message, Task, from_line, to_line
from api.jobs.solver import Nursery, Solver
from datasets import read, read_given, successor, take
from datasets.samples import sample_path
from podplanner.domain.build import build_instance
from podplanner.domain.direct import all_direct_plan
from podplanner.domain.score import score
from podplanner.planning.pipeline import plan
from solvers.engine import Limits
from solvers.registry import get_engine
from tests.api.services import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEARD_WITHIN_S = 120
"""Only so that a process that hangs fails."""
GONE = "SA01"
"""Who leaves in a scenario of the larger sample."""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """A nursery with its libraries loaded."""
    made = Nursery(16, 1)
    yield made
    made.close()


def lay_out(folder: Path, sample: str, *, engine: str = "auto", work_limit: int | None = None) -> Path:
    """A folder with a task."""
    options = {"engine": engine, "time_limit_s": 600, "work_limit": work_limit, "gap": 0, "seed": 0, "hide_pay": False}
    task = Task(operation="solve", kind="sample", sample=sample, options=options, threads=1)
    folder.joinpath(TASK).write_text(json.dumps(asdict(task)), encoding="utf-8")
    return folder


def hear(solver: Solver, kind: str) -> Message:
    """The next message of a kind."""
    while True:
        message = solver.hear(HEARD_WITHIN_S)
        assert message is not None
        if message.kind == kind:
            return message


def test_a_stopped_solver_leaves_its_best(nursery: Nursery, tmp_path: Path) -> None:
    """Along the way it leaves a plan for the next attempt, and asked to stop it ends with one."""
    solver = nursery.bear(lay_out(tmp_path, "fortune500"))
    assert solver is not None
    hear(solver, "best")
    assert read_hint(tmp_path / BEST) is not None
    solver.stop()
    assert hear(solver, "end").data["outcome"] == "stopped_early"
    solver.end()


def test_a_next_attempt_starts_from_what_the_last_one_left(nursery: Nursery, tmp_path: Path) -> None:
    """Given the best plan and asked to stop at once, it ends with that; without, it has only the plainest one."""
    instance = build_instance(read(sample_path("tiny")))
    best = plan(instance, get_engine("reference"), Limits(gap=0), engine_reason="")
    reached = {}
    for name in ("cold", "warm"):
        folder = tmp_path / name
        folder.mkdir()
        lay_out(folder, "tiny", engine="fast")
        if name == "warm":
            write_hint(best.plan, folder / HINT)
        solver = nursery.bear(folder)
        assert solver is not None
        solver.stop()
        reached[name] = hear(solver, "end").data["result"]["contribution"]
        solver.end()
    assert reached["warm"] == pytest.approx(best.contribution)
    assert reached["cold"] < reached["warm"]


@pytest.mark.long
def test_a_scenarios_next_attempt_starts_from_its_own_best(nursery: Nursery, tmp_path: Path) -> None:
    """Its process is killed once it has found better than the plan mended; stopped at once, the next ends with that."""
    parent = tmp_path / "parent"
    parent.mkdir()
    solved = nursery.bear(lay_out(parent, "fortune500", work_limit=1))
    assert solved is not None
    hear(solved, "end")
    solved.end()
    cold, killed, next_one = (lay_out_scenario(tmp_path / name, parent) for name in ("cold", "killed", "next"))
    mended = ended_at_once(nursery, cold)
    solver = nursery.bear(killed)
    assert solver is not None
    while (found := worth_of_best(killed)) <= mended:
        hear(solver, "best")
    solver.end()
    killed.joinpath(BEST).rename(next_one / HINT)
    assert ended_at_once(nursery, next_one) >= found - 0.01


def lay_out_scenario(folder: Path, parent: Path) -> Path:
    """A folder with the task to lose a seller, and the plan that it starts from."""
    shutil.copytree(parent / OUT, folder / PARENT)
    options = {"engine": "fast", "time_limit_s": 600, "work_limit": None, "gap": 0, "seed": 0, "hide_pay": False}
    task = Task(
        operation="solve",
        kind="sample",
        sample="fortune500",
        options={**options, "sentences": [f"lose {GONE}"], "changes": []},
        threads=1,
        parent={"options": {}, "outcome": "feasible", "result": {}},
    )
    folder.joinpath(TASK).write_text(json.dumps(asdict(task)), encoding="utf-8")
    return folder


def ended_at_once(nursery: Nursery, folder: Path) -> float:
    """Contribution of an attempt that is asked to stop when it starts."""
    solver = nursery.bear(folder)
    assert solver is not None
    solver.stop()
    contribution: float = hear(solver, "end").data["result"]["contribution"]
    solver.end()
    return contribution


def worth_of_best(folder: Path) -> float:
    """Contribution of the plan that an attempt has left so far; minus infinity without."""
    found = read_hint(folder / BEST)
    if found is None:
        return -math.inf
    gone = {"op": "remove", "table": "people", "id": GONE, "column": "", "value": ""}
    instance = build_instance(take(successor(read_given(sample_path("fortune500")), [gone])).tables)
    return score(instance, found).contribution


def test_a_killed_solver_is_heard_to_end(nursery: Nursery, tmp_path: Path) -> None:
    """Ending it twice does no harm."""
    solver = nursery.bear(lay_out(tmp_path, "fortune500"))
    assert solver is not None
    hear(solver, "status")
    solver.end()
    with pytest.raises(EOFError):
        hear(solver, "end")
    solver.end()


def test_a_solver_that_nobody_hears_ends(tmp_path: Path) -> None:
    """It does not outlive its worker: here the worker's side of the connection goes away."""
    own = Nursery(16, 1)
    solver = own.bear(lay_out(tmp_path, "fortune500"))
    assert solver is not None
    hear(solver, "status")
    own.close()
    solver.leave()
    until(lambda: None if _lives(solver.process_id) else True)
    solver.end()


def test_a_nursery_that_dies_is_started_again(tmp_path: Path) -> None:
    """The plan at hand gets no solver, the next one does."""
    own = Nursery(16, 1)
    os.kill(own.process_id, signal.SIGKILL)
    assert own.bear(lay_out(tmp_path, "tiny")) is None
    solver = own.bear(tmp_path)
    assert solver is not None
    assert hear(solver, "end").data["outcome"] == "optimal"
    solver.end()
    own.close()


def test_a_plan_is_left_and_found_as_it_was(tmp_path: Path) -> None:
    """Every array comes back the same."""
    left = all_direct_plan(build_instance(read(sample_path("tiny"))))
    assert left is not None
    write_hint(left, tmp_path / BEST)
    found = read_hint(tmp_path / BEST)
    assert found is not None
    for name in left.__dataclass_fields__:
        assert (getattr(found, name) == getattr(left, name)).all()
    assert read_hint(tmp_path / "none.npz") is None


def test_what_is_not_finite_becomes_null() -> None:
    """JSON has no infinity."""
    message = Message(kind="progress", data={"bound": float("inf"), "gap": float("nan"), "step": "x"})
    assert from_line(to_line(message)).data == {"bound": None, "gap": None, "step": "x"}


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
