"""The queue of attempts: the one module that knows dbos.

An attempt is a workflow of dbos without steps, its id made of the plan and the attempt's number. dbos holds the queue,
hands each attempt to one worker, and counts what a worker runs at once. It is never asked to repeat an attempt: every
worker is an executor of its own, and what a dead one held becomes a *new* attempt (`api.jobs.worker`), so that there is
one way of recovery and not two.

Where a worker has several slots, one of them is kept for plans that somebody waits for. Their attempts have a second
place, in a queue that only this slot takes from. Whichever place comes up first claims the plan's row; the other finds
it claimed, and is void.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions, run_dbos_database_migrations
from sqlalchemy import func, select

from api.data.database import AWAY
from api.data.plans import FORM, UNFINISHED, Job, Priority
from api.data.tables import PLANS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from api.data.database import Database

APPLICATION, WORKFLOW = "podplanner", "attempt"
QUEUE, RESERVED = "plans", "reserved"
POLL_S = 0.2
"""How often a worker looks for an attempt."""
DRAIN_S = 30
"""Longest wait for attempts to be given back when a worker ends."""
CLASS_SIZE = 1_000_000
HELD, WAITING = "PENDING", "ENQUEUED"


class Queue:
    """Where attempts wait for a worker."""

    def __init__(self, database: Database) -> None:
        self._client = DBOSClient(
            system_database_engine=database.engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            retry_connection_errors=False,
        )

    def put(self, connection: Connection, job: Job, *, workspace_id: str, priority: Priority) -> None:
        """Let an attempt wait for a worker, in the transaction that made it.

        The n-th unfinished plan of a workspace stands beside the n-th of every other, so that a workspace with a
        thousand plans delays another's first by one plan and not by a thousand.
        """
        where = (
            PLANS.c.workspace_id == workspace_id,
            PLANS.c.priority == str(priority),
            PLANS.c.status.in_(map(str, UNFINISHED)),
        )
        place = connection.execute(select(func.count()).select_from(PLANS).where(*where)).scalar_one()
        behind = CLASS_SIZE if priority is Priority.BATCH else 0
        queues = (QUEUE,) if priority is Priority.BATCH else (QUEUE, RESERVED)
        for queue in queues:
            options: EnqueueOptions = {
                "workflow_name": WORKFLOW,
                "queue_name": queue,
                "workflow_id": _workflow_id(job, queue),
                "priority": 1 + behind + min(int(place), CLASS_SIZE - 1),
                "app_version": str(FORM),  # only workers of this very form take it; newer ones put it in theirs first
            }
            self._client.enqueue_in_transaction(connection, options, job.plan_id, job.attempt)

    def leave(self, job: Job) -> None:
        """Give up the second place of an attempt that came up at its first."""
        self._client.cancel_workflow(_workflow_id(job, RESERVED))

    def held_by(self, worker_id: str) -> list[Job]:
        """Attempts that a worker took and did not finish."""
        held = self._client.list_workflows(executor_id=worker_id, status=HELD, load_input=False, load_output=False)
        return list({_job(each.workflow_id): None for each in held})

    def lost(self, jobs: Sequence[Job]) -> list[Job]:
        """Those of some attempts that neither wait in the queue nor are held by a worker."""
        ids = [_workflow_id(job, QUEUE) for job in jobs]
        known = self._client.list_workflows(
            workflow_ids=ids, status=[HELD, WAITING], load_input=False, load_output=False
        )
        alive = {each.workflow_id for each in known}
        return [job for job in jobs if _workflow_id(job, QUEUE) not in alive]

    def forget(self, jobs: Sequence[Job]) -> None:
        """Remove all traces of attempts."""
        self._client.delete_workflows([_workflow_id(job, queue) for job in jobs for queue in (QUEUE, RESERVED)])

    def close(self) -> None:
        """End the connection to the queue; the database stays."""
        self._client.destroy()


class Taker:
    """Takes attempts off the queue and works on them, each in a thread, until closed.

    Parameters
    ----------
    worker_id
        Unlike that of any other process, now and ever.
    slots
        Attempts at once, the same for all workers; where there are several, one is kept for plans that somebody waits
        for.
    """

    def __init__(
        self, database: Database, queue: Queue, worker_id: str, slots: int, work: Callable[[Job], None]
    ) -> None:
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_engine": database.engine,
                "executor_id": worker_id,
                "application_version": str(FORM),
                "run_migrations": False,
                "serializer": DBOSPortableJSONSerializer(),
                "log_level": "ERROR",
            }
        )

        @DBOS.workflow(name=WORKFLOW)
        def attempt(plan_id: str, number: int) -> None:
            job = Job(plan_id, number)
            work(job)
            if slots == 1:
                # Nobody takes from the other queue.
                with suppress(*AWAY):
                    queue.leave(job)

        sizes = {QUEUE: slots} if slots == 1 else {QUEUE: slots - 1, RESERVED: 1}
        DBOS.listen_queues(list(sizes))
        DBOS.launch()
        for name, size in sizes.items():
            DBOS.register_queue(name, worker_concurrency=size, polling_interval_sec=POLL_S, on_conflict="always_update")

    def close(self) -> None:
        """Take nothing more, and wait until what was taken has ended."""
        DBOS.destroy(workflow_completion_timeout_sec=DRAIN_S)


def upgrade_queue(database: Database) -> None:
    """Make the queue's own tables, or bring them to the present version."""
    logging.getLogger("dbos").setLevel(logging.ERROR)
    run_dbos_database_migrations(database.url)


def _workflow_id(job: Job, queue: str) -> str:
    return f"{job.plan_id}-{job.attempt}" + ("" if queue == QUEUE else f"-{queue}")


def _job(workflow_id: str) -> Job:
    plan_id, attempt, *_ = workflow_id.split("-")
    return Job(plan_id, int(attempt))
