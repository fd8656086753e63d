"""Fires schedules whose time has come, each time once, whichever worker sees it first."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from api.data.in_force import NoneInForce
from api.data.plans import Operation, Priority, count_unfinished
from api.data.schedules import due_schedules, note_fired, plans_of_schedule, take_schedule
from api.jobs.cron import next_time
from api.jobs.orders import Order, place_batch

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from api.data.database import Database
    from api.jobs.queue import Queue

LOG = logging.getLogger(__name__)
LONGEST_ERROR = 200


class NoRoom(Exception):
    """The workspace has too many plans that wait or run."""


def fire_due(database: Database, queue: Queue, max_unfinished: int) -> None:
    """Ask for the batches of all schedules that are due; times missed while no worker lived count once.

    Parameters
    ----------
    max_unfinished
        Plans of a workspace that may wait or run: beyond it a time is passed over, and the schedule says so.
    """
    with database.engine.connect() as connection:
        due = due_schedules(connection, database.now(connection))
    for schedule in due:
        with database.engine.begin() as connection:
            now = database.now(connection)
            following = next_time(schedule.cron, schedule.time_zone, now)
            if take_schedule(connection, schedule, due_at=following, now=now):
                _fire(connection, queue, schedule, max_unfinished, now)


def _fire(connection: Connection, queue: Queue, schedule: Row[Any], max_unfinished: int, now: float) -> None:
    try:
        with connection.begin_nested():
            fire(connection, queue, schedule, max_unfinished=max_unfinished, now=now)
    except (NoRoom, NoneInForce) as error:
        text = f"passed over: {error}"
        note_fired(connection, schedule.id, batch_id=None, error=text[:LONGEST_ERROR])
        LOG.warning("schedule", extra={"schedule": schedule.id, "reason": text})


def fire(connection: Connection, queue: Queue, schedule: Row[Any], *, max_unfinished: int, now: float) -> str:
    """Ask for a schedule's batch now; its id.

    Raises
    ------
    NoRoom, NoneInForce
        And what was begun is to be rolled back.
    """
    rows = plans_of_schedule(connection, schedule.id)
    if count_unfinished(connection, schedule.workspace_id) + len(rows) > max_unfinished:
        raise NoRoom(f"more than {max_unfinished} plans of the workspace would wait or run")
    batch_id = place_batch(
        connection,
        queue,
        [_order(row) for row in rows],
        workspace_id=schedule.workspace_id,
        key_id=schedule.key_id,
        now=now,
        schedule_id=schedule.id,
        name=schedule.name,
        request_sha256="",
    )
    note_fired(connection, schedule.id, batch_id=batch_id, error=None)
    LOG.info("schedule", extra={"schedule": schedule.id, "batch": batch_id})
    return batch_id


def _order(row: Row[Any]) -> Order:
    return Order(
        input_id=row.input_id,
        name=row.name,
        operation=Operation(row.operation),
        priority=Priority(row.priority),
        options=row.options,
        label=row.label,
    )
