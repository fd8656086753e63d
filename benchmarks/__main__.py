"""``python -m benchmarks [--smoke | --record] [CASE ...]``: measure the cases, each in processes of its own.

``--smoke`` runs each case once at its small size, to see that it still runs. ``--record`` adds the figures to
``benchmarks/RESULTS.md``. ``CASE`` is a case's name or its beginning: ``"read csv"``, ``read``, ``plan``. Without, all
run but the long ones (``class``, ``warm``, ``what-if``, ``growth``), which take hours.
"""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.cases import CASES
from benchmarks.results import RESULTS, record, section

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from benchmarks.cases import Case
    from benchmarks.results import Result


def chosen(names: list[str], *, smoke: bool) -> list[Case]:
    """Cases whose names start with one of the names; without names all that are not long, or that a smoke run runs."""
    if not names:
        return [case for case in CASES if (case.in_smoke if smoke else not case.is_long)]
    return [case for case in CASES if case.name.startswith(tuple(names))]


def run(case: Case, folder: Path, *, smoke: bool) -> Sequence[Result]:
    """Measure a case, and show its figures."""
    results = case.results(folder, smoke=smoke)
    for result in results:
        shown = ", ".join(f"{name} {value}" for name, value in result.figures.items() if value)
        print(f"{result.case} ({result.size}): {shown}", flush=True)
    return results


def arguments() -> Namespace:
    """What was asked for; ends with a message where no case has the name."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure the cases.")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--smoke", action="store_true", help="once each, at the small size")
    how.add_argument("--record", action="store_true", help="add the figures to the results page")
    parser.add_argument("case", nargs="*", help="a case's name or its beginning; all but the long ones without")
    asked = parser.parse_args()
    for name in asked.case:
        if not chosen([name], smoke=False):
            parser.error(f"no case is named {name}; there are: {', '.join(case.name for case in CASES)}")
    return asked


def main() -> None:
    """Run the cases and print a line for each."""
    asked = arguments()
    results: list[Result] = []
    with TemporaryDirectory() as folder:
        for case in chosen(asked.case, smoke=asked.smoke):
            results += run(case, Path(folder), smoke=asked.smoke)
    if asked.record:
        record(section(results, shlex.join(["python", "-m", "benchmarks", *asked.case])), RESULTS)


if __name__ == "__main__":
    main()
