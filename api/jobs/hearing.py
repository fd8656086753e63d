"""A hearing's attempt: wishes, and an edited workbook, are answered by prices and by what else would move."""

from __future__ import annotations

import shutil
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from api.data.plans import Status
from api.jobs.left import leave_table
from api.jobs.messages import CHALLENGES, EDITED, OUT, PARENT, TABLES, Ending
from api.jobs.scenario import asked_effort, parent_in
from api.jobs.written import csv_of_table
from podplanner.report.files import WORKBOOK
from podplanner.report.shape import make_table
from podplanner.whatif.challenge import PRICED, Wish, hear
from podplanner.whatif.edits import KEYS
from podplanner.whatif.hearing_files import answers, knock_on
from podplanner.whatif.round_trip import ANSWERED, Edited, read_edited, write_edited

if TYPE_CHECKING:
    from pathlib import Path

    from api.jobs.messages import Task
    from api.jobs.watcher import Watcher
    from podplanner.domain.tables import Table
    from podplanner.whatif.challenge import Hearing
    from podplanner.whatif.parent import Parent

CELLS = ("op", "table", "id", "column", "value")


def hear_wishes(folder: Path, path: Path, task: Task, watcher: Watcher) -> Ending:
    """Answer wishes; the answers lie in the folder's ``out``.

    Parameters
    ----------
    path
        Of the input that the line of scenarios began with.

    Raises
    ------
    InputError, UnreadableInput, EngineError, PlanRejected
        As planning does.
    """
    asked, out, options = task.parent or {}, folder / OUT, task.options
    parent = _with_files(parent_in(folder / PARENT, path, asked), folder / PARENT)
    is_edited = folder.joinpath(EDITED).is_file()
    edited = read_edited(folder / EDITED, parent, options["author"]) if is_edited else Edited({}, ())
    said = [Wish(each["wish"], each["author"] or options["author"], each["note"]) for each in options["wishes"]]
    wishes = list(dict.fromkeys([*said, *edited.wishes]))
    watcher.enter(Status.SOLVING)
    hearing = hear(parent, wishes, asked_effort(task, parent), watcher)
    watcher.enter(Status.FINISHING)
    accepted = _accepted(hearing, options["accept_below"])
    for name, table in zip(CHALLENGES, (answers(hearing, accepted), knock_on(hearing), _rows(hearing)), strict=False):
        leave_table(name, table, out)
    if is_edited:
        with TemporaryDirectory(dir=folder) as drafts:
            leave_table(CHALLENGES[-1], write_edited(edited, hearing, accepted, folder / drafts), out)
            shutil.copy(folder / drafts / ANSWERED, out / ANSWERED)
    counts = {"challenges": len(wishes), "accepted": len(accepted)}
    counts["priced"] = sum(verdict.outcome == PRICED for verdict in hearing.alone)
    return Ending(status=Status.SUCCEEDED, result={**counts, "clashes": _clashes(hearing, accepted)})


def _with_files(parent: Parent, folder: Path) -> Parent:
    """The plan with its workbook and tables, against which an edited workbook is read."""
    workbook = folder / WORKBOOK
    files = {WORKBOOK: workbook.read_bytes()} if workbook.is_file() else {}
    tables = {f"{name}.csv": folder.joinpath(TABLES, f"{name}.parquet").read_bytes() for name in KEYS}
    return replace(parent, files=files | {name: csv_of_table(content) for name, content in tables.items()})


def _accepted(hearing: Hearing, most: float | None) -> list[int]:
    """Positions of the wishes that cost less than the set price; none without one."""
    prices = [verdict.price for verdict in hearing.alone]
    return [place for place, price in enumerate(prices) if most is not None and price is not None and price < most]


def _clashes(hearing: Hearing, accepted: list[int]) -> list[str]:
    """Which accepted wishes cannot be granted together, as far as the hearing of all of them tells."""
    both, granted = hearing.together, {wish for place in accepted for wish in hearing.alone[place].wishes}
    return [both.why] if both is not None and both.clash and granted.issuperset(both.clash) else []


def _rows(hearing: Hearing) -> Table:
    """Rows of ``changes`` that each priced wish becomes: handed to a scenario, they grant it."""
    rows: list[dict[str, Any]] = [
        {"challenge": str(number), **{name: row.get(name, "") for name in CELLS}}
        for number, verdict in enumerate(hearing.alone, start=1)
        if verdict.outcome == PRICED
        for row in verdict.changes
    ]
    return make_table("challenge_changes", {name: [row[name] for row in rows] for name in ("challenge", *CELLS)})
