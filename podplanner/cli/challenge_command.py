"""The command ``challenge``."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from podplanner.cli.exits import ExitCode, Reply, UsageError
from podplanner.cli.findings import plural
from podplanner.cli.progress import Console
from podplanner.cli.review_commands import records
from podplanner.cli.whatif_commands import asked_effort
from podplanner.report.files import IN_FORCE, PLAN_FILES, WORKBOOK
from podplanner.report.marked import cell_name
from podplanner.whatif.challenge import IMPOSSIBLE, PRICED, UNANSWERED, UNCLEAR, Verdict, Wish, counted, grant, hear
from podplanner.whatif.hearing_files import CHALLENGES, answers, log_hearing, read_wishes, write_hearing
from podplanner.whatif.parent import read_parent
from podplanner.whatif.round_trip import ANSWERED, Edited, read_edited, write_edited
from podplanner.whatif.scenario import Answer, write_answer

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from podplanner.whatif.challenge import Hearing
    from podplanner.whatif.near import Effort

PLAN = "plan"
"""Folder of the plan that grants the accepted wishes."""
REFUSED = {IMPOSSIBLE: ExitCode.INFEASIBLE, UNANSWERED: ExitCode.LIMIT, UNCLEAR: ExitCode.INPUT}
"""By why there is no such plan."""


def run_challenge(arguments: Namespace) -> Reply:
    """Answer wishes by their prices, and grant those that are accepted."""
    wishes = [Wish(words, arguments.author, arguments.note) for words in arguments.wishes]
    wishes += [] if arguments.list is None else read_wishes(Path(arguments.list))
    if not wishes and arguments.workbook is None:
        raise UsageError("name a wish, a file of them with --list, or an edited --workbook")
    out = _folder(arguments)
    edited = Edited({}, ())
    with Console(sys.stderr) as console, console.interruptible():
        console.begin("reading")
        parent = read_parent(Path(arguments.plan))
        if arguments.workbook is not None:
            edited = read_edited(Path(arguments.workbook), parent, arguments.author)
        wishes = list(dict.fromkeys([*wishes, *edited.wishes]))
        effort = asked_effort(arguments, parent)
        console.begin("answering")
        hearing = hear(parent, wishes, effort, console)
        accepted = _accepted(arguments, hearing)
        _forget_plan(out)
        # Before the search that grants, so that nothing which happens there takes the answers away.
        _write(arguments, hearing, edited, accepted)
        granted = _grant(arguments, hearing, accepted, effort, console) if accepted else None
        if isinstance(granted, Verdict):
            accepted = []
            _write(arguments, hearing, edited, accepted)
        log_hearing(hearing, accepted, out, datetime.now(UTC).isoformat(timespec="seconds"))
    refused = (f"nothing is granted: {granted.why}",) if isinstance(granted, Verdict) else ()
    return Reply(
        code=_code(granted),
        lines=(*_lines(hearing, accepted), *_without_wish(edited), *refused, *_where(out, granted)),
        data={
            "contribution": hearing.contribution,
            "answers": records(answers(hearing, accepted)),
            "refused": granted.why if isinstance(granted, Verdict) else "",
            "written": str(out),
        },
    )


def _folder(arguments: Namespace) -> Path:
    """Where the answers go; what somebody may still need there is not overwritten, and does not pass for theirs."""
    out = Path(arguments.out)
    if out.joinpath(PLAN, IN_FORCE).exists():
        raise UsageError(f"{out / PLAN} is the plan in force: name another folder for this hearing")
    if arguments.workbook is None and out.joinpath(ANSWERED).exists():
        raise UsageError(
            f"{out / ANSWERED} is of an earlier hearing, and may have been typed into: hand it in with --workbook, or "
            "name another folder"
        )
    return out


def _forget_plan(out: Path) -> None:
    """Remove the plan that an earlier hearing has granted: these answers are not about it."""
    plan = out / PLAN
    if plan.is_dir() and {each.name for each in plan.iterdir()} <= PLAN_FILES:
        shutil.rmtree(plan)


def _write(arguments: Namespace, hearing: Hearing, edited: Edited, accepted: list[int]) -> None:
    write_hearing(hearing, accepted, Path(arguments.out))
    if arguments.workbook is not None:
        write_edited(edited, hearing, accepted, Path(arguments.out))


def _grant(
    arguments: Namespace, hearing: Hearing, accepted: list[int], effort: Effort, console: Console
) -> Answer | Verdict:
    """The plan that grants the accepted wishes, written; else why there is none."""
    for place in accepted:
        verdict = hearing.alone[place]
        if verdict.outcome != PRICED:
            return replace(verdict, why=f"{place + 1}. {verdict.wishes[0].words!r} is {verdict.outcome}")
    console.begin("granting")
    wishes = [wish for place in accepted for wish in hearing.alone[place].wishes]
    granted = grant(hearing, wishes, arguments.name, effort, console)
    if isinstance(granted, Answer):
        write_answer(granted, Path(arguments.out) / PLAN)
    return granted


def _code(granted: Answer | Verdict | None) -> ExitCode:
    return REFUSED[granted.outcome] if isinstance(granted, Verdict) else ExitCode.DONE


def _where(out: Path, granted: Answer | Verdict | None) -> Iterator[str]:
    """Where the answers lie, and the plan."""
    yield str(out / CHALLENGES)
    if isinstance(granted, Answer):
        yield str(out / PLAN / WORKBOOK)


def _accepted(arguments: Namespace, hearing: Hearing) -> list[int]:
    """Positions of the wishes that are accepted by number, or because they cost no more than the set price."""
    most = arguments.accept_below
    wanted = {number - 1 for number in arguments.accept}
    if wanted - set(range(len(hearing.alone))):
        raise UsageError(f"there are {len(hearing.alone)} wishes: --accept takes their numbers")
    return [
        place
        for place, verdict in enumerate(hearing.alone)
        if place in wanted or (most is not None and verdict.price is not None and verdict.price < most)
    ]


def _lines(hearing: Hearing, accepted: list[int]) -> Iterator[str]:
    currency = hearing.parent.summary["currency"]
    for place, verdict in enumerate(hearing.alone):
        head = f"{place + 1}. {verdict.wishes[0].words}"
        yield f"{head}: {_price(hearing, verdict, currency)}" + (", accepted" if place in accepted else "")
    if hearing.together is not None:
        yield f"together: {_price(hearing, hearing.together, currency)}"


def _without_wish(edited: Edited) -> Iterator[str]:
    """What was typed into a workbook and asks for nothing, with the reason."""
    for edit in edited.edits:
        if edit.wish is None:
            yield f"{edit.sheet}!{cell_name(edit.row, edit.column)} {edit.typed!r}: {edit.why}"


def _price(hearing: Hearing, verdict: Verdict, currency: str) -> str:
    if verdict.outcome != PRICED or verdict.price is None:
        return f"{verdict.outcome}: {verdict.why}"
    accounts, people = counted(verdict)
    known = "" if verdict.is_exact else f" (proven: {verdict.low:,.0f} to {verdict.high:,.0f})"
    words = f"costs {verdict.price:,.2f}" if verdict.price > 0 else f"gains {-verdict.price:,.2f}"
    words = "costs nothing" if verdict.price == 0 else f"{words} {currency} a year"
    return f"{words}{known}; {plural(accounts, 'account')} and {plural(people, 'person')} elsewhere"
