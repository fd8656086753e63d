"""What a planner would call a place: the largest shipped city nearby."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from datasets.geo.places import HERE
from podplanner.domain.geography import great_circle_km

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEARBY_KM = 30.0
"""Within this distance the most populous city gives its name; beyond it the nearest does."""


@cache
def _cities() -> pd.DataFrame:
    return pd.read_csv(HERE / "world_cities.csv.gz", dtype={"region": str}, keep_default_na=False)


def names_of_places(latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> list[str]:
    """Names such as ``Dallas, TX`` or ``Lyon, FR``; the second of a name is ``Dallas, TX 2``.

    Parameters
    ----------
    latitude, longitude
        Degrees, none of them nan.
    """
    cities = _cities()
    seen: Counter[str] = Counter()
    names = []
    for phi, lam in zip(latitude.tolist(), longitude.tolist(), strict=True):
        km = great_circle_km(phi, lam, cities["latitude"].to_numpy(), cities["longitude"].to_numpy())
        nearby = np.flatnonzero(km <= NEARBY_KM)
        best = nearby[cities["population"].to_numpy()[nearby].argmax()] if len(nearby) else int(km.argmin())
        city = cities.iloc[int(best)]
        name = f"{city['city']}, {city['region'] if city['country'] == 'US' else city['country']}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return names
