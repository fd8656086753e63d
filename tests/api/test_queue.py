"""The queue on SQLite and PostgreSQL: in the plan's own transaction, in order, and with a memory of what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import MetaData, Table, select

from api.data.plans import Job, Priority
from api.jobs.queue import Queue
from tests.api.test_data import plan_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from api.data.database import Database


@pytest.fixture
def queue(database: Database) -> Iterator[Queue]:
    """The database's queue."""
    made = Queue(database)
    yield made
    made.close()


def put(queue: Queue, connection: Connection, workspace: str, priority: Priority = Priority.BATCH) -> Job:
    """A plan that waits."""
    job = Job(plan_in(connection, workspace), 1)
    queue.put(connection, job, workspace_id=workspace, priority=priority)
    return job


def in_order(database: Database) -> list[str]:
    """Ids of the attempts in the order in which workers take them."""
    schema = None if database.is_sqlite else "dbos"
    waiting = Table("workflow_status", MetaData(), schema=schema, autoload_with=database.engine)
    order = (waiting.c.priority, waiting.c.created_at)
    with database.engine.connect() as connection:
        return list(connection.execute(select(waiting.c.workflow_uuid).order_by(*order)).scalars())


def test_workspaces_take_turns(database: Database, queue: Queue) -> None:
    """The first plan of one that comes late stands before the second of one that came early."""
    jobs = {}
    for name, workspace in (("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("b2", "b")):
        with database.engine.begin() as connection:
            jobs[name] = put(queue, connection, workspace)
    wanted = [f"{jobs[name].plan_id}-1" for name in ("a1", "b1", "a2", "b2", "a3")]
    assert in_order(database) == wanted


def test_what_is_rolled_back_never_waits(database: Database, queue: Queue) -> None:
    """Plan and place in the queue are one transaction."""
    with database.engine.connect() as connection:
        put(queue, connection, "a")
        connection.rollback()
    assert in_order(database) == []


def test_somebody_waiting_has_a_second_place(database: Database, queue: Queue) -> None:
    """An interactive attempt also waits where no batch does, until it has come up."""
    with database.engine.begin() as connection:
        batch = put(queue, connection, "a")
        urgent = put(queue, connection, "a", Priority.INTERACTIVE)
    places = [f"{urgent.plan_id}-1", f"{urgent.plan_id}-1-reserved", f"{batch.plan_id}-1"]
    assert in_order(database) == places
    queue.leave(urgent)
    queue.leave(batch)
    assert queue.lost([urgent, batch]) == []
    queue.forget([urgent])
    assert in_order(database) == places[2:]


def test_what_fell_out_of_the_queue_is_seen(database: Database, queue: Queue) -> None:
    """Nobody holds it and it does not wait."""
    with database.engine.begin() as connection:
        first, second = put(queue, connection, "a"), put(queue, connection, "a")
    assert queue.lost([first, second]) == []
    queue.forget([first])
    assert queue.lost([first, second]) == [first]
    assert queue.held_by("nobody") == []
