"""Files of a plan: what an attempt leaves, and its best plan so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from api.data.tables import ARTEFACTS, PLANS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.data.plans import Job

BEST = "best.npz"
"""The best plan so far, from which the next attempt starts."""


def keep_artefact(connection: Connection, plan_id: str, name: str, content: bytes) -> None:
    """Keep a file, in place of an older one of that name."""
    connection.execute(delete(ARTEFACTS).where(ARTEFACTS.c.plan_id == plan_id, ARTEFACTS.c.name == name))
    connection.execute(insert(ARTEFACTS).values(plan_id=plan_id, name=name, size=len(content), content=content))


def keep_best(connection: Connection, job: Job, content: bytes) -> bool:
    """Keep the best plan so far while the attempt is the one under way; whether it is."""
    # Locked, so that no other attempt begins in between; SQLite has one writer anyway, and begins with its write.
    held = select(PLANS.c.id).where(PLANS.c.id == job.plan_id, PLANS.c.attempt == job.attempt).with_for_update()
    if connection.execute(held).first() is None:
        return False
    keep_artefact(connection, job.plan_id, BEST, content)
    return True


def read_artefact(connection: Connection, plan_id: str, name: str) -> bytes | None:
    """A file's content; None where there is none of that name."""
    where = (ARTEFACTS.c.plan_id == plan_id, ARTEFACTS.c.name == name)
    content = connection.execute(select(ARTEFACTS.c.content).where(*where)).scalar()
    return None if content is None else bytes(content)


def artefact_names(connection: Connection, plan_id: str) -> list[str]:
    """Names of a plan's files."""
    return list(connection.execute(select(ARTEFACTS.c.name).where(ARTEFACTS.c.plan_id == plan_id)).scalars())


def drop_artefact(connection: Connection, plan_id: str, name: str) -> None:
    """Forget a file."""
    connection.execute(delete(ARTEFACTS).where(ARTEFACTS.c.plan_id == plan_id, ARTEFACTS.c.name == name))
