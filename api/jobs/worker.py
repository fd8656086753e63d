"""A worker process: takes attempts, beats, and gives the attempts of silent workers back to the queue."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING

from api.data.chores import Chore, resume_chore, take_chore
from api.data.database import AWAY, Database, new_id
from api.data.plans import Change, EventKind, Job, Status, change_plan
from api.data.purge import purge_some
from api.data.workers import (
    add_worker,
    beat,
    claimed_jobs,
    drop_worker,
    joinable_jobs,
    orphaned_jobs,
    outdated_jobs,
    silent_workers,
    stranded_jobs,
    waiting_jobs,
)
from api.jobs.attempt import Attempt, Workshop, give_back
from api.jobs.clerk import Clerk
from api.jobs.folders import held_folder, sweep
from api.jobs.queue import Queue, Taker
from api.jobs.solver import Nursery
from podplanner import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sqlalchemy import Connection

    from api.settings import Settings

LOG = logging.getLogger(__name__)
BEAT_EVERY_S = 1.0
LOST_AFTER_S = 30.0
"""An attempt that waits for longer is looked for in the queue."""
PURGE_EVERY_S = 3600.0
DAY_S = 86_400.0
NEEDS_NEWER = "waits for a newer worker: what was asked is beyond all that run"


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
        sweep()
        with held_folder() as folder:
            self._take_attempts(folder)
        LOG.info("worker ends", extra={"worker": self._id})
        self._queue.close()
        self._database.close()

    def _take_attempts(self, folder: Path) -> None:
        settings = self._settings
        nursery = Nursery(settings.memory_gib, settings.solver_threads)
        draining = threading.Event()
        workshop = Workshop(self._database, self._queue, settings, self._id, nursery, folder, draining)
        taker = Taker(self._database, self._queue, self._id, settings.slots, lambda job: self._work(workshop, job))
        clerk = Clerk(self._database, self._queue, settings)
        LOG.info("worker begins", extra={"worker": self._id, "slots": settings.slots})
        while not self._ended.wait(BEAT_EVERY_S):
            self._beat()
        draining.set()
        clerk.close()
        taker.close()
        nursery.close()
        self._sweep((self._give_back_all,))

    def _await_eof(self) -> None:
        sys.stdin.read()
        self._ended.set()

    def _work(self, workshop: Workshop, job: Job) -> None:
        with self._lock:
            if job in self._running:
                # Its other place in the queue has come up here before.
                return
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
        self._sweep((self._live, self._reap, self._mend, self._join, self._match_forms, self._purge))

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
            self._give_back(claimed[worker], has_crashed=True)
            self._wait_again(self._queue.held_by(worker))
            with self._database.engine.begin() as connection:
                drop_worker(connection, worker)
        self._give_back(orphaned, has_crashed=True)
        if dead:
            # Those of this machine may have left folders.
            sweep()

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
        self._wait_again(self._queue.lost(waiting) if waiting else ())

    def _join(self) -> None:
        """Plans whose regions have all ended wait again: their next attempts join these."""
        with self._database.engine.begin() as connection:
            joinable = joinable_jobs(connection)
        self._give_back(joinable, has_crashed=False)

    def _match_forms(self) -> None:
        """What an older version asked is this one's to do; what only a newer one can do waits, and says for what."""
        with self._database.engine.begin() as connection:
            outdated = outdated_jobs(connection)
            for job in stranded_jobs(connection):
                told = {"step": NEEDS_NEWER}
                change = Change(EventKind.PROGRESS, {"progress": told}, told)
                now = self._database.now(connection)
                change_plan(connection, job.plan_id, change, now=now, attempt=job.attempt, among=(Status.QUEUED,))
        self._wait_again(outdated)

    def _purge(self) -> None:
        """Forget some of what is older than the operator keeps, one worker at a time, until nothing is left."""
        if not self._settings.retention_days:
            return
        with self._database.engine.begin() as connection:
            now = self._database.now(connection)
            is_due = take_chore(connection, Chore.PURGE, now=now, again_s=PURGE_EVERY_S)
        if is_due and purge_some(self._database, self._queue.forget, self._settings.retention_days * DAY_S):
            with self._database.engine.begin() as connection:
                resume_chore(connection, Chore.PURGE, now=now)

    def _give_back_all(self) -> None:
        with self._database.engine.begin() as connection:
            claimed = claimed_jobs(connection, self._id)
        self._give_back(claimed, has_crashed=False)
        self._wait_again(self._queue.held_by(self._id))
        with self._database.engine.begin() as connection:
            drop_worker(connection, self._id)

    def _give_back(self, jobs: Iterable[Job], *, has_crashed: bool) -> None:
        for job in jobs:
            give_back(self._database, self._queue, self._settings, job, has_crashed)

    def _wait_again(self, jobs: Iterable[Job]) -> None:
        """Attempts whose place in the queue is good for nothing get another, unless somebody has claimed them."""
        for job in jobs:
            give_back(self._database, self._queue, self._settings, job, has_crashed=False, among=(Status.QUEUED,))
