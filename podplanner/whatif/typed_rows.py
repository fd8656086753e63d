"""The sheets ``changes`` and ``wishes`` of an edited workbook, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podplanner.report.reading import cell_text
from podplanner.whatif.challenge import Wish

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from podplanner.whatif.facts import Row

    Lines = Sequence[Sequence[object]]

CHANGES, WISHES = "changes", "wishes"
CELLS = ("op", "table", "id", "column", "value")

Typed = tuple[int, str, Wish | None, str]
"""Row from 0, what was typed, its wish, or why it is none."""


def of_wishes(lines: Lines, author: str) -> Iterator[Typed]:
    """Sentences: a column ``wish``, and if wanted ``author`` and ``note``."""
    for number, cells, text in _rows(lines):
        if cells.get("wish"):
            yield number, text, Wish(cells["wish"], cells.get("author") or author, cells.get("note", "")), ""
        else:
            yield number, text, None, "There is no sentence under the head wish."


def of_changes(lines: Lines, author: str) -> Iterator[Typed]:
    """Rows of the table ``changes``; the cells of a row that is added are one wish, told at the first of them."""
    added: dict[tuple[str, str], list[int]] = {}
    typed: dict[int, tuple[dict[str, str], str]] = {}
    for number, cells, text in _rows(lines):
        typed[number] = (cells, text)
        if cells.get("op") == "add":
            added.setdefault((cells.get("table", ""), cells.get("id", "")), []).append(number)
    for number, (cells, text) in typed.items():
        if not cells.get("table") or not cells.get("id"):
            yield number, text, None, "A change needs a table and an id, under heads of these names."
            continue
        together = added.get((cells["table"], cells["id"]), [number]) if cells.get("op") == "add" else [number]
        rows = tuple(_change(typed[each][0]) for each in together)
        words = " ".join(filter(None, (rows[0]["op"], rows[0]["table"], rows[0]["id"])))
        if rows[0]["op"] == "set":
            words = " ".join(filter(None, (words, rows[0]["column"], rows[0]["value"])))
        yield number, text, Wish(words, cells.get("author") or author, cells.get("note", ""), rows), ""


def _change(cells: dict[str, str]) -> Row:
    return {**{name: cells.get(name, "") for name in CELLS}, "op": cells.get("op") or "set"}


def _rows(lines: Lines) -> Iterator[tuple[int, dict[str, str], str]]:
    heads = [cell_text(cell).strip().casefold() for cell in lines[0]] if lines else []
    for number, line in enumerate(lines[1:], start=1):
        texts = [cell_text(cell).strip() for cell in line]
        if any(texts):
            cells = {head: text for head, text in zip(heads, texts, strict=False) if head}
            yield number, cells, " | ".join(filter(None, texts))
