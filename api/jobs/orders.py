"""A plan that is asked for: its row and its place in the queue, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.data.database import new_id
from api.data.plans import Job, Operation, Priority, add_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from api.jobs.queue import Queue


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to do with which input.

    Parameters
    ----------
    input_id
        Of an input that is kept.
    options
        As a request has them, checked.
    """

    input_id: str
    name: str
    operation: Operation
    priority: Priority
    options: Mapping[str, Any]


def place_order(
    connection: Connection,
    queue: Queue,
    order: Order,
    *,
    workspace_id: str,
    key_id: str,
    now: float,
    idempotency_key: str | None = None,
    request_sha256: str = "",
) -> str:
    """Id of the new plan, which waits."""
    plan_id = new_id()
    add_plan(
        connection,
        id=plan_id,
        workspace_id=workspace_id,
        key_id=key_id,
        input_id=order.input_id,
        name=order.name,
        operation=str(order.operation),
        priority=str(order.priority),
        options=dict(order.options),
        idempotency_key=idempotency_key,
        request_sha256=request_sha256,
        created_at=now,
    )
    queue.put(connection, Job(plan_id, 1), workspace_id=workspace_id, priority=order.priority)
    return plan_id
