"""The proof: a bound below the relaxation's, found on a thread of its own while the search goes on.

A small staffing model is solved to the end by HiGHS, people whole; its answer is also the best staffing there is.
"""

from __future__ import annotations

from concurrent.futures import wait
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import LEADER
from solvers.fast.search import Staffing
from solvers.highs import Status, solve

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from numpy.typing import NDArray

    from solvers.engine import Limits
    from solvers.fast.budget import Budget
    from solvers.fast.master import Master
    from solvers.highs import Answer

MOST_COLUMNS = 8_000
"""Columns beyond which the whole staffing model proves next to nothing in the time that a search takes."""

OWNED_NEAR = 5_000
"""The same near a plan whose owners count: what pods lose is not in the proof, and the search needs both cores."""

AHEAD, AHEAD_SHARE, AHEAD_S = 1_000, 0.25, 30.0
"""Neighbourhoods of the search before the proof begins, share of the time left that they may take, and seconds that
must be left: a proof that starts from a good plan takes a fifth of the time, but its first bounds come as late. Where
teams are of one it needs no plan."""

AHEAD_NEAR = 60
"""Neighbourhoods before it where a plan is mended: half a second of them find nearly all that there is."""

PROOF_NODES = 50
"""Branch-and-bound nodes of the proof in one unit of work."""

LOOK_S = 0.1
"""Seconds between two looks at whether somebody stops the run, while it waits."""

ONE_FUNCTION = 2.5
"""Times as many columns where one function serves: whole people are then hardly more than which pods are open."""


def worth_proving(master: Master) -> bool:
    """Whether the staffing model is small enough to be solved to the end, and all in it are people."""
    if master.draft.crews.pools:
        return False
    role = master.draft.crews.role
    is_one = len(np.unique(role[role != LEADER])) <= 1
    return len(master.arrays.cost) <= MOST_COLUMNS * (ONE_FUNCTION if is_one else 1)


def worth_proving_near(master: Master) -> bool:
    """Whether that is so beside a search near a plan."""
    return not len(master.draft.own.column) or len(master.arrays.cost) <= OWNED_NEAR


class Proof:
    """A proof under way.

    Parameters
    ----------
    pool
        Threads to run on.
    start
        Values of a staffing to better, None without.
    time_limit_s
        Seconds from now, None without limit.
    """

    def __init__(
        self,
        pool: ThreadPoolExecutor,
        master: Master,
        limits: Limits,
        start: NDArray[np.float64] | None,
        *,
        time_limit_s: float | None,
        nodes: int | None,
    ) -> None:
        self.master, self.start, self.gap, self.seed = master, start, limits.gap / 4, limits.seed
        self.time_limit_s, self.nodes = time_limit_s, nodes
        self.bound = np.inf
        self._stop = Event()
        self._future = pool.submit(self._solve)

    def finished(self) -> bool:
        """Whether its answer is there."""
        return self._future.done()

    def answer(self) -> Answer:
        """Its answer, once it is there."""
        return self._future.result()

    def wait(self, budget: Budget) -> None:
        """Until it has ended, or the budget: beside a search it takes nearly twice as long."""
        while not self.finished() and not budget.over():
            wait([self._future], timeout=LOOK_S)

    def staffing(self) -> Staffing | None:
        """The best staffing that it found, once its answer is there."""
        answer = self.answer()
        return None if answer.values is None else Staffing(values=answer.values, objective=answer.objective)

    def succeeded(self) -> bool:
        """Whether it has found the best staffing there is."""
        return self.finished() and self.answer().status is Status.OPTIMAL

    def stop(self) -> None:
        """End soon, with what there is."""
        self._stop.set()

    def _solve(self) -> Answer:
        answer = solve(
            self.master.arrays,
            time_limit_s=self.time_limit_s,
            nodes=self.nodes,
            gap=self.gap,
            seed=self.seed,
            start=self.start,
            on_progress=self._told,
            stop_asked=self._stop.is_set,
        )
        if answer.status is not Status.FAILED:
            self.bound = min(self.bound, answer.bound)
        return answer

    def _told(self, _: float, bound: float) -> None:
        if np.isfinite(bound):
            self.bound = min(self.bound, bound)
