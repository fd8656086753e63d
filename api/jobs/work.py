"""What one attempt does: a folder with an input becomes a folder with results. It knows no database and no HTTP."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from pyarrow import parquet

from api.data.inputs import FILE_NAMES, InputKind
from api.data.plans import Operation, Outcome, Status
from api.jobs.messages import FINDINGS, OUT, TABLES, Ending, Task
from datasets import read, validate
from datasets.samples import sample_path
from podplanner.domain.baseline import baseline
from podplanner.domain.build import build_instance
from podplanner.domain.errors import EngineError, InputError, PlanRejected, UnreadableInput
from podplanner.domain.plan import Plan
from podplanner.domain.result import Limit, Reason
from podplanner.planning.choose import choose_engine
from podplanner.planning.pipeline import plan
from podplanner.report.csv_text import arrow
from podplanner.report.files import RUN, SUMMARY, WORKBOOK
from podplanner.report.report import make_report
from podplanner.report.summary import baseline_summary, to_json
from podplanner.report.workbook import write_workbook
from solvers.engine import Limits, Progress
from solvers.registry import get_engine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from podplanner.domain.findings import Finding
    from podplanner.domain.instance import Instance
    from podplanner.domain.result import PlanResult, Termination
    from podplanner.report.report import Report

MOST_ERRORS = 100
"""Errors that are told in the plan's state; all of them are in its findings."""

OUTCOMES = {
    Reason.OPTIMAL: Outcome.OPTIMAL,
    Reason.GAP_REACHED: Outcome.FEASIBLE,
    Reason.FEASIBLE: Outcome.FEASIBLE,
    Reason.INFEASIBLE: Outcome.INFEASIBLE,
    Reason.NO_SOLUTION: Outcome.NO_SOLUTION,
}


class Watcher(Progress):
    """Progress of an engine, and the step before and after it."""

    def enter(self, status: Status) -> None:
        """Another step of the plan's way begins."""


def work(folder: Path, task: Task, watcher: Watcher, hint: Plan | None) -> Ending:
    """Do a task; what it leaves lies in the folder's ``out``."""
    out = folder / OUT
    (out / TABLES).mkdir(parents=True)
    path = sample_path(task.sample) if task.sample is not None else folder / FILE_NAMES[InputKind(task.kind)]
    changes = task.options.get("changes", ())
    try:
        if task.operation == Operation.VALIDATE:
            return _validated(validate(path, changes), out)
        instance = build_instance(read(path, changes))
        if task.operation == Operation.EVALUATE:
            return _evaluated(instance, out)
        return _solved(instance, task, watcher, hint, out)
    except InputError as error:
        return _validated(error.findings, out)
    except (UnreadableInput, EngineError, PlanRejected) as error:
        status = Status.INVALID if isinstance(error, UnreadableInput) else Status.FAILED
        return Ending(status=status, problem={"code": error.code, "detail": str(error)})
    except MemoryError:
        text = "The input needs more memory than one plan may use here."
        return Ending(status=Status.FAILED, problem={"code": "out_of_memory", "detail": text})


def read_hint(path: Path) -> Plan | None:
    """The plan that an earlier attempt left, None where there is none."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        return Plan(**{name: arrays[name] for name in Plan.__dataclass_fields__})


def write_hint(found: Plan, path: Path) -> None:
    """Leave a plan for a later attempt, whole or not at all."""
    draft = path.with_suffix(".draft.npz")
    np.savez_compressed(draft, **{name: getattr(found, name) for name in Plan.__dataclass_fields__})
    draft.replace(path)


def _validated(findings: Sequence[Finding], out: Path) -> Ending:
    errors = [asdict(finding) for finding in findings if finding.is_error]
    out.joinpath(FINDINGS).write_text(json.dumps([asdict(each) for each in findings]), encoding="utf-8")
    counts = {"errors": len(errors), "warnings": len(findings) - len(errors)}
    if not errors:
        return Ending(status=Status.SUCCEEDED, result=counts)
    text = f"{len(errors):,} error(s) in the input; nothing was planned."
    problem = {"code": InputError.code, "detail": text, "errors": errors[:MOST_ERRORS]}
    return Ending(status=Status.INVALID, result=counts, problem=problem)


def _warnings(instance: Instance, out: Path) -> dict[str, int]:
    _validated(instance.warnings, out)
    return {"errors": 0, "warnings": len(instance.warnings)}


def _evaluated(instance: Instance, out: Path) -> Ending:
    counts = _warnings(instance, out)
    today = baseline(instance)
    if today is None:
        text = "The input has no books: nobody owns an account today, and there is nothing to score."
        return Ending(status=Status.INVALID, result=counts, problem={"code": "no_books", "detail": text})
    told = {"baseline": baseline_summary(today), "currency": instance.policy.currency, "input_sha256": instance.sha256}
    out.joinpath(SUMMARY).write_text(to_json(told), encoding="utf-8")
    broken = sum(today.broken.values())
    result = {**counts, "contribution": round(float(today.contribution), 2), "violations": broken}
    return Ending(status=Status.SUCCEEDED, result=result)


def _solved(instance: Instance, task: Task, watcher: Watcher, hint: Plan | None, out: Path) -> Ending:
    options = task.options
    counts = _warnings(instance, out)
    name, why = choose_engine(instance, options["engine"])
    engine = get_engine(name)
    refusal = engine.refusal(instance)
    if refusal is not None:
        problem = {"code": "engine_refused", "detail": f"The {name} engine cannot take this input: {refusal}"}
        return Ending(status=Status.INVALID, result=counts, problem=problem)
    watcher.enter(Status.SOLVING)
    limits = Limits(
        time_limit_s=options["time_limit_s"],
        work_limit=options["work_limit"],
        gap=options["gap"],
        seed=options["seed"],
        workers=task.threads,
    )
    if hint is not None and not hint.fits(instance):
        hint = None
    result = plan(instance, engine, limits, engine_reason=why, hint=hint, progress=watcher)
    watcher.enter(Status.FINISHING)
    report = make_report(result, baseline(instance), hide_pay=options["hide_pay"])
    _write(report, out)
    end = result.outcome.termination
    return Ending(status=Status.SUCCEEDED, outcome=_outcome(end), result=counts | _figures(result, report))


def _outcome(end: Termination) -> Outcome:
    if end.reason is Reason.FEASIBLE and end.limit is Limit.CANCELLED:
        return Outcome.STOPPED_EARLY
    return OUTCOMES.get(end.reason, Outcome.NO_SOLUTION)


def _figures(result: PlanResult, report: Report) -> dict[str, Any]:
    names = ("contribution", "bound", "gap", "reason", "limit", "engine", "currency", "clashes")
    return {name: report.summary[name] for name in names} | {"seed": result.seed, "versions": dict(result.versions)}


def _write(report: Report, out: Path) -> None:
    out.joinpath(SUMMARY).write_text(to_json(report.summary), encoding="utf-8")
    out.joinpath(RUN).write_text(to_json(report.run), encoding="utf-8")
    for name, table in report.tables.items():
        parquet.write_table(arrow(table, guard=False), out / TABLES / f"{name}.parquet", compression="zstd")
    if report.ledger is not None:
        write_workbook(report, out / WORKBOOK)
