"""Figures of operation, counted from the rows: the same from every process of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE
from sqlalchemy import func, select

from api.data.plans import Status
from api.data.tables import PLANS
from api.data.workers import list_workers

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.data.database import Database

__all__ = ["CONTENT_TYPE", "metrics_text"]


def metrics_text(database: Database) -> bytes:
    """All figures in Prometheus' format."""
    registry = CollectorRegistry()
    with database.engine.connect() as connection:
        _plans(connection, registry)
        _times(connection, registry, database.now(connection))
        _workers(connection, registry, database.now(connection))
    return generate_latest(registry)


def _plans(connection: Connection, registry: CollectorRegistry) -> None:
    labels = ("operation", "status", "outcome")
    gauge = Gauge("podplanner_plans", "Plans there are", labels, registry=registry)
    grouped = (PLANS.c.operation, PLANS.c.status, PLANS.c.outcome)
    for *values, count in connection.execute(select(*grouped, func.count()).group_by(*grouped)):
        gauge.labels(*(value or "" for value in values)).set(count)
    total = Gauge("podplanner_crashes", "Attempts that died with their process", registry=registry)
    total.set(connection.execute(select(func.coalesce(func.sum(PLANS.c.crashes), 0))).scalar_one())


def _times(connection: Connection, registry: CollectorRegistry, now: float) -> None:
    oldest = select(func.min(PLANS.c.queued_at)).where(PLANS.c.status == str(Status.QUEUED))
    since = connection.execute(oldest).scalar()
    waiting = Gauge("podplanner_oldest_waiting_seconds", "Age of the plan that waits longest", registry=registry)
    waiting.set(0 if since is None else now - since)
    ended = select(
        func.coalesce(func.sum(PLANS.c.started_at - PLANS.c.queued_at), 0),
        func.coalesce(func.sum(PLANS.c.finished_at - PLANS.c.started_at), 0),
        func.count(),
    ).where(PLANS.c.finished_at.is_not(None), PLANS.c.started_at.is_not(None))
    waited, worked, count = connection.execute(ended).one()
    for name, words, value in (
        ("podplanner_waited_seconds", "Time that ended plans waited for their last attempt", waited),
        ("podplanner_worked_seconds", "Time of the last attempts of ended plans", worked),
        ("podplanner_ended", "Plans that began and ended", count),
    ):
        Gauge(name, words, registry=registry).set(value)


def _workers(connection: Connection, registry: CollectorRegistry, now: float) -> None:
    workers = list_workers(connection)
    Gauge("podplanner_slots", "Plans that can run at once", registry=registry).set(sum(each.slots for each in workers))
    age = Gauge("podplanner_worker_beat_age_seconds", "Since a worker's last beat", ("worker",), registry=registry)
    for each in workers:
        age.labels(each.id).set(now - each.beat_at)
