"""Ways to a draft: from nothing, by annealing, and by another choice of open pods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solvers.core.search import Draft, anneal, greedy
from solvers.core.siting import cover, frequent, resited

if TYPE_CHECKING:
    from podplanner.domain.core import CoreProblem
    from solvers.core.ascent import Prices
    from solvers.core.relaxation import Relaxation

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOVES = (100, 200_000)
"""Of one annealing: for each choice of the problem, and at most."""
SPARE = (1.0, 1.02, 1.05)
"""Capacity of the pods opened in drafts from nothing, as a share of the least that all accounts use."""
OFF = 0.2
"""How far such drafts stray from the relaxation's openings."""
TRIES = 30
"""Other choices of open pods in one go."""
RARELY = 0.01
"""Pods that open in fewer of the relaxation's latest solutions are not tried."""
HOT, WARM, COOL = 0.5, 0.3, 0.1
"""Temperatures to begin an annealing with."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Bench:
    """What drafts are made from.

    Parameters
    ----------
    demand
        The least that all accounts use together.
    """

    problem: CoreProblem
    relaxation: Relaxation
    demand: float

    @property
    def moves(self) -> int:
        """Of one annealing."""
        return min(MOVES[0] * self.problem.cost.size, MOVES[1])

    @property
    def is_free(self) -> bool:
        """Whether opening a pod costs nothing, and any number may be open."""
        return self.problem.open_pods is None and not (self.problem.opening > 0).any()


def restarted(bench: Bench, prices: Prices, seed: int) -> Draft:
    """The best of some drafts from nothing."""
    problem = bench.problem
    rng = np.random.default_rng(seed)
    drafts = []
    for demand in bench.demand * np.array(SPARE[: 1 if bench.is_free else None]):
        if bench.is_free:
            is_open = problem.capacity > 0
        elif problem.open_pods is None:
            often = prices.often + rng.uniform(0.0, OFF, problem.pods)
            is_open = frequent(problem, often, demand=demand)
        else:
            account = prices.account + rng.normal(0.0, OFF / 10, problem.accounts) * prices.scale
            is_open = cover(bench.relaxation, account, demand=demand)
        draft = greedy(problem, is_open, prices.hour)
        for _ in range(2):
            draft = anneal(problem, draft, prices.hour, moves=bench.moves // 8, heat=HOT, seed=seed)
            draft = resited(problem, draft)
        drafts.append(draft)
    return min(drafts, key=lambda draft: (draft.overload, draft.cost))


def annealed(bench: Bench, prices: Prices, best: Draft, heat: float, seed: int) -> Draft:
    """The best draft with its accounts moved about, and then whole pods."""
    return resited(bench.problem, anneal(bench.problem, best, prices.hour, moves=bench.moves, heat=heat, seed=seed))


def reopened(bench: Bench, prices: Prices, best: Draft, seed: int) -> Draft:
    """The best draft after some tries to open another pod, to close one, or both; what helps is kept at once."""
    problem = bench.problem
    rng = np.random.default_rng(seed)
    for number in range(TRIES):
        opened = np.unique(best.pod)
        closed = np.setdiff1d(np.flatnonzero((prices.often > RARELY) & np.isfinite(prices.value)), opened)
        kind = "both" if problem.open_pods is not None else ("add", "drop", "both")[rng.integers(3)]
        if (kind != "drop" and not len(closed)) or (kind == "drop" and len(opened) == 1):
            continue
        gone = _weighted(rng, opened, 1.05 - prices.often[opened]) if kind != "add" else None
        new = _weighted(rng, closed, prices.often[closed]) if kind != "drop" else None
        draft = _changed(problem, prices, best, gone, new)
        if draft is None:
            continue
        draft = anneal(problem, draft, prices.hour, moves=bench.moves // 4, heat=WARM, seed=seed + number)
        draft = resited(problem, draft)
        if draft.beats(best):
            best = draft
    return best


def _weighted(rng: np.random.Generator, values: Ints, weight: Floats) -> int:
    """One of the values, by weight."""
    share = np.maximum(weight, 1e-6)
    return int(rng.choice(values, p=share / share.sum()))


def _changed(problem: CoreProblem, prices: Prices, best: Draft, gone: int | None, new: int | None) -> Draft | None:
    """The draft without one pod, or with another, or both; None where a home stands in the way."""
    held = best.pod.copy()
    is_open = np.bincount(held, minlength=problem.pods) > 0
    if new is not None:
        is_open[new] = True
        paid = problem.cost + prices.hour[:, None] * problem.use
        gain = paid[held, np.arange(problem.accounts)] - paid[new]
        free = problem.capacity[new]
        order = np.argsort(-gain, kind="stable")
        if problem.home is not None:
            home = problem.home[new]
            if problem.home[held[home]] == home and held[home] != gone:
                return None
            order = np.concatenate(([home], order[order != home]))
        for account in order:
            if gain[account] <= 0 and not (problem.home is not None and account == problem.home[new]):
                break
            if problem.home is not None and problem.home[held[account]] == account and held[account] != gone:
                continue
            if problem.use[new, account] <= free:
                held[account] = new
                free -= problem.use[new, account]
    if gone is not None:
        is_open[gone] = False
        held[held == gone] = -1
    return greedy(problem, is_open, prices.hour, held=held)
