"""What a planner would call a place: the largest shipped city nearby."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from datasets.geo.shipped import shipped
from podplanner.domain.geography import COSINE_SLACK, great_circle_km, least_cosine, unit_vectors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

NEARBY_KM = 30.0
"""Within this distance the most populous city gives its name; beyond it the nearest does."""


def names_of_places(latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> list[str]:
    """Names such as ``Dallas, TX`` or ``Lyon, FR``; the second of a name is ``Dallas, TX 2``.

    Parameters
    ----------
    latitude, longitude
        Degrees, none of them nan.
    """
    cities = shipped("world_cities.csv.gz")
    city, region, country = (cities[name] for name in ("city", "region", "country"))
    seen: Counter[str] = Counter()
    names = []
    for best in _best_cities(cities, latitude, longitude):
        name = f"{city[best]}, {region[best] if country[best] == 'US' else country[best]}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return names


def _best_cities(
    cities: Mapping[str, NDArray[Any]], latitude: NDArray[np.float64], longitude: NDArray[np.float64]
) -> Iterator[np.int64]:
    """Row of the city after which each place is named."""
    y, x, population = (cities[name] for name in ("latitude", "longitude", "population"))
    units = unit_vectors(y, x)
    for phi, lam in zip(latitude, longitude, strict=True):
        cosine = units @ unit_vectors(phi, lam)
        near = np.flatnonzero(cosine >= min(least_cosine(NEARBY_KM), cosine.max() - COSINE_SLACK))
        km = great_circle_km(phi, lam, y[near], x[near])
        nearby = near[km <= NEARBY_KM]
        yield nearby[population[nearby].argmax()] if len(nearby) else near[km.argmin()]
