"""Batches: plans that were asked for together, and have one status."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from api.data.database import new_id
from api.data.plans import Status
from api.data.tables import BATCH_PLANS, BATCHES, PLANS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Row

    Rows = Sequence[Row[Any]]


class BatchStatus(StrEnum):
    """How a batch stands: running until its last plan has ended; partial where some succeeded and some did not."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


def add_batch(connection: Connection, *, workspace_id: str, key_id: str, now: float, **values: Any) -> str:
    """A new batch without plans; its id."""
    batch_id = new_id()
    connection.execute(
        insert(BATCHES).values(id=batch_id, workspace_id=workspace_id, key_id=key_id, created_at=now, **values)
    )
    return batch_id


def add_to_batch(connection: Connection, batch_id: str, place: int, plan_id: str, label: Mapping[str, str]) -> None:
    """Make a plan part of a batch."""
    row = {"batch_id": batch_id, "place": place, "plan_id": plan_id, "label": dict(label)}
    connection.execute(insert(BATCH_PLANS).values(**row))


def find_batch(connection: Connection, workspace_id: str, batch_id: str) -> Row[Any] | None:
    """A workspace's batch; None where that workspace has none of this id."""
    where = (BATCHES.c.id == batch_id, BATCHES.c.workspace_id == workspace_id)
    return connection.execute(select(BATCHES).where(*where)).first()


def find_repeated_batch(connection: Connection, workspace_id: str, idempotency_key: str) -> Row[Any] | None:
    """The batch that this key was used for."""
    where = (BATCHES.c.workspace_id == workspace_id, BATCHES.c.idempotency_key == idempotency_key)
    return connection.execute(select(BATCHES).where(*where)).first()


def list_batches(connection: Connection, workspace_id: str, *, before: str | None, limit: int) -> Rows:
    """A workspace's batches, the newest first, from before an id on."""
    where = [BATCHES.c.workspace_id == workspace_id]
    if before is not None:
        where.append(BATCHES.c.id < before)
    return connection.execute(select(BATCHES).where(*where).order_by(BATCHES.c.id.desc()).limit(limit)).all()


def plans_of_batch(connection: Connection, batch_id: str) -> Rows:
    """A batch's plans with their labels, in its order."""
    names = ("id", "name", "status", "outcome", "result", "problem")
    told = [*(PLANS.c[name] for name in names), BATCH_PLANS.c.label]
    statement = select(*told).join(BATCH_PLANS).where(BATCH_PLANS.c.batch_id == batch_id)
    rows: Rows = connection.execute(statement.order_by(BATCH_PLANS.c.place)).all()
    return rows


def status_of(batch: Row[Any], statuses: Sequence[str]) -> BatchStatus:
    """A batch's status from those of its plans."""
    if batch.finished_at is None:
        return BatchStatus.RUNNING
    kinds = set(statuses)
    if kinds <= {Status.SUCCEEDED}:
        return BatchStatus.SUCCEEDED
    if Status.SUCCEEDED in kinds:
        return BatchStatus.PARTIAL
    return BatchStatus.CANCELLED if kinds == {Status.CANCELLED} else BatchStatus.FAILED
