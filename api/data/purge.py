"""Forgetting: plans that ended long ago, inputs that no plan has any more, and who did what so long ago."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from api.data.in_force import day_of, in_force_from
from api.data.plans import FINAL, Job
from api.data.tables import ARTEFACTS, AUDIT, BATCHES, DELIVERIES, EVENTS, INPUTS, PLANS, SCHEDULE_PLANS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from api.data.database import Database

AT_ONCE = 20
"""Plans forgotten in one transaction, so that others get their turn."""


def purge(database: Database, forget: Callable[[Sequence[Job]], None], age_s: float) -> int:
    """Forget plans that ended longer ago than that, and what was noted of them; how many plans.

    A plan that is in force, or will be, is kept.

    Parameters
    ----------
    forget
        Lets the queue forget attempts.
    """
    count = 0
    while forgotten := purge_some(database, forget, age_s):
        count += forgotten
    return count


def purge_some(database: Database, forget: Callable[[Sequence[Job]], None], age_s: float) -> int:
    """Forget a few of them; how many, 0 once none is left."""
    with database.engine.begin() as connection:
        now = database.now(connection)
        before = now - age_s
        old = select(PLANS.c.id, PLANS.c.attempt).where(
            PLANS.c.status.in_(map(str, FINAL)),
            PLANS.c.finished_at < before,
            PLANS.c.id.not_in(in_force_from(day_of(now))),
        )
        rows = connection.execute(old.limit(AT_ONCE)).all()
        ids = [row.id for row in rows]
        for table in (EVENTS, ARTEFACTS):
            connection.execute(delete(table).where(table.c.plan_id.in_(ids)))
        connection.execute(delete(PLANS).where(PLANS.c.id.in_(ids)))
        if not rows:
            edited = PLANS.c.options["workbook_id"].as_string()
            used = select(PLANS.c.input_id).union(
                select(SCHEDULE_PLANS.c.input_id), select(edited).where(edited.is_not(None))
            )
            connection.execute(delete(INPUTS).where(INPUTS.c.id.not_in(used), INPUTS.c.created_at < before))
            connection.execute(delete(AUDIT).where(AUDIT.c.at < before))
            connection.execute(delete(BATCHES).where(BATCHES.c.finished_at < before))
            connection.execute(delete(DELIVERIES).where(DELIVERIES.c.created_at < before))
    if rows:
        forget([Job(row.id, attempt) for row in rows for attempt in range(1, row.attempt + 1)])
    return len(rows)
