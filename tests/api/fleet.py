"""A service in pieces: an API without worker, and workers that come and go."""

from __future__ import annotations

import signal
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from api.data.database import Database
from api.data.workers import list_workers
from tests.api.services import Service, end, serving, start, until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from podplanner.client import Client, PlanState

QUICK: dict[str, Any] = {"dead_after_s": 3}
WORKER = "api.worker"
LONG: dict[str, Any] = {"sample": "fortune500", "gap": 0, "time_limit_s": 600}
"""A plan that goes on until it is stopped."""


class Fleet:
    """A service and its workers.

    Parameters
    ----------
    service
        An API without worker.
    """

    def __init__(self, service: Service, stack: ExitStack) -> None:
        self.service, self._stack = service, stack
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(self, program: str = WORKER, **settings: object) -> subprocess.Popen[bytes]:
        """One more worker, that has begun."""
        before = self.ids()
        process = self.start_soon(program, **settings)
        until(lambda: (self.ids() - before) or None)
        return process

    def start_soon(self, program: str = WORKER, **settings: object) -> subprocess.Popen[bytes]:
        """One more worker, which will begin."""
        process = start(database=self.service.database, program=program, **{**QUICK, **settings})
        self._stack.callback(end, process, signal.SIGKILL)
        self.workers.append(process)
        return process

    def ids(self) -> set[str]:
        """Ids of workers that are not missed yet."""
        database = Database(self.service.database)
        with database.engine.connect() as connection:
            ids = {row.id for row in list_workers(connection)}
        database.close()
        return ids


@contextmanager
def fleet_on(database: str) -> Iterator[Fleet]:
    """A service without workers on a database; what workers there are in the end are killed."""
    with serving(database, "--no-worker", **QUICK) as service, ExitStack() as stack:
        yield Fleet(service, stack)


def await_a_plan(client: Client, plan_id: str) -> None:
    """Until the engine has a plan and the worker has kept it."""
    until(lambda: (client.get(plan_id).progress or {}).get("contribution"))


def assert_done_once(client: Client, state: PlanState) -> None:
    """It succeeded, has one end, and left its tables."""
    assert state.status == "succeeded", state.content
    kinds = [event.kind for event in client.events(state.id)]
    assert kinds.count("end") == 1
    assert kinds[-1] == "end"
    assert kinds.count("retry") == state.attempt - 1
    assert client.table(state.id, "accounts_plan")


def assert_ends_well(client: Client, plan_id: str, *, attempts: int) -> None:
    """Asked to stop, it has a plan, at that attempt."""
    client.stop(plan_id)
    state = client.wait(plan_id)
    assert state.attempt == attempts, state.content
    assert_done_once(client, state)
