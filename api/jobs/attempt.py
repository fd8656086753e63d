"""One attempt at a plan: claimed, given to a child process, watched, and written down while the fence holds."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from api.data.artefacts import BEST as KEPT
from api.data.artefacts import artefact_names, drop_artefact, keep_artefact, keep_best, read_artefact
from api.data.inputs import FILE_NAMES, InputKind, read_input
from api.data.plans import (
    UNFINISHED,
    Change,
    EventKind,
    Job,
    Operation,
    Priority,
    Status,
    Wish,
    again,
    change_plan,
    ended,
)
from api.data.tables import PLANS
from api.jobs.messages import BEST, EDITED, HINT, LINE, OUT, PARENT, REGIONS, TASK, Ending, Split, Task
from api.jobs.splits import lay_out_regions, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Row

    from api.data.database import Database
    from api.jobs.messages import Message
    from api.jobs.queue import Queue
    from api.jobs.solver import Nursery, Solver
    from api.settings import Settings

LOG = logging.getLogger(__name__)
LOOK_EVERY_S = 0.5
"""How often an attempt looks for wishes and at its fence."""


@dataclass(frozen=True)
class Workshop:
    """What all attempts of a worker share.

    Parameters
    ----------
    folder
        Where attempts have folders of their own.
    draining
        Set when the worker ends: attempts are given back, and nobody is blamed.
    """

    database: Database
    queue: Queue
    settings: Settings
    worker_id: str
    nursery: Nursery
    folder: Path
    draining: threading.Event


class GivenUp(Exception):
    """The attempt is no longer the one under way: whatever it has is worthless."""


class Attempt:
    """One attempt."""

    def __init__(self, workshop: Workshop, job: Job) -> None:
        self._workshop, self._job = workshop, job
        self._database = workshop.database
        self._stop_told = False

    def run(self) -> None:
        """From the claim to the last line; returns early where the attempt is no longer this worker's."""
        claimed = self._database.patiently(self._claim)
        if claimed is None:
            return
        told = {"plan": self._job.plan_id, "attempt": self._job.attempt}
        LOG.info("attempt begins", extra=told)
        with TemporaryDirectory(dir=self._workshop.folder) as name:
            folder = Path(name)
            self._database.patiently(lambda connection: self._lay_out(connection, claimed, folder))
            solver = self._workshop.nursery.bear(folder)
            if solver is None:
                LOG.warning("the solving process could not be started", extra=told)
                self._give_back(has_crashed=True)
                return
            try:
                done = self._watch(solver, folder)
                self._database.patiently(lambda connection: self._conclude(connection, done, claimed, folder))
            except GivenUp:
                LOG.info("attempt was given up", extra=told)
            except EOFError:
                LOG.warning("the solving process died", extra=told)
                self._give_back(has_crashed=True)
            finally:
                solver.end()
        LOG.info("attempt ends", extra=told)

    def _claim(self, connection: Connection) -> Row[Any] | None:
        """The plan's row, now this worker's; None where it is cancelled, or another attempt's."""
        now = self._database.now(connection)
        values = {"status": str(Status.VALIDATING), "worker_id": self._workshop.worker_id, "started_at": now}
        told = {"status": str(Status.VALIDATING), "attempt": self._job.attempt}
        change = Change(EventKind.STATUS, values, told)
        waiting = (Status.QUEUED,)
        if not change_plan(connection, self._job.plan_id, change, now=now, attempt=self._job.attempt, among=waiting):
            return None
        return connection.execute(select(PLANS).where(PLANS.c.id == self._job.plan_id)).one()

    def _lay_out(self, connection: Connection, row: Row[Any], folder: Path) -> None:
        """Input, task and the best plan so far, as files."""
        kind, sample = _lay_out_input(connection, row.input_id, folder)
        best = read_artefact(connection, self._job.plan_id, KEPT)
        if best is not None:
            folder.joinpath(HINT).write_bytes(best)
        workbook_id = row.options.get("workbook_id")
        if workbook_id is not None:
            folder.joinpath(EDITED).write_bytes(read_input(connection, workbook_id)[1])
        task = Task(
            operation=row.operation,
            kind=kind,
            sample=sample,
            options=row.options,
            threads=self._workshop.settings.solver_threads,
            max_time_limit_s=self._workshop.settings.max_time_limit_s,
            name=row.name,
            parent=None if row.parent_id is None else _lay_out_parent(connection, row, folder),
            split_accounts=self._workshop.settings.split_accounts,
            regions=lay_out_regions(connection, row.id, folder / REGIONS),
        )
        folder.joinpath(TASK).write_text(json.dumps(asdict(task)), encoding="utf-8")

    def _watch(self, solver: Solver, folder: Path) -> Ending | Split:
        """Write down what the child tells until it has ended."""
        while True:
            for message in self._heard(solver):
                if message.kind == "end":
                    return Ending(**message.data)
                if message.kind == "split":
                    return Split(**message.data)
                if message.kind == "best":
                    content = folder.joinpath(BEST).read_bytes()
                    self._fenced(lambda connection, content=content: keep_best(connection, self._job, content))
                else:
                    self._tell(message)
            self._look(solver)

    def _heard(self, solver: Solver) -> Iterator[Message]:
        message = solver.hear(LOOK_EVERY_S)
        while message is not None:
            yield message
            # Without a look at the wishes in between, a child that talks without pause could not be stopped.
            message = solver.hear(0) if message.kind != "progress" else None

    def _tell(self, message: Message) -> None:
        kind = EventKind(message.kind)
        values = {"status": message.data["status"]} if kind is EventKind.STATUS else {"progress": dict(message.data)}
        told = {**message.data, "attempt": self._job.attempt}
        change = Change(kind, values, told)
        self._fenced(
            lambda connection: change_plan(
                connection, self._job.plan_id, change, now=self._database.now(connection), attempt=self._job.attempt
            )
        )

    def _fenced(self, write: Any) -> None:
        if not self._database.patiently(write):
            raise GivenUp

    def _look(self, solver: Solver) -> None:
        """Heed wishes, the worker's end, and the fence."""
        columns = (PLANS.c.attempt, PLANS.c.wish)
        row = self._database.patiently(
            lambda connection: connection.execute(select(*columns).where(PLANS.c.id == self._job.plan_id)).one()
        )
        if row.attempt != self._job.attempt:
            raise GivenUp
        if row.wish == Wish.CANCEL:
            solver.end()
            self._database.patiently(lambda connection: self._end(connection, Ending(status=Status.CANCELLED)))
            raise GivenUp
        if self._workshop.draining.is_set():
            solver.end()
            self._give_back(has_crashed=False)
            raise GivenUp
        if row.wish == Wish.STOP and not self._stop_told:
            solver.stop()
            self._stop_told = True

    def _conclude(self, connection: Connection, done: Ending | Split, row: Row[Any], folder: Path) -> None:
        if isinstance(done, Split):
            split(connection, self._workshop.queue, row, self._job, done.count, self._database.now(connection))
        else:
            self._finish(connection, done, folder)

    def _finish(self, connection: Connection, ending: Ending, folder: Path) -> None:
        """The row's last change and all files, in one transaction; nothing where the fence is passed."""
        if not self._end(connection, ending):
            return
        out = folder / OUT
        for path in sorted(out.rglob("*")):
            if path.is_file():
                name = path.relative_to(out).as_posix()
                keep_artefact(connection, self._job.plan_id, name, path.read_bytes())
        drop_artefact(connection, self._job.plan_id, KEPT)

    def _end(self, connection: Connection, ending: Ending) -> bool:
        now = self._database.now(connection)
        values = asdict(replace(ending, result=ending.result and dict(ending.result)))
        change = ended(Status(values.pop("status")), now=now, **values)
        return change_plan(connection, self._job.plan_id, change, now=now, attempt=self._job.attempt)

    def _give_back(self, *, has_crashed: bool) -> None:
        give_back(self._workshop.database, self._workshop.queue, self._workshop.settings, self._job, has_crashed)


def _lay_out_input(connection: Connection, input_id: str, folder: Path) -> tuple[str, str | None]:
    """An input as a file; its kind, and of a sample the name."""
    kind, content = read_input(connection, input_id)
    if kind is InputKind.SAMPLE:
        return kind, content.decode()
    folder.mkdir(exist_ok=True)
    folder.joinpath(FILE_NAMES[kind]).write_bytes(content)
    return kind, None


def _lay_out_parent(connection: Connection, row: Row[Any], folder: Path) -> dict[str, Any]:
    """All files of the plan that a plan starts from, and what its row tells; nothing where it is forgotten."""
    for name in artefact_names(connection, row.parent_id):
        path = folder / PARENT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(read_artefact(connection, row.parent_id, name) or b"")
    told = (PLANS.c.options, PLANS.c.outcome, PLANS.c.result, PLANS.c.input_id)
    parent = connection.execute(select(*told).where(PLANS.c.id == row.parent_id)).mappings().first()
    if parent is None:
        return {}
    asked = {name: parent[name] for name in ("options", "outcome", "result")}
    if row.operation == Operation.NIGHT:
        asked["kind"], asked["sample"] = _lay_out_input(connection, parent["input_id"], folder / LINE)
    return asked


def give_back(
    database: Database,
    queue: Queue,
    settings: Settings,
    job: Job,
    has_crashed: bool,
    among: Sequence[Status] = UNFINISHED,
) -> None:
    """Give an attempt up and let the next one wait, in one transaction; only while its plan is in some states."""

    def requeue(connection: Connection) -> None:
        now = database.now(connection)
        most = settings.max_crashes
        following = again(connection, job, has_crashed=has_crashed, max_crashes=most, now=now, among=among)
        if following is None:
            return
        row = connection.execute(select(PLANS.c.workspace_id, PLANS.c.priority).where(PLANS.c.id == job.plan_id)).one()
        queue.put(connection, following, workspace_id=row.workspace_id, priority=Priority(row.priority))

    database.patiently(requeue)
