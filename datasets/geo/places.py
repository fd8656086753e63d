"""Where a postal code or a city is, from the shipped tables; see SOURCE.md."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
TextColumn = np.ndarray[Any, np.dtype[np.object_]]
FloatColumn = np.ndarray[Any, np.dtype[np.float64]]
IntColumn = np.ndarray[Any, np.dtype[np.int64]]

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
    rows_of_zip: pd.Index[Any]
    rows_of_city: pd.Series[Any]
    regions: dict[str, str]
    countries: dict[str, str]


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
    countries = _by_unique(country, lambda text: places.countries.get(fold(text), "?") if text.strip() else "")
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
    zips = _by_unique(postal_code, _five_digits)
    zips[(countries != "us") & (countries != "")] = ""
    return np.asarray(places.rows_of_zip.get_indexer(pd.Index(zips)), dtype=np.int64)


def _five_digits(text: str) -> str:
    match = ZIP.fullmatch(text.strip())
    return match.group(1).zfill(5) if match else ""


def _rows_by_city(places: Gazetteer, city: TextColumn, region: TextColumn, countries: TextColumn) -> IntColumn:
    """Look up ``city|region|country``, then the same without region unless a US state forbids it."""
    names, regions = _by_unique(city, fold), _by_unique(region, fold)
    region_keys = _by_unique(regions + "|" + countries, lambda key: places.regions.get(key, ""))
    rows = _lookup(places, names + "|" + region_keys + "|" + countries)
    elsewhere = _by_unique(region_keys, lambda key: "" if key.startswith("us-") else "any")
    again = np.flatnonzero((rows == NO_PLACE) & (elsewhere != ""))
    rows[again] = _lookup(places, names[again] + "||" + countries[again])
    return rows


def _lookup(places: Gazetteer, keys: TextColumn) -> IntColumn:
    found = places.rows_of_city.index.get_indexer(pd.Index(keys, dtype=object))
    rows = places.rows_of_city.to_numpy()
    return np.where(found == NO_PLACE, NO_PLACE, rows[found]).astype(np.int64)


def _by_unique(column: TextColumn, change: Callable[[str], str]) -> TextColumn:
    """Apply `change` to each different text once."""
    codes, texts = pd.factorize(column)
    return np.array([change(text) for text in texts] or [""], dtype=object)[codes]


@cache
def us_zips() -> pd.DataFrame:
    """Every shipped US zip: ``zip city state latitude longitude population utc_offset``.

    Shared between callers: do not change it.
    """
    return pd.read_csv(HERE / "us_zips.csv.gz", dtype={"zip": str}, keep_default_na=False)


@cache
def _gazetteer() -> Gazetteer:
    zips = us_zips()
    towns = _us_towns(zips)
    cities = pd.read_csv(HERE / "world_cities.csv.gz", dtype={"region": str}, keep_default_na=False)
    regions = _regions()
    columns = ["latitude", "longitude", "utc_offset"]
    numbers = pd.concat([zips[columns], towns[columns], cities[columns]], ignore_index=True)
    names = pd.concat([towns, cities], ignore_index=True)
    names["row"] = np.arange(len(names)) + len(zips)
    names["is_city"] = np.repeat([0, 1], [len(towns), len(cities)])
    return Gazetteer(
        latitude=numbers["latitude"].to_numpy(dtype=np.float64),
        longitude=numbers["longitude"].to_numpy(dtype=np.float64),
        utc_offset=numbers["utc_offset"].to_numpy(dtype=np.float64),
        rows_of_zip=pd.Index(zips["zip"].to_numpy(dtype=object)),
        rows_of_city=_city_keys(names),
        regions=regions,
        countries=_countries(),
    )


def _us_towns(zips: pd.DataFrame) -> pd.DataFrame:
    """Cities of the zip table: the people's mean position and the offset of their largest zip."""
    people = zips["population"] + 1
    weighted = zips.assign(people=people, y=zips["latitude"] * people, x=zips["longitude"] * people)
    weighted = weighted.sort_values(["population", "zip"], ascending=[False, True])
    towns = weighted.groupby(["city", "state"], as_index=False).agg(
        population=("population", "sum"), people=("people", "sum"), y=("y", "sum"), x=("x", "sum"),
        utc_offset=("utc_offset", "first"),
    )  # fmt: skip
    towns["latitude"], towns["longitude"] = towns["y"] / towns["people"], towns["x"] / towns["people"]
    return towns.rename(columns={"state": "region"}).assign(country="US")


def _city_keys(names: pd.DataFrame) -> pd.Series[Any]:
    """Give every key to its most populous place; in the US the zip table's towns come before the city list's."""
    aliases = pd.read_csv(HERE / "city_aliases.csv", keep_default_na=False).rename(columns={"name": "city"})
    renamed = names.merge(aliases, on=["country", "city"]).drop(columns="city").rename(columns={"alias": "city"})
    both = pd.concat([names, renamed], ignore_index=True)
    city = _by_unique(both["city"].to_numpy(dtype=object), fold)
    country = both["country"].str.lower().to_numpy(dtype=object)
    region = country + "-" + both["region"].str.lower().to_numpy(dtype=object)
    keys = np.concatenate(
        [
            city + "|" + region + "|" + country,
            city + "||" + country,
            city + "|" + region + "|",
            city + "||",
        ]
    )
    order = pd.DataFrame(
        {
            "key": keys,
            "in_state": np.tile(both["is_city"].to_numpy(), 4) * np.repeat([1, 0, 1, 0], len(both)),
            "population": np.tile(both["population"].to_numpy(), 4),
            "row": np.tile(both["row"].to_numpy(), 4),
        }
    )
    order = order.sort_values(["in_state", "population", "row"], ascending=[True, False, True]).drop_duplicates("key")
    return pd.Series(order["row"].to_numpy(), index=pd.Index(order["key"].to_numpy(dtype=object)))


def _regions() -> dict[str, str]:
    """Names and codes of regions, with their country and, for the US, without."""
    known: dict[str, str] = {}
    tables = [pd.read_csv(HERE / name, dtype=str, keep_default_na=False) for name in ("regions.csv", "us_states.csv")]
    for row in pd.concat(tables).itertuples():
        country = str(row.country).lower()
        code = f"{country}-{str(row.code).lower()}"
        for name in {str(row.name), str(row.code)}:
            known[f"{fold(name)}|{country}"] = code
            known[f"{fold(name)}|"] = code
    return known


def _countries() -> dict[str, str]:
    table = pd.read_csv(HERE / "countries.csv", dtype=str, keep_default_na=False)
    known = {}
    for row in table.itertuples():
        for name in (row.name, row.iso3, row.iso):
            known[fold(str(name))] = str(row.iso).lower()
    for row in pd.read_csv(HERE / "country_aliases.csv", dtype=str, keep_default_na=False).itertuples():
        known[fold(str(row.alias))] = str(row.iso).lower()
    return {name: iso for name, iso in known.items() if name}
