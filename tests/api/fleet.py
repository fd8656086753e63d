"""A service in pieces: an API without worker, and workers that come and go."""

from __future__ import annotations

import signal
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from api.data.database import Database
from api.data.tables import PLANS
from api.data.workers import list_workers
from tests.api.services import Service, answers, end, serving, start, until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from podplanner.client import Client, PlanState

QUICK: dict[str, Any] = {"dead_after_s": 3}
WORKER = "api.worker"
LONG: dict[str, Any] = {"sample": "fortune500", "gap": 0, "time_limit_s": 600}
"""A plan that goes on until it is stopped."""


class Fleet:
    """A service and its workers, which live on from one test to the next: a worker takes seconds to begin.

    Parameters
    ----------
    service
        An API without worker.
    """

    def __init__(self, service: Service, stack: ExitStack) -> None:
        self.service, self._stack = service, stack
        self._kind: tuple[object, ...] = ()
        self._workers: list[subprocess.Popen[bytes]] = []

    def staff(self, count: int = 1, program: str = WORKER, **settings: object) -> list[subprocess.Popen[bytes]]:
        """So many workers of one kind and no others: those that live stay, those that are missing have begun.

        Without other words they have one slot.
        """
        living = [each for each in self._workers if each.poll() is None]
        kind = (program, *sorted(settings.items()))
        kept = living[:count] if kind == self._kind else []
        for each in living:
            if each not in kept:
                end(each)
        before, missing = self._ids(), count - len(kept)
        told = {"database": self.service.database, "slots": 1, **QUICK, **settings}
        kept += [self._started(program=program, **told) for _ in range(missing)]
        until(lambda: len(self._ids() - before) == missing or None)
        self._workers, self._kind = kept, kind
        return kept

    def holder(self, plan_id: str) -> subprocess.Popen[bytes] | None:
        """The worker that has a plan under way, None where it waits."""
        database = Database(self.service.database)
        with database.engine.connect() as connection:
            worker_id = connection.execute(select(PLANS.c.worker_id).where(PLANS.c.id == plan_id)).scalar_one()
        database.close()
        return next((each for each in self._workers if f"-{each.pid}-" in (worker_id or "")), None)

    def replace_api(self) -> None:
        """Kill the API, and start another where it was."""
        end(self.service.process, signal.SIGKILL)
        told = {"database": self.service.database, **QUICK}
        process = self._started("serve", "--no-worker", "--port", self.service.address.rpartition(":")[2], **told)
        self.service = replace(self.service, process=process)
        until(lambda: answers(self.service) or None)

    def _started(self, *words: str, **told: Any) -> subprocess.Popen[bytes]:
        process = start(*words, **told)
        self._stack.callback(end, process, signal.SIGKILL)
        return process

    def _ids(self) -> set[str]:
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


def assert_ends_well(client: Client, plan_id: str, *, attempts: int, alone: bool = True) -> None:
    """Asked to stop, it has a plan, at that attempt.

    Where a worker was not alone, another may have taken it for dead while the machine slept: that is an attempt more.
    """
    client.stop(plan_id)
    state = client.wait(plan_id)
    assert state.attempt == attempts or (not alone and state.attempt > attempts), state.content
    assert_done_once(client, state)
