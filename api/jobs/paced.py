"""Something done no more often than now and then, and always for the newest value."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Paced(Generic[T]):
    """Does something with a value at once, or, where it did so just now, with the newest one when a while has passed.

    What fails later is raised by the next call.

    Parameters
    ----------
    every_s
        Shortest time from one to the next.
    """

    def __init__(self, every_s: float, do: Callable[[T], None]) -> None:
        self._every_s, self._do = every_s, do
        self._lock = threading.Lock()  # An engine may prove on a thread of its own, and tell from there.
        self._newest: list[T] = []
        self._done_at = -float("inf")
        self._pool = ThreadPoolExecutor(1)
        self._later: Future[None] = Future()
        self._later.set_result(None)
        self._done_before = threading.Event()

    def give(self, value: T) -> None:
        """A new value; it takes the place of one that still waits."""
        with self._lock:
            is_awaited, self._newest = bool(self._newest), [value]
            wait_s = self._done_at + self._every_s - time.monotonic()
        if is_awaited:
            return
        if wait_s <= 0:
            self.flush()
        else:
            self._raise_failure()
            self._done_before = threading.Event()
            self._later = self._pool.submit(self._do_after, wait_s, self._done_before)

    def flush(self) -> None:
        """Do at once what still waits."""
        self._raise_failure()
        self._done_before.set()
        self._do_newest()

    def _raise_failure(self) -> None:
        if self._later.done():
            self._later.result()

    def _do_after(self, wait_s: float, done_before: threading.Event) -> None:
        if not done_before.wait(wait_s):
            self._do_newest()

    def _do_newest(self) -> None:
        with self._lock:
            newest, self._newest = self._newest, []
            for value in newest:
                self._done_at = time.monotonic()
                self._do(value)
