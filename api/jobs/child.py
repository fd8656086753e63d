"""The process that solves: ``python -m api.jobs.child MEMORY_GIB``.

It loads everything first and then waits for a folder on its standard input, so that a worker can hold one ready. Every
further line is a wish; the end of its input means that the worker is gone, and ends it at once. What it has to say goes
to its standard output; whatever a library prints goes to stderr.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from api.jobs.messages import BEST, HINT, STOP, TASK, Message, Task, to_line
from api.jobs.work import Watcher, read_hint, work, write_hint
from podplanner.domain.result import gap
from solvers.registry import ENGINE_NAMES, get_engine

if TYPE_CHECKING:
    from api.data.plans import Status
    from podplanner.domain.plan import Plan

TOLD_EVERY_S = 1.0
KEPT_EVERY_S = 5.0
"""A better plan is left for the next attempt no more often than this; the first one at once."""


class Told(Watcher):
    """Tells the worker what the engine tells, at most once a second, and looks for the worker's wishes."""

    def __init__(self, channel: TextIO, folder: Path) -> None:
        self._channel, self._folder = channel, folder
        self._stop = threading.Event()
        self._told_at = self._kept_at = -float("inf")

    def listen(self, wishes: TextIO) -> None:
        """Wait for wishes until the worker is gone."""
        for line in wishes:
            if line.strip() == STOP:
                self._stop.set()
        os._exit(1)

    def say(self, message: Message) -> None:
        """Tell now."""
        self._channel.write(to_line(message))
        self._channel.flush()

    def enter(self, status: Status) -> None:
        """Another step of the plan's way begins."""
        self.say(Message(kind="status", data={"status": str(status)}))

    def update(self, *, step: str, best: float | None, bound: float | None) -> None:
        """Something changed; told unless the last time was just now."""
        now = time.monotonic()
        if now - self._told_at < TOLD_EVERY_S:
            return
        self._told_at = now
        known = gap(bound, best) if best is not None and bound is not None else None
        self.say(Message(kind="progress", data={"step": step, "contribution": best, "bound": bound, "gap": known}))

    def found(self, plan: Plan) -> None:
        """A better plan: left in the folder now and then, and told."""
        now = time.monotonic()
        if now - self._kept_at < KEPT_EVERY_S:
            return
        self._kept_at = now
        write_hint(plan, self._folder / BEST)
        self.say(Message(kind="best"))

    def stop_asked(self) -> bool:
        """Whether to stop and keep the best."""
        return self._stop.is_set()


def main(memory_gib: float) -> None:
    """Wait for a folder, do its task, tell how it ended."""
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    size = int(memory_gib * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name in ENGINE_NAMES:
        get_engine(name)
    line = sys.stdin.readline()
    if not line:
        return
    folder = Path(json.loads(line))
    told = Told(channel, folder)
    threading.Thread(target=told.listen, args=(sys.stdin,), daemon=True).start()
    task = Task(**json.loads(folder.joinpath(TASK).read_text(encoding="utf-8")))
    ending = work(folder, task, told, read_hint(folder / HINT))
    told.say(Message(kind="end", data=asdict(ending)))
    # The thread that listens holds the interpreter's input; Python would wait for it at its end.
    os._exit(0)


if __name__ == "__main__":
    main(float(sys.argv[1]))
