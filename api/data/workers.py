"""Workers: each writes a row and beats; who is silent too long is dead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from api.data.plans import FORM, RUNNING, Job, Status
from api.data.tables import PLANS, WORKERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row


def add_worker(connection: Connection, *, worker_id: str, slots: int, version: str, now: float) -> None:
    """A worker begins; it does no harm to say so twice.

    How many slots a worker has is the queue's to know, which has one number for all: the last to begin sets it.
    """
    drop_worker(connection, worker_id)
    values = {"id": worker_id, "slots": slots, "version": version, "form": FORM, "started_at": now, "beat_at": now}
    connection.execute(insert(WORKERS).values(values))
    connection.execute(update(WORKERS).where(WORKERS.c.slots != slots).values(slots=slots))


def beat(connection: Connection, worker_id: str, now: float) -> bool:
    """A worker lives; False where it was given up meanwhile."""
    return connection.execute(update(WORKERS).where(WORKERS.c.id == worker_id).values(beat_at=now)).rowcount == 1


def silent_workers(connection: Connection, before: float) -> list[str]:
    """Workers whose last beat was before that time."""
    return list(connection.execute(select(WORKERS.c.id).where(WORKERS.c.beat_at < before)).scalars())


def drop_worker(connection: Connection, worker_id: str) -> None:
    """A worker is gone."""
    connection.execute(delete(WORKERS).where(WORKERS.c.id == worker_id))


def list_workers(connection: Connection) -> Sequence[Row[Any]]:
    """All workers that live, or were not yet missed."""
    return connection.execute(select(WORKERS).order_by(WORKERS.c.started_at)).all()


def claimed_jobs(connection: Connection, worker_id: str) -> list[Job]:
    """Attempts that a worker has under way."""
    where = (PLANS.c.worker_id == worker_id, PLANS.c.status.in_(map(str, RUNNING)))
    return [Job(*row) for row in connection.execute(select(PLANS.c.id, PLANS.c.attempt).where(*where))]


def orphaned_jobs(connection: Connection) -> list[Job]:
    """Attempts of workers that have no row any more."""
    where = (PLANS.c.status.in_(map(str, RUNNING)), PLANS.c.worker_id.not_in(select(WORKERS.c.id)))
    return [Job(*row) for row in connection.execute(select(PLANS.c.id, PLANS.c.attempt).where(*where))]


def joinable_jobs(connection: Connection) -> list[Job]:
    """Attempts that have split their plans into regions, which have all ended."""
    region = PLANS.alias("region")
    unfinished = select(region.c.id).where(region.c.whole_id == PLANS.c.id, region.c.finished_at.is_(None))
    where = (PLANS.c.status == str(Status.SOLVING), PLANS.c.worker_id.is_(None), ~unfinished.exists())
    return [Job(*row) for row in connection.execute(select(PLANS.c.id, PLANS.c.attempt).where(*where))]


def outdated_jobs(connection: Connection) -> list[Job]:
    """Attempts that wait in an older form than this process's workers take."""
    where = (PLANS.c.status == str(Status.QUEUED), PLANS.c.form < FORM)
    return [Job(*row) for row in connection.execute(select(PLANS.c.id, PLANS.c.attempt).where(*where))]


def stranded_jobs(connection: Connection) -> list[Job]:
    """Attempts that no worker there is can do, all being older than what was asked; those not yet told so."""
    where = (
        PLANS.c.status == str(Status.QUEUED),
        PLANS.c.form > select(func.max(WORKERS.c.form)).scalar_subquery(),
        PLANS.c.progress.is_(None),
    )
    return [Job(*row) for row in connection.execute(select(PLANS.c.id, PLANS.c.attempt).where(*where))]


def waiting_jobs(connection: Connection, before: float) -> list[Job]:
    """Attempts that wait since before that time."""
    where = (PLANS.c.status == str(Status.QUEUED), PLANS.c.queued_at < before)
    return [Job(*row) for row in connection.execute(select(PLANS.c.id, PLANS.c.attempt).where(*where))]
