"""Plans in force: each marked by somebody from a day on, until another's day comes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select

from api.data.tables import IN_FORCE, PLANS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row, Select


class NoneInForce(Exception):
    """No plan of the workspace is in force on a day."""

    def __init__(self, on: str) -> None:
        super().__init__(f"No plan is in force on {on}: put one into force, from that day or an earlier one on.")


def day_of(now: float) -> str:
    """The day of a moment, in UTC, as it is kept: days sort as text."""
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def put_into_force(connection: Connection, plan: Row[Any], *, key_id: str, author: str, day: date, now: float) -> None:
    """Mark a plan as in force from a day on; an earlier mark of it is replaced."""
    withdraw(connection, plan.id)
    row = {"plan_id": plan.id, "workspace_id": plan.workspace_id, "key_id": key_id, "author": author}
    connection.execute(insert(IN_FORCE).values(**row, effective=day.isoformat(), marked_at=now))


def withdraw(connection: Connection, plan_id: str) -> bool:
    """Take a plan's mark away; whether it had one."""
    return connection.execute(delete(IN_FORCE).where(IN_FORCE.c.plan_id == plan_id)).rowcount == 1


def marks(connection: Connection, workspace_id: str) -> Sequence[Row[Any]]:
    """A workspace's marks with names of plans, the latest day first, and of one day the one that was made last."""
    told = select(IN_FORCE, PLANS.c.name).join(PLANS).where(IN_FORCE.c.workspace_id == workspace_id)
    order = (IN_FORCE.c.effective.desc(), IN_FORCE.c.marked_at.desc())
    return connection.execute(told.order_by(*order)).all()


def in_force_on(connection: Connection, workspace_id: str, on: str) -> Row[Any]:
    """The plan in force on a day: its ``id``, ``origin_id`` and ``options``; raises `NoneInForce`."""
    where = (IN_FORCE.c.workspace_id == workspace_id, IN_FORCE.c.effective <= on)
    told: Select[Any] = select(PLANS.c.id, PLANS.c.origin_id, PLANS.c.options).join(IN_FORCE).where(*where)
    order = (IN_FORCE.c.effective.desc(), IN_FORCE.c.marked_at.desc())
    row = connection.execute(told.order_by(*order).limit(1)).first()
    if row is None:
        raise NoneInForce(on)
    return row


def in_force_from(on: str) -> Select[str]:
    """Ids of the plans that are in force on a day or will be later, of all workspaces."""
    others = IN_FORCE.alias()
    same = (others.c.workspace_id == IN_FORCE.c.workspace_id, others.c.effective <= on)
    present = func.coalesce(select(func.max(others.c.effective)).where(*same).scalar_subquery(), "")
    return select(IN_FORCE.c.plan_id).where(IN_FORCE.c.effective >= present)
