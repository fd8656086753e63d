"""Plans that are asked for: their rows and their places in the queue, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api.data.batches import add_batch, add_to_batch
from api.data.database import new_id
from api.data.in_force import day_of, in_force_on
from api.data.plans import Job, Operation, Priority, add_plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    label
        What sets it apart in its batch, by the names of a grid.
    """

    input_id: str
    name: str
    operation: Operation
    priority: Priority
    options: Mapping[str, Any]
    label: Mapping[str, str] = field(default_factory=dict)


def place_order(
    connection: Connection,
    queue: Queue,
    order: Order,
    *,
    workspace_id: str,
    key_id: str,
    now: float,
    request_sha256: str = "",
    **values: Any,
) -> str:
    """Id of the new plan, which waits.

    Parameters
    ----------
    values
        Of the plan's row, besides.

    Raises
    ------
    NoneInForce
        Of a night, on its day.
    """
    plan_id, options = new_id(), dict(order.options)
    if order.operation is Operation.NIGHT:
        plan = in_force_on(connection, workspace_id, options.get("on", day_of(now)))
        options["hide_pay"] |= plan.options["hide_pay"]
        values |= {"parent_id": plan.id, "origin_id": plan.origin_id or plan.id}
    add_plan(
        connection,
        id=plan_id,
        workspace_id=workspace_id,
        key_id=key_id,
        input_id=order.input_id,
        name=order.name,
        operation=str(order.operation),
        priority=str(order.priority),
        options=options,
        request_sha256=request_sha256,
        created_at=now,
        **values,
    )
    queue.put(connection, Job(plan_id, 1), workspace_id=workspace_id, priority=order.priority)
    return plan_id


def place_batch(
    connection: Connection,
    queue: Queue,
    orders: Sequence[Order],
    *,
    workspace_id: str,
    key_id: str,
    now: float,
    **values: Any,
) -> str:
    """Id of the new batch of these plans, which wait.

    Parameters
    ----------
    values
        Of the batch's row.
    """
    batch_id = add_batch(connection, workspace_id=workspace_id, key_id=key_id, now=now, **values)
    for place, order in enumerate(orders):
        plan_id = place_order(connection, queue, order, workspace_id=workspace_id, key_id=key_id, now=now)
        add_to_batch(connection, batch_id, place, plan_id, order.label)
    return batch_id
