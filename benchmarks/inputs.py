"""What the cases work on: shipped samples, and companies drawn by seed and written as planners have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from datasets.generator import generate, write_tables
from datasets.samples import sample_path

if TYPE_CHECKING:
    from pathlib import Path

SEED = 1
HANDFUL = 20
"""People of a company whose accounts alone are of interest."""


class Input(Protocol):
    """An input and its name in the results."""

    @property
    def label(self) -> str:
        """What it is, in a few words."""
        ...

    def written(self, folder: Path) -> Path:
        """Where it lies; written below the folder where it does not lie anywhere yet."""
        ...


@dataclass(frozen=True)
class Sample:
    """A sample that podplanner ships."""

    name: str

    @property
    def label(self) -> str:
        """Its name."""
        return self.name

    def written(self, folder: Path) -> Path:
        """Where it lies."""
        return sample_path(self.name)


@dataclass(frozen=True)
class Accounts:
    """Accounts and a handful of people; bases and all else are left to the defaults.

    Parameters
    ----------
    count
        Number of accounts.
    as_workbook
        One ``.xlsx`` instead of a folder of CSV files.
    """

    count: int
    as_workbook: bool = False

    @property
    def label(self) -> str:
        """Their number."""
        return f"{self.count:,} accounts, {HANDFUL} people"

    def written(self, folder: Path) -> Path:
        """Write them."""
        path = folder / f"accounts-{self.count}{'.xlsx' if self.as_workbook else ''}"
        if not path.exists():
            tables = generate(self.count, seed=SEED, people=HANDFUL)
            wanted = {name: tables[name] for name in ("accounts", "people")}
            if self.as_workbook:
                with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
                    for name, table in wanted.items():
                        table.to_excel(writer, sheet_name=name, index=False)
            else:
                write_tables(wanted, path)
        return path


@dataclass(frozen=True)
class Company:
    """A company of the usual size with local bases, and owners today: a folder of CSV files.

    Parameters
    ----------
    count
        Number of accounts.
    """

    count: int

    @property
    def label(self) -> str:
        """Its size."""
        return f"{self.count:,} accounts, usual team"

    def written(self, folder: Path) -> Path:
        """Write it."""
        path = folder / f"company-{self.count}"
        if not path.exists():
            write_tables(generate(self.count, seed=SEED, with_books=True), path)
        return path
