"""Schedules: batches that are asked for again and again; what each asks for, and when it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from api.data.database import new_id
from api.data.tables import SCHEDULE_PLANS, SCHEDULES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Row

    Rows = Sequence[Row[Any]]

MOST_SCHEDULES = 50
"""Of one workspace."""


def add_schedule(
    connection: Connection, plans: Sequence[Mapping[str, Any]], *, workspace_id: str, now: float, **values: Any
) -> Row[Any]:
    """A new schedule that asks for these plans."""
    schedule_id = new_id()
    row = {"workspace_id": workspace_id, "created_at": now, "is_paused": False, **values}
    connection.execute(insert(SCHEDULES).values(id=schedule_id, **row))
    for place, plan in enumerate(plans):
        connection.execute(insert(SCHEDULE_PLANS).values(schedule_id=schedule_id, place=place, **plan))
    return connection.execute(select(SCHEDULES).where(SCHEDULES.c.id == schedule_id)).one()


def count_schedules(connection: Connection, workspace_id: str) -> int:
    """How many a workspace has."""
    where = SCHEDULES.c.workspace_id == workspace_id
    return int(connection.execute(select(func.count()).select_from(SCHEDULES).where(where)).scalar_one())


def find_schedule(connection: Connection, workspace_id: str, schedule_id: str) -> Row[Any] | None:
    """A workspace's schedule; None where that workspace has none of this id."""
    where = (SCHEDULES.c.id == schedule_id, SCHEDULES.c.workspace_id == workspace_id)
    return connection.execute(select(SCHEDULES).where(*where)).first()


def list_schedules(connection: Connection, workspace_id: str) -> Rows:
    """A workspace's schedules, the oldest first."""
    where = SCHEDULES.c.workspace_id == workspace_id
    return connection.execute(select(SCHEDULES).where(where).order_by(SCHEDULES.c.id)).all()


def plans_of_schedule(connection: Connection, schedule_id: str) -> Rows:
    """What a schedule asks for, in its order."""
    statement = select(SCHEDULE_PLANS).where(SCHEDULE_PLANS.c.schedule_id == schedule_id)
    return connection.execute(statement.order_by(SCHEDULE_PLANS.c.place)).all()


def drop_schedule(connection: Connection, schedule_id: str) -> None:
    """Forget a schedule; its batches stay."""
    connection.execute(delete(SCHEDULE_PLANS).where(SCHEDULE_PLANS.c.schedule_id == schedule_id))
    connection.execute(delete(SCHEDULES).where(SCHEDULES.c.id == schedule_id))


def pause_schedule(connection: Connection, schedule_id: str) -> None:
    """Let nothing happen until it is resumed."""
    connection.execute(update(SCHEDULES).where(SCHEDULES.c.id == schedule_id).values(is_paused=True))


def resume_schedule(connection: Connection, schedule_id: str, due_at: float) -> None:
    """Let it go on; what it missed is not made up for."""
    connection.execute(update(SCHEDULES).where(SCHEDULES.c.id == schedule_id).values(is_paused=False, due_at=due_at))


def due_schedules(connection: Connection, now: float) -> Rows:
    """Schedules whose time has come, the earliest first."""
    where = (SCHEDULES.c.due_at <= now, SCHEDULES.c.is_paused.is_(False))
    return connection.execute(select(SCHEDULES).where(*where).order_by(SCHEDULES.c.due_at)).all()


def take_schedule(connection: Connection, schedule: Row[Any], *, due_at: float, now: float) -> bool:
    """Whether this time is the caller's to act on; the next one is set with that."""
    where = (SCHEDULES.c.id == schedule.id, SCHEDULES.c.due_at == schedule.due_at, SCHEDULES.c.is_paused.is_(False))
    return connection.execute(update(SCHEDULES).where(*where).values(due_at=due_at, last_at=now)).rowcount == 1


def note_fired(connection: Connection, schedule_id: str, *, batch_id: str | None, error: str | None) -> None:
    """The batch that came of it, or why none did."""
    values = {"last_batch_id": batch_id, "last_error": error}
    connection.execute(update(SCHEDULES).where(SCHEDULES.c.id == schedule_id).values(**values))
