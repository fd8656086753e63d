"""Regions and countries by code or by name, from shipped tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from datasets.geo.places import fold, known_countries, known_regions
from datasets.geo.shipped import by_unique

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from datasets.geo.shipped import TextColumn


def same_region(region: TextColumn, country: TextColumn, name: str) -> NDArray[np.bool_]:
    """Which of these regions a name or a code stands for.

    Parameters
    ----------
    region, country
        Text of equal length, as of `resolve_places`.
    """
    asked = by_unique(country, lambda text: known_regions().get(f"{fold(name)}|{_country(text)}", ""))
    return np.asarray((asked != "") & (_region(region, country) == asked), bool)


def same_country(country: TextColumn, name: str) -> NDArray[np.bool_]:
    """Which of these countries a name or a code stands for."""
    asked = _country(name)
    return np.asarray((by_unique(country, _country) == asked) & (asked != ""), bool)


def names_of_regions(region: TextColumn, country: TextColumn) -> list[str]:
    """All names and codes that stand for one of these regions, in order."""
    here = set(_region(region, country).tolist()) - {""}
    return sorted({key.split("|")[0].title() for key, code in known_regions().items() if code in here})


def _region(region: TextColumn, country: TextColumn) -> TextColumn:
    key = by_unique(region, fold) + "|" + by_unique(country, _country)
    return by_unique(key, lambda each: known_regions().get(each, ""))


def _country(text: str) -> str:
    return known_countries().get(fold(text), "")
