"""Distances on the globe, vectorised."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_KM = 6371.0088
"""Mean radius, IUGG (Moritz 2000, Geodetic Reference System 1980)."""
COSINE_SLACK = 1e-12
"""Far more than the rounding of a product of unit vectors, far less than what a distance is rounded to."""


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
