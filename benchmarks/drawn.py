"""Companies of the size classes, drawn by seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from datasets.generator import generate, write_tables
from datasets.generator_one_role import generate_one_role

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from benchmarks.sizes import SizeClass


@dataclass(frozen=True)
class Drawn:
    """A company of a class, drawn by seed."""

    size: SizeClass
    books: bool
    seed: int

    @property
    def label(self) -> str:
        """What it is, in a few words."""
        return f"{self.size.name}{' with books' if self.books else ''}, seed {self.seed}"

    def tables(self) -> dict[str, pd.DataFrame]:
        """Its tables."""
        size = self.size
        if size.one_role:
            return generate_one_role(seed=self.seed, units=size.accounts, bases=size.bases)
        return generate(size.accounts, seed=self.seed, bases=size.bases, people=size.people, with_books=self.books)

    def written(self, folder: Path) -> Path:
        """Where it lies below the folder; written where it does not yet."""
        path = folder / f"{self.size.name}{'-books' if self.books else ''}-{self.seed}"
        if not path.exists():
            write_tables(self.tables(), path)
        return path
