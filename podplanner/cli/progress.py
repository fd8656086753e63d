"""What a long step shows while it runs, and what Ctrl-C does to it."""

from __future__ import annotations

import math
import shutil
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TextIO

from podplanner.domain.result import gap
from solvers.engine import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType

SILENT_S = 2.0
"""Nothing is shown of what takes no longer."""
POLL_S = 0.2
PLAIN_INTERVAL_S = 15.0
"""Seconds between two plain lines of the same step."""

STOPPING = "Stopping: the best plan found is kept. Ctrl-C again cancels and keeps nothing."
CANCELLING = "Cancelling: nothing is kept."


@dataclass(frozen=True)
class State:
    """What is under way: the step, best contribution so far, proven bound."""

    step: str = ""
    best: float | None = None
    bound: float | None = None

    def line(self, elapsed_s: float) -> str:
        """The state in one line."""
        parts = [f"{elapsed_s:5.0f} s", self.step]
        if self.best is not None and math.isfinite(self.best):
            parts.append(f"best {self.best:,.0f}")
        if self.bound is not None and math.isfinite(self.bound):
            parts.append(f"bound {self.bound:,.0f}")
            distance = gap(self.bound, self.best) if self.best is not None and math.isfinite(self.best) else None
            if distance is not None:
                parts.append(f"gap {distance:.2%}")
        return "  ".join(parts)


class Console(Progress):
    """Shows progress on a stream, from a thread of its own, and counts Ctrl-C.

    On a terminal one line is written over and over; elsewhere a line follows when the step changes, and now and then.
    While `interruptible`, the first Ctrl-C asks to stop and keep the best, the second to cancel, and the third ends the
    process at once; else the first ends it.

    Parameters
    ----------
    stream
        Where to write; ``stderr``, so that results can be piped.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._on_terminal = stream.isatty()
        self._state = State()
        self._told = State()
        self._last_told = -math.inf
        self._begin = time.monotonic()
        self._presses = 0
        self._presses_told = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)

    def __enter__(self) -> Console:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()
        self._tell_presses()
        self._clear()

    def begin(self, step: str) -> None:
        """Another step of the command's own is under way."""
        self._state = State(step)

    def update(self, *, step: str, best: float | None, bound: float | None) -> None:
        """What the engine tells."""
        self._state = replace(self._state, step=step, best=best, bound=bound)

    def stop_asked(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._presses >= 1

    def cancelled(self) -> bool:
        """Whether Ctrl-C was pressed twice."""
        return self._presses >= 2

    def say(self, line: str) -> None:
        """Write a line that stays."""
        self._clear()
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def tell(self, elapsed_s: float) -> None:
        """Show what is under way, where it is time to."""
        state = self._state
        if elapsed_s < SILENT_S or not state.step:
            return
        if self._on_terminal:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(f"\r{state.line(elapsed_s)[:width]}\x1b[K")
            self._stream.flush()
        elif state.step != self._told.step or elapsed_s - self._last_told >= PLAIN_INTERVAL_S:
            self.say(state.line(elapsed_s))
            self._told, self._last_told = state, elapsed_s

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Where Ctrl-C is a wish that the engine looks for, and not the end."""
        before = signal.signal(signal.SIGINT, self._pressed)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _pressed(self, _number: int, _frame: FrameType | None) -> None:
        # Only counted here: the main thread may be in the middle of a write.
        self._presses += 1
        if self._presses == 2:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _run(self) -> None:
        while not self._done.wait(POLL_S):
            self._tell_presses()
            self.tell(time.monotonic() - self._begin)

    def _tell_presses(self) -> None:
        for message in (STOPPING, CANCELLING)[self._presses_told : self._presses]:
            self.say(message)
            self._presses_told += 1

    def _clear(self) -> None:
        if self._on_terminal:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
