"""An edited workbook in, and out again with an answer at each cell that was typed over."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from podplanner.report.csv_text import write_csv
from podplanner.report.files import WORKBOOK
from podplanner.report.marked import ANSWERS, GRANTED, REFUSED, TOLD, Mark, cell_name, write_marked
from podplanner.report.reading import read_sheets
from podplanner.report.shape import make_table
from podplanner.whatif.challenge import PRICED, Hearing, Verdict, Wish
from podplanner.whatif.edits import NOTE, Edit, find_edits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from podplanner.domain.tables import Table
    from podplanner.whatif.parent import Parent

EDITS, ANSWERED = "edits.csv", "answered.xlsx"


@dataclass(frozen=True)
class Edited:
    """An edited workbook.

    Parameters
    ----------
    sheets
        Its cells.
    edits
        All that was typed into it.
    """

    sheets: Mapping[str, Sequence[Sequence[object]]]
    edits: tuple[Edit, ...]

    @property
    def wishes(self) -> list[Wish]:
        """What it asks for, in order; what is asked for in two cells is one wish."""
        return list(dict.fromkeys(edit.wish for edit in self.edits if edit.wish is not None))


def read_edited(path: Path, parent: Parent, author: str = "") -> Edited:
    """Read a plan's workbook that was edited by hand.

    Parameters
    ----------
    author
        Who asks, where a row of ``changes`` or ``wishes`` does not say it.

    Raises
    ------
    UnreadableInput
        Where it is no workbook.
    """
    # An answer that is handed in again has its answers beside what was typed.
    sheets = {name: lines for name, lines in read_sheets(path).items() if name != ANSWERS}
    return Edited(sheets, tuple(find_edits(parent, sheets, _written(parent), author)))


def _written(parent: Parent) -> Mapping[str, Sequence[Sequence[object]]]:
    if WORKBOOK not in parent.files:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, WORKBOOK)
        path.write_bytes(parent.files[WORKBOOK])
        return read_sheets(path)


def write_edited(edited: Edited, hearing: Hearing, accepted: Sequence[int], folder: Path) -> Table:
    """Write the answer to each edit: as a table, and at the cells of a copy of the edited sheets.

    Parameters
    ----------
    accepted
        Positions of the accepted wishes in the hearing.
    """
    numbers = {verdict.wishes[0]: place for place, verdict in enumerate(hearing.alone)}
    heard = [(edit, None if edit.wish is None else numbers[edit.wish]) for edit in edited.edits]
    rows = [_row(edit, place, hearing, accepted) for edit, place in heard]
    table = make_table("edits", {name: [row[name] for row in rows] for name in _COLUMNS})
    write_csv(table, folder / EDITS)
    currency = str(hearing.parent.summary["currency"])
    marks: dict[tuple[str, int, int], Mark] = {}
    for edit, place in heard:
        mark = _mark(edit, None if place is None else hearing.alone[place], currency)
        there = marks.get((edit.sheet, edit.row, edit.column))
        joined = mark if there is None else Mark(there.look, f"{there.words}\n{mark.words}")
        marks[edit.sheet, edit.row, edit.column] = joined
    touched = {name: lines for name, lines in edited.sheets.items() if any(edit.sheet == name for edit in edited.edits)}
    write_marked(folder / ANSWERED, touched, marks, table, currency)
    return table


_COLUMNS = (
    *("sheet", "cell", "id", "column", "was", "typed", "challenge", "wish", "outcome", "price", "accepted"),
    *("author", "note", "why"),
)


def _row(edit: Edit, place: int | None, hearing: Hearing, accepted: Sequence[int]) -> dict[str, object]:
    verdict = None if place is None else hearing.alone[place]
    wish = edit.wish or Wish("")
    price = float("nan") if verdict is None or verdict.price is None else verdict.price
    return {
        "sheet": edit.sheet,
        "cell": cell_name(edit.row, edit.column),
        "id": edit.id,
        "column": edit.heading,
        "was": edit.was,
        "typed": edit.typed,
        "challenge": "" if place is None else str(place + 1),
        "wish": wish.words,
        "outcome": edit.outcome if verdict is None else verdict.outcome,
        "price": price,
        "accepted": place is not None and place in accepted,
        "author": wish.author,
        "note": wish.note,
        "why": edit.why if verdict is None else verdict.why,
    }


def _mark(edit: Edit, verdict: Verdict | None, currency: str) -> Mark:
    was = f"Was: {edit.was or 'blank'}. " if edit.heading else ""
    if verdict is None:
        return Mark(TOLD if edit.outcome == NOTE else REFUSED, f"{was}{edit.why}")
    if verdict.outcome != PRICED or verdict.price is None:
        return Mark(REFUSED, f"{was}{verdict.outcome}: {verdict.why}")
    words = f"costs {verdict.price:,.2f}" if verdict.price > 0 else f"gains {-verdict.price:,.2f}"
    words = "costs nothing" if verdict.price == 0 else f"{words} {currency} a year"
    known = "" if verdict.is_exact else f" (proven: {verdict.low:,.0f} to {verdict.high:,.0f})"
    return Mark(GRANTED, f"{was}{verdict.wishes[0].words}: {words}{known}.")
