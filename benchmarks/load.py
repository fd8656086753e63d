"""The service under load: many clients that poll and stream while plans are solved."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from benchmarks.drawn import Drawn
from benchmarks.results import Result
from benchmarks.sizes import CLASSES, SMOKE
from podplanner.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

LONG_S = 3_000.0
SOLVES = 2
SUBMISSIONS = 30
HORIZONS = (2, 3, 4, 5, 6)
"""What is changed in the what-ifs: years over which one-off costs are spread."""
EASY_GAP = 0.05
"""Soon reached: it is not the engine that is measured."""
EVERY_S = 1.0
"""Between two looks of a client that polls."""
READY_WITHIN_S = 120.0
READ_GOAL_MS, SUBMIT_GOAL_MS, OVERHEAD_GOAL_S = 250, 30, 1.0


@dataclass(frozen=True)
class LoadCase:
    """Half of the clients look at a plan or the list every second, the others follow a plan's events.

    Parameters
    ----------
    clients
        How many at once.
    seconds
        How long they go on.
    """

    clients: int = 50
    seconds: float = 30.0
    name: str = "service load"
    is_long: bool = True
    in_smoke: bool = True

    def results(self, folder: Path, *, smoke: bool) -> Sequence[Result]:
        """Measure; a smoke run has few clients for a moment."""
        if smoke:
            return LoadCase(clients=4, seconds=2.0).results_of(folder, SMOKE.name, time_limit_s=1.0)
        return self.results_of(folder, "S", time_limit_s=CLASSES["S"].greenfield.seconds)

    def results_of(self, folder: Path, size: str, *, time_limit_s: float) -> Sequence[Result]:
        """Measure with what-ifs of a size."""
        packed = _packed(Drawn(CLASSES.get(size, SMOKE), books=False, seed=1).written(folder))
        with _served(folder) as (address, key), Client(address, key) as client:
            _settled(client)
            submits = [_timed(lambda: client.submit(sample="tiny", operation="validate")) for _ in range(SUBMISSIONS)]
            _settled(client)
            plan = client.wait(client.submit(file=packed, time_limit_s=time_limit_s, gap=0).id)
            overheads = [_beyond_engine_s(client, plan.id, years) for years in HORIZONS]
            solving = [client.submit(sample="fortune500", gap=0, time_limit_s=LONG_S).id for _ in range(SOLVES)]
            reads = self._reads(address, key, solving)
            for plan_id in solving:
                client.cancel(plan_id)
        figures = {
            "clients": str(self.clients),
            "reads": f"{len(reads):,}",
            "read p50 ms": f"{_share(reads, 50):.0f}",
            f"read p99 ms (goal {READ_GOAL_MS})": f"{_share(reads, 99):.0f}",
            f"submit p50 ms (goal {SUBMIT_GOAL_MS})": f"{_share(submits, 50):.0f}",
            f"beyond the engine s (goal {OVERHEAD_GOAL_S:g})": f"{statistics.median(overheads):.2f}",
        }
        return [Result(self.name, f"{SOLVES} solves, what-if of {size}", figures)]

    def _reads(self, address: str, key: str, solving: Sequence[str]) -> list[float]:
        """Milliseconds of all looks of the clients that poll."""
        over, reads = threading.Event(), list[float]()

        def poll(client: Client, number: int) -> None:
            plan_id = solving[number // 2 % len(solving)]
            ways: tuple[Callable[[], object], ...] = (lambda: client.get(plan_id), lambda: next(client.plans()))
            over.wait(EVERY_S * number / self.clients)
            while not over.is_set():
                reads.append(_timed(ways[number // 2 % 2]))
                over.wait(EVERY_S)

        def follow(client: Client, number: int) -> None:
            for _ in client.events(solving[number % len(solving)]):
                if over.is_set():
                    return

        ways = (poll, follow)
        with ExitStack() as stack:
            # To make one takes this process 50 ms: made while others measure, it is what they would measure.
            clients = [stack.enter_context(Client(address, key)) for _ in range(self.clients)]
            threads = [threading.Thread(target=ways[n % 2], args=(each, n)) for n, each in enumerate(clients)]
            for thread in threads:
                thread.start()
            over.wait(self.seconds)
            over.set()
            for plan_id in solving:
                clients[0].stop(plan_id)
            for thread in threads:
                thread.join()
        return reads


def _beyond_engine_s(client: Client, plan_id: str, years: int) -> float:
    """Seconds of a what-if, from asking to its end being known, in which the engine was not at work."""
    change = {"table": "policy", "id": "horizon_years", "value": years}
    began = time.perf_counter()
    state = client.wait(client.scenario(plan_id, changes=[change], gap=EASY_GAP).id)
    wall_s = time.perf_counter() - began
    at = {event.data["status"]: event.data["at"] for event in client.events(state.id) if event.kind == "status"}
    return float(wall_s - at["finishing"] + at["solving"])


def _timed(step: Callable[[], object]) -> float:
    """Milliseconds of a step."""
    began = time.perf_counter()
    step()
    return 1_000 * (time.perf_counter() - began)


def _share(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _settled(client: Client) -> None:
    """Nothing waits or runs, and the worker has loaded its libraries."""
    client.wait(client.submit(sample="tiny").id)


def _packed(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.glob("*.csv")):
            archive.write(file, file.name)
    return path


@contextmanager
def _served(folder: Path) -> Iterator[tuple[str, str]]:
    """Address and key of a new service, as an operator starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["serve", "--port", str(port), "--slots", str(SOLVES), "--database", f"sqlite:///{folder / 'load.sqlite'}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "podplanner", *words], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    with process:
        assert process.stdout is not None
        told = iter(process.stdout.readline, "")
        key = next(line.rpartition("=")[2].strip() for line in told if "PODPLANNER_KEY=" in line)
        address = f"http://127.0.0.1:{port}"
        _await(address)
        try:
            yield address, key
        finally:
            process.terminate()


def _await(address: str) -> None:
    end = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < end:
        try:
            if httpx.get(f"{address}/readyz").json()["status"] == "ok":
                return
        except httpx.TransportError:
            pass
        threading.Event().wait(0.1)
    raise RuntimeError("the service did not become ready")


LOAD_CASES = (LoadCase(),)
