"""Runs a PuLP problem by HiGHS or CBC, and reads the answer only behind the solver's own "has solution" flag.

PuLP 3 calls an unproven solution "Optimal", and gives zeros (HiGHS) or fractions (CBC) where there is none. So PuLP
only builds the native model here; what came of it is asked of HiGHS itself, and of the log that CBC writes.
"""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pulp

from podplanner.domain.errors import EngineError
from solvers.highs import FEASIBILITY, Status
from solvers.reference.status import native_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solvers.engine import Limits, Progress
    from solvers.reference.variables import Var

INFEASIBLE = frozenset({"kInfeasible", "kUnboundedOrInfeasible"})
"""Native statuses of a bounded model that is proven to have no solution."""

TOLERANCE = 1e-9
"""Feasibility and integrality: a decision that is 1e-6 of a whole number off would move hours and money visibly."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a solver gave.

    Parameters
    ----------
    values
        By variable name; None without a solution.
    bound
        Proven upper bound; ``inf`` where none is known.
    statistics
        Repeatable figures of the solver.
    """

    status: Status
    detail: str
    values: dict[str, float] | None
    bound: float
    statistics: dict[str, int]


def run_highs(
    problem: Any, limits: Limits, time_left_s: float | None, start: Mapping[Var, float], progress: Progress
) -> Answer:
    """Maximise by HiGHS on one thread; a unit of work is a node of its tree."""
    options: dict[str, Any] = {
        # HiGHS measures the gap by its solution, podplanner by the bound: |c| >= |bound| / (1 + gap) at worst.
        "mip_rel_gap": limits.gap / (1 + limits.gap),
        "random_seed": limits.seed,
        "mip_feasibility_tolerance": TOLERANCE,
        "primal_feasibility_tolerance": TOLERANCE,
    }
    if limits.work_limit is not None:
        options["mip_max_nodes"] = limits.work_limit
    highs = loaded(problem, time_left_s, options)
    if start:
        values = {variable.index: value for variable, value in start.items()}
        where = np.array(sorted(values), np.int32)
        highs.setSolution(len(where), where, np.array([values[index] for index in where.tolist()], float))
    _listen(highs, progress)
    highs.run()
    return _highs_answer(problem, highs)


def loaded(problem: Any, time_limit_s: float | None, options: Mapping[str, Any]) -> Any:
    """The native HiGHS model of a problem, ready to run."""
    solver = pulp.HiGHS(msg=False, threads=1, timeLimit=time_limit_s, **options)
    solver.createAndConfigureSolver(problem)
    solver.buildSolverModel(problem)
    return problem.solverModel


def _listen(highs: Any, progress: Progress) -> None:
    def told(event: Any) -> None:
        best, bound = -event.data_out.mip_primal_bound, -event.data_out.mip_dual_bound
        progress.update(
            step="solve", best=best if math.isfinite(best) else None, bound=bound if math.isfinite(bound) else None
        )
        asked(event)

    def asked(event: Any) -> None:
        if progress.stop_asked() or progress.cancelled():
            event.interrupt()

    highs.cbMipInterrupt += told
    highs.cbSimplexInterrupt += asked
    highs.cbIpmInterrupt += asked


def _highs_answer(problem: Any, highs: Any) -> Answer:
    native, info = highs.getModelStatus(), highs.getInfo()
    status = native_status(native.name)
    has_solution = info.primal_solution_status == int(FEASIBILITY) and status is not Status.INFEASIBLE
    values = None
    if has_solution:
        columns = list(highs.getSolution().col_value)
        values = {variable.name: columns[variable.index] for variable in problem.variables()}
    bound = -info.mip_dual_bound  # PuLP hands HiGHS the negative objective, to be minimised
    return Answer(
        status=status,
        detail=highs.modelStatusToString(native),
        values=values,
        bound=bound if math.isfinite(bound) else math.inf,
        statistics={"nodes": int(info.mip_node_count), "simplex_iterations": int(info.simplex_iteration_count)},
    )


def run_cbc(problem: Any, limits: Limits, time_left_s: float | None) -> Answer:
    """Maximise by CBC on one thread, to the optimum whatever the gap: its bound is known only there.

    A unit of work is a node of its tree. CBC runs in a process of its own, which neither tells nor hears anything.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "cbc.log"
        solver = pulp.COIN_CMD(
            path=pulp.PULP_CBC_CMD.pulp_cbc_path,
            msg=False,
            threads=1,
            timeLimit=time_left_s,
            gapRel=0.0,
            maxNodes=limits.work_limit,
            logPath=str(log),
            options=[f"randomCbcSeed {limits.seed}", "primalTolerance 1e-9", "integerTolerance 1e-9"],
        )
        problem.solve(solver)
        told = log.read_text(encoding="utf-8", errors="replace")
    status, detail = _cbc_status(told)
    found = problem.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
    values = {variable.name: float(variable.varValue) for variable in problem.variables()} if found else None
    bound = math.inf
    if status is Status.OPTIMAL:
        bound = float(problem.objective.value())
    return Answer(status=status, detail=detail, values=values, bound=bound, statistics={})


_CBC_ENDINGS = (
    ("Stopped on time", Status.TIME),
    ("Stopped on node", Status.WORK),
    ("infeasible", Status.INFEASIBLE),
    ("Optimal solution found", Status.OPTIMAL),
)


def _cbc_status(log: str) -> tuple[Status, str]:
    """CBC's own result line, such as "Result - Stopped on time limit"."""
    results = [line for line in log.splitlines() if line.startswith("Result - ") or "infeasible" in line.lower()]
    for text, status in _CBC_ENDINGS:
        for line in results:
            if text.lower() in line.lower():
                return status, line.removeprefix("Result - ").strip()
    raise EngineError(f"CBC ended without a result: {log[-200:]!r}")


def is_infeasible(highs: Any, time_limit_s: float) -> bool:
    """Run and say whether the model is proven infeasible; a run that is cut off, or fails, proves nothing."""
    highs.setOptionValue("time_limit", time_limit_s)
    highs.run()
    return highs.getModelStatus().name in INFEASIBLE
