"""Which part of an assignment to decide anew, by the prices of the relaxation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.core import CAPACITY_TOLERANCE
from solvers.core.parts import Part

if TYPE_CHECKING:
    from podplanner.domain.core import CoreProblem
    from solvers.core.ascent import Prices
    from solvers.core.search import Draft

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

CHOICES = 6
"""Choices of each account that the size of a neighbourhood is planned for."""
CLOSED_PER_OPEN = 1
"""Closed pods in a neighbourhood, for each open one."""
STEEP = 4.0
RARELY = 0.02
"""Pods less likely than this, which is about e to the power of -`STEEP`, are no candidates."""
POSSIBLY = 0.3
"""Closed pods at least so likely are in a wide neighbourhood."""
SURELY = 0.9
"""Open pods that open in more of the relaxation's latest solutions are not closed."""

ENOUGH = 2
"""Choices of an account for each time that the pods could be the open ones."""


def paid(problem: CoreProblem, prices: Prices) -> Floats:
    """Cost of an account in a pod when it pays for the capacity that it uses, above its own price (P x A)."""
    return problem.cost + prices.hour[:, None] * problem.use - prices.account


def likely(prices: Prices, draft: Draft) -> Floats:
    """How likely each pod opens in a better assignment, 0 to 1 (P).

    As often as in the relaxation's latest solutions; or by what opening it adds to the bound, as a share of what lies
    between that and the draft: one that adds more than all of it is in no better assignment.
    """
    between = max(draft.cost - prices.bound, 1e-9)
    return np.maximum(prices.often, np.exp(-STEEP * np.maximum(prices.value, 0.0) / between))


def near(
    problem: CoreProblem,
    prices: Prices,
    reduced: Floats,
    draft: Draft,
    rng: np.random.Generator,
    *,
    columns: int,
) -> Part:
    """A pod and those that could best take its accounts, all their accounts free.

    Parameters
    ----------
    reduced
        As `paid` gives.
    columns
        About how many choices the part has.
    """
    pods, accounts = region(problem, prices, reduced, draft, rng, columns=columns)
    return _part(problem, reduced[np.ix_(pods, accounts)], draft, pods, accounts, columns)


def region(
    problem: CoreProblem,
    prices: Prices,
    reduced: Floats,
    draft: Draft,
    rng: np.random.Generator,
    *,
    columns: int,
) -> tuple[Ints, Ints]:
    """Pods, open and closed, and all accounts of the open ones; as `near`, before choices are left out."""
    opened = np.unique(draft.pod)
    centre = opened[rng.integers(len(opened))]
    away = np.maximum(reduced[:, draft.pod == centre], 0.0).sum(axis=1)
    away *= rng.uniform(0.5, 1.5, problem.pods)
    away[centre] = -1.0
    order = opened[np.argsort(away[opened], kind="stable")]
    members = np.bincount(draft.pod, minlength=problem.pods)[order]
    # With m pods of n accounts in all there are m x n choices, at most CHOICES of them for each account.
    choices = np.cumsum(members) * np.minimum(np.arange(1, len(order) + 1), CHOICES)
    pods = order[: max(min(2, len(order)), int(np.searchsorted(choices, columns)))]
    accounts = np.flatnonzero(np.isin(draft.pod, pods))
    closed = _closed(problem, prices, draft, away, accounts)
    return np.sort(np.concatenate((pods, closed[: CLOSED_PER_OPEN * len(pods)]))), accounts


def wide(
    problem: CoreProblem,
    prices: Prices,
    reduced: Floats,
    draft: Draft,
    rng: np.random.Generator,
    *,
    columns: int,
) -> Part:
    """All accounts, with those choices that are nearly tied at the prices; most accounts stay where they are."""
    opened = np.unique(draft.pod)
    pods = np.union1d(opened, np.flatnonzero(likely(prices, draft) > POSSIBLY))
    excess = (reduced[pods] - reduced[pods].min(axis=0)) * rng.uniform(0.3, 1.7, (len(pods), problem.accounts))
    part = _part(problem, excess, draft, pods, np.arange(problem.accounts), columns + problem.accounts)
    sure = np.isin(pods, opened) & (prices.often[pods] > SURELY)
    return replace(part, sure=sure)


def sites(
    problem: CoreProblem,
    prices: Prices,
    reduced: Floats,
    draft: Draft,
    rng: np.random.Generator,
    *,
    columns: int,
) -> Part:
    """All accounts, split where that helps, with as many choices each; open pods, and closed ones drawn by likelihood.

    The fewer choices an account has, the fewer pods: else too few sets of them could serve it.
    """
    opened = np.unique(draft.pod)
    choices = max(2, columns // problem.accounts)
    weight = likely(prices, draft) * np.isfinite(prices.value)
    weight[opened] = 0.0
    count = min(max(choices * len(opened) // ENOUGH - len(opened), 2), int(np.count_nonzero(weight)))
    drawn = rng.choice(problem.pods, count, replace=False, p=weight / weight.sum()) if count > 0 else opened
    pods = np.union1d(opened, drawn)
    excess = reduced[pods]
    edge = np.partition(excess, min(choices, len(pods)) - 1, axis=0)[min(choices, len(pods)) - 1]
    allowed = (excess <= edge) | (pods[:, None] == draft.pod)
    if problem.home is not None:
        allowed |= problem.home[pods][:, None] == np.arange(problem.accounts)
    allowed &= problem.use[pods] <= problem.capacity[pods, None] + CAPACITY_TOLERANCE
    return Part(
        pods=pods,
        accounts=np.arange(problem.accounts),
        allowed=allowed,
        sure=np.zeros(len(pods), np.bool_),
        start=draft,
        is_whole=False,
    )


def _closed(problem: CoreProblem, prices: Prices, draft: Draft, away: Floats, accounts: Ints) -> Ints:
    """Closed pods, the most promising first: near, and cheap to open at the prices."""
    is_open = np.bincount(draft.pod, minlength=problem.pods) > 0
    could = ~is_open & np.isfinite(prices.value)
    if problem.home is None:
        could &= likely(prices, draft) > RARELY
    else:
        could &= np.isin(problem.home, accounts)
    closed = np.flatnonzero(could)
    rank = np.maximum(prices.value[closed], 0.0) + away[closed] / 4
    return closed[np.argsort(rank, kind="stable")]


def _part(problem: CoreProblem, score: Floats, draft: Draft, pods: Ints, accounts: Ints, columns: int) -> Part:
    """The part with the choices of least score, among them each account's present one, and homes."""
    fits = problem.use[np.ix_(pods, accounts)] <= problem.capacity[pods, None] + CAPACITY_TOLERANCE
    score = np.where(fits, score - score.min(axis=0), np.inf)
    score[np.searchsorted(pods, draft.pod[accounts]), np.arange(len(accounts))] = -1.0
    if problem.home is not None:
        score[(problem.home[pods][:, None] == accounts) & fits] = -1.0
    flat = score.ravel()
    count = min(columns, int(np.isfinite(flat).sum()))
    edge = np.partition(flat, count - 1)[count - 1]
    return Part(pods=pods, accounts=accounts, allowed=score <= edge, sure=np.zeros(len(pods), np.bool_), start=draft)
