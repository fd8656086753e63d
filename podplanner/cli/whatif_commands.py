"""The command ``scenario``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasets import read_changes
from podplanner.cli.exits import ExitCode, Reply, UsageError
from podplanner.cli.findings import plural
from podplanner.cli.plan_command import without_plan
from podplanner.cli.progress import Console
from podplanner.cli.result_words import result_lines
from podplanner.cli.sources import output_folder
from podplanner.report.files import CHANGES, PARENT, SUMMARY, WORKBOOK
from podplanner.whatif.facts import Facts
from podplanner.whatif.near import Effort, effort_for
from podplanner.whatif.parent import read_parent
from podplanner.whatif.scenario import Scenario, again, answer, report_of, write_answer
from podplanner.whatif.words import UnknownWords, all_rows_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping

    from podplanner.whatif.parent import Parent
    from podplanner.whatif.scenario import Answer

SHOWN = 10
"""Groups of moves told one by one; moved.csv has all."""


def run_scenario(arguments: Namespace) -> Reply:
    """Plan a scenario and write it."""
    folder = output_folder(arguments.out)
    with Console(sys.stderr) as console:
        console.begin("reading")
        parent, scenario, effort = _again(arguments) if arguments.again else _asked(arguments)
        with console.interruptible():
            console.begin("planning")
            answered = answer(parent, scenario, effort, console)
        if not answered.has_plan and answered.result is not None:
            return without_plan(answered.result, report_of(answered))
        console.begin(f"writing {folder}")
        summary = write_answer(answered, folder)
    part = summary["scenario"]
    head = f"{part['difference']:+,.2f} {summary['currency']} a year against the plan that it starts from"
    return Reply(
        code=ExitCode.DONE,
        lines=(head, *_beside(summary), *_moves(answered), *result_lines(summary, str(folder / WORKBOOK))),
        data={**summary, "written": str(folder)},
    )


def _asked(arguments: Namespace) -> tuple[Parent, Scenario, Effort]:
    if arguments.plan is None:
        raise UsageError("name the plan to start from, or a scenario with --again")
    parent = read_parent(Path(arguments.plan))
    facts = Facts(parent.given, parent.instance, parent.plan)
    try:
        changes, said = all_rows_of(arguments.words, facts)
    except UnknownWords as error:
        raise UsageError(str(error)) from error
    if arguments.changes is not None:
        changes += read_changes(Path(arguments.changes))
    scenario = Scenario(
        name=arguments.name,
        tags=tuple(arguments.tag),
        words=tuple(arguments.words),
        changes=tuple(changes),
        said=tuple(said),
    )
    return parent, scenario, asked_effort(arguments, parent)


def asked_effort(arguments: Namespace, parent: Parent) -> Effort:
    """The effort that the options ask for."""
    return effort_for(
        len(parent.instance.accounts),
        parent.summary["gap"] if arguments.gap is None else arguments.gap,
        time_limit_s=arguments.time_limit,
        work_limit=arguments.work_limit,
        seed=arguments.seed,
        workers=arguments.workers,
        engine=arguments.engine,
    )


def _again(arguments: Namespace) -> tuple[Parent, Scenario, Effort]:
    """As the scenario was asked for, from what its own folder holds."""
    if arguments.plan is not None or arguments.changes is not None:
        raise UsageError("--again plans what was asked for then: leave out PLAN, SENTENCE and --changes")
    folder = Path(arguments.again)
    try:
        summary = json.loads(folder.joinpath(SUMMARY).read_text(encoding="utf-8"))
        scenario, effort = again(summary, tuple(read_changes(folder / CHANGES)), arguments.workers)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{folder} is no folder of a scenario: {error}") from error
    return read_parent(folder / PARENT), scenario, effort


def _beside(summary: Mapping[str, Any]) -> Iterator[str]:
    """What of the difference is not the change's; and of a plan not found near its parent, what that brings more."""
    anyway = summary["scenario"]["without_change"]
    if anyway:
        yield f"of what was moved, at least {anyway:,.2f} could be had without the change, too"
    near = summary["scenario"]["near"]
    if near is not None:
        more, moved = summary["contribution"] - near["contribution"], plural(near["accounts_moved"], "account")
        yield f"not near it, but for {more:+,.2f} more than the best plan near it, which moves {moved}"


def _moves(answered: Answer) -> Iterator[str]:
    """What was moved, and for which money."""
    if answered.result is None:
        yield "nothing is changed: the plan is the one that it starts from"
        return
    found = answered.moves
    accounts, people = sum(len(each.group.accounts) for each in found), sum(len(each.group.people) for each in found)
    yield f"moved: {plural(accounts, 'account')} and {plural(people, 'person')}, in {plural(len(found), 'group')}"
    for each in found[:SHOWN]:
        pods = ", ".join(str(answered.instance.pods.ids[pod]) for pod in each.group.pods) or "direct"
        why = f"had to: {each.forced}" if each.forced else "pays"
        yield f"  {pods}: {plural(len(each.group.accounts), 'account')}, {each.gain:+,.2f} ({why})"
