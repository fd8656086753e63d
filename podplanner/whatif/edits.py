"""What was typed into a plan's workbook: found by comparing it with the plan, and said as wishes.

The owners, pods and tiers of accounts_plan and the pods of people_plan are decisions: to type another one there is a
wish. The sheets ``changes`` and ``wishes`` hold rows and sentences. All else follows from the decisions, or is nobody's
but the reader's: it asks for nothing, and is told, so that nothing typed is lost.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING

from podplanner.report.columns import OUTPUT_TABLES, UNASSIGNED, UNUSED
from podplanner.report.reading import FALSE, OWNERS, TRUE, cell_text, read_rows
from podplanner.whatif.asking import Asking
from podplanner.whatif.challenge import Wish
from podplanner.whatif.typed_rows import CHANGES, WISHES, of_changes, of_wishes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from podplanner.report.reading import Row
    from podplanner.whatif.parent import Parent

    Lines = Sequence[Sequence[object]]

KEYS = {"accounts_plan": "account_id", "people_plan": "person_id", "pods_plan": "pod_id"}
DECIDED = {"accounts_plan": ("tier", "pod_id", *OWNERS), "people_plan": ("pod_id",), "pods_plan": ()}
CLOSING = {"accounts_plan": UNUSED, "pods_plan": UNASSIGNED}
NOTES = ("note", "notes", "comment", "comments")
NOTE = "note"
"""What comes of a note: it is kept with the wishes of its row."""
KEPT = "kept"
"""What comes of all else that is no wish: it is told with its reason."""
TEXTS = ("id", "text")
"""Kinds of column whose cells are the same only as text."""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One cell that is not as it was written.

    Parameters
    ----------
    sheet, row, column
        Where; the row and column from 0.
    id, heading
        Key of its row, and the head of its column.
    was, typed
        As text.
    wish
        What it asks for, None where it asks for nothing.
    outcome, why
        ``note`` or ``kept``, and the reason; blank with a wish.
    """

    sheet: str
    row: int
    column: int
    id: str = ""
    heading: str = ""
    was: str = ""
    typed: str = ""
    wish: Wish | None = None
    outcome: str = KEPT
    why: str = ""


def find_edits(parent: Parent, sheets: Mapping[str, Lines], written: Mapping[str, Lines], author: str) -> list[Edit]:
    """All that was typed, sheet by sheet.

    Parameters
    ----------
    sheets
        Cells of the edited workbook.
    written
        Cells of the workbook as it was written; empty where it is not there.
    author
        Who asks, where a row does not say it.
    """
    asking = Asking(parent)
    edits: list[Edit] = []
    for sheet, lines in sheets.items():
        if sheet in KEYS:
            edits += _of_table(asking, sheet, lines, read_rows(parent.files[f"{sheet}.csv"], f"{sheet}.csv"), author)
        elif sheet == CHANGES:
            edits += [_typed(sheet, *each) for each in of_changes(lines, author)]
        elif sheet == WISHES:
            edits += [_typed(sheet, *each) for each in of_wishes(lines, author)]
        else:
            edits += _of_sheet(sheet, lines, written.get(sheet))
    return edits


def _typed(sheet: str, row: int, text: str, wish: Wish | None, why: str) -> Edit:
    return Edit(sheet=sheet, row=row, column=0, typed=text, wish=wish, why=why)


def _of_table(asking: Asking, sheet: str, lines: Lines, rows: Sequence[Row], author: str) -> Iterator[Edit]:
    heads = [cell_text(cell).strip() for cell in lines[0]] if lines else []
    known = list(rows[0].cells) if rows else []
    lacking = [name for name in known if name not in heads]
    if lacking:
        text = f"The columns {', '.join(lacking)} are gone: what they held stays as it was."
        yield Edit(sheet=sheet, row=0, column=0, was=", ".join(lacking), why=text)
    if KEYS[sheet] not in heads:
        return
    before = _by_key(asking, sheet, rows)
    for number, line in enumerate(lines[1:], start=1):
        if not any(cell_text(cell).strip() for cell in line):
            continue
        cells = {name: cell for name, cell in zip(heads, line, strict=False) if name}
        key = asking.known(sheet, cell_text(cells[KEYS[sheet]]).strip())
        row = _partner(sheet, before.get(key, []), cells)
        if row is None:
            text = "The plan has no such row, or has it above: rows are neither added nor copied here."
            shown = " | ".join(filter(None, map(cell_text, line)))
            yield Edit(sheet=sheet, row=number, column=heads.index(KEYS[sheet]), id=key, typed=shown, why=text)
        else:
            yield from _of_row(asking, sheet, heads, number, line, key, row, author)
    for key, left in before.items():
        for row in left:
            text = "This row is gone from the sheet: what it told stays as it was."
            yield Edit(sheet=sheet, row=0, column=0, id=key, was=_told(sheet, row), why=text)


def _by_key(asking: Asking, sheet: str, rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(asking.known(sheet, row[KEYS[sheet]]), []).append(row)
    return found


def _partner(sheet: str, rows: list[Row], cells: Mapping[str, object]) -> Row | None:
    """The written row that a row of the sheet was; of several the one with the same decisions, else the first."""
    if not rows:
        return None
    alike = [
        row for row in rows if all(same(row[name], cells.get(name, row[name]), TEXTS[0]) for name in DECIDED[sheet])
    ]
    partner = alike[0] if alike else rows[0]
    rows.remove(partner)
    return partner


def _told(sheet: str, row: Row) -> str:
    return " | ".join(filter(None, (row[name] for name in (KEYS[sheet], *DECIDED[sheet]))))


def _of_row(
    asking: Asking,
    sheet: str,
    heads: Sequence[str],
    number: int,
    line: Sequence[object],
    key: str,
    row: Row,
    author: str,
) -> Iterator[Edit]:
    """Edits of one row; its notes go with its wishes."""
    kinds = {column.name: column.kind for column in OUTPUT_TABLES[sheet]}
    edits: list[Edit] = []
    is_closing = CLOSING.get(sheet) == key
    for column, cell in enumerate(line):
        name = heads[column] if column < len(heads) else ""
        was, typed = row[name] if name else "", cell_text(cell).strip()
        if name == KEYS[sheet] or same(was, cell, kinds.get(name, "")):
            continue
        edit = Edit(sheet=sheet, row=number, column=column, id=key, heading=name, was=was, typed=typed)
        if name in DECIDED[sheet] and not is_closing:
            asked = asking.ask(sheet, key, name, was, typed)
            edit = (
                replace(edit, why=asked)
                if isinstance(asked, str)
                else replace(edit, wish=replace(asked, author=author))
            )
        elif name.casefold() in NOTES and name not in row.cells:
            edit = replace(edit, outcome=NOTE, why="Kept with what else was typed into its row.")
        elif name in kinds:
            edit = replace(edit, why=_follows(sheet, name))
        else:
            edit = replace(edit, why="This column is not one of the plan's: it is kept, and asks for nothing.")
        edits.append(edit)
    note = "; ".join(edit.typed for edit in edits if edit.outcome == NOTE)
    for edit in edits:
        yield edit if edit.wish is None else replace(edit, wish=replace(edit.wish, note=note))


def _follows(sheet: str, name: str) -> str:
    if name in ("leader_id", "coach_id"):
        return "Who leads and coaches follows from who is in the pod: change pod_id in people_plan."
    decided = ", ".join(DECIDED[sheet])
    may = f"here {decided} may be changed" if decided else "change accounts_plan or people_plan"
    return f"{name} follows from the decisions: {may}, the input in a sheet changes."


def same(was: str, typed: object, kind: str) -> bool:
    """Whether a cell is as it was written, however a spreadsheet program keeps it.

    Parameters
    ----------
    kind
        Of the column, "" where it is not declared; ids and text are the same as text only.
    """
    text = cell_text(typed).strip()
    if text == was.strip():
        return True
    if kind == "flag" or isinstance(typed, bool):
        # Programs that keep true and false as numbers save 1 and 0.
        said = text.casefold()
        return said in TRUE + FALSE and (said in TRUE) == (was in TRUE)
    if kind in TEXTS:
        return False
    try:
        return math.isclose(float(was), float(text), rel_tol=1e-9, abs_tol=1e-6)
    except ValueError:
        return False


def _of_sheet(sheet: str, lines: Lines, written: Lines | None) -> Iterator[Edit]:
    """Rows of a sheet without decisions that were not written so."""
    why = "This sheet follows from the plan: what is typed here is kept, and asks for nothing."
    if written is None:
        why = "This sheet is not one of the plan's: it is kept, and asks for nothing."
    there = Counter(_line(line) for line in written or ())
    for number, line in enumerate(lines):
        text = _line(line)
        if not text:
            continue
        if there[text] > 0:
            there[text] -= 1
        else:
            before = _line(written[number]) if written is not None and number < len(written) else ()
            alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, text, strict=False)))
            yield Edit(sheet=sheet, row=number, column=alike, typed=" | ".join(filter(None, text)), why=why)


def _line(line: Sequence[object]) -> tuple[str, ...]:
    """Cells of a line as text, numbers with ten digits, true as 1, without the blanks at its end."""
    cells = [f"{cell:.10g}" if isinstance(cell, bool | int | float) else str(cell).strip() for cell in line]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)
