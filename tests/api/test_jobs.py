"""Workers that come and go: killed, drained, poisoned, doubled, of another version; nothing is lost or done twice."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from api.data import plans
from api.data.database import Database
from api.jobs import queue
from tests.api.fleet import LONG, QUICK, assert_ends_well, await_a_plan
from tests.api.postgres import free_port
from tests.api.services import end, serving, start, until
from tests.api.test_queue import put

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.api.fleet import Fleet
    from tests.api.postgres import Postgres
    from tests.api.services import Service


def test_two_workers_share_the_plans(fleet: Fleet) -> None:
    """Every plan is taken by one of them."""
    with fleet.service.client() as client:
        made = [client.submit(sample="tiny", operation="validate") for _ in range(10)]
        fleet.staff(2)
        for each in made:
            state = client.wait(each.id)
            assert (state.status, state.attempt) == ("succeeded", 1)
            assert [event.kind for event in client.events(each.id)] == ["status", "status", "end"]


def test_a_killed_workers_plan_is_finished_by_another(fleet: Fleet) -> None:
    """``kill -9`` in the middle of a solve: the other worker begins again, from the best plan so far."""
    with fleet.service.client() as client:
        fleet.staff(2)
        plan = client.submit(**LONG)
        await_a_plan(client, plan.id)
        holder = fleet.holder(plan.id)
        assert holder is not None
        end(holder, signal.SIGKILL)
        assert_ends_well(client, plan.id, attempts=2, alone=False)


def test_a_worker_that_is_asked_to_end_gives_its_plan_back(fleet: Fleet) -> None:
    """SIGTERM: exit code 0, the plan waits again at once, nobody counts a crash, and no folder is left."""
    with fleet.service.client() as client:
        (first,) = fleet.staff()
        plan = client.submit(**LONG)
        await_a_plan(client, plan.id)
        assert end(first) == 0
        assert (client.get(plan.id).status, client.get(plan.id).attempt) == ("queued", 2)
        fleet.staff()
        assert_ends_well(client, plan.id, attempts=2)


def test_plans_outlive_all_workers(fleet: Fleet) -> None:
    """Both workers are killed in a solve of each; one that starts later finishes both plans."""
    with fleet.service.client() as client:
        dying = fleet.staff(2)
        made = [client.submit(**LONG) for _ in dying]
        for plan in made:
            await_a_plan(client, plan.id)
        for process in dying:
            end(process, signal.SIGKILL)
        fleet.staff()
        for plan in made:
            assert_ends_well(client, plan.id, attempts=2, alone=False)


def test_a_killed_api_leaves_the_workers_alone(fleet: Fleet) -> None:
    """``kill -9`` of the API in the middle of a solve: another on the same database tells how it ended."""
    fleet.staff()
    with fleet.service.client() as client:
        plan = client.submit(**LONG)
        await_a_plan(client, plan.id)
    fleet.replace_api()
    with fleet.service.client() as client:
        assert_ends_well(client, plan.id, attempts=1)


def test_a_restarted_database_loses_nothing(fleet: Fleet, postgres: Postgres) -> None:
    """All connections break in the middle of a solve; the same attempt goes on and is written down."""
    with fleet.service.client() as client:
        fleet.staff()
        plan = client.submit(**LONG)
        await_a_plan(client, plan.id)
        postgres.stop()
        postgres.start()
        assert_ends_well(client, plan.id, attempts=1)


def test_versions_live_side_by_side(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only a newer worker can do waits for one and says so; what an older version asked, a newer one does."""
    with fleet.service.client() as client:
        (old,) = fleet.staff()
        newer_id = _asked_by_a_newer_version(fleet.service, monkeypatch)
        told = until(lambda: client.get(newer_id).progress)
        assert "newer worker" in told["step"]
        assert client.wait(client.submit(sample="tiny", operation="validate").id).attempt == 1
        assert client.get(newer_id).status == "queued"
        end(old)
        older = client.submit(sample="tiny", operation="validate")
        fleet.staff(program="tests.api.newer_worker")
        assert client.wait(older.id).status == "succeeded"
        assert client.wait(newer_id).attempt == 1


def test_a_batch_never_takes_the_last_slot(fleet: Fleet) -> None:
    """With two slots and two long batch plans, somebody who comes later is served at once."""
    with fleet.service.client() as client:
        fleet.staff(slots=2)
        batch = [client.submit(**LONG, priority="batch") for _ in range(2)]
        await_a_plan(client, batch[0].id)
        urgent = client.wait(client.submit(sample="tiny", operation="validate").id)
        assert urgent.status == "succeeded"
        assert [client.get(each.id).status for each in batch] == ["solving", "queued"]
        for each in reversed(batch):
            client.cancel(each.id)
            assert client.wait(each.id).status == "cancelled"


def test_a_plan_that_kills_its_process_fails_in_the_end(fleet: Fleet) -> None:
    """With memory that no solve can live on, each attempt dies; the worker lives on, the plan fails."""
    with fleet.service.client() as client:
        (worker,) = fleet.staff(memory_gib=0.01)
        state = client.wait(client.submit(sample="tiny").id)
        assert state.problem is not None
        assert (state.status, state.problem["code"], state.attempt) == ("failed", "worker_lost", 3)
        assert worker.poll() is None


def _asked_by_a_newer_version(service: Service, monkeypatch: pytest.MonkeyPatch) -> str:
    """Id of a plan as the API of a version to come would make it."""
    database = Database(service.database)
    places = queue.Queue(database)
    newer = plans.FORM + 1
    with monkeypatch.context() as patched:
        for module in (plans, queue):
            patched.setattr(module, "FORM", newer)
        with database.engine.begin() as connection:
            plan_id = put(places, connection, "first").plan_id
    places.close()
    database.close()
    return plan_id


def test_a_killed_service_goes_on_where_it_was(tmp_path: Path) -> None:
    """``kill -9`` of ``podplanner serve``: its worker ends too, and a new one on the same file finishes the plan."""
    database = f"sqlite:///{tmp_path / 'test.sqlite'}"
    with serving(database, **QUICK) as first, first.client() as client:
        plan = client.submit(**LONG)
        await_a_plan(client, plan.id)
        first.process.kill()
    with serving(database, **QUICK) as second, second.client() as client:
        assert_ends_well(client, plan.id, attempts=2)


def test_a_file_has_one_service(service: Service) -> None:
    """A second ``podplanner serve`` on the same SQLite file says who has it, and ends."""
    process = start("serve", "--port", free_port(), database=service.database, log_level="error")
    told, _ = process.communicate()
    assert (process.returncode, told) == (2, b"")
