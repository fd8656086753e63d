"""All cases, in the order in which they run."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

from benchmarks.classes import CLASS_CASES
from benchmarks.growth import GROWTH_CASES
from benchmarks.load import LOAD_CASES
from benchmarks.plans import PLAN_CASES
from benchmarks.results import Result
from benchmarks.speed import SPEED_CASES
from benchmarks.warm import WARM_CASES
from benchmarks.what_if import WHAT_IF_CASES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from benchmarks.figures import SingleCase

P = ParamSpec("P")
T = TypeVar("T")


class Case(Protocol):
    """Something worth measuring."""

    @property
    def name(self) -> str:
        """As it stands in the results; its first word is its family."""
        ...

    @property
    def is_long(self) -> bool:
        """Whether it takes so long that it is measured only where it is asked for by name."""
        ...

    @property
    def in_smoke(self) -> bool:
        """Whether a smoke run of all cases runs it."""
        ...

    def results(self, folder: Path, *, smoke: bool) -> Sequence[Result]:
        """Measure; in a smoke run what comes quickest. Inputs are written below the folder."""
        ...


@dataclass(frozen=True)
class Alone:
    """A single case in a fresh process: it inherits no other's memory or caches."""

    case: SingleCase
    is_long: bool = False
    in_smoke: bool = True

    @property
    def name(self) -> str:
        """The case's."""
        return self.case.name

    def results(self, folder: Path, *, smoke: bool) -> Sequence[Result]:
        """Write the case's input, and measure it."""
        source = self.case.small if smoke else self.case.full
        path = in_own_process(source.written, folder)
        return [Result(self.name, source.label, in_own_process(self.case.run, path, smoke=smoke))]


def in_own_process(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a fresh process."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *args, **kwargs).result()


CASES: tuple[Case, ...] = (
    *(Alone(case) for case in (*SPEED_CASES, *PLAN_CASES)),
    *CLASS_CASES,
    *WARM_CASES,
    *WHAT_IF_CASES,
    *GROWTH_CASES,
    *LOAD_CASES,
)
