"""The process that solving processes are born from: ``python -m api.jobs.nursery MEMORY_GIB``.

It loads all libraries and shipped tables once, and forks for each plan: a solver is there in milliseconds and not after
seconds of loading. Its standard input is a socket to the worker. Each message has a folder's path and the solver's end
of a socket; the answer is the solver's process id. The end of the socket means that the worker is gone.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from pathlib import Path

from api.jobs.child import solve
from datasets import read
from datasets.samples import sample_path
from solvers.registry import ENGINE_NAMES, get_engine

LONGEST_PATH = 4096
UNPLACED = "fortune500"
"""A sample without pods."""

NICE = 10
"""Solvers give way to whoever answers requests: a page waits for milliseconds, a plan for seconds."""


def main(memory_gib: float) -> None:
    """Fork a solver for each message, until the worker is gone."""
    size = int(memory_gib * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Nobody waits for the solvers here: their worker sees the end of their socket.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    load()
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as worker:
        while True:
            message, handles, _, _ = socket.recv_fds(worker, LONGEST_PATH, 1)
            if not message:
                return
            process = os.fork()
            if process == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.nice(NICE)
                worker.close()
                solve(Path(message.decode()), socket.socket(fileno=handles[0]))
            os.close(handles[0])
            worker.sendall(process.to_bytes(4, "big"))


def load() -> None:
    """Load all that is loaded when it is needed first: here it is loaded once, and not for each plan."""
    for name in ENGINE_NAMES:
        get_engine(name)
    # Its places have to be named, its time zones and pods to be found. Threads that libraries start on the way do not
    # outlive a fork, which they know of; none of our own has begun.
    read(sample_path(UNPLACED))


if __name__ == "__main__":
    main(float(sys.argv[1]))
