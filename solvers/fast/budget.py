"""What a part of a run may use: seconds, tries, threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a part of a run may use.

    Parameters
    ----------
    seed
        Of everything random.
    workers
        Threads; never changes the answer.
    tries
        Most tries (repeatable), None without limit.
    left
        Seconds left, None without limit.
    """

    seed: int
    workers: int
    tries: int | None
    left: Callable[[], float | None]
    stop_asked: Callable[[], bool]

    def over(self) -> bool:
        """Whether to stop now."""
        seconds = self.left()
        return self.stop_asked() or (seconds is not None and seconds <= 0)

    def seconds(self, most: float) -> float | None:
        """Seconds for one model."""
        left = self.left()
        return None if left is None else min(left, most)
