"""The cases of the size classes: podplanner and its peers, medians over seeds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmarks.contest import OURS, PEERS, contest
from benchmarks.drawn import Drawn
from benchmarks.results import Result
from benchmarks.sizes import CLASSES, SMOKE
from benchmarks.standings import standings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from benchmarks.sizes import SizeClass
    from benchmarks.standings import Standing

SEEDS = (1, 2, 3)


@dataclass(frozen=True, kw_only=True)
class ClassCase:
    """A size class with or plain books.

    Parameters
    ----------
    seeds
        Companies drawn; a contestant's own seed is the company's.
    peers
        Some of `PEERS`.
    time_limit_s
        Of each contestant; None: the time of the class's goal.
    engine
        Which of ours; ``auto``: by size.
    """

    size: SizeClass
    books: bool = False
    seeds: Sequence[int] = SEEDS
    peers: Sequence[str] = PEERS
    time_limit_s: float | None = None
    engine: str = "auto"
    is_long: bool = True

    @property
    def in_smoke(self) -> bool:
        """One of each kind is enough: the others differ in size only."""
        return self.size.name == "S" or self.size.one_role

    @property
    def name(self) -> str:
        """As it stands in the results."""
        return f"class {self.size.name}{' with books' if self.books else ''}"

    @property
    def limit_s(self) -> float:
        """Time limit of each contestant."""
        return self.size.goal(self.books).seconds if self.time_limit_s is None else self.time_limit_s

    def standings(self, folder: Path, say: Callable[[str], None]) -> list[Standing]:
        """Measure all contestants on all seeds; what is under way is said."""
        runs = [
            contest(
                Drawn(self.size, self.books, seed),
                folder,
                (OURS, *self.peers),
                time_limit_s=self.limit_s,
                engine=self.engine,
                say=say,
            )
            for seed in self.seeds
        ]
        return standings(runs, self.size.goal(self.books))

    def rows(self, found: Sequence[Standing]) -> list[Result]:
        """Rows of the results."""
        return [
            Result(self.name, self.size.sizes, {"limit s": f"{self.limit_s:g}", **standing.cells(found[0])})
            for standing in found
        ]

    def results(self, folder: Path, *, smoke: bool) -> Sequence[Result]:
        """Measure; a smoke run draws a tiny company, once, and tries the peers on one kind of it."""
        case = self
        if smoke:
            plain = not (self.books or self.size.one_role)
            tiny = replace(SMOKE, name=f"smoke-{self.size.name}", one_role=self.size.one_role)
            case = replace(self, size=tiny, seeds=SEEDS[:1], peers=self.peers if plain else ())
        return case.rows(case.standings(folder, lambda _: None))


CLASS_CASES = tuple(
    ClassCase(size=size, books=books) for size in CLASSES.values() for books in (False, True) if size.has(books)
)
