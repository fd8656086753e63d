"""What is to be told to webhooks: written in the transaction in which it happens, delivered afterwards."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from api.data.database import new_id
from api.data.tables import BATCH_PLANS, BATCHES, DELIVERIES, PLANS, WEBHOOKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

WAITING = "waiting"
BATCH_ENDED, TEST = "batch.ended", "test"


def announce_end(connection: Connection, plan_id: str, now: float) -> None:
    """A plan has ended, and with it perhaps its batch."""
    row = connection.execute(select(PLANS).where(PLANS.c.id == plan_id)).one()
    # Held until the end of the transaction: of two plans that end at once, one is the last.
    of_batch = select(BATCHES).join(BATCH_PLANS).where(BATCH_PLANS.c.plan_id == plan_id)
    batch = connection.execute(of_batch.with_for_update(of=BATCHES)).first()
    data = {
        "id": plan_id,
        "name": row.name,
        "operation": row.operation,
        "status": row.status,
        "outcome": row.outcome,
        "batch_id": None if batch is None else batch.id,
        "links": {"self": f"/v1/plans/{plan_id}"},
    }
    announce(connection, row.workspace_id, f"plan.{row.status}", data, now)
    if batch is None or batch.finished_at is not None:
        return
    unfinished = select(func.count()).select_from(PLANS.join(BATCH_PLANS))
    if connection.execute(
        unfinished.where(BATCH_PLANS.c.batch_id == batch.id, PLANS.c.finished_at.is_(None))
    ).scalar_one():
        return
    connection.execute(update(BATCHES).where(BATCHES.c.id == batch.id).values(finished_at=now))
    told = {"id": batch.id, "name": batch.name, "links": {"self": f"/v1/batches/{batch.id}"}}
    announce(connection, row.workspace_id, BATCH_ENDED, told, now)


def announce(connection: Connection, workspace_id: str, event: str, data: Mapping[str, Any], now: float) -> None:
    """Something for all webhooks of a workspace that want to know it."""
    where = (WEBHOOKS.c.workspace_id == workspace_id, WEBHOOKS.c.disabled_at.is_(None))
    for hook in connection.execute(select(WEBHOOKS.c.id, WEBHOOKS.c.events).where(*where)).all():
        if not hook.events or event in hook.events:
            add_delivery(connection, hook.id, event, data, now)


def add_delivery(connection: Connection, webhook_id: str, event: str, data: Mapping[str, Any], now: float) -> str:
    """A message that waits to be delivered; its id, which stays the same however often it is tried."""
    delivery_id = new_id()
    message = {"type": event, "timestamp": datetime.fromtimestamp(now, UTC).isoformat(), "data": data}
    connection.execute(
        insert(DELIVERIES).values(
            id=delivery_id,
            webhook_id=webhook_id,
            event=event,
            subject=data["id"],
            # As it is signed and sent, each time the same bytes.
            body=json.dumps(message, ensure_ascii=False, separators=(",", ":")),
            status=WAITING,
            attempts=0,
            due_at=now,
            created_at=now,
        )
    )
    return delivery_id
