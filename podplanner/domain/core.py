"""The core of planning, without people, tiers and rules: every account to one pod, within one capacity a pod.

The literature's generalised assignment problem, single-source capacitated facility location and capacitated p-median
are all this problem. It is stated as the literature does, as minimal **cost**; a contribution is a cost's negative.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.domain.errors import NoPlan, PlanRejected
from podplanner.domain.result import Termination

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

CAPACITY_TOLERANCE = 1e-6
"""By how much the use of a capacity may pass it; integer data are exact."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CoreProblem:
    """Accounts, each to exactly one pod, at least cost.

    Parameters
    ----------
    cost
        Of an account in a pod (P x A), finite.
    use
        Of the pod's capacity by an account (P x A), >= 0; an account may not go where it alone is above the capacity.
    capacity
        Of a pod, >= 0.
    opening
        Price of a pod that has any account, >= 0.
    open_pods
        How many pods are open exactly; None where openings are free and only cost counts.
    home
        The account that a pod serves whenever it is open (the p-median's median serves itself), None without homes;
        no two pods share one.

    Raises
    ------
    ValueError
        Where shapes or values are not understood.
    """

    cost: NDArray[np.float64]
    use: NDArray[np.float64]
    capacity: NDArray[np.float64]
    opening: NDArray[np.float64]
    open_pods: int | None = None
    home: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        if self.cost.ndim != 2 or 0 in self.cost.shape:
            raise ValueError(f"cost of shape {self.cost.shape} not understood, must be pods x accounts")
        pods, accounts = self.cost.shape
        for name, shape in (("use", (pods, accounts)), ("capacity", (pods,)), ("opening", (pods,))):
            values = getattr(self, name)
            if values.shape != shape:
                raise ValueError(f"{name} of shape {values.shape} not understood, must be {shape}")
            if not (np.isfinite(values) & (values >= 0)).all():
                raise ValueError(f"{name} not understood, must be finite and >= 0")
        if not np.isfinite(self.cost).all():
            raise ValueError("cost not understood, must be finite")
        if self.open_pods is not None and not 1 <= self.open_pods <= pods:
            raise ValueError(f"open_pods = {self.open_pods} not understood, must be from 1 to {pods}")
        if self.home is not None and (
            self.home.shape != (pods,)
            or not ((self.home >= 0) & (self.home < accounts)).all()
            or len(np.unique(self.home)) != pods
        ):
            raise ValueError("home not understood, must be one account a pod, each another")

    @property
    def pods(self) -> int:
        """How many pods there are, open or not."""
        return len(self.capacity)

    @property
    def accounts(self) -> int:
        """How many accounts there are."""
        return len(self.cost[0])

    @property
    def is_free(self) -> bool:
        """Whether it does not matter which pods are open."""
        return self.open_pods is None and self.home is None and not (self.opening > 0).any()


@dataclass(frozen=True, kw_only=True, eq=False)
class CoreAnswer:
    """What a run gave for a core problem.

    Parameters
    ----------
    bound
        Proven lower limit of the cost; ``inf`` where the problem was proven infeasible.
    found
        Pod of each account, None without an answer.
    found_cost
        Its cost as `recount` finds it, None without an answer.
    statistics
        The same on every run with the same problem, seed and work limit.
    """

    termination: Termination
    bound: float
    found: NDArray[np.int64] | None
    found_cost: float | None
    statistics: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len({self.termination.has_plan, self.found is not None, self.found_cost is not None}) > 1:
            raise ValueError(f"reason {self.termination.reason} does not fit what was found")

    @property
    def pod(self) -> NDArray[np.int64]:
        """Pod of each account; raises `NoPlan` where there is none."""
        if self.found is None:
            raise NoPlan(f"the run ended without an assignment: {self.termination.reason}")
        return self.found

    @property
    def cost(self) -> float:
        """Cost of the assignment; raises `NoPlan` where there is none."""
        if self.found_cost is None:
            raise NoPlan(f"the run ended without an assignment: {self.termination.reason}")
        return self.found_cost


def recount(problem: CoreProblem, pod: NDArray[np.int64]) -> float:
    """Cost of an assignment, from the problem's own arrays and nothing else.

    Parameters
    ----------
    pod
        Of each account (A).

    Raises
    ------
    PlanRejected
        Where a rule of the problem is broken; it says which.
    """
    if pod.shape != (problem.accounts,) or not ((pod >= 0) & (pod < problem.pods)).all():
        raise PlanRejected("an account without a pod")
    accounts = np.arange(problem.accounts)
    load = np.bincount(pod, weights=problem.use[pod, accounts], minlength=problem.pods)
    above = np.flatnonzero(load > problem.capacity + CAPACITY_TOLERANCE)
    if len(above):
        raise PlanRejected(f"pod {above[0]} uses {load[above[0]]} of {problem.capacity[above[0]]}")
    is_open = np.bincount(pod, minlength=problem.pods) > 0
    if problem.open_pods is not None and is_open.sum() != problem.open_pods:
        raise PlanRejected(f"{is_open.sum()} open pods, not {problem.open_pods}")
    if problem.home is not None:
        away = np.flatnonzero(is_open & (pod[problem.home] != np.arange(problem.pods)))
        if len(away):
            raise PlanRejected(f"pod {away[0]} is open without its home account {problem.home[away[0]]}")
    return float(problem.cost[pod, accounts].sum() + problem.opening[is_open].sum())
