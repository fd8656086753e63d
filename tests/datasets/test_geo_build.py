"""The scripts that make the shipped tables, on sources of a few rows."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd

from datasets.geo.build import cell_of, metro_wages, write_packed, zone_table


def test_zones_hold_standard_time() -> None:
    """Dublin's winter and Kathmandu's quarter hours."""
    offsets = zone_table().set_index("zone")["utc_offset"]
    assert offsets[["Europe/Dublin", "Asia/Kathmandu", "America/New_York"]].tolist() == [0, 5.75, -5]


def test_packed_tables_have_no_clock(tmp_path: Path) -> None:
    """Equal tables give equal bytes."""
    table = pd.DataFrame({"city": ["Zürich"], "population": [1]})
    write_packed(table, tmp_path / "a.gz")
    write_packed(table, tmp_path / "b.gz")
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()).decode() == "city,population\nZürich,1\n"


def test_cells_cover_the_globe() -> None:
    """Both poles and both sides of the date line have a cell."""
    cells = cell_of(np.array([-90.0, 90.0, 0.1]), np.array([-180.0, 180.0, 0.1]), 720, 1440)
    assert cells.tolist() == [0, 720 * 1440 - 1, 360 * 1440 + 720]


def test_missing_wages_are_the_states_then_the_nations(tmp_path: Path) -> None:
    """Abilene has its own, Akron takes Ohio's, Guam's state has none: the nation's."""
    metros = [("0010180", "Abilene, TX", "48"), ("0010420", "Akron, OH", "39"), ("0010500", "Hagatna, GU", "66")]
    areas = [(code, "metro", name, state, 1.0, 2.0) for code, name, state in metros]
    pd.DataFrame(areas, columns=["area_code", "kind", "area_name", "state_fips", "lat", "lon"]).to_csv(
        tmp_path / "areas.csv", index=False
    )
    jobs = ("41-4012", "13-1161", "43-4051", "13-1199", "11-2022")
    levels = {"0010180": 10, "3900000": 20, "0000000": 30, "0010420": None}
    columns = ["area_code", "soc", "annual_p25_usd", "annual_median_usd", "annual_p75_usd"]
    wages = [(code, job, level, level, level) for code, level in levels.items() for job in jobs]
    pd.DataFrame(wages, columns=columns).to_csv(tmp_path / "wages.csv", index=False)
    found = metro_wages(tmp_path)
    assert found["role"].unique().tolist() == ["sales", "marketing", "support", "operations", "leader"]
    assert found.loc[found["role"] == "sales", ["metro", "median"]].to_numpy().tolist() == [
        ["Abilene, TX", 10], ["Akron, OH", 20], ["Hagatna, GU", 30],
    ]  # fmt: skip
