"""Tables out as a folder of CSV files that reads back as an input."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write one UTF-8 CSV a table, equal tables as equal bytes.

    Parameters
    ----------
    tables
        Input tables by name.
    folder
        Made if it is not there; files of the same names are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
