"""Shipped tables as columns; see SOURCE.md."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow
from pyarrow import csv

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HERE = Path(__file__).parent
TextColumn = np.ndarray[Any, np.dtype[np.object_]]
FloatColumn = np.ndarray[Any, np.dtype[np.float64]]
IntColumn = np.ndarray[Any, np.dtype[np.int64]]

DTYPES = {"latitude": np.float64, "longitude": np.float64, "utc_offset": np.float64, "population": np.int64}
"""Of columns that are numbers; all others are text."""


@cache
def shipped(file: str) -> Mapping[str, np.ndarray[Any, np.dtype[Any]]]:
    """Columns of a shipped CSV file: positions, offsets and populations as numbers, all else as text.

    Shared between callers: do not change them.
    """
    path = str(HERE / file)
    with csv.open_csv(path) as reader:
        names = reader.schema.names
    kinds = {name: pyarrow.from_numpy_dtype(DTYPES[name]) if name in DTYPES else pyarrow.string() for name in names}
    table = csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=kinds))
    return {name: np.array(table[name].to_pylist(), dtype=DTYPES.get(name, object)) for name in names}


def by_unique(column: TextColumn, change: Callable[[str], str]) -> TextColumn:
    """Apply `change` to each different text once."""
    texts = column.tolist()
    known = {text: change(text) for text in dict.fromkeys(texts)}
    return np.array([known[text] for text in texts], dtype=object)
