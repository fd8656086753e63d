"""The places nearest to positions, by the great circle."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.geography import great_circle_km, grid_cells, unit_vectors
from podplanner.domain.spans import spans

_CHUNK, _CELLS = 1 << 16, 512
"""Positions and cells at a time, so that the distances of many need little memory."""
_CELL_DEGREES = 0.25
"""Positions of one cell (some 25 km) are measured from the same few places."""


def nearest_places(
    latitude: NDArray[Any], longitude: NDArray[Any], places: tuple[NDArray[Any], NDArray[Any]], count: int = 1
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find the nearest places of each position, nearest first, and how far they are.

    Parameters
    ----------
    latitude, longitude
        Positions, degrees (N).
    places
        Latitudes and longitudes of the places, degrees.
    count
        How many of them; all, where there are fewer.

    Returns
    -------
    tuple
        Rows in ``places`` and great-circle km (N x count).
    """
    width = min(count, len(places[0]))
    cell, middle, radius = grid_cells(latitude, longitude, _CELL_DEGREES)
    near = _near_cells(middle, radius, unit_vectors(*places), width)
    number, column = near.sum(axis=1)[cell], np.nonzero(near)[1]
    first = (np.cumsum(near.sum(axis=1)) - near.sum(axis=1))[cell]
    rows, far = [np.zeros((0, width), np.int64)], [np.zeros((0, width))]
    for start in range(0, len(cell), _CHUNK):
        part = slice(start, start + _CHUNK)
        place = column[spans(first[part], number[part])]
        point = np.repeat(np.arange(len(number[part])), number[part])
        km = great_circle_km(latitude[part][point], longitude[part][point], places[0][place], places[1][place])
        order = np.lexsort((km, point))
        # Each point has its places together now, the nearest first.
        begin = np.cumsum(number[part]) - number[part]
        chosen = order[begin[:, None] + np.arange(width)]
        rows.append(place[chosen].astype(np.int64))
        far.append(km[chosen])
    return np.concatenate(rows), np.concatenate(far)


def _near_cells(
    middle: NDArray[np.float64], radius: NDArray[np.float64], there: NDArray[np.float64], width: int
) -> NDArray[np.bool_]:
    """Places that may be among so many nearest ones of some point of each cell (cells x places).

    A point of the cell is at most the radius from its middle: the nearest places of the middle are no farther from the
    point than their angle and the radius, and a place that is nearer to the point lies within the radius twice.
    """
    found = [np.zeros((0, len(there)), bool)]
    for start in range(0, len(middle), _CELLS):
        angle = np.arccos(np.clip(middle[start : start + _CELLS] @ there.T, -1, 1))
        last = np.partition(angle, width - 1, axis=1)[:, width - 1]
        found.append(angle <= (last + 2 * radius[start : start + _CELLS])[:, None])
    return np.concatenate(found)
