"""Where a postal code or a city is, from the shipped tables; see SOURCE.md."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from datasets.geo.shipped import by_unique, shipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from datasets.geo.shipped import FloatColumn, IntColumn, TextColumn

ZIP = re.compile(r"(\d{3,5})(?:-?\d{4})?")
PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "'": "", "\u2019": ""}
)
SHORT_WORDS = {"st": "saint", "ste": "sainte", "ft": "fort", "mt": "mount"}
NO_PLACE = -1


@dataclass(frozen=True)
class Gazetteer:
    """Shipped places as columns, and the keys they are found by.

    Parameters
    ----------
    latitude, longitude, utc_offset
        Degrees, and hours of standard time, by row.
    rows_of_zip
        US zip (five digits) -> row.
    rows_of_city
        ``city|region|country``, ``city||country``, ``city|region|`` and ``city||``, folded -> row of the most
        populous place that answers to it.
    regions
        Folded ``region|country`` and ``region|`` -> code used in the keys.
    countries
        Folded name, ISO-2 or ISO-3 -> ISO-2 in lower case.
    """

    latitude: FloatColumn
    longitude: FloatColumn
    utc_offset: FloatColumn
    rows_of_zip: Mapping[str, int]
    rows_of_city: Mapping[str, int]
    regions: Mapping[str, str]
    countries: Mapping[str, str]


def resolve_places(
    postal_code: TextColumn, city: TextColumn, region: TextColumn, country: TextColumn
) -> tuple[FloatColumn, FloatColumn, FloatColumn]:
    """Find each address offline.

    In this order: a US postal code (zip or ZIP+4, lost leading zeros tolerated) where the country is US or blank;
    city, region and country; city and country; with a blank country the city anywhere. Of several places the most
    populous one counts. A US state in which the city is not known leaves the place unknown, as does a country that is
    not known. Case, accents and punctuation do not matter.

    Parameters
    ----------
    postal_code, city, region, country
        Text of equal length, "" where blank. Countries as ISO-2, ISO-3 or English name; regions as US state code or
        name, likewise for Canada, Australia, Germany and the parts of the United Kingdom.

    Returns
    -------
    latitude, longitude, utc_offset
        Degrees, degrees, and hours of standard time; nan where unknown.
    """
    places = _gazetteer()
    countries = by_unique(country, lambda text: places.countries.get(fold(text), "?") if text.strip() else "")
    row = _rows_by_zip(places, postal_code, countries)
    missing = np.flatnonzero((row == NO_PLACE) & (city != "") & (countries != "?"))
    row[missing] = _rows_by_city(places, city[missing], region[missing], countries[missing])
    found = row != NO_PLACE
    return (
        np.where(found, places.latitude[row], np.nan),
        np.where(found, places.longitude[row], np.nan),
        np.where(found, places.utc_offset[row], np.nan),
    )


def fold(text: str) -> str:
    """Reduce a name to lower-case letters and digits without accents, its usual short words written out."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(PLAIN_LETTERS)
    kept = "".join(mark if mark.isalnum() else " " for mark in plain if not unicodedata.combining(mark))
    return " ".join(SHORT_WORDS.get(word, word) for word in kept.split())


def _rows_by_zip(places: Gazetteer, postal_code: TextColumn, countries: TextColumn) -> IntColumn:
    zips = by_unique(postal_code, _five_digits)
    zips[(countries != "us") & (countries != "")] = ""
    return _lookup(places.rows_of_zip, zips)


def _five_digits(text: str) -> str:
    match = ZIP.fullmatch(text.strip())
    return match.group(1).zfill(5) if match else ""


def _rows_by_city(places: Gazetteer, city: TextColumn, region: TextColumn, countries: TextColumn) -> IntColumn:
    """Look up ``city|region|country``, then the same without region unless a US state forbids it."""
    names, regions = by_unique(city, fold), by_unique(region, fold)
    region_keys = by_unique(regions + "|" + countries, lambda key: places.regions.get(key, ""))
    rows = _lookup(places.rows_of_city, names + "|" + region_keys + "|" + countries)
    elsewhere = by_unique(region_keys, lambda key: "" if key.startswith("us-") else "any")
    again = np.flatnonzero((rows == NO_PLACE) & (elsewhere != ""))
    rows[again] = _lookup(places.rows_of_city, names[again] + "||" + countries[again])
    return rows


def _lookup(known: Mapping[str, int], keys: TextColumn) -> IntColumn:
    return np.array([known.get(key, NO_PLACE) for key in keys.tolist()], dtype=np.int64)


@cache
def _gazetteer() -> Gazetteer:
    zips, towns, cities = shipped("us_zips.csv.gz"), _us_towns(), shipped("world_cities.csv.gz")
    latitude, longitude, utc_offset = (
        np.concatenate([table[name] for table in (zips, towns, cities)])
        for name in ("latitude", "longitude", "utc_offset")
    )
    return Gazetteer(
        latitude=latitude,
        longitude=longitude,
        utc_offset=utc_offset,
        rows_of_zip={zip_code: row for row, zip_code in enumerate(zips["zip"].tolist())},
        rows_of_city=_city_keys(towns, cities, first_row=len(zips["zip"])),
        regions=known_regions(),
        countries=known_countries(),
    )


def _us_towns() -> dict[str, TextColumn | FloatColumn | IntColumn]:
    """Cities of the zip table: the people's mean position and the offset of their largest zip."""
    zips = shipped("us_zips.csv.gz")
    by_size = np.lexsort((zips["zip"], -zips["population"]))
    state, population = zips["state"][by_size], zips["population"][by_size]
    # A tab comes before all letters: towns are in the order of city, then state.
    _, largest, town = np.unique(zips["city"][by_size] + "\t" + state, return_index=True, return_inverse=True)
    people = np.bincount(town, weights=population + 1)
    latitude, longitude = (
        np.bincount(town, weights=zips[name][by_size] * (population + 1)) / people for name in ("latitude", "longitude")
    )
    return {
        "city": zips["city"][by_size][largest],
        "region": state[largest],
        "country": np.full(len(largest), "US", dtype=object),
        "population": np.bincount(town, weights=population).astype(np.int64),
        "latitude": latitude,
        "longitude": longitude,
        "utc_offset": zips["utc_offset"][by_size][largest],
    }


def _city_keys(
    towns: Mapping[str, TextColumn | FloatColumn | IntColumn],
    cities: Mapping[str, TextColumn | FloatColumn | IntColumn],
    first_row: int,
) -> Mapping[str, int]:
    """Give every key to its most populous place; in the US the zip table's towns come before the city list's."""
    name, region, country, population = (
        np.concatenate([table[column] for table in (towns, cities)])
        for column in ("city", "region", "country", "population")
    )
    alias, of = _aliases(name, country)
    row = np.concatenate([np.arange(len(name)), of])
    is_city = np.repeat([0, 1], [len(towns["city"]), len(cities["city"])])[row]
    city = by_unique(np.concatenate([name, alias]), fold)
    country = by_unique(country, str.lower)[row]
    region = country + "-" + by_unique(region, str.lower)[row]
    keys = np.concatenate(
        [
            city + "|" + region + "|" + country,
            city + "||" + country,
            city + "|" + region + "|",
            city + "||",
        ]
    )
    in_state = np.tile(is_city, 4) * np.repeat([1, 0, 1, 0], len(row))
    worst_first = np.lexsort((np.tile(row, 4), -np.tile(population[row], 4), in_state))[::-1]
    return dict(zip(keys[worst_first].tolist(), (first_row + np.tile(row, 4))[worst_first].tolist(), strict=True))


def _aliases(name: TextColumn, country: TextColumn) -> tuple[TextColumn, IntColumn]:
    """Other names of places, and the place of each."""
    table = shipped("city_aliases.csv")
    known: dict[tuple[str, str], list[str]] = {}
    for at, city, alias in zip(*(table[column].tolist() for column in ("country", "name", "alias")), strict=True):
        known.setdefault((at, city), []).append(alias)
    found = [
        (alias, row)
        for row, place in enumerate(zip(country.tolist(), name.tolist(), strict=True))
        for alias in known.get(place, ())
    ]
    return np.array([alias for alias, _ in found], dtype=object), np.array([row for _, row in found], dtype=np.int64)


@cache
def known_regions() -> Mapping[str, str]:
    """As of `Gazetteer`."""
    known: dict[str, str] = {}
    for table in (shipped("regions.csv"), shipped("us_states.csv")):
        for at, name, short in zip(*(table[column].tolist() for column in ("country", "name", "code")), strict=True):
            country = at.lower()
            code = f"{country}-{short.lower()}"
            for each in {name, short}:
                known[f"{fold(each)}|{country}"] = code
                known[f"{fold(each)}|"] = code
    return known


@cache
def known_countries() -> Mapping[str, str]:
    """As of `Gazetteer`."""
    table, others = shipped("countries.csv"), shipped("country_aliases.csv")
    known = {}
    for iso, iso3, name in zip(*(table[column].tolist() for column in ("iso", "iso3", "name")), strict=True):
        for each in (name, iso3, iso):
            known[fold(each)] = iso.lower()
    for alias, iso in zip(others["alias"].tolist(), others["iso"].tolist(), strict=True):
        known[fold(alias)] = iso.lower()
    return {name: iso for name, iso in known.items() if name}
