"""The command ``plan``: read, solve, write, tell."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from datasets import packed
from podplanner.cli.exits import ExitCode, Reply, UsageError
from podplanner.cli.findings import plural
from podplanner.cli.options import DEFAULT_TIME_LIMIT_S
from podplanner.cli.progress import Console
from podplanner.cli.result_words import result_lines
from podplanner.cli.sources import output_folder, read_input
from podplanner.domain.baseline import baseline
from podplanner.domain.result import Limit, Reason
from podplanner.planning.choose import choose_engine
from podplanner.planning.pipeline import plan
from podplanner.report.duals_file import duals_files
from podplanner.report.files import INPUT, WORKBOOK, write_plan
from podplanner.report.report import make_report
from solvers.engine import Limits
from solvers.registry import get_engine, get_model_writer

if TYPE_CHECKING:
    from argparse import Namespace

    from podplanner.domain.instance import Instance
    from podplanner.domain.result import PlanResult
    from podplanner.report.report import Report
    from solvers.engine import Engine

MODEL_KINDS = (".lp", ".mps")


def run_plan(arguments: Namespace) -> Reply:
    """Plan an input and write the results."""
    folder = output_folder(arguments.out)
    model = _model_path(arguments.write_model)
    if model is not None and arguments.hide_pay:
        raise UsageError("a written model holds single people's pay: leave out --write-model or --hide-pay")
    with Console(sys.stderr) as console:
        console.begin(f"reading {arguments.input}")
        given, instance = read_input(arguments.input)
        name, why = choose_engine(instance, arguments.engine)
        engine = get_engine(name)
        _require_fit(engine, instance)
        if model is not None:
            console.begin(f"writing {model}")
            writer = get_model_writer()
            _require_fit(writer, instance)
            writer.write_model(instance, model)
        with console.interruptible():
            console.say(f"planning {_sizes(instance)} with the {name} engine ({why}); Ctrl-C stops and keeps the best")
            console.begin("planning")
            result = plan(instance, engine, _limits(arguments), engine_reason=why, progress=console)
        console.begin("comparing with today")
        report = make_report(result, baseline(instance), hide_pay=arguments.hide_pay)
        if report.ledger is None:
            return without_plan(result, report)
        console.begin(f"writing {folder}")
        # The input holds every single person's pay, and prices are near it.
        more = {} if arguments.hide_pay else {INPUT: packed(given.raw)} | duals_files(result.outcome.duals)
        written = write_plan(report, folder, more=more)
    workbook = folder / WORKBOOK
    return Reply(
        code=ExitCode.DONE,
        lines=result_lines(report.summary, str(workbook)),
        data={**report.summary, "written": str(written), "workbook": str(workbook)},
    )


def _model_path(name: str | None) -> Path | None:
    if name is None:
        return None
    if Path(name).suffix not in MODEL_KINDS:
        raise UsageError(f"{name} is neither an .lp nor an .mps file: name the model so")
    return Path(name)


def _require_fit(engine: Engine, instance: Instance) -> None:
    refusal = engine.refusal(instance)
    if refusal is not None:
        raise UsageError(f"the {engine.name} engine cannot take this input: {refusal}")


def _limits(arguments: Namespace) -> Limits:
    """Limits as asked for; a work limit alone must not be cut short by the clock, or no run would be like the other."""
    time_limit_s = arguments.time_limit
    if time_limit_s is None and arguments.work_limit is None:
        time_limit_s = DEFAULT_TIME_LIMIT_S
    return Limits(
        time_limit_s=time_limit_s,
        work_limit=arguments.work_limit,
        gap=arguments.gap,
        seed=arguments.seed,
        workers=arguments.workers,
    )


def _sizes(instance: Instance) -> str:
    people = int((~instance.people.is_hire).sum())
    head = f"{plural(len(instance.accounts), 'account')}, {people:,} people"
    return f"{head}, {plural(len(instance.people) - people, 'possible hire')} and {plural(len(instance.pods), 'pod')}"


def without_plan(result: PlanResult, report: Report) -> Reply:
    """The endings that leave no plan; what an earlier run left in the folder stays as it is."""
    end = result.outcome.termination
    clashes = result.outcome.clashes
    if end.reason is Reason.INFEASIBLE:
        head = "no plan can meet all the rules:" if clashes else "no plan can meet all the rules"
        return _ended(ExitCode.INFEASIBLE, report, (head, *(f"- {clash}" for clash in clashes)))
    if end.reason is Reason.CANCELLED or end.limit is Limit.CANCELLED:
        return _ended(ExitCode.CANCELLED, report, ("cancelled without a plan; nothing is written",))
    words = {Limit.TIME: "time limit", Limit.WORK: "work limit"}[end.limit or Limit.TIME]
    return _ended(ExitCode.LIMIT, report, (f"the {words} was reached before any plan was found; raise it",))


def _ended(code: ExitCode, report: Report, lines: tuple[str, ...]) -> Reply:
    return Reply(code=code, lines=lines, data=dict(report.summary), is_answer=False)
