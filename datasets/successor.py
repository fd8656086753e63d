"""The input of a scenario: an earlier input in which what defaults have made is written out, and changes on top.

Defaults look at the whole company: one person less would find other bases, another median pay and one more hire. A
scenario is about its own changes, so that pods, tiers, service, roles and policy stay as they were completed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from datasets.policy import number_text

if TYPE_CHECKING:
    from datasets.intake import Given
    from podplanner.domain.tables import Column

SETTLED = ("pods", "tiers", "service", "roles", "policy")
"""Tables that go on as they were completed."""


def successor(before: Given, changes: Sequence[Mapping[str, object]]) -> dict[str, Any]:
    """Tables of the input with changes on top, as `datasets.take` takes them.

    Parameters
    ----------
    changes
        Rows of the table ``changes``.
    """
    given: dict[str, Any] = {name: dict(table.columns) for name, table in before.raw.items() if table.rows}
    settled = {name: {key: _cells(column) for key, column in before.tables[name].columns.items()} for name in SETTLED}
    return {**given, **settled, **({"changes": list(changes)} if changes else {})}


def _cells(column: Column) -> list[str]:
    """Cells as a planner would write them; what has no limit or no value is blank."""
    if column.dtype.kind == "f":
        return [number_text(value) if np.isfinite(value) else "" for value in column.tolist()]
    if column.dtype.kind == "M":
        return ["" if np.isnat(day) else str(day) for day in column]
    if column.dtype == np.int8:
        return [{1: "true", 0: "false"}.get(flag, "") for flag in column.tolist()]
    return [str(value) for value in column.tolist()]
