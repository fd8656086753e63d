"""The command ``challenge``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from podplanner.cli.exits import ExitCode, Reply, UsageError
from podplanner.cli.progress import Console
from podplanner.cli.review_commands import records
from podplanner.cli.whatif_commands import asked_effort
from podplanner.report.files import WORKBOOK
from podplanner.report.marked import cell_name
from podplanner.whatif.challenge import IMPOSSIBLE, PRICED, Verdict, Wish, counted, grant, hear
from podplanner.whatif.hearing_files import CHALLENGES, answers, log_hearing, read_wishes, write_hearing
from podplanner.whatif.parent import read_parent
from podplanner.whatif.round_trip import Edited, read_edited, write_edited
from podplanner.whatif.scenario import Answer, write_answer

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from podplanner.whatif.challenge import Hearing
    from podplanner.whatif.near import Effort

PLAN = "plan"
"""Folder of the plan that grants the accepted wishes."""


def run_challenge(arguments: Namespace) -> Reply:
    """Answer wishes by their prices, and grant those that are accepted."""
    wishes = [Wish(words, arguments.author, arguments.note) for words in arguments.wishes]
    wishes += [] if arguments.list is None else read_wishes(Path(arguments.list))
    if not wishes and arguments.workbook is None:
        raise UsageError("name a wish, a file of them with --list, or an edited --workbook")
    out = Path(arguments.out)
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


def _write(arguments: Namespace, hearing: Hearing, edited: Edited, accepted: list[int]) -> None:
    write_hearing(hearing, accepted, Path(arguments.out))
    if arguments.workbook is not None:
        write_edited(edited, hearing, accepted, Path(arguments.out))


def _grant(
    arguments: Namespace, hearing: Hearing, accepted: list[int], effort: Effort, console: Console
) -> Answer | Verdict:
    """The plan that grants the accepted wishes, written; else why there is none."""
    console.begin("granting")
    wishes = [wish for place in accepted for wish in hearing.alone[place].wishes]
    granted = grant(hearing.parent, wishes, arguments.name, effort, console)
    if isinstance(granted, Answer):
        write_answer(granted, Path(arguments.out) / PLAN)
    return granted


def _code(granted: Answer | Verdict | None) -> ExitCode:
    if isinstance(granted, Verdict):
        return ExitCode.INFEASIBLE if granted.outcome == IMPOSSIBLE else ExitCode.LIMIT
    return ExitCode.DONE


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
        if verdict.price is not None and (place in wanted or (most is not None and verdict.price < most))
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
    return f"{words}{known}; {accounts:,} accounts and {people:,} people are elsewhere"
