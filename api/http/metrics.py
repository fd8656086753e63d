"""Figures of operation, counted from the rows: the same from every process of the API, and after every restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client.registry import Collector
from sqlalchemy import case, func, select

from api.data.plans import Status
from api.data.tables import DELIVERIES, PLANS, SCHEDULES, WORKERS
from api.data.workers import list_workers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prometheus_client import Metric
    from sqlalchemy import ColumnElement, Connection

    from api.data.database import Database

__all__ = ["CONTENT_TYPE", "metrics_text"]

SECONDS = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
GAPS = (0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5)


def metrics_text(database: Database) -> bytes:
    """All figures in Prometheus' format."""
    registry = CollectorRegistry()
    with database.engine.connect() as connection:
        registry.register(Figures(connection, database.now(connection)))
        return generate_latest(registry)


class Figures(Collector):
    """What the rows tell at one moment."""

    def __init__(self, connection: Connection, now: float) -> None:
        self._connection, self._now = connection, now

    def describe(self) -> Iterator[Metric]:
        """Nothing before it is asked for."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """All of them."""
        yield self._plans()
        yield from self._waiting()
        yield self._histogram(
            "podplanner_wait_seconds",
            "Time in the queue before the last attempt, of plans that began",
            PLANS.c.started_at - PLANS.c.queued_at,
            SECONDS,
        )
        yield self._histogram(
            "podplanner_run_seconds",
            "Time of the last attempt, of plans that ended",
            PLANS.c.finished_at - PLANS.c.started_at,
            SECONDS,
        )
        gap: ColumnElement[Any] = PLANS.c.result["gap"].as_float()
        yield self._histogram("podplanner_gap_ratio", "Gap at the end, of plans that have one", gap, GAPS)
        yield from self._troubles()
        yield from self._workers()
        yield from self._messages()

    def _plans(self) -> Metric:
        labels = ("operation", "status", "outcome")
        family = GaugeMetricFamily("podplanner_plans", "Plans there are", labels=labels)
        grouped = (PLANS.c.operation, PLANS.c.status, PLANS.c.outcome)
        for *values, count in self._connection.execute(select(*grouped, func.count()).group_by(*grouped)):
            family.add_metric([value or "" for value in values], count)
        return family

    def _waiting(self) -> Iterator[Metric]:
        is_queued = PLANS.c.status == str(Status.QUEUED)
        since = self._one(select(func.min(PLANS.c.queued_at)).where(is_queued))
        age = 0 if since is None else self._now - since
        yield GaugeMetricFamily("podplanner_oldest_waiting_seconds", "Age of the plan that waits longest", age)
        newest = select(func.max(WORKERS.c.form)).scalar_subquery()
        stranded = self._one(select(func.count()).select_from(PLANS).where(is_queued, PLANS.c.form > newest))
        words = "Plans that wait for a newer worker than any that lives"
        yield GaugeMetricFamily("podplanner_stranded", words, stranded)

    def _messages(self) -> Iterator[Metric]:
        family = GaugeMetricFamily("podplanner_deliveries", "Messages to webhooks there are", labels=("status",))
        for status, count in self._connection.execute(
            select(DELIVERIES.c.status, func.count()).group_by(DELIVERIES.c.status)
        ):
            family.add_metric([status], count)
        yield family
        late = select(func.count()).select_from(SCHEDULES).where(SCHEDULES.c.last_error.is_not(None))
        words = "Schedules whose last time was passed over"
        yield GaugeMetricFamily("podplanner_schedules_passed_over", words, self._one(late))

    def _troubles(self) -> Iterator[Metric]:
        for name, words, column in (
            ("podplanner_crashes", "Attempts that died with their process", PLANS.c.crashes),
            ("podplanner_recoveries", "Attempts that were begun anew, for whatever reason", PLANS.c.attempt - 1),
        ):
            yield GaugeMetricFamily(name, words, self._one(select(func.coalesce(func.sum(column), 0))))

    def _workers(self) -> Iterator[Metric]:
        workers = list_workers(self._connection)
        yield GaugeMetricFamily("podplanner_slots", "Plans that can run at once", sum(each.slots for each in workers))
        age = GaugeMetricFamily("podplanner_worker_beat_age_seconds", "Since a worker's last beat", labels=["worker"])
        for each in workers:
            age.add_metric([each.id], self._now - each.beat_at)
        yield age

    def _histogram(self, name: str, words: str, value: ColumnElement[Any], edges: Sequence[float]) -> Metric:
        within = [func.coalesce(func.sum(case((value <= edge, 1), else_=0)), 0) for edge in edges]
        figures = select(func.count(value), func.coalesce(func.sum(value), 0), *within)
        count, total, *counts = self._connection.execute(figures).one()
        buckets = [*((f"{edge:g}", float(number)) for edge, number in zip(edges, counts, strict=True)), ("+Inf", count)]
        return HistogramMetricFamily(name, words, buckets=buckets, sum_value=total)

    def _one(self, statement: Any) -> Any:
        return self._connection.execute(statement).scalar()
