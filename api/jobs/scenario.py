"""A scenario's attempt: the plan that it starts from lies in the folder beside the input, and is planned near."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api.data.plans import Status
from api.jobs.left import leave_plan, leave_table, leave_warnings
from api.jobs.messages import MOVED, OUT, PARENT, TABLES, Ending
from api.jobs.written import rows_of_table
from datasets import packed, read_given
from podplanner.domain.baseline import baseline
from podplanner.domain.build import build_instance
from podplanner.domain.errors import UnreadableInput
from podplanner.report.duals_file import DUALS, read_duals
from podplanner.report.files import INPUT, SUMMARY
from podplanner.report.reading import NEEDED, to_plan
from podplanner.report.report import make_report
from podplanner.report.summary import to_json
from podplanner.whatif.acceptance import judge
from podplanner.whatif.differences import priced
from podplanner.whatif.facts import Facts
from podplanner.whatif.moved import moved
from podplanner.whatif.near import effort_for
from podplanner.whatif.parent import Parent
from podplanner.whatif.scenario import Scenario, answer, told
from podplanner.whatif.words import UnknownWords, all_rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from api.jobs.messages import Task
    from api.jobs.watcher import Watcher
    from podplanner.domain.plan import Plan
    from podplanner.whatif.acceptance import Rule
    from podplanner.whatif.near import Effort
    from podplanner.whatif.scenario import Answer


FORGOTTEN = "The plan that it starts from is forgotten."


def plan_scenario(folder: Path, path: Path, task: Task, watcher: Watcher, hint: Plan | None) -> Ending:
    """Plan a scenario; what it leaves lies in the folder's ``out``, with its whole input for those that start from it.

    Parameters
    ----------
    path
        Of the input that the line of scenarios began with.
    hint
        The best plan of an attempt before, None without.

    Raises
    ------
    InputError, UnreadableInput, NoStart, EngineError, PlanRejected
        As planning does.
    """
    asked, out = task.parent or {}, folder / OUT
    parent = parent_in(folder / PARENT, path, asked)
    facts = Facts(parent.given, parent.instance, parent.plan)
    sentences: list[str] = task.options["sentences"]
    try:
        spoken, said = all_rows_of(sentences, facts)
    except UnknownWords as error:
        return Ending(status=Status.INVALID, problem={"code": error.code, "detail": str(error)})
    # A version before this one has left orders without tags.
    tags = tuple(task.options.get("tags", ()))
    changes = [*spoken, *task.options["changes"]]
    scenario = Scenario(name=task.name, tags=tags, words=tuple(sentences), changes=changes, said=said)
    watcher.enter(Status.SOLVING)
    found = answer(parent, scenario, asked_effort(task, parent), watcher, hint)
    watcher.enter(Status.FINISHING)
    if found.result is None:
        return _copied(found, folder, asked)
    return leave_answer(found, out, hide_pay=task.options["hide_pay"])


def parent_in(folder: Path, path: Path, asked: dict[str, Any]) -> Parent:
    """The plan whose files lie in a folder; raises `UnreadableInput` where it is forgotten."""
    if not folder.joinpath(SUMMARY).is_file():
        raise UnreadableInput(FORGOTTEN)
    summary = json.loads(folder.joinpath(SUMMARY).read_text(encoding="utf-8"))
    whole = folder / INPUT
    given = read_given(whole) if whole.is_file() else read_given(path, asked["options"].get("changes", ()))
    instance = build_instance(given.tables)
    if instance.sha256 != summary["input_sha256"]:
        raise UnreadableInput("The plan that it starts from was made by a version that read its input otherwise.")
    tables = {name: rows_of_table(folder.joinpath(TABLES, f"{name}.parquet").read_bytes()) for name in NEEDED}
    duals = folder / DUALS
    known = read_duals(duals.read_bytes() if duals.is_file() else None, instance)
    return Parent(given, instance, to_plan(tables, instance), summary, {}, known)


def asked_effort(task: Task, parent: Parent) -> Effort:
    """The effort that a task asks for."""
    options = task.options
    return effort_for(
        len(parent.instance.accounts),
        parent.summary["gap"] if options["gap"] is None else options["gap"],
        time_limit_s=options["time_limit_s"],
        work_limit=options["work_limit"],
        seed=options["seed"],
        workers=task.threads,
        engine=options["engine"],
    )


def _copied(found: Answer, folder: Path, asked: dict[str, Any]) -> Ending:
    """Where nothing is changed, the plan that it starts from is the answer, file by file."""
    out = folder / OUT
    shutil.copytree(folder / PARENT, out, dirs_exist_ok=True)
    summary = {**found.parent.summary, "scenario": told(found)}
    out.joinpath(SUMMARY).write_text(to_json(summary), encoding="utf-8")
    leave_table(MOVED, moved(found.instance, found.plan, found.before, ()), out)
    out.joinpath(INPUT).write_bytes(packed(found.given.raw))
    return Ending(status=Status.SUCCEEDED, outcome=asked["outcome"], result=asked["result"])


def leave_answer(found: Answer, out: Path, *, hide_pay: bool, rules: Sequence[Rule] | None = None) -> Ending:
    """Leave what was planned near a plan, and its whole input.

    Parameters
    ----------
    rules
        Of a night: they pass or fail the plan; one that was not found passes none.
    """
    assert found.result is not None
    counts: dict[str, Any] = dict(leave_warnings(found.instance, out))
    report = make_report(found.result, baseline(found.instance), hide_pay=hide_pay)
    more: dict[str, Any] = {"scenario": told(found)}
    if rules is not None:
        more["acceptance"] = judge(rules, report.summary)
        passed = found.has_plan and all(each["passed"] for each in more["acceptance"])
        counts |= {"acceptance": more["acceptance"], "passed": passed}
    ending = leave_plan(found.result, replace(report, summary={**report.summary, **more}), out)
    out.joinpath(INPUT).write_bytes(packed(found.given.raw))
    # What moves bring is told by the person: with pay hidden, that would tell it.
    if found.has_plan and not hide_pay:
        groups = priced(found.instance, found.plan, found.before)
        leave_table(MOVED, moved(found.instance, found.plan, found.before, groups), out)
    return replace(ending, result={**counts, **(ending.result or {})})
