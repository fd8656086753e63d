"""The process that solves, from its birth in the nursery to its end.

It tells its worker by lines on a socket. What it hears there is a wish; the end of the socket means that the worker is
gone, and ends it at once.
"""

from __future__ import annotations

import json
import os
import threading
import traceback
from dataclasses import asdict
from typing import TYPE_CHECKING, NoReturn, TextIO

from api.jobs.hints import read_hint, write_hint
from api.jobs.messages import BEST, HINT, STOP, TASK, Message, Split, Task, to_line
from api.jobs.paced import Paced
from api.jobs.watcher import Watcher
from api.jobs.work import work
from podplanner.domain.result import gap

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from api.data.plans import Status
    from podplanner.domain.plan import Plan

DONE, FAILED = 0, 1
TOLD_EVERY_S = 1.0
KEPT_EVERY_S = 5.0
"""A better plan is left for the next attempt no more often than this; the first one at once."""


class Told(Watcher):
    """Tells the worker what the engine tells, at most once a second, and looks for the worker's wishes."""

    def __init__(self, channel: TextIO, folder: Path) -> None:
        self._channel, self._folder = channel, folder
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._progress = Paced(TOLD_EVERY_S, self.say)
        self._better = Paced(KEPT_EVERY_S, self._keep)

    def listen(self, wishes: TextIO) -> None:
        """Wait for wishes until the worker is gone."""
        for line in wishes:
            if line.strip() == STOP:
                self._stop.set()
        os._exit(1)

    def say(self, message: Message) -> None:
        """Tell now."""
        with self._lock:
            self._channel.write(to_line(message))
            self._channel.flush()

    def enter(self, status: Status) -> None:
        """Another step of the plan's way begins; what the one before still had to tell comes first."""
        self.flush()
        self.say(Message(kind="status", data={"status": str(status)}))

    def update(self, *, step: str, best: float | None, bound: float | None) -> None:
        """Something changed."""
        known = gap(bound, best) if best is not None and bound is not None else None
        told = {"step": step, "contribution": best, "bound": bound, "gap": known}
        self._progress.give(Message(kind="progress", data=told))

    def found(self, plan: Plan) -> None:
        """A better plan."""
        self._better.give(plan)

    def flush(self) -> None:
        """Tell and keep what still waits."""
        self._better.flush()
        self._progress.flush()

    def _keep(self, plan: Plan) -> None:
        """Leave a plan in the folder, and tell."""
        write_hint(plan, self._folder / BEST)
        self.say(Message(kind="best"))

    def stop_asked(self) -> bool:
        """Whether to stop and keep the best."""
        return self._stop.is_set()


def solve(folder: Path, connection: socket.socket) -> NoReturn:
    """Do the task in a folder, tell how it ended, and end."""
    code = FAILED
    try:
        channel, wishes = connection.makefile("w", encoding="utf-8"), connection.makefile(encoding="utf-8")
        told = Told(channel, folder)
        threading.Thread(target=told.listen, args=(wishes,), daemon=True).start()
        task = Task(**json.loads(folder.joinpath(TASK).read_text(encoding="utf-8")))
        done = work(folder, task, told, read_hint(folder / HINT))
        told.flush()
        told.say(Message(kind="split" if isinstance(done, Split) else "end", data=asdict(done)))
        code = DONE
    finally:
        # Whatever went wrong, this process must not go on as the one that it was born from.
        if code == FAILED:
            traceback.print_exc()
        os._exit(code)
