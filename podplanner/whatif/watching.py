"""Searches that run for one answer, and watch each other: when is it enough, and what is told."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from podplanner.domain.result import Reason, reached
from podplanner.domain.score import score
from solvers.engine import Progress

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan


class Goal:
    """Whether the plan near the earlier one is as near to the input's bound as was asked for.

    Parameters
    ----------
    gap
        None: it is never near enough.
    """

    def __init__(self, instance: Instance, gap: float | None) -> None:
        self.instance, self.gap = instance, gap
        self.bound, self.worth = math.inf, -math.inf

    def reached(self) -> bool:
        """Whether it is."""
        if self.gap is None or not math.isfinite(self.bound) or not math.isfinite(self.worth):
            return False
        return reached(self.bound, self.worth, self.gap) is not Reason.FEASIBLE


class Near(Progress):
    """Of the search that is watched: what it finds is weighed, and told, by the input's own yardstick."""

    def __init__(self, watched: Progress, goal: Goal) -> None:
        self.watched, self.goal = watched, goal

    def update(self, *, step: str, best: float | None, bound: float | None) -> None:
        """Tell the step; its own money counts each change of an owner."""
        del best, bound
        worth, proven = (each if math.isfinite(each) else None for each in (self.goal.worth, self.goal.bound))
        self.watched.update(step=step, best=worth, bound=proven)

    def found(self, plan: Plan) -> None:
        """Weigh it, and tell it where it is the best so far."""
        worth = score(self.goal.instance, plan).contribution
        if worth > self.goal.worth:
            self.goal.worth = worth
            self.watched.found(plan)

    def stop_asked(self) -> bool:
        """Whether somebody wants it to end, or it is good enough."""
        return self.watched.stop_asked() or self.goal.reached()

    def cancelled(self) -> bool:
        """Whether the watched search is cancelled."""
        return self.watched.cancelled()


class Beside(Progress):
    """Of the search beside: it tells nothing but its bound, and ends when the one that is watched is to end."""

    def __init__(self, near: Near) -> None:
        self.near = near

    def update(self, *, step: str, best: float | None, bound: float | None) -> None:
        """Keep the bound."""
        del step, best
        if bound is not None:
            self.near.goal.bound = min(self.near.goal.bound, bound)

    def stop_asked(self) -> bool:
        """Whether the watched search is to stop."""
        return self.near.stop_asked()

    def cancelled(self) -> bool:
        """Whether the watched search is cancelled."""
        return self.near.cancelled()


class Anew(Progress):
    """Of planning anew: only what is better than what there is already is told, and it ends when that is enough."""

    def __init__(self, watched: Progress, goal: Goal) -> None:
        self.watched, self.goal = watched, goal

    def update(self, *, step: str, best: float | None, bound: float | None) -> None:
        """Tell it, and keep the bound."""
        if bound is not None:
            self.goal.bound = min(self.goal.bound, bound)
        worth = self.goal.worth
        self.watched.update(step=step, best=worth if best is None else max(best, worth), bound=self.goal.bound)

    def found(self, plan: Plan) -> None:
        """Tell it, where it is better."""
        worth = score(self.goal.instance, plan).contribution
        if worth > self.goal.worth:
            self.goal.worth = worth
            self.watched.found(plan)

    def stop_asked(self) -> bool:
        """Whether somebody wants it to end, or what there is will do."""
        return self.watched.stop_asked() or self.goal.reached()

    def cancelled(self) -> bool:
        """Whether it is cancelled."""
        return self.watched.cancelled()
