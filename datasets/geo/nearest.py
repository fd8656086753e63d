"""The places nearest to positions, by the great circle."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.geography import great_circle_km, unit_vectors

_CHUNK = 2048
"""Positions at a time, so that the distances of many need little memory."""


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
    rows, far = [np.zeros((0, width), np.int64)], [np.zeros((0, width))]
    here, there = unit_vectors(latitude, longitude), unit_vectors(*places).T
    for start in range(0, len(latitude), _CHUNK):
        part = slice(start, start + _CHUNK)
        # A product of unit vectors falls with the distance, and is far quicker than the distance itself.
        some = np.sort(np.argpartition(-(here[part] @ there), width - 1, axis=1)[:, :width], axis=1)
        km = great_circle_km(latitude[part, None], longitude[part, None], places[0][some], places[1][some])
        order = np.argsort(km, axis=1, kind="stable")
        rows.append(np.take_along_axis(some, order, axis=1).astype(np.int64))
        far.append(np.take_along_axis(km, order, axis=1))
    return np.concatenate(rows), np.concatenate(far)
