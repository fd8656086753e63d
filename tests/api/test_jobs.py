"""Workers that come and go: killed, drained, doubled, poisoned; nothing is lost and nothing is done twice."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from api.data.database import Database
from api.data.workers import list_workers
from tests.api.services import Service, end, serving, start, until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from podplanner.client import Client, PlanState
    from tests.api.postgres import Postgres

FEW_SECONDS: dict[str, Any] = {"sample": "fortune500", "gap": 0, "time_limit_s": 5}
QUICK: dict[str, Any] = {"dead_after_s": 3}


@pytest.fixture
def service(postgres: Postgres) -> Iterator[Service]:
    """An API without worker, on PostgreSQL."""
    with serving(postgres.new_database(), "--no-worker", **QUICK) as running:
        yield running


class Workers:
    """Workers of a service."""

    def __init__(self, service: Service, stack: ExitStack) -> None:
        self._service, self._stack = service, stack

    def start(self, **settings: object) -> subprocess.Popen[bytes]:
        """One more, that has begun."""
        before = self._ids()
        process = start("worker", database=self._service.database, **{**QUICK, **settings})
        self._stack.callback(lambda: process.poll() is not None or end(process))
        until(lambda: (self._ids() - before) or None)
        return process

    def _ids(self) -> set[str]:
        database = Database(self._service.database)
        with database.engine.connect() as connection:
            ids = {row.id for row in list_workers(connection)}
        database.close()
        return ids


@pytest.fixture
def workers(service: Service) -> Iterator[Workers]:
    """Workers that are ended with the test."""
    with ExitStack() as stack:
        yield Workers(service, stack)


def await_a_plan(client: Client, plan_id: str) -> None:
    """Until the engine has a plan and the worker has kept it."""
    until(lambda: (client.get(plan_id).progress or {}).get("contribution"))


def assert_done_once(client: Client, state: PlanState, attempts: int) -> None:
    """It succeeded, at that attempt, and has one end."""
    assert (state.status, state.attempt) == ("succeeded", attempts), state
    kinds = [event.kind for event in client.events(state.id)]
    assert kinds.count("end") == 1
    assert kinds[-1] == "end"
    assert client.table(state.id, "accounts_plan")


def test_a_killed_workers_plan_is_finished_by_another(service: Service, workers: Workers) -> None:
    """``kill -9`` in the middle of a solve: another worker begins again, from the best plan so far."""
    with service.client() as client:
        first = workers.start()
        plan = client.submit(**FEW_SECONDS)
        await_a_plan(client, plan.id)
        end(first, signal.SIGKILL)
        workers.start()
        assert_done_once(client, client.wait(plan.id), attempts=2)


def test_a_worker_that_is_asked_to_end_gives_its_plan_back(service: Service, workers: Workers) -> None:
    """SIGTERM: exit code 0, the plan waits again at once, and nobody counts a crash."""
    with service.client() as client:
        first = workers.start()
        plan = client.submit(**FEW_SECONDS)
        await_a_plan(client, plan.id)
        assert end(first) == 0
        assert (client.get(plan.id).status, client.get(plan.id).attempt) == ("queued", 2)
        workers.start()
        assert_done_once(client, client.wait(plan.id), attempts=2)


def test_two_workers_share_the_plans(service: Service, workers: Workers) -> None:
    """Every plan is taken by one of them."""
    with service.client() as client:
        for _ in range(2):
            workers.start()
        made = [client.submit(sample="tiny", operation="validate") for _ in range(10)]
        for each in made:
            state = client.wait(each.id)
            assert (state.status, state.attempt) == ("succeeded", 1)
            assert [event.kind for event in client.events(each.id)] == ["status", "status", "end"]


def test_a_plan_that_kills_its_process_fails_in_the_end(service: Service, workers: Workers) -> None:
    """With memory that no solve can live on, each attempt dies; the worker lives on, the plan fails."""
    with service.client() as client:
        worker = workers.start(memory_gib=0.01)
        state = client.wait(client.submit(sample="tiny").id)
        assert state.problem is not None
        assert (state.status, state.problem["code"], state.attempt) == ("failed", "worker_lost", 3)
        assert worker.poll() is None


def test_a_restarted_database_loses_nothing(service: Service, workers: Workers, postgres: Postgres) -> None:
    """All connections break in the middle of a solve; the same attempt goes on and is written down."""
    with service.client() as client:
        workers.start(dead_after_s=60)
        plan = client.submit(**FEW_SECONDS)
        await_a_plan(client, plan.id)
        postgres.stop()
        postgres.start()
        assert_done_once(client, client.wait(plan.id), attempts=1)


def test_a_killed_service_goes_on_where_it_was(tmp_path: Path) -> None:
    """``kill -9`` of ``podplanner serve``: its worker ends too, and a new one on the same file finishes the plan."""
    database = f"sqlite:///{tmp_path / 'test.sqlite'}"
    with serving(database, **QUICK) as first, first.client() as client:
        plan = client.submit(**FEW_SECONDS)
        await_a_plan(client, plan.id)
        first.process.kill()
    with serving(database, **QUICK) as second, second.client() as client:
        assert_done_once(client, client.wait(plan.id), attempts=2)
