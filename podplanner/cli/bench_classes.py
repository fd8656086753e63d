"""The command ``bench classes``: podplanner and its peers on the size classes."""

from __future__ import annotations

import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.classes import ClassCase
from benchmarks.results import Result, machine, record, section, tables
from benchmarks.sizes import CLASSES
from podplanner.cli.exits import ExitCode, Reply, UsageError
from podplanner.cli.progress import Console

if TYPE_CHECKING:
    from argparse import Namespace


def run_classes(arguments: Namespace) -> Reply:
    """Draw the companies, run all contestants on each, and show the table of medians."""
    cases = _cases(arguments)
    page = None if arguments.page is None else Path(arguments.page)
    if page is not None and page.suffix != ".md":
        raise UsageError(f"{page} is no .md file: the page is Markdown")
    rows: list[Result] = []
    told: list[dict[str, object]] = []
    with Console(sys.stderr) as console, TemporaryDirectory() as folder:
        for case in cases:
            found = case.standings(Path(folder), console.begin)
            rows += case.rows(found)
            console.say(f"{case.name} is measured")
            told.append(
                {
                    "class": case.size.name,
                    "books": case.books,
                    "limit_s": case.limit_s,
                    "standings": [asdict(standing) for standing in found],
                }
            )
    if page is not None:
        record(section(rows, shlex.join(["podplanner", *sys.argv[1:]])), page)
    return Reply(
        code=ExitCode.DONE,
        lines=(machine(), *tables(rows)),
        data={"machine": machine(), "seeds": list(arguments.seed), "classes": told},
    )


def _cases(arguments: Namespace) -> list[ClassCase]:
    """What is asked for; classes that have no companies with books are left out where books are."""
    peers = [] if "none" in arguments.peers else arguments.peers
    sizes = [CLASSES[name] for name in dict.fromkeys(arguments.size)]
    cases = [
        ClassCase(
            size=size,
            books=arguments.books,
            seeds=arguments.seed,
            peers=peers,
            time_limit_s=arguments.time_limit,
            engine=arguments.engine,
        )
        for size in sizes
        if size.has(arguments.books)
    ]
    if not cases:
        raise UsageError(f"class {', '.join(size.name for size in sizes)} has no books: leave out --books")
    return cases
