"""Standard-time offsets of zones and positions, from the shipped tables; see SOURCE.md."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from datasets.geo.shipped import HERE, shipped

if TYPE_CHECKING:
    from datasets.geo.shipped import FloatColumn, TextColumn

OFFSET = re.compile(r"(?:utc|gmt)?\s*([+\-\u2212])\s*(\d{1,2})(?::?(\d{2})|\.(\d+))?")
LOWEST_OFFSET, HIGHEST_OFFSET = -12.0, 14.0
QUARTERS_PER_HOUR = 4


def utc_offset_of_zone(zones: TextColumn) -> FloatColumn:
    """Standard-time offset of each zone.

    Parameters
    ----------
    zones
        IANA names in any case, or offsets such as ``UTC-5``, ``-5``, ``+05:30`` and ``+5.5``; "" where blank.

    Returns
    -------
    utc_offset
        Hours, -12 to 14; nan where blank or unknown.
    """
    texts = zones.tolist()
    known = {text: _offset_of(text) for text in dict.fromkeys(texts)}
    return np.array([known[text] for text in texts], dtype=np.float64)


def utc_offset_at(latitude: FloatColumn, longitude: FloatColumn) -> FloatColumn:
    """Standard-time offset at each position: that of the shipped places in or nearest to its quarter-degree cell.

    Parameters
    ----------
    latitude, longitude
        Degrees; nan where there is no place.

    Returns
    -------
    utc_offset
        Hours; nan where a coordinate is.
    """
    grid = _grid()
    rows, columns = grid.shape
    known = np.isfinite(latitude) & np.isfinite(longitude)
    row = ((np.where(known, latitude, 0.0) + 90.0) * rows / 180.0).astype(np.int64).clip(0, rows - 1)
    column = ((np.where(known, longitude, 0.0) + 180.0) * columns / 360.0).astype(np.int64).clip(0, columns - 1)
    return np.asarray(np.where(known, grid[row, column] / QUARTERS_PER_HOUR, np.nan), dtype=np.float64)


def _offset_of(text: str) -> float:
    name = text.strip().casefold()
    known = _zone_offsets().get(name)
    if known is not None:
        return known
    match = OFFSET.fullmatch(name)
    if match is None:
        return float("nan")
    sign, hours, minutes, decimals = match.groups()
    size = int(hours) + int(minutes or 0) / 60 + float(f"0.{decimals or 0}")
    offset = size if sign == "+" else -size
    return offset if LOWEST_OFFSET <= offset <= HIGHEST_OFFSET else float("nan")


@cache
def _zone_offsets() -> dict[str, float]:
    table = shipped("zones.csv")
    zones, offsets = table["zone"].tolist(), table["utc_offset"].tolist()
    return {zone.casefold(): offset for zone, offset in zip(zones, offsets, strict=True)}


@cache
def _grid() -> np.ndarray[Any, np.dtype[np.int8]]:
    with np.load(HERE / "offset_grid.npz") as file:
        return np.asarray(file["quarters"], dtype=np.int8)
