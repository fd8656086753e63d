"""What people earn where, from the shipped table; see SOURCE.md."""

from __future__ import annotations

from functools import cache

import pandas as pd

from datasets.geo.shipped import HERE


@cache
def metro_wages() -> pd.DataFrame:
    """Yearly wages in US dollars by metro and role, without benefits, taxes and overhead.

    Returns
    -------
    DataFrame
        ``metro latitude longitude role low median high``: quartiles; each of the five roles once for each metro.
        Shared between callers: do not change it.
    """
    return pd.read_csv(HERE / "metro_wages.csv")
