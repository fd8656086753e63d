"""Ways to a draft: from nothing, by annealing, and by another choice of open pods."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.core import CoreProblem
from solvers.core.neighbourhoods import RARELY, likely, paid, region
from solvers.core.search import Draft, anneal, greedy, weighed
from solvers.core.siting import cover, frequent, resited

if TYPE_CHECKING:
    from collections.abc import Callable

    from solvers.core.ascent import Prices
    from solvers.core.relaxation import Relaxation

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOVES = (100, 200_000)
"""Of one annealing: for each choice of the problem, and at most."""
SPARE = (1.0, 1.02, 1.05, 1.2, 1.5, 2.0, 3.0)
FEW = 3
"""Capacity of the pods opened in drafts from nothing, as a share of the least that all accounts use; more than a few
are tried only until a draft overloads no pod."""
OFF = 0.2
"""How far such drafts stray from the relaxation's openings."""
TRIES = 30
"""Other choices of open pods in one go."""
NEAREST = 10
"""Accounts nearest to a new pod, in whose place it may come."""
REGION = 1_000
"""Choices of the region that such tries are confined to."""
HOT, WARM = 0.5, 0.3
"""Temperatures to begin an annealing with: of a draft from nothing, and of one that was changed."""
STAGES, COOLER = 6, 0.5
"""Of an annealing with moves of whole pods on its way, and how much cooler each is than the one before."""
REHEATS = 12
HEATS = (0.03, 2.0)
"""How often the best draft is annealed in one go, and from the least and the most of which temperatures."""


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


@dataclass(frozen=True, kw_only=True, eq=False)
class Moved:
    """Some accounts, and the pod of each."""

    accounts: Ints
    pod: Ints


def keeps_openings(problem: CoreProblem, pod: Ints) -> bool:
    """Whether an assignment opens as many pods as are asked for, and each serves its home."""
    opened = np.unique(pod)
    if problem.open_pods is not None and len(opened) != problem.open_pods:
        return False
    return problem.home is None or bool((pod[problem.home[opened]] == opened).all())


def restarted(bench: Bench, prices: Prices, seed: int) -> Draft:
    """The best of some drafts from nothing."""
    problem = bench.problem
    rng = np.random.default_rng(seed)
    drafts: list[Draft] = []
    for spare in SPARE[: 1 if problem.is_free else None]:
        demand = spare * bench.demand
        if len(drafts) >= FEW and min(draft.overload for draft in drafts) == 0:
            break
        if problem.is_free:
            is_open = np.ones(problem.pods, np.bool_)
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


def annealed(bench: Bench, prices: Prices, best: Draft, seed: int, is_over: Callable[[], bool]) -> Draft:
    """The best draft annealed again and again from temperatures high and low, each time with moves of whole pods."""
    rng = np.random.default_rng(seed)
    for number in range(REHEATS):
        if is_over():
            break
        heat = float(np.exp(rng.uniform(*np.log(HEATS))))
        draft = _cooled(bench, prices, best, heat, seed + 10 * number)
        if draft.beats(best):
            best = draft
    return best


def _cooled(bench: Bench, prices: Prices, start: Draft, heat: float, seed: int) -> Draft:
    """One annealing, and moves of whole pods after it.

    Where pods have homes, these moves come also on the way there, from wherever the annealing is by then: the best home
    is amid the pod's accounts, and follows them.
    """
    draft = start
    for stage in range(STAGES if bench.problem.home is not None else 0):
        moves = bench.moves // STAGES
        draft = anneal(bench.problem, draft, prices.hour, moves=moves, heat=heat, seed=seed + stage, wanders=True)
        draft = resited(bench.problem, draft)
        heat *= COOLER
    draft = anneal(bench.problem, draft, prices.hour, moves=bench.moves, heat=heat, seed=seed + STAGES)
    return resited(bench.problem, draft)


def reopened(bench: Bench, prices: Prices, best: Draft, seed: int, is_over: Callable[[], bool]) -> Moved:
    """A region's accounts after some tries to open another pod, to close one, or both."""
    rng = np.random.default_rng(seed)
    reduced = paid(bench.problem, prices)
    pods, accounts = region(bench.problem, prices, reduced, best, rng, columns=REGION)
    part = cut(bench, prices, best, pods, accounts)
    draft = weighed(part[0].problem, np.searchsorted(pods, best.pod[accounts]))
    for number in range(TRIES):
        if is_over():
            break
        other = _other_openings(part[0].problem, part[1], draft, rng)
        if other is not None:
            other = anneal(
                part[0].problem, other, part[1].hour, moves=part[0].moves // 4, heat=WARM, seed=seed + number
            )
            other = resited(part[0].problem, other)
            if other.beats(draft):
                draft = other
    return Moved(accounts=accounts, pod=pods[draft.pod])


def cut(bench: Bench, prices: Prices, best: Draft, pods: Ints, accounts: Ints) -> tuple[Bench, Prices]:
    """A region as a problem of its own, with as many open pods as it has, and its share of the prices and the bound."""
    problem = bench.problem
    place = np.full(problem.accounts, -1)
    place[accounts] = np.arange(len(accounts))
    cell = np.ix_(pods, accounts)
    small = CoreProblem(
        cost=problem.cost[cell],
        use=problem.use[cell],
        capacity=problem.capacity[pods],
        opening=problem.opening[pods],
        open_pods=None if problem.open_pods is None else len(np.unique(best.pod[accounts])),
        home=None if problem.home is None else place[problem.home[pods]],
    )
    value, account = prices.value[pods], prices.account[accounts]
    opened = np.minimum(value, 0.0) if small.open_pods is None else np.sort(value)[: small.open_pods]
    return replace(bench, problem=small), replace(
        prices,
        account=account,
        bound=float(account.sum() + opened.sum()),
        value=value,
        hour=prices.hour[pods],
        often=likely(prices, best)[pods],
        scale=prices.scale[accounts],
    )


def _other_openings(problem: CoreProblem, prices: Prices, best: Draft, rng: np.random.Generator) -> Draft | None:
    """The draft with another pod, without one, or both; None where that is not to be had."""
    opened = np.unique(best.pod)
    closed = np.setdiff1d(np.flatnonzero((prices.often > RARELY) & np.isfinite(prices.value)), opened)
    kind = "both" if problem.open_pods is not None else ("add", "drop", "both")[rng.integers(3)]
    if (kind != "drop" and not len(closed)) or (kind != "add" and len(opened) == 1):
        return None
    new = _weighted(rng, closed, prices.often[closed]) if kind != "drop" else None
    gone = None
    if kind != "add":
        weight = 1.05 - prices.often[opened]
        if new is not None:  # most often one of those that serve the accounts nearest to the new one
            weight[np.isin(opened, best.pod[np.argsort(problem.cost[new], kind="stable")[:NEAREST]])] += 2.0
        gone = _weighted(rng, opened, weight)
    return _changed(problem, prices, best, gone, new)


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
