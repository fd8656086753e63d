"""Processes killed at random while plans are worked on: each plan ends once, with its result."""

from __future__ import annotations

import random
import signal
import threading
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from api.data.database import Database
from api.data.plans import FINAL, Status
from api.data.tables import PLANS
from tests.api.fleet import QUICK, WORKER, assert_done_once
from tests.api.services import end, serving, start, until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from podplanner.client import Client
    from tests.api.postgres import Postgres

TINY: dict[str, Any] = {"sample": "tiny", "gap": 0}
SECOND: dict[str, Any] = {"sample": "fortune500", "gap": 0, "time_limit_s": 1}
OPTIMUM = 71_700


@pytest.mark.parametrize(("plans", "kills"), [(6, 1), pytest.param(200, 20, marks=pytest.mark.long)])
def test_every_plan_ends_once(postgres: Postgres, plans: int, kills: int) -> None:
    """Of two workers and an API one is killed and started again at each kill: as many results as plans."""
    database, chance = Database(postgres.new_database()), random.Random(0)
    settings: dict[str, Any] = {**QUICK, "max_crashes": kills + 1}
    with serving(database.url, "--no-worker", **settings) as service, ExitStack() as stack:
        told = {**settings, "database": database.url}
        port = service.address.rpartition(":")[2]
        worker = {"program": WORKER, **told}
        begin: list[Callable[[], Any]] = [
            lambda: start("serve", "--port", port, "--no-worker", **told),
            lambda: start(**worker),
            lambda: start(**worker),
        ]
        with service.client() as client:
            made = [client.submit(**(SECOND if number % 3 == 0 else TINY)).id for number in range(plans)]
        running = [service.process, begin[1](), begin[2]()]
        for process in running[1:]:
            stack.callback(end, process, signal.SIGKILL)
        for kill in range(kills):
            await_ended(database, plans * (kill + 1) // (kills + 2))
            if kill:
                threading.Event().wait(chance.random())
            # The first is a worker, at work; the others are as chance has it.
            victim = chance.randrange(3) if kill else 1 + until(partial(held_at_work, database, running[1:]))
            end(running[victim], signal.SIGKILL)
            running[victim] = begin[victim]()
            stack.callback(end, running[victim], signal.SIGKILL)
        await_ended(database, plans)
        with service.client() as client:
            attempts = [ended_well(client, plan_id) for plan_id in made]
    database.close()
    assert sum(attempts) > plans


def await_ended(database: Database, count: int) -> None:
    """Until so many plans have ended; each look may wait long, if only there is progress."""
    seen = 0
    while seen < count:
        seen = until(partial(ended, database, seen + 1))


def ended(database: Database, least: int) -> int | None:
    """How many plans have ended, where they are that many."""
    with database.engine.connect() as connection:
        where = PLANS.c.status.in_(map(str, FINAL))
        count = int(connection.execute(select(func.count()).select_from(PLANS).where(where)).scalar_one())
    return count if count >= least else None


def held_at_work(database: Database, workers: list[subprocess.Popen[bytes]]) -> int | None:
    """Number of a worker that solves a plan, and is halted so that it cannot end it; None where none has one."""
    for number, process in enumerate(workers):
        process.send_signal(signal.SIGSTOP)
        with database.engine.connect() as connection:
            mine = PLANS.c.worker_id.contains(f"-{process.pid}-") & (PLANS.c.status == str(Status.SOLVING))
            if connection.execute(select(PLANS.c.id).where(mine)).first() is not None:
                return number
        process.send_signal(signal.SIGCONT)
    return None


def ended_well(client: Client, plan_id: str) -> int:
    """Attempts of a plan, which has its one result."""
    state = client.wait(plan_id)
    assert_done_once(client, state)
    assert state.result is not None
    if state.content["options"]["time_limit_s"] != SECOND["time_limit_s"]:
        assert state.result["contribution"] == pytest.approx(OPTIMUM)
    return state.attempt
