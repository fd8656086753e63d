"""Distances on the globe, vectorised."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.spans import spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_KM = 6371.0088
"""Mean radius, IUGG (Moritz 2000, Geodetic Reference System 1980)."""
COSINE_SLACK = 1e-12
"""Far more than the rounding of a product of unit vectors, far less than what a distance is rounded to."""


CELLS_PER_RADIUS = 4
"""`close_pairs` looks from cells of this part of the distance, and of no less than `LEAST_CELL` degrees."""
LEAST_CELL = 0.05
ANGLE_SLACK = 1e-6
"""Radians (some 6 m), more than an angle loses when it is taken from a product of unit vectors."""
BLOCK = 1 << 20
"""Pairs of a block of `close_pairs`, about: so many fit into a few dozen megabytes."""


def great_circle_km(
    latitude: ArrayLike, longitude: ArrayLike, other_latitude: ArrayLike, other_longitude: ArrayLike
) -> NDArray[np.float64]:
    """Great-circle distance in km by the haversine formula.

    Parameters
    ----------
    latitude, longitude, other_latitude, other_longitude
        Degrees; any shapes that broadcast. nan gives nan.
    """
    phi, other_phi = np.radians(np.asarray(latitude, float)), np.radians(np.asarray(other_latitude, float))
    half_phi = (other_phi - phi) / 2
    half_lambda = np.radians(np.asarray(other_longitude, float) - np.asarray(longitude, float)) / 2
    haversine = np.sin(half_phi) ** 2 + np.cos(phi) * np.cos(other_phi) * np.sin(half_lambda) ** 2
    distance: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(haversine)))
    return distance


def unit_vectors(latitude: ArrayLike, longitude: ArrayLike) -> NDArray[np.float64]:
    """Points on the globe as unit vectors, one row each: the farther two are apart, the smaller is their product.

    Parameters
    ----------
    latitude, longitude
        Degrees; of equal shape.
    """
    phi, lam = np.radians(np.asarray(latitude, float)), np.radians(np.asarray(longitude, float))
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)


def least_cosine(km: float) -> float:
    """Product of two unit vectors below which they are farther apart than ``km``, with a little slack.

    A quick sieve before `great_circle_km` measures the few that are left.
    """
    return math.cos(min(math.pi, km / EARTH_RADIUS_KM)) - COSINE_SLACK


def close_pairs(
    points: tuple[NDArray[np.float64], NDArray[np.float64]],
    others: tuple[NDArray[np.float64], NDArray[np.float64]],
    km: float,
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Pairs (row of points, row of others) that may be within a distance: all that are, and some that are farther.

    Points are taken cell by cell of a grid, so that the work grows with the pairs found and not with the product of
    both sizes.

    Parameters
    ----------
    points, others
        Latitudes and longitudes, degrees, no nan.
    km
        Great-circle distance.

    Yields
    ------
    tuple of arrays
        Blocks of pairs: sorted by row of points, then row of others, over all blocks.
    """
    cell, near = _cells(points, others, km)
    of_cell = near.sum(axis=1)
    column = np.nonzero(near)[1]
    first = np.cumsum(of_cell) - of_cell
    number = of_cell[cell]
    stop = np.cumsum(number)
    begin = 0
    while begin < len(cell):
        end = max(begin + 1, int(np.searchsorted(stop, stop[begin] - number[begin] + BLOCK, side="right")))
        size = number[begin:end]
        yield np.repeat(np.arange(begin, end), size), column[spans(first[cell[begin:end]], size)]
        begin = end


def _cells(
    points: tuple[NDArray[np.float64], NDArray[np.float64]],
    others: tuple[NDArray[np.float64], NDArray[np.float64]],
    km: float,
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Cell of each point, and which of the others may be within the distance of some point of the cell."""
    cell, middle, radius = grid_cells(*points, min(90.0, math.degrees(km / EARTH_RADIUS_KM) / CELLS_PER_RADIUS))
    reach = radius + km / EARTH_RADIUS_KM
    least = np.where(reach < math.pi, np.cos(np.minimum(reach, math.pi)), -np.inf) - COSINE_SLACK
    return cell, middle @ unit_vectors(*others).T >= least[:, None]


def grid_cells(
    latitude: NDArray[np.float64], longitude: NDArray[np.float64], width: float
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """Sort points into the cells of a grid, so that what is far from a cell need not be measured from each point of it.

    Parameters
    ----------
    width
        Degrees; a cell has no less than `LEAST_CELL`.

    Returns
    -------
    tuple of arrays
        Cell of each point; the middle of each cell as a unit vector; how far the points of the cell lie from it at
        most, radians, with a little slack.
    """
    width = max(LEAST_CELL, width)
    south, west = np.floor((latitude + 90) / width), np.floor((longitude + 180) / width)
    key = south * (math.ceil(360 / width) + 1) + west
    _, first, cell = np.unique(key, return_index=True, return_inverse=True)
    middle = unit_vectors((south[first] + 0.5) * width - 90, (west[first] + 0.5) * width - 180)
    spread = np.ones(len(first))
    np.minimum.at(spread, cell, (unit_vectors(latitude, longitude) * middle[cell]).sum(axis=1))
    return cell, middle, np.arccos(np.clip(spread, -1, 1)) + ANGLE_SLACK
