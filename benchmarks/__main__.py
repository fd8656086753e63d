"""``python -m benchmarks [--smoke | --record]``: time every case, each three times, and show the best.

``--smoke`` runs each case once at its small size, to see that it still runs. ``--record`` adds the figures to
``benchmarks/results.csv``, a row for each version and case.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.cases import CASES
from podplanner import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.cases import Case

RESULTS = Path(__file__).with_name("results.csv")
HEADER = ("version", "case", "accounts", "seconds", "machine")
REPEATS = 3


def seconds(case: Case, size: int, repeats: int) -> float:
    """Shortest wall time of `repeats` runs of the case at `size` accounts."""
    work = case.prepare(size)
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def record(rows: Sequence[tuple[object, ...]]) -> None:
    """Add the rows to the results table, under its header."""
    is_new = not RESULTS.exists()
    with RESULTS.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([HEADER, *rows] if is_new else rows)


def main() -> None:
    """Run the cases and print a line for each."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Time every case.")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--smoke", action="store_true", help="once each, at the small size")
    how.add_argument("--record", action="store_true", help="add the figures to the results table")
    options = parser.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    rows: list[tuple[object, ...]] = []
    for case in CASES:
        size = case.small if options.smoke else case.full
        best = seconds(case, size, 1 if options.smoke else REPEATS)
        print(f"{case.name:<30} {size:>10,} accounts {best:>10.3f} s", flush=True)
        rows.append((__version__, case.name, size, f"{best:.3f}", machine))
    if options.record:
        record(rows)


if __name__ == "__main__":
    main()
