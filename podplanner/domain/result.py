"""How a run ended, and what it leaves: reason, limit, bound, plan."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from podplanner.domain.errors import NoPlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from podplanner.domain.score import Score


DEFAULT_GAP = 0.005
"""That will do where nobody says one: half a per cent is well within what anybody knows of potentials."""


class Reason(StrEnum):
    """Why a run stopped."""

    OPTIMAL = "optimal"
    GAP_REACHED = "gap_reached"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    NO_SOLUTION = "no_solution_found"
    CANCELLED = "cancelled"


class Limit(StrEnum):
    """What stopped a run that could have gone on."""

    TIME = "time"
    WORK = "work"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Termination:
    """Reason, limit, and the solver's own words.

    Parameters
    ----------
    limit
        Present exactly when the reason is FEASIBLE, NO_SOLUTION or CANCELLED.
    detail
        Native status text, for the record.
    """

    reason: Reason
    limit: Limit | None
    detail: str

    def __post_init__(self) -> None:
        stopped = self.reason in (Reason.FEASIBLE, Reason.NO_SOLUTION, Reason.CANCELLED)
        if stopped != (self.limit is not None):
            raise ValueError(f"reason {self.reason} with limit {self.limit} not understood")

    @property
    def has_plan(self) -> bool:
        """Whether a plan comes with it."""
        return self.reason in (Reason.OPTIMAL, Reason.GAP_REACHED, Reason.FEASIBLE)


@dataclass(frozen=True)
class Prices:
    """Marginal values.

    Parameters
    ----------
    hour
        Money for one more hour of a role in a pod, >= 0; nan where none is known (P x 5).
    limit
        Money for relaxing a limit by one unit, by the limit's words.
    """

    hour: NDArray[np.float64]
    limit: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Duals:
    """Prices that prove a bound, by what the rows of the engine's model are about.

    Parameters
    ----------
    about
        Kind, account, person, pod, tier, role of each row, and its number among those alike; -1 where a row is about
        none or several (D x 7).
    price
        Money for one more unit of each row's limit (D).
    site
        The pod that stood for each pod in the model (P).
    """

    about: NDArray[np.int32]
    price: NDArray[np.float64]
    site: NDArray[np.int32]

    def fits(self, instance: Instance) -> bool:
        """Whether all that is told of is there."""
        sizes = (len(instance.accounts), len(instance.people), len(instance.pods), len(instance.tiers))
        known = all(self.about[:, number].max(initial=-1) < size for number, size in enumerate(sizes, start=1))
        return known and len(self.site) == sizes[2] and self.site.max(initial=-1) < sizes[2]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an engine returns.

    Parameters
    ----------
    bound
        Proven upper limit of the contribution of any plan of the instance; ``inf`` where none is known.
    plan
        Present exactly when the reason says so.
    prices
        Marginal values at the plan, None where the engine knows none.
    clashes
        Rules that clash, in the planner's words, where the input was found infeasible.
    duals
        Prices behind the bound, None where the engine keeps none.
    statistics
        Engine figures that are the same on every run with the same input, seed and work limit.
    """

    termination: Termination
    bound: float
    plan: Plan | None
    prices: Prices | None = None
    duals: Duals | None = None
    clashes: tuple[str, ...] = ()
    statistics: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.termination.has_plan != (self.plan is not None):
            raise ValueError(f"reason {self.termination.reason} {'without' if self.plan is None else 'with'} a plan")


@dataclass(frozen=True, kw_only=True)
class PlanResult:
    """A finished run: the outcome of an engine, verified and scored.

    Parameters
    ----------
    engine, engine_reason
        Which engine ran, and why that one.
    score, all_direct
        Score of the plan and contribution of the all-direct plan under the same head-count rule; None without a plan,
        or where no such plan exists.
    seed, work_limit
        As asked for.
    versions
        Of podplanner and the libraries that compute.
    wall_s
        Wall time by step; goes to ``run.json`` only.
    """

    instance: Instance
    outcome: Outcome
    engine: str
    engine_reason: str
    score: Score | None
    all_direct: float | None
    seed: int
    work_limit: int | None
    versions: Mapping[str, str]
    wall_s: Mapping[str, float]

    @property
    def plan(self) -> Plan:
        """The plan; raises `NoPlan` where there is none."""
        if self.outcome.plan is None:
            raise NoPlan(f"the run ended without a plan: {self.outcome.termination.reason}")
        return self.outcome.plan

    @property
    def contribution(self) -> float:
        """Contribution of the plan; raises `NoPlan` where there is none."""
        if self.score is None:
            raise NoPlan(f"the run ended without a plan: {self.outcome.termination.reason}")
        return self.score.contribution

    @property
    def gap(self) -> float | None:
        """(bound - contribution) / |bound|, None where no bound is known."""
        return gap(self.outcome.bound, self.contribution)

    @property
    def gap_of_gain(self) -> float | None:
        """(bound - contribution) / (bound - contribution of the all-direct plan), None where that is not positive."""
        if self.all_direct is None or not math.isfinite(self.outcome.bound):
            return None
        gain = self.outcome.bound - self.all_direct
        return max(0.0, self.outcome.bound - self.contribution) / gain if gain > 0 else None


OPTIMAL_GAP = 1e-6
"""Relative distance to the bound that counts as none."""


def reached(bound: float, contribution: float, wanted: float) -> Reason:
    """What a plan is at a distance to its bound: optimal, as near as wanted, or only feasible."""
    distance = gap(bound, contribution)
    if distance is None or distance > max(wanted, OPTIMAL_GAP):
        return Reason.FEASIBLE
    return Reason.OPTIMAL if distance <= OPTIMAL_GAP else Reason.GAP_REACHED


def gap(bound: float, contribution: float) -> float | None:
    """(bound - contribution) / |bound|; None where the bound is not finite, or 0 while the plan is not."""
    if not math.isfinite(bound):
        return None
    distance = max(0.0, bound - contribution)
    if bound == 0:
        return 0.0 if distance == 0 else None
    return distance / abs(bound)
