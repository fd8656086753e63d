"""Who is told how far a task is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solvers.engine import Progress

if TYPE_CHECKING:
    from api.data.plans import Status


class Watcher(Progress):
    """Progress of an engine, and the step before and after it."""

    def enter(self, status: Status) -> None:
        """Another step of the plan's way begins."""
