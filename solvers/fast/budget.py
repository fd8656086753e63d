"""What a run has left, and what a part of it may use: seconds, tries, threads."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from solvers.engine import Limits

MOVES = 20_000
"""Moves of the annealing in one unit of work."""

MOVES_PER_UNIT, MOVES_IN_PARTS = 2_500, 10_000
"""Moves for each unit beyond which one annealing gains nothing more, of a desk as a whole and of one in parts."""

FIRST_SHARE = 0.05
"""Share of the time left that the first seating may take."""

SEARCH_SHARE, LARGE_SHARE, SWEEPS = 0.6, 0.5, 2
"""Share of the time left that one search may take; of a large model, and how many neighbourhoods for each of its sites
it then tries before accounts are named."""

SEAT_SHARE = 0.95
"""Share of the time then left that the seating after it may take."""

STAYING_SHARE = 0.5
"""Share of the time left that a plan to stay near is improved in with everybody where they are, where pods are too many
for a search."""

ANEW_S, OWNED_ANEW_S = 0.00055, 0.001
"""Seconds for each account, without and with owners of today, in which staffing all sites anew ends better than going
on from an earlier plan with everybody where they are, where pods are too many for a search."""

SETTLE_SHARE, DEAL_SHARE = 0.8, 0.25
"""Shares of the time left that making the relaxation whole, and dealing the people of sites to their pods, may take."""

SEATING = 2.0
"""Seconds that a seating takes without any annealing, in those that dealing people to pods takes."""


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
    busy
        Whether something else of the run takes a core just now, which leaves one.
    """

    seed: int
    workers: int
    tries: int | None
    left: Callable[[], float | None]
    stop_asked: Callable[[], bool]
    busy: Callable[[], bool] = lambda: False

    def over(self) -> bool:
        """Whether to stop now."""
        seconds = self.left()
        return self.stop_asked() or (seconds is not None and seconds <= 0)

    def at_most(self, tries: int | None) -> Budget:
        """The same with so many tries at most, None: no fewer."""
        few = [each for each in (tries, self.tries) if each is not None]
        return replace(self, tries=min(few, default=None))

    def seconds(self, most: float) -> float | None:
        """Seconds for one model."""
        left = self.left()
        return None if left is None else min(left, most)


def part_over(planned: int | None, done: int, given: float | None, rest: float | None) -> float:
    """Part of a work that is over: by its moves, or by the clock."""
    by_moves = 0.0 if planned is None else done / planned
    by_clock = 0.0 if given is None or rest is None else 1.0 - max(0.0, rest) / max(given, 1e-9)
    return max(by_moves, by_clock)


class Clock:
    """What a run has left of its limits, from now on."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.begin = limits, time.monotonic()

    def left(self) -> float | None:
        """Seconds left, None without limit."""
        if self.limits.time_limit_s is None:
            return None
        return max(0.0, self.limits.time_limit_s - (time.monotonic() - self.begin))

    def out_of_time(self) -> bool:
        """Whether no second is left."""
        left = self.left()
        return left is not None and left <= 0

    def has(self, seconds: float) -> bool:
        """Whether so many seconds are left."""
        left = self.left()
        return left is None or left >= seconds

    def may_seat(self, dealt_s: float) -> bool:
        """Whether there is time for a seating, when dealing people to pods takes so many seconds."""
        return self.has(SEATING * dealt_s)

    def may_plan_anew(self, accounts: int, *, owned: bool) -> bool:
        """Whether there is time to staff all sites of so many accounts anew, whose owners count or not."""
        return self.has((OWNED_ANEW_S if owned else ANEW_S) * accounts)

    def work(self) -> int:
        """Units of work that every part may use."""
        return max(1, self.limits.work_limit or 0)

    def moves(self, units: int, *, in_parts: bool = False) -> int:
        """Moves of one annealing of so many units."""
        most = (MOVES_IN_PARTS if in_parts else MOVES_PER_UNIT) * units
        return most if self.limits.work_limit is None else min(most, MOVES * self.work())

    def budget(
        self, share: float, turn: int, *, stop_asked: Callable[[], bool], busy: Callable[[], bool] = lambda: False
    ) -> Budget:
        """A share of the time left, and all units of work."""
        left = self.left()
        keep = 0.0 if left is None else (1 - share) * left

        def remaining() -> float | None:
            now = self.left()
            return None if now is None else now - keep

        return Budget(
            seed=self.limits.seed + turn,
            workers=self.limits.workers,
            tries=None if self.limits.work_limit is None else self.work(),
            left=remaining,
            stop_asked=stop_asked,
            busy=busy,
        )
