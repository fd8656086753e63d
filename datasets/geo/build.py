"""Builds the shipped place tables from their sources; run by hand when a source is renewed.

::

    python -m datasets.geo.build SOURCE_FOLDER

``SOURCE_FOLDER`` holds ``us_geo/zips.csv``, ``world_cities/{cities_over_15000,countries}.csv`` and
``wages_oews/{wages,areas}.csv``; see SOURCE.md.
The same sources and time-zone database give the same bytes.
"""

from __future__ import annotations

import gzip
import sys
import zoneinfo
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

FloatColumn = np.ndarray[Any, np.dtype[np.float64]]
IntColumn = np.ndarray[Any, np.dtype[np.int64]]
Int8Grid = np.ndarray[Any, np.dtype[np.int8]]

HERE = Path(__file__).parent
GRID_DEGREES = 0.25
QUARTERS_PER_HOUR = 4
OFFSET_YEAR = 2025
OCCUPATIONS = {
    "sales": "41-4012",
    "marketing": "13-1161",
    "support": "43-4051",
    "operations": "13-1199",
    "leader": "11-2022",
}
STATE_SUFFIX, NATION = "00000", "0000000"
WAGES = {"annual_p25_usd": "low", "annual_median_usd": "median", "annual_p75_usd": "high"}
NEAREST_CHUNK_ROWS = 4096


def main(source: Path) -> None:
    """Write all shipped files beside this script."""
    zones = zone_table()
    offsets = dict(zip(zones["zone"], zones["utc_offset"], strict=True))
    zips = pd.read_csv(source / "us_geo" / "zips.csv", dtype={"zip": str})
    cities = pd.read_csv(
        source / "world_cities" / "cities_over_15000.csv", dtype={"admin1code": str}, keep_default_na=False
    )
    countries = pd.read_csv(source / "world_cities" / "countries.csv", keep_default_na=False)
    states = zips[["state", "state_name"]].drop_duplicates().sort_values("state")
    zips = pd.DataFrame(
        {
            "zip": zips["zip"],
            "city": zips["city"],
            "state": zips["state"],
            "latitude": zips["lat"].round(4),
            "longitude": zips["lon"].round(4),
            "population": zips["population"],
            "utc_offset": zips["timezone"].map(offsets),
        }
    )
    cities = pd.DataFrame(
        {
            "city": cities["name"],
            "region": cities["admin1code"],
            "country": cities["country"],
            "latitude": cities["lat"].round(4),
            "longitude": cities["lon"].round(4),
            "population": cities["population"],
            "utc_offset": cities["timezone"].map(offsets),
        }
    )
    states = states.rename(columns={"state": "code", "state_name": "name"}).assign(country="US")
    write_packed(zips, HERE / "us_zips.csv.gz")
    write_packed(cities, HERE / "world_cities.csv.gz")
    zones.to_csv(HERE / "zones.csv", index=False, lineterminator="\n")
    states[["country", "name", "code"]].to_csv(HERE / "us_states.csv", index=False, lineterminator="\n")
    countries[["iso", "iso3", "name"]].to_csv(HERE / "countries.csv", index=False, lineterminator="\n")
    metro_wages(source / "wages_oews").to_csv(HERE / "metro_wages.csv", index=False, lineterminator="\n")
    np.savez_compressed(HERE / "offset_grid.npz", quarters=offset_grid(pd.concat([zips, cities], ignore_index=True)))


def zone_table() -> pd.DataFrame:
    """Every IANA zone name with its standard-time offset in hours.

    Standard time is the smaller of the offsets in January and July: Dublin's negative winter "daylight saving"
    makes the database's own flag useless for this.
    """
    rows = []
    for zone in sorted(zoneinfo.available_timezones() - {"Factory", "localtime"}):
        january, july = (
            datetime(OFFSET_YEAR, month, 15, tzinfo=zoneinfo.ZoneInfo(zone)).utcoffset() for month in (1, 7)
        )
        if january is None or july is None:
            raise ValueError(f"zone {zone} has no offset")
        rows.append((zone, min(january, july) / timedelta(hours=1)))
    return pd.DataFrame(rows, columns=["zone", "utc_offset"])


def metro_wages(source: Path) -> pd.DataFrame:
    """Yearly wages by metro and role; what is not published for the metro is the state's, then the nation's."""
    wages = pd.read_csv(source / "wages.csv", dtype={"area_code": str}).set_index(["area_code", "soc"])[list(WAGES)]
    areas = pd.read_csv(source / "areas.csv", dtype={"area_code": str, "state_fips": str})
    metros = areas[(areas["kind"] == "metro") & areas["lat"].notna()].sort_values("area_code")
    parts = []
    for role, occupation in OCCUPATIONS.items():
        by_area = wages.xs(occupation, level="soc").dropna()
        found = pd.DataFrame(index=range(len(metros)), columns=list(WAGES), dtype=float)
        for codes in (metros["area_code"], metros["state_fips"] + STATE_SUFFIX, [NATION] * len(metros)):
            found = found.fillna(pd.DataFrame(by_area.reindex(codes).to_numpy(), columns=list(WAGES)))
        parts.append(
            pd.DataFrame(
                {
                    "metro": metros["area_name"].to_numpy(),
                    "latitude": metros["lat"].round(4).to_numpy(),
                    "longitude": metros["lon"].round(4).to_numpy(),
                    "role": role,
                }
            ).join(found.rename(columns=WAGES).astype(int))
        )
    return pd.concat(parts, ignore_index=True)


def write_packed(table: pd.DataFrame, path: Path) -> None:
    """Gzip a CSV without file name or clock in its header, so that equal tables give equal bytes."""
    text = table.to_csv(index=False, lineterminator="\n")
    path.write_bytes(gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0))


def offset_grid(places: pd.DataFrame) -> Int8Grid:
    """Offset in quarter hours (int8) by grid cell, rows from the south pole, columns from 180 degrees west.

    A cell with places takes the offset in which most of its people live; an empty one takes that of the place nearest
    to its centre.
    """
    rows, columns = round(180 / GRID_DEGREES), round(360 / GRID_DEGREES)
    cell = cell_of(places["latitude"].to_numpy(), places["longitude"].to_numpy(), rows, columns)
    people = places.assign(cell=cell, people=places["population"] + 1).groupby(["cell", "utc_offset"])["people"].sum()
    filled = people.reset_index().sort_values(["cell", "people", "utc_offset"], ascending=[True, False, True])
    filled = filled.drop_duplicates("cell")
    grid = np.zeros(rows * columns, dtype=np.int8)
    quarters = (filled["utc_offset"] * QUARTERS_PER_HOUR).round().astype(np.int8).to_numpy()
    known = filled["cell"].to_numpy()
    grid[known] = quarters
    empty = np.setdiff1d(np.arange(rows * columns), known)
    anchors = unit_vectors(known, columns)
    for start in range(0, len(empty), NEAREST_CHUNK_ROWS):
        part = empty[start : start + NEAREST_CHUNK_ROWS]
        grid[part] = quarters[np.argmax(unit_vectors(part, columns) @ anchors.T, axis=1)]
    return grid.reshape(rows, columns)


def cell_of(latitude: FloatColumn, longitude: FloatColumn, rows: int, columns: int) -> IntColumn:
    """Dense index of the grid cell of each position."""
    row = np.clip(((latitude + 90) / GRID_DEGREES).astype(int), 0, rows - 1)
    column = np.clip(((longitude + 180) / GRID_DEGREES).astype(int), 0, columns - 1)
    return np.asarray(row * columns + column, dtype=np.int64)


def unit_vectors(cells: IntColumn, columns: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Points on the unit sphere of the cells' centres (float32, one row each)."""
    latitude = np.radians((cells // columns + 0.5) * GRID_DEGREES - 90)
    longitude = np.radians((cells % columns + 0.5) * GRID_DEGREES - 180)
    level = np.cos(latitude)
    return np.stack([level * np.cos(longitude), level * np.sin(longitude), np.sin(latitude)], axis=1).astype(np.float32)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
