"""The worker's side of a child process: start, tell, hear, end."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from typing import IO, TYPE_CHECKING

from api.jobs.messages import STOP, from_line

if TYPE_CHECKING:
    from pathlib import Path

    from api.jobs.messages import Message

MODULE = "api.jobs.child"
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA")


class Solver:
    """A child process that waits for a folder.

    Parameters
    ----------
    memory_gib
        Address space that it may use.
    threads
        Of its libraries.
    """

    def __init__(self, memory_gib: float, threads: int) -> None:
        environment = {**os.environ, **{f"{library}_NUM_THREADS": str(threads) for library in THREADS}}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", MODULE, str(memory_gib)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment,
            # Ctrl-C on a terminal is for the worker, which then gives its attempts back.
            start_new_session=True,
        )
        self._heard: queue.SimpleQueue[Message | None] = queue.SimpleQueue()

    def start(self, folder: Path) -> None:
        """Let it do the task that lies in a folder."""
        threading.Thread(target=self._listen, daemon=True).start()
        self._write(json.dumps(str(folder)))

    def stop(self) -> None:
        """Ask it to stop and keep the best."""
        self._write(STOP)

    def hear(self, timeout_s: float) -> Message | None:
        """The next thing it says; None where it says nothing for so long, or never again.

        Raises
        ------
        EOFError
            It has ended.
        """
        try:
            message = self._heard.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if message is None:
            raise EOFError
        return message

    def end(self) -> int:
        """Make sure that it has ended; its exit code."""
        self._process.kill()
        code = self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                _close(stream)
        return code

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            # It died: its end is heard on its output.
            return

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._heard.put(from_line(line))
        self._heard.put(None)


def _close(stream: IO[str]) -> None:
    try:
        stream.close()
    except BrokenPipeError:
        # What was not written any more has no reader.
        return


class Spare:
    """Holds one solver ready, so that no plan waits for libraries to load."""

    def __init__(self, memory_gib: float, threads: int) -> None:
        self._memory_gib, self._threads = memory_gib, threads
        self._lock = threading.Lock()
        self._ready = Solver(memory_gib, threads)

    def take(self) -> Solver:
        """The one that is ready; the next is started."""
        with self._lock:
            taken, self._ready = self._ready, Solver(self._memory_gib, self._threads)
        return taken

    def close(self) -> None:
        """End the one that is ready."""
        with self._lock:
            self._ready.end()
