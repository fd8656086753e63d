"""A hearing in files: wishes in, answers out, and the log of what was asked and granted."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

from datasets import csv_of_changes
from podplanner.domain.errors import UnreadableInput
from podplanner.report.columns import MOVED
from podplanner.report.csv_text import write_csv
from podplanner.report.shape import make_table
from podplanner.whatif.challenge import PRICED, Hearing, Verdict, Wish, counted
from podplanner.whatif.differences import priced
from podplanner.whatif.moved import moved

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from podplanner.domain.tables import Table

CHALLENGES, KNOCK_ON, ACCEPTED, LOG = "challenges.csv", "knock_on.csv", "accepted.csv", "log.jsonl"
TOGETHER = "together"


def read_wishes(path: Path) -> list[Wish]:
    """Wishes of a CSV file with the columns ``wish`` and, if wanted, ``author`` and ``note``.

    Raises
    ------
    UnreadableInput
        Where it is no such file.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if "wish" not in (reader.fieldnames or ()):
                raise UnreadableInput(f"{path} has no column wish.")
            rows = [{name: (row[name] or "").strip() for name in row if name} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableInput(f"{path} cannot be read as UTF-8 CSV: {error}") from error
    return [Wish(row["wish"], row.get("author", ""), row.get("note", "")) for row in rows if row["wish"]]


def write_hearing(hearing: Hearing, accepted: Sequence[int], folder: Path) -> None:
    """Write the answers, what else would move, and the accepted wishes as rows of ``changes``.

    Parameters
    ----------
    accepted
        Positions of the accepted wishes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(answers(hearing, accepted), folder / CHALLENGES)
    write_csv(knock_on(hearing), folder / KNOCK_ON)
    rows = [row for place in accepted for row in hearing.alone[place].changes]
    folder.joinpath(ACCEPTED).write_bytes(csv_of_changes(rows))


def log_hearing(hearing: Hearing, accepted: Sequence[int], folder: Path, at: str) -> None:
    """Go on with the folder's log: a line for each wish, with the time ``at``."""
    with folder.joinpath(LOG).open("a", encoding="utf-8") as log:
        for place, verdict in enumerate(hearing.alone):
            (wish,) = verdict.wishes
            told = {
                "at": at,
                "plan_id": hearing.parent.plan_id,
                "wish": wish.words,
                "author": wish.author,
                "note": wish.note,
                "outcome": verdict.outcome,
                "why": verdict.why,
                "price": verdict.price,
                "accepted": place in accepted,
            }
            log.write(json.dumps(told, ensure_ascii=False) + "\n")


def answers(hearing: Hearing, accepted: Sequence[int]) -> Table:
    """A row for each wish, and one for all together."""
    rows = [(str(number), each, number - 1 in accepted) for number, each in enumerate(hearing.alone, start=1)]
    rows += [] if hearing.together is None else [(TOGETHER, hearing.together, False)]
    columns: dict[str, list[object]] = {name: [] for name in ANSWER_COLUMNS}
    for number, verdict, is_accepted in rows:
        for name, cell in zip(ANSWER_COLUMNS, _cells(number, verdict, is_accepted), strict=True):
            columns[name].append(cell)
    return make_table("challenges", columns)


ANSWER_COLUMNS = (
    *("challenge", "wish", "author", "note", "outcome", "price", "price_low", "price_high", "exact"),
    *("accounts_moved", "people_moved", "accepted", "why"),
)


def _cells(number: str, verdict: Verdict, accepted: bool) -> tuple[object, ...]:
    accounts, people = counted(verdict)
    words, authors, notes = (
        "; ".join(dict.fromkeys(filter(None, (getattr(wish, name) for wish in verdict.wishes))))
        for name in ("words", "author", "note")
    )
    known = verdict.outcome == PRICED
    price = (verdict.price, verdict.low, verdict.high) if known else (float("nan"),) * 3
    of_wish = (number, words, authors, notes, verdict.outcome)
    return (*of_wish, *price, verdict.is_exact, accounts, people, accepted, verdict.why)


def knock_on(hearing: Hearing) -> Table:
    """What each granted wish would move, as ``moved.csv`` tells it, against the plan without wishes."""
    names = ("challenge", *(column.name for column in MOVED))
    columns: dict[str, list[object]] = {name: [] for name in names}
    for number, table in _moves(hearing):
        for row in zip(*(column.tolist() for column in table.columns.values()), strict=True):
            for name, cell in zip(names, (number, *row), strict=True):
                columns[name].append(cell)
    return make_table("knock_on", columns)


def _moves(hearing: Hearing) -> Iterator[tuple[str, Table]]:
    numbered = [(str(number), verdict) for number, verdict in enumerate(hearing.alone, start=1)]
    for number, verdict in (*numbered, (TOGETHER, hearing.together)):
        if verdict is None or verdict.instance is None or verdict.plan is None or verdict.before is None:
            continue
        found = priced(verdict.instance, verdict.plan, verdict.before)
        yield number, moved(verdict.instance, verdict.plan, verdict.before, found)
