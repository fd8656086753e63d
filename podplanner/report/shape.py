"""Columns into tables: declared order, declared kinds, clean numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.tables import Table
from podplanner.report.columns import (
    CHALLENGE_CHANGES,
    CHALLENGES,
    COMPARISON_TABLES,
    EDITS,
    KNOCK_ON,
    MOVED,
    OUTPUT_TABLES,
    SCENARIOS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from podplanner.domain.tables import Column

DECLARED = {
    **OUTPUT_TABLES,
    **COMPARISON_TABLES,
    "moved": MOVED,
    "knock_on": KNOCK_ON,
    "challenges": CHALLENGES,
    "challenge_changes": CHALLENGE_CHANGES,
    "scenarios": SCENARIOS,
    "edits": EDITS,
}

DECIMALS = 6
"""Numbers are written with this many: far below a cent, and the same however a sum was ordered."""


def make_table(name: str, columns: Mapping[str, object], unknown: Mapping[str, Column] | None = None) -> Table:
    """Table of the declared columns, in their order, then the unknown input columns.

    Parameters
    ----------
    columns
        Every declared column by name: anything that makes a one-dimensional array.
    unknown
        Unknown input columns of the same length; one whose name is taken is called ``input_<name>``.
    """
    shaped: dict[str, Column] = {}
    for column in DECLARED[name]:
        shaped[column.name] = _shape(columns[column.name], column.kind)
    for key, values in (unknown or {}).items():
        shaped[f"input_{key}" if key in shaped else key] = np.array(values)
    return Table(shaped)


def texts(values: Sequence[str] | NDArray[np.object_]) -> NDArray[np.object_]:
    """Text column."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def ids_at(ids: NDArray[np.object_], index: NDArray[np.int32]) -> NDArray[np.object_]:
    """Ids of these indices, "" for negative ones."""
    result = np.full(len(index), "", dtype=object)
    known = index >= 0
    result[known] = ids[index[known]]
    return result


def _shape(values: object, kind: str) -> Column:
    if kind in ("id", "text"):
        return texts(list(np.asarray(values, dtype=object)))
    if kind == "flag":
        return np.array(values, dtype=np.bool_)
    if kind == "count":
        return np.array(values, dtype=np.int64)
    # Adding zero turns -0.0 into 0.0.
    return np.round(np.array(values, dtype=np.float64), DECIMALS) + 0.0
