"""The worker's side of a solving process: have it born, tell, hear, end."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from api.jobs.messages import STOP, from_line

if TYPE_CHECKING:
    from pathlib import Path

    from api.jobs.messages import Message

MODULE = "api.jobs.nursery"
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA")


class Solver:
    """A solving process at work.

    Parameters
    ----------
    process_id
        Of the process.
    connection
        To it.
    """

    def __init__(self, process_id: int, connection: socket.socket) -> None:
        self.process_id = process_id
        # A number may be another process's by the time of a signal; a handle never is.
        self._handle = os.pidfd_open(process_id)
        self._connection = connection
        self._heard: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def stop(self) -> None:
        """Ask it to stop and keep the best."""
        # Where it is gone already, its end is heard.
        with suppress(BrokenPipeError, ConnectionResetError):
            self._connection.sendall(f"{STOP}\n".encode())

    def hear(self, timeout_s: float) -> Message | None:
        """The next thing it says; None where it says nothing for so long.

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

    def leave(self) -> None:
        """Break off the connection, upon which it ends by itself, as it does where this process dies."""
        self._connection.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Make sure that it has ended; it does no harm to do so twice."""
        if self._handle < 0:
            return
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        self._listener.join()
        self._connection.close()
        os.close(self._handle)
        self._handle = -1

    def _listen(self) -> None:
        with suppress(ConnectionResetError), self._connection.makefile(encoding="utf-8") as lines:
            for line in lines:
                # A line that the end has cut is no message.
                if line.endswith("\n"):
                    self._heard.put(from_line(line))
        self._heard.put(None)


class Nursery:
    """Has solving processes born, and is started again where it dies.

    Parameters
    ----------
    memory_gib
        Address space of each.
    threads
        Of its libraries.
    """

    def __init__(self, memory_gib: float, threads: int) -> None:
        self._command = [sys.executable, "-P", "-m", MODULE, str(memory_gib)]
        self._environment = {**os.environ, **{f"{library}_NUM_THREADS": str(threads) for library in THREADS}}
        self._lock = threading.Lock()
        self._start()

    def bear(self, folder: Path) -> Solver | None:
        """A solver at work on the task in a folder; None where it could not even be started."""
        mine, its = socket.socketpair()
        with self._lock, its:
            try:
                socket.send_fds(self._connection, [str(folder).encode()], [its.fileno()])
                answer = self._connection.recv(4)
            except (BrokenPipeError, ConnectionResetError):
                answer = b""
            if answer:
                try:
                    return Solver(int.from_bytes(answer, "big"), mine)
                except ProcessLookupError:
                    # It died before it could be held: it counts as never born.
                    mine.close()
                    return None
            mine.close()
            self._end()
            self._start()
        return None

    @property
    def process_id(self) -> int:
        """Of the nursery's process."""
        return self._process.pid

    def close(self) -> None:
        """End the nursery; solvers at work end with their worker's connections."""
        with self._lock:
            self._end()

    def _start(self) -> None:
        self._connection, its = socket.socketpair()
        with its:
            # Ctrl-C on a terminal is for the worker, which then gives its attempts back.
            self._process = subprocess.Popen(
                self._command,
                stdin=its.fileno(),
                stdout=sys.stderr.fileno(),
                env=self._environment,
                start_new_session=True,
            )

    def _end(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.wait()
