"""Prices of accounts that raise the proven limit: ascent with the step rule of Adam on the relaxation's subgradient.

Kingma & Ba 2015, "Adam: a method for stochastic optimization", algorithm 1; here with a step that shrinks
geometrically, without correction of the first averages.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from solvers.core.knapsack import Flags, Floats, Ints
from solvers.core.relaxation import Relaxation, price_pods
from solvers.kernel import kernel

MOMENTUM = 0.9
SPREAD = 0.99
OFTEN = 0.98
"""Shares of the running averages of the subgradient, of its square and of openings that stay in each step."""


FIRST, LAST, STEPS = 0.1, 3e-4, 1_000
"""Length of the first step and of the last, in units of `Prices.scale`, and how many there are."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Prices:
    """Where an ascent stands.

    Parameters
    ----------
    account
        Best prices so far (A).
    bound
        Proven with them.
    value, hour, is_open
        Of the pods at these prices, as `price_pods` fills them.
    often
        Share of the latest steps in which a pod opened.
    scale
        Size of a step, of each account.
    latest, mean, square
        Of each account: the prices of the last step, and running averages of the subgradient and of its square.
    steps
        Taken so far.
    """

    account: Floats
    bound: float
    value: Floats
    hour: Floats
    is_open: Flags
    often: Floats
    scale: Floats
    latest: Floats
    mean: Floats
    square: Floats
    steps: int

    @property
    def is_done(self) -> bool:
        """Whether steps have become too short to matter."""
        return self.steps >= STEPS


def first_prices(problem: Relaxation, needed: int) -> Prices:
    """Prices to start from.

    Parameters
    ----------
    needed
        About how many pods will be open.
    """
    pods, accounts = problem.cost.shape
    share = problem.opening[:, None] * problem.weight / np.maximum(problem.room, 1)[:, None]
    rank = min(pods - 1, math.ceil(pods / needed))
    best = np.partition(problem.cost + share, (0, rank), axis=0)
    scale = best[rank] - best[0]
    return Prices(
        account=best[0],
        bound=-math.inf,
        value=np.zeros(pods),
        hour=np.zeros(pods),
        is_open=np.zeros(pods, bool),
        often=np.zeros(pods),
        scale=np.maximum(scale, scale.mean()) + 1e-9,
        latest=best[0],
        mean=np.zeros(accounts),
        square=np.zeros(accounts),
        steps=0,
    )


def ascend(problem: Relaxation, prices: Prices, *, steps: int) -> Prices:
    """The same prices some steps later; their bound never falls."""
    shrink = (LAST / FIRST) ** (1 / STEPS)
    after = replace(
        prices,
        account=prices.account.copy(),
        value=prices.value.copy(),
        hour=prices.hour.copy(),
        is_open=prices.is_open.copy(),
        often=prices.often.copy(),
        latest=prices.latest.copy(),
        mean=prices.mean.copy(),
        square=prices.square.copy(),
        steps=prices.steps + steps,
    )
    bound = _ascend(
        problem.cost,
        problem.weight,
        problem.room,
        problem.opening,
        problem.home,
        problem.open_pods,
        prices.bound,
        prices.scale * FIRST * shrink**prices.steps,
        shrink,
        steps,
        after.latest,
        after.mean,
        after.square,
        after.account,
        after.value,
        after.hour,
        after.is_open,
        after.often,
    )
    return replace(after, bound=bound)


@kernel
def _ascend(
    cost: Floats,
    weight: Ints,
    room: Ints,
    opening: Floats,
    home: Ints,
    open_pods: int,
    bound: float,
    step: Floats,
    shrink: float,
    steps: int,
    prices: Floats,
    mean: Floats,
    square: Floats,
    best: Floats,
    best_value: Floats,
    best_hour: Floats,
    best_open: Flags,
    often: Floats,
) -> float:
    """Steps from the latest prices; replaces the best, and what belongs to them, wherever the bound rises."""
    pods, accounts = cost.shape
    length = 1.0
    value, hour = np.empty(pods), np.empty(pods)
    inside, is_open = np.empty((pods, accounts), np.bool_), np.empty(pods, np.bool_)
    rest = np.empty(accounts)
    for _ in range(steps):
        limit = price_pods(cost, weight, room, opening, home, open_pods, prices, value, hour, inside, is_open)
        if limit > bound:
            bound = limit
            best[:], best_value[:], best_hour[:], best_open[:] = prices, value, hour, is_open
        often *= OFTEN
        rest[:] = 1.0
        for pod in range(pods):
            if is_open[pod]:
                often[pod] += 1.0 - OFTEN
                for account in range(accounts):
                    if inside[pod, account]:
                        rest[account] -= 1.0
        for account in range(accounts):
            mean[account] += (1.0 - MOMENTUM) * (rest[account] - mean[account])
            square[account] += (1.0 - SPREAD) * (rest[account] ** 2 - square[account])
            if square[account] > 0.0:
                prices[account] += length * step[account] * mean[account] / np.sqrt(square[account])
        length *= shrink
    return bound
