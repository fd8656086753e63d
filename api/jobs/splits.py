"""A plan that is split, as its worker sees it: its regions are plans on the same queue, until all of which it waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from api.data.artefacts import read_artefact
from api.data.plans import Change, EventKind, Operation, Priority, Status, Wish, change_plan, regions_of, wish_for
from api.data.tables import PLANS
from api.jobs.messages import PLAN
from api.jobs.orders import Order, place_order

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Row

    from api.data.plans import Job
    from api.jobs.queue import Queue

LONGEST_NAME = 200


def split(connection: Connection, queue: Queue, row: Row[Any], job: Job, count: int, now: float) -> None:
    """Let a plan wait for so many regions, and these for workers; nothing where the attempt is over.

    Parameters
    ----------
    row
        Of the plan, as it was claimed.
    """
    told = {"status": str(Status.SOLVING), "attempt": job.attempt, "regions": count}
    values = {"status": str(Status.SOLVING), "worker_id": None, "progress": {"step": f"waits for {count} regions"}}
    if not change_plan(connection, row.id, Change(EventKind.STATUS, values, told), now=now, attempt=job.attempt):
        return
    for number in range(count):
        words = f"region {number + 1} of {count}"
        order = Order(
            input_id=row.input_id,
            name=f"{row.name}, {words}"[-LONGEST_NAME:] if row.name else words,
            operation=Operation.SOLVE,
            priority=Priority.BATCH,
            options={**row.options, "region": number, "regions": count},
        )
        place_order(
            connection, queue, order, workspace_id=row.workspace_id, key_id=row.key_id, now=now, whole_id=row.id
        )
    wish = connection.execute(select(PLANS.c.wish).where(PLANS.c.id == row.id)).scalar_one()
    if wish is not None:
        # Asked while the input was read.
        wish_for(connection, row.id, Wish(wish), now)


def lay_out_regions(connection: Connection, plan_id: str, folder: Path) -> list[dict[str, Any]] | None:
    """The plans of a plan's regions as files, and how each region ended; None where the plan is not split."""
    found = []
    for row in regions_of(connection, plan_id):
        content = read_artefact(connection, row.id, PLAN)
        if content is not None:
            folder.mkdir(exist_ok=True)
            folder.joinpath(f"{row.options['region']}.npz").write_bytes(content)
        result = row.result or {}
        found.append(
            {
                "plan_id": row.id,
                "status": row.status,
                "outcome": row.outcome,
                "contribution": result.get("contribution"),
                "problem": row.problem,
            }
        )
    return found or None
