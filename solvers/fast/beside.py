"""What lowers the bound beside the search, on a thread of its own."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ThreadPoolExecutor


class Beside:
    """Work under way until it ends, or somebody stops it; its ``bound`` is ``inf`` before anything is proven.

    Parameters
    ----------
    pool
        Threads to run on.
    work
        What is to be done.
    """

    def __init__(self, pool: ThreadPoolExecutor, work: Callable[[], None]) -> None:
        self.bound = np.inf
        self._stop = Event()
        self._future = pool.submit(work)

    def finished(self) -> bool:
        """Whether it has ended."""
        return self._future.done()

    def stop(self) -> None:
        """End soon, with what there is."""
        self._stop.set()

    def is_stopped(self) -> bool:
        """Whether somebody wants it to end."""
        return self._stop.is_set()

    def wait(self) -> None:
        """Until it has ended; raises what went wrong."""
        self._future.result()
