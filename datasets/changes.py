"""A scenario's changes, applied to raw tables before they are typed and checked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from datasets.cells import text_of
from datasets.found import Found
from datasets.raw import RawCell, RawTable, select
from datasets.schema import TABLES
from datasets.typed import typed

_KEPT_AS_IS = "value"


def apply_changes(tables: Mapping[str, RawTable], found: Found) -> dict[str, RawTable]:
    """Tables with every sound change applied, in the order of the rows; ``changes`` itself is gone.

    A change that points at nothing is a finding and is not applied.
    """
    changed = {name: table for name, table in tables.items() if name != "changes"}
    if "changes" not in tables:
        return changed
    raw = tables["changes"]
    changes = typed(raw, found)
    values = raw.columns.get(_KEPT_AS_IS, [None] * len(raw.rows))
    ops = [op or "set" for op in changes["op"]]
    drafts: dict[str, _Draft] = {}
    for index, row in enumerate(changes.rows):
        name, identity, column = (changes[part][index] for part in ("table", "id", "column"))
        if row in found.unsound_rows("changes") or not name or not identity:
            continue
        if name not in drafts:
            drafts[name] = _Draft(changed.get(name, RawTable(name, {}, [])), found)
        step = _Step(row, identity, column, values[index], drafts[name], found)
        {"set": step.set, "add": step.add, "remove": step.remove}[ops[index]]()
    return changed | {name: draft.table() for name, draft in drafts.items() if draft.exists}


class _Draft:
    """A table under change: rows are found by their key, and those removed are dropped at the end."""

    def __init__(self, table: RawTable, found: Found) -> None:
        self.name = table.name
        self.columns = {name: list(cells) for name, cells in table.columns.items()}
        self.rows = list(table.rows)
        self.damaged = dict(table.damaged)
        self.exists = bool(table.columns or table.rows)
        self._removed: set[int] = set()
        self._found = found

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Key, its columns joined by ``|`` -> positions, the first last; empty where a column of the key is missing."""
        key = TABLES[self.name].key
        places: dict[str, list[int]] = {}
        if all(name in self.columns for name in key):
            for at in reversed(range(len(self.rows))):
                places.setdefault("|".join(text_of(self.columns[name][at]) for name in key), []).append(at)
        return places

    def position(self, identity: str) -> int | None:
        """Where the row of this key is, the first of several."""
        places = self._places.get(identity)
        return places[-1] if places else None

    def append(self, identity: str, parts: list[str], row: int) -> int:
        """A new row with this key; its number is below 0."""
        height = len(self.rows)
        for cells in self.columns.values():
            cells.append(None)
        for name, part in zip(TABLES[self.name].key, parts, strict=True):
            self.columns.setdefault(name, [None] * (height + 1))[-1] = part
        self.rows.append(-row)
        self.exists = True
        self._places[identity] = [height]
        return height

    def remove(self, identity: str) -> None:
        """Drop the first row of this key."""
        self._removed.add(self._places[identity].pop())

    def write(self, at: int, column: str, value: RawCell, row: int) -> None:
        """Write a cell."""
        self.columns.setdefault(column, [None] * len(self.rows))[at] = value
        self._found.changed(self.name, self.rows[at], column, row)
        self.damaged.pop((self.rows[at], column), None)

    def table(self) -> RawTable:
        """The table as it is now."""
        whole = RawTable(self.name, self.columns, self.rows, self.damaged)
        return select(whole, [at for at in range(len(self.rows)) if at not in self._removed])


class _Step:
    """One row of ``changes``."""

    def __init__(self, row: int, identity: str, column: str, value: RawCell, draft: _Draft, found: Found) -> None:
        self.row = row
        self.identity = identity
        self.column = column
        self.value = value
        self.draft = draft
        self.found = found

    def set(self) -> None:
        """Write the cell; a policy key without a row gets one."""
        at = self.draft.position(self.identity)
        if at is not None:
            self._write(at)
        elif self.draft.name == "policy":
            self.add()
        else:
            self._nothing("id")

    def add(self) -> None:
        """Append the row, or write one more cell of the row that an earlier step of this id added."""
        draft = self.draft
        at = draft.position(self.identity)
        if at is not None and draft.rows[at] > 0:
            self.found.add("row_exists", "changes", self.row, "id", self.identity)
            return
        parts = self.identity.split("|")
        if len(parts) != len(TABLES[draft.name].key):
            self._nothing("id")
            return
        if at is None:
            at = draft.append(self.identity, parts, self.row)
        if self.column or draft.name == "policy":
            self._write(at)

    def remove(self) -> None:
        """Drop the row."""
        if self.draft.position(self.identity) is None:
            self._nothing("id")
        else:
            self.draft.remove(self.identity)

    def _write(self, at: int) -> None:
        column = self.column or ("value" if self.draft.name == "policy" else "")
        if column in TABLES[self.draft.name] or column in self.draft.columns:
            self.draft.write(at, column, self.value, self.row)
        else:
            self._nothing("column")

    def _nothing(self, what: str) -> None:
        value = self.identity if what == "id" else self.column
        words = f"{self.draft.name} has no {what} {value!r}"
        self.found.add("unknown_change", "changes", self.row, what, value, what=words)
