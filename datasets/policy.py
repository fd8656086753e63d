"""The policy: its keys are typed and checked like columns, and kept as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from datasets.found import Found
from datasets.near import one_edit_away
from datasets.raw import RawTable
from datasets.schema import POLICY_KEYS
from datasets.schema.kinds import Cell, show
from datasets.typed import Array, Typed, is_blank, typed_column


@dataclass(frozen=True)
class Policy:
    """Sound values of the keys that were given.

    Parameters
    ----------
    values
        Key -> array of one typed cell.
    rows
        Key -> row.
    """

    values: Mapping[str, Array]
    rows: Mapping[str, int]

    def text(self, key: str) -> str:
        """The value, or the key's constant default, as text; "" where there is none."""
        if key in self.values:
            return cell_text(self.values[key])
        default = POLICY_KEYS[key].default
        return "" if default is None or isinstance(default, Mapping) else show(default)

    def number(self, key: str) -> float:
        """A number; nan where there is none."""
        text = self.text(key)
        return float(text) if text else float("nan")


def cell_text(cell: Array) -> str:
    """Canonical text of one typed cell."""
    value: object = cell[0]
    if is_blank(cell)[0]:
        return ""
    if cell.dtype == np.int8:
        return show(bool(value))
    return number_text(float(cell[0])) if cell.dtype.kind == "f" else str(value)


def number_text(value: Cell) -> str:
    """Shortest text that reads back as the same number."""
    number = float(value)
    return str(int(number)) if number.is_integer() else repr(number)


def read_policy(raw: RawTable, table: Typed, found: Found) -> Policy:
    """Check keys and values."""
    values: dict[str, Array] = {}
    rows: dict[str, int] = {}
    cells = raw.columns.get("value", [None] * len(raw.rows))
    for key, cell, row in zip(table["key"], cells, table.rows, strict=True):
        declared = POLICY_KEYS.get(key.casefold())
        if declared is None:
            if key:
                near = [known for known in POLICY_KEYS if one_edit_away(key, known)]
                found.add("unknown_policy_key", "policy", row, "key", key, more=f" Or is it {near[0]}?" if near else "")
            continue
        damaged = {place: rule for place, rule in raw.damaged.items() if place[0] == row}
        value = typed_column(
            "policy", replace(declared, name="value"), [cell], RawTable("policy", {}, [row], damaged), found
        )
        if not is_blank(value)[0]:
            values.setdefault(declared.name, value)
            rows.setdefault(declared.name, row)
    if "currency" in values:
        values["currency"] = np.array([str(values["currency"][0]).upper()], object)
    return Policy(values, rows)
