"""What a task leaves: findings, summary, tables and workbook as files, and figures in the plan's row."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pyarrow import parquet

from api.data.plans import Outcome, Status
from api.jobs.messages import FINDINGS, TABLES, Ending
from podplanner.domain.errors import InputError
from podplanner.domain.result import Limit, Reason
from podplanner.report.csv_text import arrow
from podplanner.report.duals_file import duals_files
from podplanner.report.files import RUN, SUMMARY, WORKBOOK
from podplanner.report.summary import to_json
from podplanner.report.workbook import write_workbook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from podplanner.domain.findings import Finding
    from podplanner.domain.instance import Instance
    from podplanner.domain.result import PlanResult, Termination
    from podplanner.domain.tables import Table
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


def leave_findings(findings: Sequence[Finding], out: Path) -> Ending:
    """Leave all findings; the end of a plan that only these were asked of, or that they forbid."""
    errors = [asdict(finding) for finding in findings if finding.is_error]
    out.joinpath(FINDINGS).write_text(json.dumps([asdict(each) for each in findings]), encoding="utf-8")
    counts = {"errors": len(errors), "warnings": len(findings) - len(errors)}
    if not errors:
        return Ending(status=Status.SUCCEEDED, result=counts)
    text = f"{len(errors):,} error(s) in the input; nothing was planned."
    problem = {"code": InputError.code, "detail": text, "errors": errors[:MOST_ERRORS]}
    return Ending(status=Status.INVALID, result=counts, problem=problem)


def leave_warnings(instance: Instance, out: Path) -> dict[str, int]:
    """Leave the findings of a sound input; their numbers."""
    leave_findings(instance.warnings, out)
    return {"errors": 0, "warnings": len(instance.warnings)}


def leave_plan(result: PlanResult, report: Report, out: Path) -> Ending:
    """Leave all that is told of a plan."""
    out.joinpath(SUMMARY).write_text(to_json(report.summary), encoding="utf-8")
    out.joinpath(RUN).write_text(to_json(report.run), encoding="utf-8")
    for name, table in report.tables.items():
        leave_table(name, table, out)
    if report.ledger is not None:
        write_workbook(report, out / WORKBOOK)
    for name, content in duals_files(result.outcome.duals).items():
        out.joinpath(name).write_bytes(content)
    end = result.outcome.termination
    return Ending(status=Status.SUCCEEDED, outcome=_outcome(end), result=_figures(result, report))


def leave_table(name: str, table: Table, out: Path) -> None:
    """Leave one table."""
    parquet.write_table(arrow(table, guard=False), out / TABLES / f"{name}.parquet", compression="zstd")


def _outcome(end: Termination) -> Outcome:
    if end.reason is Reason.FEASIBLE and end.limit is Limit.CANCELLED:
        return Outcome.STOPPED_EARLY
    return OUTCOMES.get(end.reason, Outcome.NO_SOLUTION)


def _figures(result: PlanResult, report: Report) -> dict[str, Any]:
    names = ("contribution", "bound", "gap", "reason", "limit", "engine", "currency", "clashes")
    return {name: report.summary[name] for name in names} | {"seed": result.seed, "versions": dict(result.versions)}
