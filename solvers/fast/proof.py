"""The proof: a bound below the relaxation's, found on threads of its own while the search goes on, or waits for it.

A small staffing model is solved to the end by HiGHS, people whole; its answer is also the best staffing there is.
"""

from __future__ import annotations

import math
import time
from concurrent.futures import FIRST_COMPLETED, as_completed, wait
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

AHEAD_NEAR = 32
"""Neighbourhoods before it where a plan is mended: a third of a second of them finds nearly all that there is."""

EXACT, HOPED = 0.25, 0.95
"""Parts of the gap asked for: how near a proof ends, and how near to the bound a staffing must be for its plan to be
near enough."""

ENDS = (Status.OPTIMAL, Status.INFEASIBLE)
"""What a proof can come to."""

RACE_S = 10.0
"""Seconds that two ways race, and a search waits for that: a long proof is not waited for."""

PROVERS = 3
"""Threads for proofs: two ways may race, and loads be whole beside them."""

PROOF_NODES = 50
"""Branch-and-bound nodes of the proof in one unit of work."""

LOOK_S = 0.05
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
    return not master.draft.has_owners or len(master.arrays.cost) <= OWNED_NEAR


class Proof:
    """A proof under way, or two that race: which way is quicker nobody knows before.

    Parameters
    ----------
    pool
        Threads to run on.
    start
        Values of a staffing to better, None without.
    time_limit_s
        Seconds from now, None without limit.
    is_race
        Whether for the first `RACE_S` the same is proven without presolving again after the root at the same time:
        twice as quick or slow.
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
        is_race: bool = False,
    ) -> None:
        self.master, self.start, self.wanted, self.seed = master, start, limits.gap, limits.seed
        self.nodes, self.is_race = nodes, is_race
        self._decided, self._stop = Event(), Event()
        left = [time_limit_s, min(RACE_S, math.inf if time_limit_s is None else time_limit_s)][: 2 if is_race else 1]
        self._bounds = [np.inf] * len(left)
        self._futures = [pool.submit(self._solve, number, seconds) for number, seconds in enumerate(left)]

    @property
    def bound(self) -> float:
        """Proven so far, ``inf`` without."""
        return min(self._bounds)

    def finished(self) -> bool:
        """Whether its answer is there."""
        return self._decided.is_set() or all(each.done() for each in self._futures)

    def answer(self) -> Answer:
        """Its answer, once it is there: of the first way that comes to an end, else of the one that proves most."""
        answers: list[Answer] = []
        for each in as_completed(self._futures):
            answers.append(each.result())
            if answers[-1].status in ENDS:
                break
        return min(answers, key=lambda each: (each.status not in ENDS, each.status is Status.FAILED, each.bound))

    def wait(self, budget: Budget, hoped: float) -> None:
        """Until it has ended, or the budget: beside a search it takes nearly twice as long. In a race, not beyond that.

        Parameters
        ----------
        hoped
            What a plan will be worth: where that is near enough to the bound, a race is waited for no longer.
        """
        seconds = budget.seconds(RACE_S) if self.is_race else None
        end = math.inf if seconds is None else time.monotonic() + seconds
        while not self.finished() and not budget.over() and time.monotonic() < end:
            if self.is_race and self.bound - hoped <= HOPED * self.wanted * abs(hoped):
                return
            going_on = [each for each in self._futures if not each.done()]
            wait(going_on, timeout=LOOK_S, return_when=FIRST_COMPLETED)

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

    def _solve(self, number: int, seconds: float | None) -> Answer:
        def told(_: float, bound: float) -> None:
            if np.isfinite(bound):
                self._bounds[number] = min(self._bounds[number], bound)

        answer = solve(
            self.master.arrays,
            time_limit_s=seconds,
            nodes=self.nodes,
            gap=EXACT * self.wanted,
            seed=self.seed,
            start=self.start,
            restarts=number == 0,
            on_progress=told,
            stop_asked=lambda: self._stop.is_set() or self._decided.is_set(),
        )
        if answer.status in ENDS:
            self._decided.set()
        if answer.status is not Status.FAILED:
            self._bounds[number] = min(self._bounds[number], answer.bound)
        return answer
