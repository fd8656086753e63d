"""What one attempt does: a folder with an input becomes a folder with results. It knows no database and no HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from api.data.plans import Operation, Status
from api.jobs.hearing import hear_wishes
from api.jobs.hints import write_hint
from api.jobs.left import leave_findings, leave_plan, leave_warnings
from api.jobs.messages import OUT, PLAN, REGIONS, TABLES, Ending, Split, Task, input_path
from api.jobs.night import plan_tonight
from api.jobs.regional import is_region, region_of, start_of_whole, wanted_regions
from api.jobs.scenario import plan_scenario
from api.jobs.watcher import Watcher
from datasets import read, validate
from podplanner.domain.baseline import baseline
from podplanner.domain.build import build_instance
from podplanner.domain.errors import EngineError, InputError, NoStart, PlanRejected, UnreadableInput
from podplanner.domain.result import DEFAULT_GAP, Limit
from podplanner.planning.choose import choose_engine
from podplanner.planning.pipeline import plan
from podplanner.report.files import SUMMARY
from podplanner.report.report import make_report
from podplanner.report.summary import baseline_summary, to_json
from solvers.engine import Limits
from solvers.registry import get_engine

if TYPE_CHECKING:
    from pathlib import Path

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from podplanner.domain.result import Termination

SHORTEST_S, SECONDS_PER_ACCOUNT = 120.0, 0.01
"""Time limit where none is asked for: 100,000 accounts have their first plan with pods after 150 to 330 seconds."""
FAR = 0.05
"""Gap beyond which a plan is of no use yet."""


def work(folder: Path, task: Task, watcher: Watcher, hint: Plan | None) -> Ending | Split:
    """Do a task; what it leaves lies in the folder's ``out``. One that is too large is not done but split."""
    out = folder / OUT
    (out / TABLES).mkdir(parents=True)
    path = input_path(folder, task.kind, task.sample)
    changes = task.options.get("changes", ())
    try:
        if task.operation == Operation.CHALLENGE:
            return hear_wishes(folder, path, task, watcher)
        if task.operation == Operation.NIGHT:
            return plan_tonight(folder, path, task, watcher)
        if task.parent is not None:
            return plan_scenario(folder, path, task, watcher, hint)
        if task.operation == Operation.VALIDATE:
            return leave_findings(validate(path, changes), out)
        instance = build_instance(read(path, changes))
        if task.operation == Operation.EVALUATE:
            return _evaluated(instance, out)
        if task.regions is not None:
            return _joined(instance, task, watcher, hint, folder)
        if is_region(task):
            return _region_solved(instance, task, watcher, hint, out)
        count = wanted_regions(instance, task)
        return Split(count=count) if count else _solved(instance, task, watcher, hint, out)[0]
    except InputError as error:
        return leave_findings(error.findings, out)
    except (UnreadableInput, NoStart, EngineError, PlanRejected) as error:
        status = Status.INVALID if isinstance(error, UnreadableInput | NoStart) else Status.FAILED
        return Ending(status=status, problem={"code": error.code, "detail": str(error)})
    except MemoryError:
        text = "The input needs more memory than one plan may use here."
        return Ending(status=Status.FAILED, problem={"code": "out_of_memory", "detail": text})


def _evaluated(instance: Instance, out: Path) -> Ending:
    counts = leave_warnings(instance, out)
    today = baseline(instance)
    if today is None:
        text = "The input has no books: nobody owns an account today, and there is nothing to score."
        return Ending(status=Status.INVALID, result=counts, problem={"code": "no_books", "detail": text})
    told = {"baseline": baseline_summary(today), "currency": instance.policy.currency, "input_sha256": instance.sha256}
    out.joinpath(SUMMARY).write_text(to_json(told), encoding="utf-8")
    broken = sum(today.broken.values())
    result = {**counts, "contribution": round(float(today.contribution), 2), "violations": broken}
    return Ending(status=Status.SUCCEEDED, result=result)


def _region_solved(whole: Instance, task: Task, watcher: Watcher, hint: Plan | None, out: Path) -> Ending:
    ending, found = _solved(region_of(whole, task), task, watcher, hint, out)
    if found is not None:
        write_hint(found, out / PLAN)
    return ending


def _joined(instance: Instance, task: Task, watcher: Watcher, hint: Plan | None, folder: Path) -> Ending:
    """The regions' plans as one, made better in what is left of the effort, and bounded by the model of the whole."""
    assert task.regions is not None
    start = start_of_whole(instance, folder / REGIONS, len(task.regions), hint)
    ending, _ = _solved(instance, task, watcher, start, folder / OUT)
    return replace(ending, result={**(ending.result or {}), "regions": task.regions})


def _solved(
    instance: Instance, task: Task, watcher: Watcher, hint: Plan | None, out: Path
) -> tuple[Ending, Plan | None]:
    options = task.options
    counts = leave_warnings(instance, out)
    name, why = choose_engine(instance, options["engine"])
    engine = get_engine(name)
    refusal = engine.refusal(instance)
    if refusal is not None:
        problem = {"code": "engine_refused", "detail": f"The {name} engine cannot take this input: {refusal}"}
        return Ending(status=Status.INVALID, result=counts, problem=problem), None
    watcher.enter(Status.SOLVING)
    limits = _limits(instance, task)
    if hint is not None and not hint.fits(instance):
        hint = None
    result = plan(instance, engine, limits, engine_reason=why, hint=hint, progress=watcher)
    watcher.enter(Status.FINISHING)
    ending = leave_plan(result, make_report(result, baseline(instance), hide_pay=options["hide_pay"]), out)
    figures = {**counts, **(ending.result or {})}
    end = result.outcome.termination
    return replace(ending, result=figures | _advice(instance, end, figures["gap"], limits)), result.outcome.plan


def _limits(instance: Instance, task: Task) -> Limits:
    """Limits as asked for; a work limit alone must not be cut short by the clock, or no run would be like the other."""
    options = task.options
    time_limit_s = options["time_limit_s"]
    if time_limit_s is None and options["work_limit"] is None:
        time_limit_s = min(_usual_time_s(instance), task.max_time_limit_s)
    return Limits(
        time_limit_s=time_limit_s,
        work_limit=options["work_limit"],
        gap=DEFAULT_GAP if options["gap"] is None else options["gap"],
        seed=options["seed"],
        workers=task.threads,
    )


def _usual_time_s(instance: Instance) -> float:
    return max(SHORTEST_S, SECONDS_PER_ACCOUNT * len(instance.accounts))


def _advice(instance: Instance, end: Termination, gap: float | None, limits: Limits) -> dict[str, str]:
    """To ask for more time, where a short limit has ended far from the bound."""
    usual_s = _usual_time_s(instance)
    is_short = limits.time_limit_s is not None and limits.time_limit_s < usual_s
    if not is_short or end.limit is not Limit.TIME or (gap is not None and gap <= FAR):
        return {}
    size = f"{len(instance.accounts):,} accounts"
    return {"advice": f"The time ran out far from the bound: for {size} ask for {usual_s:,.0f} seconds or more."}
