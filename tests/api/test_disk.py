"""A disk that is full: the system refuses every write to a file, and later takes them again."""

from __future__ import annotations

import resource
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.api.fleet import LONG, assert_ends_well, await_a_plan, fleet_on

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path


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
            refused = http.post("/v1/plans", json={"sample": "tiny"})
            assert (refused.status_code, refused.json()["code"]) == (503, "database_away")
            assert client.get(plan.id).status == "solving"
        assert_ends_well(client, plan.id, attempts=1)
        assert [each.id for each in client.plans()] == [plan.id]
        assert worker.poll() is None
