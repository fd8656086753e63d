"""``python -m benchmarks [--smoke | --record] [CASE ...]``: measure the cases, each in a process of its own.

``--smoke`` runs each case once at its small size, to see that it still runs. ``--record`` adds the figures to
``benchmarks/RESULTS.md``. ``CASE`` is a case's name or its beginning: ``"read csv"``, ``read``, ``plan``; all without.
"""

from __future__ import annotations

import argparse
import shlex
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from benchmarks.cases import CASES
from benchmarks.results import Result, record, section

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from benchmarks.figures import Case

P = ParamSpec("P")
T = TypeVar("T")


def in_own_process(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a fresh process: no case inherits another's memory or caches."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *args, **kwargs).result()


def chosen(names: list[str]) -> list[Case]:
    """Cases whose names start with one of the names; all without names."""
    return [case for case in CASES if not names or case.name.startswith(tuple(names))]


def run(case: Case, folder: Path, *, smoke: bool) -> Result:
    """Write the case's input, measure the case, and show its figures."""
    source = case.small if smoke else case.full
    path = in_own_process(source.written, folder)
    result = Result(case.name, source.label, in_own_process(case.run, path, smoke=smoke))
    shown = ", ".join(f"{name} {value}" for name, value in result.figures.items() if value)
    print(f"{result.case} ({result.size}): {shown}", flush=True)
    return result


def arguments() -> Namespace:
    """What was asked for; ends with a message where no case has the name."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure the cases.")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--smoke", action="store_true", help="once each, at the small size")
    how.add_argument("--record", action="store_true", help="add the figures to the results page")
    parser.add_argument("case", nargs="*", help="a case's name or its beginning; all cases without")
    asked = parser.parse_args()
    for name in asked.case:
        if not chosen([name]):
            parser.error(f"no case is named {name}; there are: {', '.join(case.name for case in CASES)}")
    return asked


def main() -> None:
    """Run the cases and print a line for each."""
    asked = arguments()
    with TemporaryDirectory() as folder:
        results = [run(case, Path(folder), smoke=asked.smoke) for case in chosen(asked.case)]
    if asked.record:
        record(section(results, shlex.join(["python", "-m", "benchmarks", *asked.case])))


if __name__ == "__main__":
    main()
