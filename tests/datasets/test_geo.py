"""Places and zones from the shipped tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from datasets.geo import resolve_places, utc_offset_at, utc_offset_of_zone
from datasets.geo.places import fold
from datasets.geo.shipped import HERE


def resolve(postal_code: str = "", city: str = "", region: str = "", country: str = "") -> tuple[float, float, float]:
    """Resolve one address."""
    latitude, longitude, offset = resolve_places(*(np.array([x], object) for x in (postal_code, city, region, country)))
    return round(float(latitude[0]), 1), round(float(longitude[0]), 1), float(offset[0])


UNKNOWN = (np.nan, np.nan, np.nan)
AGAWAM = (42.1, -72.6, -5.0)


@pytest.mark.parametrize("postal_code", ["01001", "1001", "01001-1234", "010011234", " 01001 "])
@pytest.mark.parametrize("country", ["US", "", "usa", "United States", "U.S.A."])
def test_a_us_zip_is_found_however_it_is_written(postal_code: str, country: str) -> None:
    """ZIP+4, lost leading zeros and the country's spelling do not matter."""
    assert resolve(postal_code, country=country) == AGAWAM


@pytest.mark.parametrize(
    ("city", "region", "country", "expected"),
    [
        ("Paris", "", "", (48.9, 2.3, 1.0)),
        ("Paris", "TX", "", (33.6, -95.6, -6.0)),
        ("paris", "texas", "us", (33.6, -95.6, -6.0)),
        ("ZURICH", "", "Switzerland", (47.4, 8.6, 1.0)),
        ("Koeln", "", "DEU", (50.9, 7.0, 1.0)),
        ("München", "Bayern", "Deutschland", (48.1, 11.6, 1.0)),
        ("London", "Ontario", "CA", (43.0, -81.2, -5.0)),
        ("London", "OH", "", (39.9, -83.4, -5.0)),
        ("Montreal", "QC", "Canada", (45.5, -73.6, -5.0)),
        ("St. Louis", "MO", "US", (38.6, -90.3, -6.0)),
        ("London", "no such part", "GB", (51.5, -0.1, 0.0)),
    ],
)
def test_a_city_is_found_by_region_and_country(
    city: str, region: str, country: str, expected: tuple[float, float, float]
) -> None:
    """Case, accents, other spellings and the region's name do not matter; else the most populous one counts."""
    assert resolve("", city, region, country) == expected


@pytest.mark.parametrize(
    "address",
    [("", "", "", ""), ("", "Atlantis", "", "US"), ("", "Berlin", "", "Narnia"), ("", "Chicago", "TX", "US"),
     ("99999", "", "", "US"), ("10001", "", "", "DE"), ("1", "", "", "")],
)  # fmt: skip
def test_an_unknown_place_stays_unknown(address: tuple[str, str, str, str]) -> None:
    """Nothing is guessed: no other state's city, no US zip in another country."""
    np.testing.assert_equal(resolve(*address), UNKNOWN)


def test_a_postal_code_abroad_leaves_the_city_to_decide() -> None:
    """A German postal code looks like a zip and is not one."""
    assert resolve("10115", "Berlin", "", "DE") == (52.5, 13.4, 1.0)


def test_no_addresses_give_no_places() -> None:
    """Empty columns are fine."""
    none = np.array([], dtype=object)
    assert [len(column) for column in resolve_places(none, none, none, none)] == [0, 0, 0]


def test_every_alias_leads_to_a_known_city() -> None:
    """A spelling that leads nowhere would be dead text."""
    aliases = pd.read_csv(HERE / "city_aliases.csv", keep_default_na=False)
    blank = np.full(len(aliases), "", dtype=object)
    columns = [aliases[name].to_numpy(dtype=object) for name in ("alias", "name", "country")]
    found, meant = (resolve_places(blank, name, blank, columns[2])[0] for name in columns[:2])
    assert np.isfinite(found).all()
    np.testing.assert_equal(found, meant)


def test_folding_drops_accents_case_and_punctuation() -> None:
    """One key for all spellings."""
    assert fold("  Ft. Sørensen-Łódź ") == "fort sorensen lodz"


def test_offsets_of_zones_are_standard_time() -> None:
    """Summer time and Dublin's negative winter time do not show."""
    zones = ["America/New_York", "europe/dublin", "Asia/Kathmandu", "Australia/Sydney", "UTC"]
    np.testing.assert_equal(utc_offset_of_zone(np.array(zones, object)), [-5, 0, 5.75, 10, 0])


def test_offsets_may_be_written_as_numbers() -> None:
    """UTC-5, -5, +05:30 and +5.5 are read; anything else is unknown."""
    zones = ["UTC-5", "-5", "+05:30", "+5.5", "GMT+1", "", "Mars", "+99"]
    np.testing.assert_equal(utc_offset_of_zone(np.array(zones, object)), [-5, -5, 5.5, 5.5, 1, *[np.nan] * 3])


def test_the_offset_at_a_position_is_its_neighbours() -> None:
    """Each shipped zip's own offset comes back for nearly all (cells on a zone border follow the majority)."""
    zips = pd.read_csv(HERE / "us_zips.csv.gz")
    offsets = utc_offset_at(zips["latitude"].to_numpy(), zips["longitude"].to_numpy())
    assert (offsets == zips["utc_offset"].to_numpy()).mean() > 0.99


def test_the_offset_at_no_position_is_unknown() -> None:
    """A missing coordinate gives nan; poles and the date line do not fail."""
    offsets = utc_offset_at(np.array([np.nan, 90.0, -90.0, 51.5]), np.array([0.0, 180.0, -180.0, np.nan]))
    assert np.isnan(offsets).tolist() == [True, False, False, True]
