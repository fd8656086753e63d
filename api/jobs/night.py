"""A night's attempt: the input as it is now, planned near the plan in force and held against rules of acceptance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.data.plans import Status
from api.jobs.messages import LINE, OUT, PARENT, TABLES, input_path
from api.jobs.scenario import FORGOTTEN, asked_effort, leave_answer, parent_in
from api.jobs.written import csv_of_table
from datasets import read_given
from podplanner.domain.errors import UnreadableInput
from podplanner.whatif.acceptance import read_rule
from podplanner.whatif.in_force import PLAN_TABLES, plan_night

if TYPE_CHECKING:
    from pathlib import Path

    from api.jobs.messages import Ending, Task
    from api.jobs.watcher import Watcher


def plan_tonight(folder: Path, path: Path, task: Task, watcher: Watcher) -> Ending:
    """Plan a night; what it leaves lies in the folder's ``out``, with its whole input for scenarios that start from it.

    Parameters
    ----------
    path
        Of the input as it is now.

    Raises
    ------
    InputError, UnreadableInput, NoStart, EngineError, PlanRejected
        As planning does.
    """
    asked, options = task.parent, task.options
    if not asked:
        raise UnreadableInput(FORGOTTEN)
    parent = parent_in(folder / PARENT, input_path(folder / LINE, asked["kind"], asked["sample"]), asked)
    for name in PLAN_TABLES:
        table = folder.joinpath(PARENT, TABLES, f"{name}.parquet").read_bytes()
        folder.joinpath(PARENT, f"{name}.csv").write_bytes(csv_of_table(table))
    tonight = read_given(path, options.get("changes", ()))
    watcher.enter(Status.SOLVING)
    found = plan_night(folder / PARENT, parent, tonight, asked_effort(task, parent), watcher)
    watcher.enter(Status.FINISHING)
    rules = [read_rule(words) for words in options.get("accept", ())]
    return leave_answer(found, folder / OUT, hide_pay=options["hide_pay"], rules=rules)
