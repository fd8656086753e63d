"""Runs a command in a process of its own, and watches time and memory of it and of all that it starts (Linux)."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

EVERY_S = 0.2
"""Between two looks at the memory."""
MOST_OF_MEMORY = 0.75
"""Share of the machine's memory above which a run is ended, before it takes the machine down."""
PAGE = os.sysconf("SC_PAGE_SIZE")
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
"""Where it is set, every run compiles all of its modules again: nobody who has installed the program waits for that."""


@dataclass(frozen=True)
class Spent:
    """What a run took.

    Parameters
    ----------
    cpu_s
        Of all processors and processes.
    memory
        (time by the monotonic clock, bytes in the memory of all processes) at each look.
    ended
        "done", "failed", "time" (it overran, and was killed) or "memory".
    message
        The last line on its standard error.
    """

    wall_s: float
    cpu_s: float
    memory: tuple[tuple[float, int], ...]
    ended: str
    message: str

    def peak_mb(self, begin: float = 0.0, end: float = float("inf")) -> float:
        """Most memory between two times, the looks just outside included."""
        inside = [size for at, size in self.memory if begin - EVERY_S <= at <= end + EVERY_S]
        return max(inside, default=0) / 2**20


def python(module: str, *arguments: object) -> list[str]:
    """The command that runs a module of ours."""
    return [sys.executable, "-m", module, *map(str, arguments)]


def watched(command: Sequence[str], most_s: float) -> Spent:
    """Run a command; what takes longer than so many seconds, or most of the memory, is killed."""
    begin, cpu = time.monotonic(), _cpu_s()
    most = MOST_OF_MEMORY * PAGE * os.sysconf("SC_PHYS_PAGES")
    memory: list[tuple[float, int]] = []
    ended = "done"
    own = {name: value for name, value in os.environ.items() if name != NO_BYTECODE}
    with TemporaryFile("w+", encoding="utf-8") as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True, env=own)
        try:
            while process.poll() is None:
                memory.append((time.monotonic(), _tree_bytes(process.pid)))
                if memory[-1][1] > most or memory[-1][0] - begin > most_s:
                    ended = "memory" if memory[-1][1] > most else "time"
                    break
                _wait(process)
        finally:
            _kill(process)
        errors.seek(0)
        told = errors.read().strip().splitlines()
    if ended == "done" and process.returncode != 0:
        ended = "failed"
    return Spent(time.monotonic() - begin, _cpu_s() - cpu, tuple(memory), ended, told[-1] if told else "")


def _wait(process: subprocess.Popen[bytes]) -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(EVERY_S)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and all of its session."""
    with suppress(ProcessLookupError):  # all of them have ended
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _tree_bytes(root: int) -> int:
    """Resident memory of a process and of all below it."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            # Behind the name, which may hold anything, stand the state and the parent.
            fields = _text(folder / "stat").rpartition(")")[2].split()
            if fields:
                children.setdefault(int(fields[1]), []).append(int(folder.name))
    total, open_ = 0, [root]
    while open_:
        process = open_.pop()
        open_ += children.get(process, [])
        pages = _text(Path("/proc") / str(process) / "statm").split()
        total += int(pages[1]) * PAGE if pages else 0
    return total


def _text(path: Path) -> str:
    """What a file of the process table says; "" where the process has just ended."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
