"""A scenario's changes, applied to raw tables before they are typed and checked."""

from __future__ import annotations

from collections.abc import Mapping

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
    for index, row in enumerate(changes.rows):
        name, identity, column = (changes[part][index] for part in ("table", "id", "column"))
        if row in found.unsound_rows("changes") or not name or not identity:
            continue
        table = changed.get(name, RawTable(name, {}, []))
        step = _Step(row, identity, column, values[index])
        if ops[index] == "remove":
            changed[name] = step.remove(table, found)
        elif ops[index] == "add":
            changed[name] = step.add(table, found)
        else:
            changed[name] = step.set(table, found)
    return changed


class _Step:
    """One row of ``changes``."""

    def __init__(self, row: int, identity: str, column: str, value: RawCell) -> None:
        self.row = row
        self.identity = identity
        self.column = column
        self.value = value

    def set(self, table: RawTable, found: Found) -> RawTable:
        """Write the cell; a policy key without a row gets one."""
        at = self._position(table)
        if at is None and table.name == "policy":
            return self.add(table, found)
        if at is None:
            return self._nothing(table, "id", found)
        return self._write(table, at, found)

    def add(self, table: RawTable, found: Found) -> RawTable:
        """Append the row, or write one more cell of the row that an earlier step of this id added."""
        at = self._position(table)
        if at is not None and table.rows[at] > 0:
            found.add("row_exists", "changes", self.row, "id", self.identity)
            return table
        key = TABLES[table.name].key
        parts = self.identity.split("|")
        if len(parts) != len(key):
            return self._nothing(table, "id", found)
        if at is None:
            columns = {name: [*cells, None] for name, cells in table.columns.items()}
            height = len(table.rows)
            for name, part in zip(key, parts, strict=True):
                columns.setdefault(name, [None] * (height + 1))[-1] = part
            table = RawTable(table.name, columns, [*table.rows, -self.row], table.damaged)
            at = height
        return self._write(table, at, found) if self.column or table.name == "policy" else table

    def remove(self, table: RawTable, found: Found) -> RawTable:
        """Drop the row."""
        at = self._position(table)
        if at is None:
            return self._nothing(table, "id", found)
        return select(table, [index for index in range(len(table.rows)) if index != at])

    def _write(self, table: RawTable, at: int, found: Found) -> RawTable:
        column = self.column or ("value" if table.name == "policy" else "")
        if column not in TABLES[table.name] and column not in table.columns:
            return self._nothing(table, "column", found)
        cells = list(table.columns.get(column, [None] * len(table.rows)))
        cells[at] = self.value
        found.changed(table.name, table.rows[at], column, self.row)
        damaged = {place: rule for place, rule in table.damaged.items() if place != (table.rows[at], column)}
        return RawTable(table.name, {**table.columns, column: cells}, table.rows, damaged)

    def _position(self, table: RawTable) -> int | None:
        key = TABLES[table.name].key
        if any(name not in table.columns for name in key):
            return None
        wanted = self.identity.split("|")
        if len(wanted) != len(key):
            wanted = [self.identity]
        columns = [table.columns[name] for name in key]
        for index, cells in enumerate(zip(*columns, strict=True)):
            if [text_of(cell) for cell in cells] == wanted:
                return index
        return None

    def _nothing(self, table: RawTable, what: str, found: Found) -> RawTable:
        value = self.identity if what == "id" else self.column
        found.add("unknown_change", "changes", self.row, what, value, what=f"{table.name} has no {what} {value!r}")
        return table
