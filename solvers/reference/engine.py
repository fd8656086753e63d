"""The reference engine: the whole model, solved as it stands."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from podplanner.domain.errors import EngineError
from podplanner.domain.result import Limit, Outcome, Reason, Termination
from solvers.reference.clashes import clashes
from solvers.reference.model import ReferenceModel, estimated_columns
from solvers.reference.native import run_cbc, run_highs
from solvers.reference.plans import assign, plan_of, scored
from solvers.reference.status import PROVEN, termination

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from podplanner.domain.result import Duals
    from solvers.engine import Limits, Progress
    from solvers.reference.native import Answer

LARGEST = 200_000
"""Columns above which the model is refused: it would take minutes to build, and hours to no purpose."""

SOLVERS = ("highs", "cbc")


class ReferenceEngine:
    """Solves the whole model by one mixed-integer program.

    A unit of ``work_limit`` is a node of the solver's tree, the root being one, however long it takes; ``workers``
    changes nothing, one thread does all. ``time_limit_s`` includes building the model, which is not broken off, and
    what is left of it after a proof that no plan exists goes to naming the rules that clash. Ties of the contract
    (fewest moves, then fewest handovers) are broken only as far as moves and handovers cost something.

    Parameters
    ----------
    solver
        ``highs``, or ``cbc`` as a second opinion: without progress and start, always to the optimum, and with a bound
        only there.
    """

    def __init__(self, solver: str = "highs") -> None:
        if solver not in SOLVERS:
            raise ValueError(f"solver = {solver} not understood, must be one of {', '.join(SOLVERS)}")
        self.solver = solver
        self.name = "reference" if solver == "highs" else f"reference-{solver}"

    def refusal(self, instance: Instance) -> str | None:
        """Too large: says how large it is, and what to do instead."""
        columns = estimated_columns(instance)
        if columns <= LARGEST:
            return None
        return (
            f"the whole model would have about {columns:,} columns, the reference engine takes {LARGEST:,}: "
            f"choose another engine, or fewer accounts, pods or candidates"
        )

    def write_model(self, instance: Instance, path: Path) -> None:
        """Write the model as ``.lp`` or ``.mps``, by the file's name."""
        ReferenceModel(instance).write(path)

    def solve(
        self, instance: Instance, limits: Limits, *, hint: Plan | None, progress: Progress, known: Duals | None = None
    ) -> Outcome:
        """Solve the instance; see `solvers.engine.Engine`. Known prices are of no use here."""
        refused = self.refusal(instance)
        if refused is not None:
            raise EngineError(refused)
        time_left = _countdown(limits.time_limit_s)
        progress.update(step="build", best=None, bound=None)
        model = ReferenceModel(instance)
        if progress.cancelled():
            return _ended(Reason.CANCELLED, Limit.CANCELLED, "before the search")
        left = time_left()
        if left == 0:
            return _ended(Reason.NO_SOLUTION, Limit.TIME, "before the search")
        if progress.stop_asked():
            return _ended(Reason.NO_SOLUTION, Limit.CANCELLED, "before the search")
        answer = self._run(model, limits, left, hint, progress)
        if progress.cancelled():
            return _ended(Reason.CANCELLED, Limit.CANCELLED, answer.detail)
        if answer.values is None:
            return _without_plan(instance, answer, time_left(), progress)
        return _with_plan(model, answer, answer.values, progress)

    def _run(
        self, model: ReferenceModel, limits: Limits, left: float | None, hint: Plan | None, progress: Progress
    ) -> Answer:
        if self.solver == "cbc":
            return run_cbc(model.problem, limits, left)
        start = model.values_of(hint) if hint is not None and hint.fits(model.instance) else {}
        return run_highs(model.problem, limits, left, start, progress)


def _ended(reason: Reason, limit: Limit, detail: str) -> Outcome:
    return Outcome(termination=Termination(reason=reason, limit=limit, detail=detail), bound=float("inf"), plan=None)


def _countdown(time_limit_s: float | None) -> Callable[[], float | None]:
    """Seconds left from now on, None without limit."""
    if time_limit_s is None:
        return lambda: None
    end = time.monotonic() + time_limit_s
    return lambda: max(0.0, end - time.monotonic())


def _without_plan(instance: Instance, answer: Answer, time_left_s: float | None, progress: Progress) -> Outcome:
    end = termination(answer.status, answer.detail, None, answer.bound)
    found: tuple[str, ...] = ()
    if end.reason is Reason.INFEASIBLE:
        progress.update(step="clashes", best=None, bound=None)
        found = clashes(instance, time_left_s)
    return Outcome(termination=end, bound=answer.bound, plan=None, clashes=found, statistics=answer.statistics)


def _with_plan(model: ReferenceModel, answer: Answer, values: Mapping[str, float], progress: Progress) -> Outcome:
    assign(model, values)
    plan = plan_of(model)
    contribution = scored(model, plan).contribution
    if contribution > answer.bound + PROVEN * max(1.0, abs(contribution)):
        raise EngineError(f"the plan's contribution {contribution} passes the proven bound {answer.bound}")
    bound = max(answer.bound, contribution)
    progress.update(step="solve", best=contribution, bound=bound)
    end = termination(answer.status, answer.detail, contribution, bound)
    return Outcome(termination=end, bound=bound, plan=plan, statistics=answer.statistics)


ENGINE = ReferenceEngine()
CBC_ENGINE = ReferenceEngine(solver="cbc")
