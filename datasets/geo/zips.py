"""Zips of the United States, from the shipped table; see SOURCE.md."""

from __future__ import annotations

from functools import cache

import pandas as pd

from datasets.geo.shipped import HERE


@cache
def us_zips() -> pd.DataFrame:
    """Every shipped US zip: ``zip city state latitude longitude population utc_offset``.

    Shared between callers: do not change it.
    """
    return pd.read_csv(HERE / "us_zips.csv.gz", dtype={"zip": str}, keep_default_na=False)
