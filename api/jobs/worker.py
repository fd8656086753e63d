"""A worker process: takes attempts, beats, and gives the attempts of silent workers back to the queue."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING

from api.data.database import AWAY, Database, new_id
from api.data.plans import Job
from api.data.workers import (
    add_worker,
    beat,
    claimed_jobs,
    drop_worker,
    orphaned_jobs,
    silent_workers,
    waiting_jobs,
)
from api.jobs.attempt import Attempt, Workshop, give_back
from api.jobs.queue import Queue, Taker
from api.jobs.solver import Nursery
from podplanner import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from api.settings import Settings

LOG = logging.getLogger(__name__)
BEAT_EVERY_S = 1.0
LOST_AFTER_S = 30.0
"""An attempt that waits for longer is looked for in the queue."""


class Worker:
    """One worker."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database = Database(settings.database_url)
        self._queue = Queue(self._database)
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._running: set[Job] = set()
        self._id = f"{socket.gethostname()[:16]}-{os.getpid()}-{new_id()[:20]}"

    def run(self, *, until_eof: bool) -> None:
        """Work until a signal, or the end of standard input, says to end; then give back what is under way."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._ended.set())
        if until_eof:
            threading.Thread(target=self._await_eof, daemon=True).start()
        self._database.patiently(self._enlist)
        settings = self._settings
        nursery = Nursery(settings.memory_gib, settings.solver_threads)
        draining = threading.Event()
        workshop = Workshop(self._database, self._queue, settings, self._id, nursery, draining)
        taker = Taker(self._database, self._id, settings.slots, lambda job: self._work(workshop, job))
        LOG.info("worker begins", extra={"worker": self._id, "slots": settings.slots})
        while not self._ended.wait(BEAT_EVERY_S):
            self._beat()
        draining.set()
        taker.close()
        nursery.close()
        self._sweep((self._give_back_all,))
        LOG.info("worker ends", extra={"worker": self._id})
        self._queue.close()
        self._database.close()

    def _await_eof(self) -> None:
        sys.stdin.read()
        self._ended.set()

    def _work(self, workshop: Workshop, job: Job) -> None:
        with self._lock:
            self._running.add(job)
        try:
            Attempt(workshop, job).run()
        finally:
            with self._lock:
                self._running.discard(job)

    def _enlist(self, connection: Connection) -> None:
        now = self._database.now(connection)
        add_worker(connection, worker_id=self._id, slots=self._settings.slots, version=__version__, now=now)

    def _beat(self) -> None:
        self._sweep((self._live, self._reap, self._mend))

    def _sweep(self, steps: Iterable[Callable[[], None]]) -> None:
        """Some steps of upkeep; those that a database that is away takes no part in are for the next beat."""
        try:
            for step in steps:
                step()
        except AWAY as error:
            LOG.warning("the database does not answer", extra={"reason": str(error.orig)})

    def _live(self) -> None:
        with self._database.engine.begin() as connection:
            if not beat(connection, self._id, self._database.now(connection)):
                # Given up by the others while the machine slept: begin anew, what was under way is fenced off.
                self._enlist(connection)

    def _reap(self) -> None:
        """What silent workers held, waits again."""
        with self._database.engine.begin() as connection:
            dead = silent_workers(connection, self._database.now(connection) - self._settings.dead_after_s)
            claimed = {worker: claimed_jobs(connection, worker) for worker in dead}
            orphaned = orphaned_jobs(connection)
        for worker in dead:
            LOG.warning("a worker is silent, its attempts begin again", extra={"worker": worker})
            held = set(self._queue.held_by(worker)) - set(claimed[worker])
            self._give_back(claimed[worker], has_crashed=True)
            self._give_back(held, has_crashed=False)
            with self._database.engine.begin() as connection:
                drop_worker(connection, worker)
        self._give_back(orphaned, has_crashed=True)

    def _mend(self) -> None:
        """Attempts that this worker should have under way and has not, and those that fell out of the queue."""
        with self._lock:
            running = set(self._running)
        with self._database.engine.begin() as connection:
            mine = claimed_jobs(connection, self._id)
            waiting = waiting_jobs(connection, self._database.now(connection) - LOST_AFTER_S)
        with self._lock:
            running |= self._running
        self._give_back([job for job in mine if job not in running], has_crashed=True)
        self._give_back(self._queue.lost(waiting) if waiting else (), has_crashed=False)

    def _give_back_all(self) -> None:
        self._give_back(self._queue.held_by(self._id), has_crashed=False)
        with self._database.engine.begin() as connection:
            drop_worker(connection, self._id)

    def _give_back(self, jobs: Iterable[Job], *, has_crashed: bool) -> None:
        for job in jobs:
            give_back(self._database, self._queue, self._settings, job, has_crashed)
