"""A scenario: a plan's input with changes on top, planned near that plan."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from datasets import csv_of_changes, packed, successor, take
from podplanner.domain.baseline import baseline
from podplanner.domain.build import build_instance
from podplanner.domain.errors import InputError
from podplanner.domain.score import score
from podplanner.planning.carry import carried, carried_duals
from podplanner.planning.mend import mended
from podplanner.report.csv_text import csv_bytes
from podplanner.report.duals_file import duals_files
from podplanner.report.files import (
    CHANGES,
    IN_FORCE,
    INPUT,
    MOVED,
    PARENT,
    PLAN_FILES,
    RUN,
    SUMMARY,
    write_folder,
    write_plan,
)
from podplanner.report.report import make_report
from podplanner.report.summary import to_json
from podplanner.whatif.acceptance import judge
from podplanner.whatif.differences import priced
from podplanner.whatif.facts import only_forbids
from podplanner.whatif.moved import moved
from podplanner.whatif.near import NEAR_CONTRIBUTION, NEAR_MOVED, Effort, Known, plan_near
from podplanner.whatif.parent import plan_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from datasets import Given
    from podplanner.domain.findings import Finding
    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from podplanner.domain.result import Duals, PlanResult
    from podplanner.report.report import Report
    from podplanner.whatif.acceptance import Rule
    from podplanner.whatif.differences import Priced
    from podplanner.whatif.facts import Row
    from podplanner.whatif.parent import Parent
    from solvers.engine import Progress

FIRST_ROW = 2
"""Of a table, as a spreadsheet counts: the header is row 1."""
COPIED = PLAN_FILES - {RUN, SUMMARY, INPUT, PARENT, CHANGES, MOVED, IN_FORCE}


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is asked.

    Parameters
    ----------
    name, tags
        For people who look for it later.
    words
        The changes as they were said; for the record.
    changes
        Rows of ``changes``: what is done.
    said
        The sentence behind each of the first of these rows, so that what is wrong with it is told by it.
    """

    name: str = ""
    tags: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    changes: Sequence[Row] = field(default_factory=tuple)
    said: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A scenario's plan.

    Parameters
    ----------
    given, instance
        The input with the changes on top.
    before
        The parent's plan in the instance's indices; it need not keep its rules.
    result
        How it ended; None where the changes change nothing, so that the parent's plan is the answer.
    """

    parent: Parent
    scenario: Scenario
    effort: Effort
    given: Given
    instance: Instance
    before: Plan
    result: PlanResult | None

    @property
    def plan(self) -> Plan:
        """The plan; raises `NoPlan` where there is none."""
        return self.before if self.result is None else self.result.plan

    @cached_property
    def moves(self) -> tuple[Priced, ...]:
        """What is not as before, in groups, the most gain first."""
        return priced(self.instance, self.plan, self.before)

    @property
    def has_plan(self) -> bool:
        """Whether there is one."""
        return self.result is None or self.result.outcome.plan is not None


def answer(
    parent: Parent,
    scenario: Scenario,
    effort: Effort,
    progress: Progress | None = None,
    so_far: Plan | None = None,
) -> Answer:
    """Plan a scenario.

    Parameters
    ----------
    so_far
        The best plan of an attempt that was broken off.

    Raises
    ------
    InputError
        With all findings, where a change points at nothing or the changed input is not sound.
    NoStart
        Where the changed input has no direct pod to start from.
    """
    given, instance = changed(parent, scenario.changes, scenario.said)
    # What was assumed for the parent is written out in this input, and is assumed all the same.
    assumed = dict.fromkeys([*parent.summary["assumed"], *instance.assumed])
    instance = replace(instance, assumed=tuple(assumed))
    before = carried(parent.plan, parent.instance, instance)
    unchanged = instance.sha256 == parent.instance.sha256
    known = Known(
        duals=known_duals(parent, instance),
        bound=_bound(parent, scenario.changes),
        plan=so_far if so_far is not None and so_far.fits(instance) else None,
    )
    result = None if unchanged else plan_near(instance, before, effort, progress, known)
    return Answer(
        parent=parent,
        scenario=scenario,
        effort=effort,
        given=given,
        instance=instance,
        before=before,
        result=result,
    )


def changed(parent: Parent, changes: Sequence[Row], said: Sequence[str] = ()) -> tuple[Given, Instance]:
    """The parent's input with changes on top; raises as `answer` does.

    Parameters
    ----------
    said
        As of `Scenario`.
    """
    try:
        given = take(successor(parent.given, changes))
        return given, build_instance(given.tables)
    except InputError as error:
        raise InputError(tuple(_by_sentence(each, said) for each in error.findings)) from error


def _by_sentence(finding: Finding, said: Sequence[str]) -> Finding:
    """A finding of a row that a sentence became points at the sentence: nobody has seen the row."""
    place = -1 if finding.table != "changes" or finding.row is None else finding.row - FIRST_ROW
    return replace(finding, table=f"sentence {said[place]!r}", row=None) if 0 <= place < len(said) else finding


def _bound(parent: Parent, changes: Sequence[Row]) -> float:
    """The parent's bound where it holds for the changed input too, else none."""
    bound = parent.summary["bound"]
    return float(bound) if bound is not None and only_forbids(parent.instance, changes) else float("inf")


def known_duals(parent: Parent, instance: Instance) -> Duals | None:
    """The parent's prices in the instance's indices; None where it has none."""
    return None if parent.duals is None else carried_duals(parent.duals, parent.instance, instance)


def told(answer: Answer) -> dict[str, Any]:
    """The part ``scenario`` of ``summary.json``."""
    parent, scenario = answer.parent, answer.scenario
    before = parent.summary["contribution"]
    now = before if answer.result is None else answer.result.score and round(answer.result.contribution, 2)
    return {
        "name": scenario.name,
        "tags": list(scenario.tags),
        "words": list(scenario.words),
        "changes": len(scenario.changes),
        "effort": effort_told(answer.effort),
        "parent_id": parent.plan_id,
        "origin_id": parent.origin_id,
        "plan_id": plan_id(answer.instance, answer.plan) if answer.has_plan else None,
        "parent_contribution": before,
        "difference": None if now is None else round(now - before, 2),
        "unchanged": answer.result is None,
        "near": _near(answer.result),
        "without_change": _without_change(answer),
    }


def _near(result: PlanResult | None) -> dict[str, Any] | None:
    """Of a plan that was not found near its parent: what the best such plan brings, and how much that moves."""
    found = {} if result is None else result.outcome.statistics
    if NEAR_CONTRIBUTION not in found:
        return None
    return {"contribution": found[NEAR_CONTRIBUTION], "accounts_moved": found[NEAR_MOVED]}


def _without_change(answer: Answer) -> float | None:
    """What the parent could at least have had without the change, money a year; None where nothing is moved.

    The scenario's plan is carried back to the parent's input: what it brings there more than the parent is not the
    change's.
    """
    if answer.result is None or not answer.has_plan or not answer.moves:
        return None
    parent = answer.parent
    back = mended(parent.instance, carried(answer.plan, answer.instance, parent.instance))
    if back is None:
        return 0.0
    gain = score(parent.instance, back).contribution - float(parent.summary["contribution"])
    return round(max(0.0, gain), 2)


def effort_told(effort: Effort) -> dict[str, Any]:
    """The effort as a summary tells it: threads never change the answer."""
    return {name: value for name, value in asdict(effort).items() if name != "workers"}


def report_of(answer: Answer) -> Report:
    """All that is told about a scenario that was planned."""
    if answer.result is None:
        raise ValueError("an unchanged scenario has its parent's report")
    made = make_report(answer.result, baseline(answer.instance))
    return replace(made, summary={**made.summary, "scenario": told(answer)})


def write_answer(answer: Answer, folder: Path, rules: Sequence[Rule] = ()) -> dict[str, Any]:
    """Write a scenario's folder, with all that is needed to plan it again; its summary is returned.

    Where nothing was changed, the parent's tables are written as they are.

    Parameters
    ----------
    rules
        That pass or fail the plan; the summary tells of them under ``acceptance``.
    """
    unchanged = answer.result is None
    more = {
        INPUT: answer.parent.files[INPUT] if unchanged else packed(answer.given.raw),
        PARENT: answer.parent.packed(),
        CHANGES: csv_of_changes(answer.scenario.changes),
    }
    if unchanged:
        summary = {**answer.parent.summary, "scenario": told(answer)}
        copied = {name: content for name, content in answer.parent.files.items() if name in COPIED}
        run = {"wall_s": {}, "unchanged": True}
        _write_files({**copied, **more, SUMMARY: _bytes(summary), RUN: _bytes(run)}, folder)
        return summary
    report = report_of(answer)
    if rules:
        report = replace(report, summary={**report.summary, "acceptance": judge(rules, report.summary)})
    if answer.has_plan:
        more[MOVED] = csv_bytes(moved(answer.instance, answer.plan, answer.before, answer.moves))
    if answer.result is not None:
        more |= duals_files(answer.result.outcome.duals)
    write_plan(report, folder, more=more)
    return dict(report.summary)


def _bytes(content: Mapping[str, Any]) -> bytes:
    return to_json(content).encode()


def _write_files(files: Mapping[str, bytes], folder: Path) -> None:
    def write(draft: Path) -> None:
        for name, content in files.items():
            draft.joinpath(name).write_bytes(content)

    write_folder(folder, write)


def again(summary: Mapping[str, Any], changes: Sequence[Row], workers: int) -> tuple[Scenario, Effort]:
    """The scenario and the effort that a summary tells of."""
    part = json.loads(json.dumps(summary["scenario"]))
    scenario = Scenario(name=part["name"], tags=tuple(part["tags"]), words=tuple(part["words"]), changes=changes)
    return scenario, Effort(**part["effort"], workers=workers)
