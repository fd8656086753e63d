"""The verifier's own geometry: places as unit vectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0088
"""Mean radius, IUGG (Moritz 2000, Geodetic Reference System 1980)."""


def on_sphere(latitude: Floats, longitude: Floats) -> Floats:
    """Unit vectors of places in degrees (n x 3); nan gives nan."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)


def straight_km(one: Floats, other: Floats) -> Floats:
    """Great-circle km between unit vectors, accurate near and far (Kahan's angle between two vectors)."""
    apart = np.linalg.norm(one - other, axis=-1)
    along = np.linalg.norm(one + other, axis=-1)
    return np.asarray(EARTH_RADIUS_KM * 2.0 * np.arctan2(apart, along))
