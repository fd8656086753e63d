"""``podplanner worker``: a program of its own (``python -m api.worker``), free of what answers over HTTP."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from api.jobs.worker import Worker
from api.program import add_common, add_slots, opened, run_program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.settings import Settings


def main(words: Sequence[str] | None = None) -> int:
    """Plan what waits; the exit code."""
    parser = argparse.ArgumentParser(prog="podplanner worker", description="Plan what waits, beside other workers.")
    add_common(parser)
    add_slots(parser)
    parser.add_argument("--until-eof", action="store_true", help="end when standard input ends")
    parser.set_defaults(run=_run)
    return run_program(parser, words)


def _run(arguments: argparse.Namespace, settings: Settings) -> None:
    with opened(settings):
        Worker(settings).run(until_eof=arguments.until_eof)


if __name__ == "__main__":
    sys.exit(main())
