"""A disk that is full, a database that only reads: nothing is lost, and all goes on when there is room again."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.api.fleet import LONG, Fleet, assert_ends_well, await_a_plan, fleet_on
from tests.api.postgres import running_postgres
from tests.api.services import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.api.postgres import Postgres


@contextmanager
def full_disk(*processes: subprocess.Popen[bytes]) -> Iterator[None]:
    """No file of these processes takes a byte while the block runs."""
    before = [resource.prlimit(each.pid, resource.RLIMIT_FSIZE) for each in processes]
    for each, (_, hard) in zip(processes, before, strict=True):
        resource.prlimit(each.pid, resource.RLIMIT_FSIZE, (0, hard))
    yield
    for each, limits in zip(processes, before, strict=True):
        resource.prlimit(each.pid, resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """While it is full plans are read and none is taken; when there is room, the same attempt is written down."""
    with fleet_on(f"sqlite:///{tmp_path / 'test.sqlite'}") as fleet, fleet.service.client() as client:
        (worker,) = fleet.staff(dead_after_s=60)
        plan = client.submit(**LONG)
        await_a_plan(client, plan.id)
        with full_disk(worker, fleet.service.process), fleet.service.http() as http:
            assert_refused(http.post("/v1/plans", json={"sample": "tiny"}))
            assert "takes no changes" in assert_refused(http.get("/readyz"))
            assert client.get(plan.id).status == "solving"
        assert_ends_well(client, plan.id, attempts=1)
        assert [each.id for each in client.plans()] == [plan.id]
        assert worker.poll() is None


def test_a_database_that_only_reads_loses_nothing(fleet: Fleet, postgres: Postgres) -> None:
    """PostgreSQL refuses all changes, as it does on a standby; readiness says so, and the same attempt goes on."""
    url = fleet.service.database
    with fleet.service.client() as client, fleet.service.http() as http:
        fleet.staff()
        plan = client.submit(**LONG)
        await_a_plan(client, plan.id)
        postgres.let_write(url, may_write=False)
        try:
            assert "takes no changes" in assert_refused(until(lambda: not_ready(http)))
            assert_refused(http.post("/v1/plans", json={"sample": "tiny"}))
            assert client.get(plan.id).status == "solving"
        finally:
            postgres.let_write(url, may_write=True)
        until(lambda: None if not_ready(http) else True)
        assert_ends_well(client, plan.id, attempts=1)


@pytest.mark.long
def test_a_full_disk_under_postgresql_loses_nothing() -> None:
    """Its tables have no room to grow: what needs room is refused, the rest goes on, and later all is as it was."""
    # A server of its own: one whose disk is gone is good for nothing else.
    with small_disk() as folder, running_postgres() as server, fleet_on(server.new_database(folder)) as fleet:
        tables = {"accounts": [{"account_id": os.urandom(500).hex(), "potential": 1} for _ in range(2_000)]}
        with fleet.service.client() as client, fleet.service.http() as http:
            fleet.staff(dead_after_s=60)
            plan = client.submit(**LONG)
            await_a_plan(client, plan.id)
            ballast = folder / "ballast"
            with suppress(OSError), ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(1024))
            assert_refused(http.post("/v1/plans", json={"tables": tables}))
            assert client.get(plan.id).status == "solving"
            ballast.unlink()
            assert http.post("/v1/plans", json={"tables": tables, "operation": "validate"}).status_code == 202
            assert_ends_well(client, plan.id, attempts=1)


def assert_refused(response: httpx.Response) -> str:
    """It is answered that the database is away; in which words."""
    body = response.json()
    assert (response.status_code, body["code"]) == (503, "database_away")
    return str(body["detail"])


def not_ready(http: httpx.Client) -> httpx.Response | None:
    """The answer that the service is not ready, once it is."""
    response = http.get("/readyz")
    return response if response.status_code == 503 else None


@contextmanager
def small_disk() -> Iterator[Path]:
    """A folder with room for little, which everybody may reach."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount the small file system that this test fills")
    folder = Path(tempfile.mkdtemp(prefix="podplanner-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m,mode=755", "tmpfs", str(folder)], check=True)
    inner = folder / "tables"
    inner.mkdir(mode=0o700)
    try:
        yield inner
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()
