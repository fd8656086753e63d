"""Linear and mixed-integer models as arrays, solved by HiGHS; the one place that knows highspy.

A value is read only behind HiGHS's own "has solution" flag, and the neutral status is derived from the native status
*and* that flag. HiGHS runs on one thread: with several, its answers depend on their number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from podplanner.domain.errors import EngineError
from solvers.sparse import compressed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from solvers.sparse import Places

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEASIBILITY = highspy.SolutionStatus.kSolutionStatusFeasible


NO_OWN_SEARCH = {
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
}
"""HiGHS' own neighbourhood searches are off unless asked for: ours find plans sooner, and a proof without them takes a
third. Where capacity is tight over many pods at once theirs find what ours do not."""


class Status(StrEnum):
    """What HiGHS proved, or what stopped it."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    TIME = "time"
    WORK = "work"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


STATUS_OF = {
    "kOptimal": Status.OPTIMAL,
    "kModelEmpty": Status.OPTIMAL,
    "kInfeasible": Status.INFEASIBLE,
    "kUnboundedOrInfeasible": Status.UNBOUNDED,
    "kUnbounded": Status.UNBOUNDED,
    "kTimeLimit": Status.TIME,
    "kIterationLimit": Status.WORK,
    "kSolutionLimit": Status.WORK,
    "kObjectiveBound": Status.WORK,
    "kObjectiveTarget": Status.WORK,
    "kInterrupt": Status.INTERRUPTED,
    "kHighsInterrupt": Status.INTERRUPTED,
    "kMemoryLimit": Status.FAILED,
    "kLoadError": Status.FAILED,
    "kModelError": Status.FAILED,
    "kPresolveError": Status.FAILED,
    "kSolveError": Status.FAILED,
    "kPostsolveError": Status.FAILED,
    "kUnknown": Status.FAILED,
    "kNotset": Status.FAILED,
}
"""Every native status by name; a test walks the native enum and finds each member here."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one solve gave, for maximisation.

    Parameters
    ----------
    status
        FAILED where HiGHS broke off by itself: no values and no bound then; a search may go on without this answer.
    values
        Column values, None where HiGHS has no solution.
    objective
        Of the values, ``-inf`` without.
    bound
        Proven upper bound; ``inf`` where none is known.
    duals
        Row duals of an LP (what one more unit of the row's limit earns), None for a mixed-integer model.
    """

    status: Status
    detail: str
    values: Floats | None
    objective: float
    bound: float
    duals: Floats | None = None


@dataclass
class Model:
    """A model under construction: columns and rows are added in blocks of arrays, objective is maximised.

    Parameters
    ----------
    charged
        (column, cost) of what was added to the objective later.
    """

    cost: list[Floats] = field(default_factory=list)
    lower: list[Floats] = field(default_factory=list)
    upper: list[Floats] = field(default_factory=list)
    integer: list[NDArray[np.bool_]] = field(default_factory=list)
    row_lower: list[Floats] = field(default_factory=list)
    row_upper: list[Floats] = field(default_factory=list)
    entry_row: list[Places] = field(default_factory=list)
    entry_column: list[Places] = field(default_factory=list)
    entry_value: list[Floats] = field(default_factory=list)
    charged: list[tuple[Ints, Floats]] = field(default_factory=list)
    offset: float = 0.0
    columns: int = 0
    rows: int = 0

    def add_columns(
        self,
        count: int,
        *,
        cost: ArrayLike = 0.0,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = math.inf,
        integer: ArrayLike = False,
    ) -> Ints:
        """Add ``count`` columns; scalars are spread. Returns their indices."""
        for store, given in ((self.cost, cost), (self.lower, lower), (self.upper, upper)):
            store.append(np.broadcast_to(np.asarray(given, float), (count,)).copy())
        self.integer.append(np.broadcast_to(np.asarray(integer, bool), (count,)).copy())
        self.columns += count
        return np.arange(self.columns - count, self.columns)

    def add_rows(self, count: int, *, lower: ArrayLike = -math.inf, upper: ArrayLike = math.inf) -> Ints:
        """Add ``count`` empty rows. Returns their indices."""
        for store, given in ((self.row_lower, lower), (self.row_upper, upper)):
            store.append(np.broadcast_to(np.asarray(given, float), (count,)).copy())
        self.rows += count
        return np.arange(self.rows - count, self.rows)

    def add_entries(self, row: ArrayLike, column: ArrayLike, value: ArrayLike = 1.0) -> None:
        """Add coefficients; the three broadcast, equal places add up."""
        rows, columns, values = np.broadcast_arrays(np.asarray(row), np.asarray(column), np.asarray(value, float))
        self.entry_row.append(rows.ravel().astype(np.int32))
        self.entry_column.append(columns.ravel().astype(np.int32))
        self.entry_value.append(values.ravel())

    def charge(self, column: Ints, cost: Floats) -> None:
        """Add to the objective of columns that are there already."""
        self.charged.append((column, cost))

    def add_row(
        self, column: ArrayLike, value: ArrayLike = 1.0, *, lower: float = -math.inf, upper: float = math.inf
    ) -> int:
        """Add one row with its coefficients. Returns its index."""
        row = int(self.add_rows(1, lower=lower, upper=upper)[0])
        self.add_entries(row, column, value)
        return row

    def raise_upper(self, row: int, amount: float) -> None:
        """Let a row be larger by an amount."""
        first = 0
        for block in self.row_upper:
            if row < first + len(block):
                block[row - first] += amount
                return
            first += len(block)

    def frozen(self) -> Arrays:
        """The finished model; its entries move there, and the model under construction is empty of them."""
        cost = _joined(self.cost, float)
        for column, amount in self.charged:
            np.add.at(cost, column, amount)
        stores = (self.entry_row, np.int32), (self.entry_column, np.int32), (self.entry_value, float)
        row, column, value = (_joined(*store) for store in stores)
        entries = [(row, column, value)]
        del row, column, value
        return Arrays(
            cost=cost,
            lower=_joined(self.lower, float),
            upper=_joined(self.upper, float),
            integer=_joined(self.integer, bool),
            row_lower=_joined(self.row_lower, float),
            row_upper=_joined(self.row_upper, float),
            matrix=compressed(self.rows, self.columns, entries),
            offset=self.offset,
        )


@dataclass(frozen=True, kw_only=True)
class Arrays:
    """A finished model; change it by ``dataclasses.replace``.

    Parameters
    ----------
    matrix
        Row starts, column indices, values (compressed rows).
    """

    cost: Floats
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    row_lower: Floats
    row_upper: Floats
    matrix: tuple[Ints, Places, Floats]
    offset: float


def solve(
    model: Arrays,
    *,
    time_limit_s: float | None = None,
    nodes: int | None = None,
    gap: float = 1e-4,
    seed: int = 0,
    start: Floats | None = None,
    own_search: bool = False,
    rens: bool = False,
    restarts: bool = True,
    presolve: bool = True,
    on_progress: Callable[[float, float], None] | None = None,
    stop_asked: Callable[[], bool] | None = None,
) -> Answer:
    """Maximise the model.

    Parameters
    ----------
    nodes
        Most branch-and-bound nodes (repeatable), None without limit.
    start
        Column values to start from, where known.
    own_search
        Whether HiGHS searches neighbourhoods of its own.
    rens
        Whether it searches that of the relaxation only: all that is whole there fixed (Berthold 2014, "RENS").
    restarts
        Whether HiGHS may presolve again after the root: worth it for a whole proof, twice the time of a small part.
    presolve
        Whether it makes the model smaller first: a model of people alone may take it longer than all the rest.
    on_progress
        Called with (best objective, bound) now and then.
    stop_asked
        Asked now and then; True stops and keeps the best.
    """
    if time_limit_s is not None and time_limit_s <= 0:  # HiGHS would still presolve
        return Answer(status=Status.TIME, detail="no time", values=None, objective=-math.inf, bound=math.inf)
    highs = _loaded(model)
    options: dict[str, Any] = {"mip_rel_gap": gap, "random_seed": seed, "threads": 1}
    if not own_search:
        options |= NO_OWN_SEARCH | {"mip_heuristic_run_rens": rens}
    if not restarts:
        options["mip_allow_restart"] = False
    if not presolve:
        options["presolve"] = "off"
    if time_limit_s is not None:
        options["time_limit"] = time_limit_s
    if nodes is not None:
        options["mip_max_nodes"] = nodes
    for name, value in options.items():
        highs.setOptionValue(name, value)
    if start is not None:
        highs.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
    _listen(highs, on_progress, stop_asked)
    highs.run()
    return _answer(highs, model)


def write_model(model: Arrays, path: Path) -> None:
    """Write a model as ``.lp`` or ``.mps``, by the file's name: its negative, to be minimised, as every reader can."""
    highs = _loaded(replace(model, cost=-model.cost, offset=-model.offset))
    highs.changeObjectiveSense(highspy.ObjSense.kMinimize)
    if highs.writeModel(str(path)) == highspy.HighsStatus.kError:
        raise EngineError(f"HiGHS could not write {path.name}")


def _listen(
    highs: highspy.Highs, on_progress: Callable[[float, float], None] | None, stop_asked: Callable[[], bool] | None
) -> None:
    def told(event: Any) -> None:
        if on_progress is not None:
            on_progress(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)
        if stop_asked is not None and stop_asked():
            event.interrupt()

    def asked(event: Any) -> None:
        if stop_asked is not None and stop_asked():
            event.interrupt()

    if on_progress is not None or stop_asked is not None:
        highs.cbMipInterrupt += told
    if stop_asked is not None:
        highs.cbSimplexInterrupt += asked
        highs.cbIpmInterrupt += asked


def _loaded(model: Arrays) -> highspy.Highs:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.cost), len(model.row_lower)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.cost, model.lower, model.upper
    lp.row_lower_, lp.row_upper_ = model.row_lower, model.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = model.matrix
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.offset_ = model.offset
    if model.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[flag] for flag in model.integer.astype(int).tolist()]
    highs = highspy.Highs()
    highs.silent()
    if highs.passModel(lp) == highspy.HighsStatus.kError:
        raise EngineError("HiGHS refused the model")
    return highs


def _answer(highs: highspy.Highs, model: Arrays) -> Answer:
    native = highs.getModelStatus()
    detail = highs.modelStatusToString(native)
    status = STATUS_OF[native.name]
    if status is Status.FAILED:  # nothing that it left behind can be trusted
        return Answer(status=status, detail=detail, values=None, objective=-math.inf, bound=math.inf)
    info = highs.getInfo()
    is_mip = bool(model.integer.any())
    has = info.primal_solution_status == int(FEASIBILITY)
    bound = info.mip_dual_bound if is_mip else (info.objective_function_value if status is Status.OPTIMAL else math.inf)
    solution = highs.getSolution()
    return Answer(
        status=status,
        detail=detail,
        values=np.array(solution.col_value) if has else None,
        objective=info.objective_function_value if has else -math.inf,
        bound=bound if math.isfinite(bound) else math.inf,
        duals=np.array(solution.row_dual) if has and not is_mip else None,
    )


def _joined(blocks: list[Any], kind: Any) -> Any:
    """One array of all blocks, which are let go."""
    joined = np.concatenate(blocks) if blocks else np.zeros(0, kind)
    blocks.clear()
    return joined
