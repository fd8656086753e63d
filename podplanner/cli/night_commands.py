"""Commands of the plan in force and of many scenarios: adopt, night, scenarios."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasets import read_given
from podplanner.cli.exits import ExitCode, Reply, UsageError
from podplanner.cli.findings import plural
from podplanner.cli.plan_command import without_plan
from podplanner.cli.progress import Console
from podplanner.cli.result_words import result_lines
from podplanner.cli.sources import output_folder, source_path
from podplanner.cli.whatif_commands import asked_effort
from podplanner.domain.errors import InputError, NoStart
from podplanner.report.csv_text import write_csv
from podplanner.report.files import WORKBOOK, forget_drafts
from podplanner.report.shape import make_table
from podplanner.whatif.acceptance import read_rule
from podplanner.whatif.facts import Facts
from podplanner.whatif.grid import done, read_grid
from podplanner.whatif.in_force import adopt, plan_night, read_in_force
from podplanner.whatif.parent import read_parent
from podplanner.whatif.scenario import Scenario, answer, effort_told, report_of, write_answer
from podplanner.whatif.words import UnknownWords, all_rows_of

if TYPE_CHECKING:
    from argparse import Namespace

    from podplanner.whatif.grid import Wanted
    from podplanner.whatif.near import Effort
    from podplanner.whatif.parent import Parent

SCENARIOS = "scenarios.csv"


def run_adopt(arguments: Namespace) -> Reply:
    """Put a plan into force."""
    try:
        effective = date.fromisoformat(arguments.effective)
    except ValueError as error:
        raise UsageError(f"{arguments.effective!r} is no day: write it as YYYY-MM-DD") from error
    mark = adopt(Path(arguments.plan), arguments.author, effective)
    line = f"{arguments.plan} is in force from {mark.effective} on, put so by {mark.author}"
    return Reply(code=ExitCode.DONE, lines=(line,), data=asdict(mark))


def run_night(arguments: Namespace) -> Reply:
    """Plan tonight's input near the plan in force, and hold the plan against the rules of acceptance."""
    folder, out = Path(arguments.plan), output_folder(arguments.out)
    try:
        rules = [read_rule(words) for words in arguments.accept]
    except UnknownWords as error:
        raise UsageError(str(error)) from error
    with Console(sys.stderr) as console:
        console.begin("reading")
        parent, _ = read_in_force(folder)
        tonight = read_given(source_path(arguments.input))
        with console.interruptible():
            console.begin("planning")
            found = plan_night(folder, parent, tonight, asked_effort(arguments, parent), console)
        if found.result is not None and not found.has_plan:
            return without_plan(found.result, report_of(found))
        console.begin(f"writing {out}")
        summary = write_answer(found, out, rules)
    judged = summary.get("acceptance", [])
    lines = [f"{'passed' if each['passed'] else 'FAILED'}: {each['rule']} ({_figures(each)})" for each in judged]
    return Reply(
        code=ExitCode.DONE if all(each["passed"] for each in judged) else ExitCode.FAULTS,
        lines=(*lines, *result_lines(summary, str(out / WORKBOOK))),
        data={**summary, "written": str(out)},
    )


def _figures(judged: dict[str, Any]) -> str:
    value, limit = ("unknown" if judged[name] is None else f"{judged[name]:,.6g}" for name in ("value", "limit"))
    return f"{value}, limit {limit}"


def run_scenarios(arguments: Namespace) -> Reply:
    """Plan all scenarios of a file that are not planned yet."""
    out = Path(arguments.out)
    parent = read_parent(Path(arguments.plan))
    effort = asked_effort(arguments, parent)
    wanted = read_grid(Path(arguments.file))
    rows, again = [], 0
    with Console(sys.stderr) as console, console.interruptible():
        for each in wanted:
            forget_drafts(out / each.folder)  # of a run that was killed
            console.begin(f"scenario {each.number:,} of {len(wanted):,}")
            one = replace(effort, seed=effort.seed + each.seed)
            summary = done(out, each, parent.plan_id, effort_told(one))
            again += summary is not None
            row = _planned(parent, each, one, out, console) if summary is None else _row(each, one, summary)
            if row is None:
                break
            rows.append(row)
    out.mkdir(parents=True, exist_ok=True)
    columns = {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
    if rows:
        write_csv(make_table("scenarios", columns), out / SCENARIOS)
    planned = sum(row["outcome"] == "planned" for row in rows)
    head = f"{plural(len(rows), 'scenario')} of {len(wanted):,}: {planned:,} planned, {again:,} of them before"
    return Reply(code=ExitCode.DONE, lines=(head, str(out / SCENARIOS)), data={"scenarios": rows, "written": str(out)})


def _planned(parent: Parent, wanted: Wanted, effort: Effort, out: Path, console: Console) -> dict[str, Any] | None:
    """Plan one scenario; None where Ctrl-C cut it short, so that it is planned as a whole the next time.

    One that cannot be asked for is told in its row, and the others go on.
    """
    facts = Facts(parent.given, parent.instance, parent.plan)
    try:
        changes, said = all_rows_of(wanted.words, facts)
        scenario = Scenario(name=wanted.name, words=wanted.words, changes=changes, said=said)
        found = answer(parent, scenario, effort, console)
        if console.stop_asked():
            return None
        summary = write_answer(found, out / wanted.folder)
    except (UnknownWords, InputError, NoStart) as error:
        return _row(wanted, effort, None, str(error))
    return _row(wanted, effort, summary)


def _row(wanted: Wanted, effort: Effort, summary: dict[str, Any] | None, message: str = "") -> dict[str, Any]:
    told = summary or {}
    part = told.get("scenario", {})
    figures = {name: told.get(name) for name in ("contribution", "bound", "gap")}
    numbers = {name: float("nan") if value is None else value for name, value in figures.items()}
    difference = part.get("difference")
    outcome = "invalid" if summary is None else "planned" if figures["contribution"] is not None else told["reason"]
    return {
        "scenario": wanted.number,
        "name": wanted.name,
        "words": "; ".join(wanted.words),
        "seed": effort.seed,
        "outcome": outcome,
        **numbers,
        "difference": float("nan") if difference is None else difference,
        "folder": wanted.folder if summary is not None else "",
        "message": message,
    }
