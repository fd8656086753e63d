"""What a run knows so far, and how it shares its time."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from podplanner.domain.result import gap

if TYPE_CHECKING:
    from podplanner.domain.core import CoreProblem
    from solvers.core.ascent import Prices
    from solvers.core.drafts import Bench
    from solvers.core.knapsack import Ints
    from solvers.core.search import Draft
    from solvers.engine import Limits, Progress

LONGEST_PAUSE = 16
"""Most rounds without wide neighbourhoods, other sites, loads or regions after those that found nothing."""
SHARE, LARGE_SHARE, LEAST_S = 0.1, 0.25, 1.0
"""Of the time left, what goes into one model at most, into one of all loads or of the whole but for its first try, and
the least seconds."""


@dataclass(kw_only=True, eq=False)
class Run:
    """What is known so far.

    Parameters
    ----------
    bound
        Proven lower limit of the cost, ``inf`` where no assignment exists.
    is_solved
        Whether the best assignment, or its absence, is proven.
    columns
        Present size of neighbourhoods, by kind.
    pause, due
        Rounds to wait after the next failure of wide neighbourhoods, other sites, loads or regions, and the round of
        the next one.
    tried
        Sets of open pods that have been assigned to.
    whole_tries, whole_round
        Tries of the whole problem so far, and the round of the next.
    """

    problem: CoreProblem
    limits: Limits
    progress: Progress
    bench: Bench
    prices: Prices
    deadline: float
    is_whole_cost: bool
    columns: dict[str, float]
    bound: float = -math.inf
    best: Draft | None = None
    is_solved: bool = False
    round: int = 0
    pause: dict[str, int] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    tried: tuple[Ints, ...] = ()
    whole_tries: int = 0
    whole_round: int = 3

    @property
    def found(self) -> Draft | None:
        """The best assignment that keeps every rule."""
        return self.best if self.best is not None and self.best.overload == 0 else None

    def is_over(self) -> bool:
        """Whether to stop now: time, or a wish."""
        return time.monotonic() >= self.deadline or self.progress.stop_asked() or self.progress.cancelled()

    def share_s(self, share: float = SHARE) -> float | None:
        """Seconds that one model may take, so that other kinds of search have their turn; None without a time limit."""
        left = self.deadline - time.monotonic()
        return None if math.isinf(left) else max(0.0, share * left, min(left, LEAST_S))

    def raise_bound(self, bound: float) -> None:
        """Take a proven bound; where all costs are whole numbers, so is the least cost."""
        if self.is_whole_cost and math.isfinite(bound):
            bound = math.ceil(bound - 1e-5)
        if self.found is not None:
            bound = min(bound, self.found.cost)
        self.bound = max(self.bound, bound)

    def wait(self, kind: str, *, has_gained: bool) -> None:
        """Try a kind again the sooner the more it gives."""
        self.pause[kind] = 1 if has_gained else min(2 * self.pause.get(kind, 1), LONGEST_PAUSE)
        self.due[kind] = self.round + self.pause[kind]

    def is_due(self, kind: str) -> bool:
        """Whether a kind is to be tried in this round."""
        return self.round >= self.due.get(kind, 0)

    def is_good_enough(self) -> bool:
        """Whether the gap is reached, or the end is proven."""
        if self.is_solved or self.found is None:
            return self.is_solved
        distance = gap(-self.bound, -self.found.cost)
        return distance is not None and distance <= self.limits.gap
