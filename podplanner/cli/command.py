"""How a command is declared."""

from __future__ import annotations

import argparse
from importlib import import_module
from textwrap import fill
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from podplanner.cli.exits import Reply

EXIT_CODES = """\
exit codes:
  0 done    1 a defect of podplanner's own    2 input or command line cannot be used    3 no plan can meet all the rules
  4 a limit was reached before any plan was found    5 check found faults
  6 some plan of a batch did not succeed    130 cancelled without a plan
"""

WIDTH = 100
"""Columns of running text in the help."""


class Commands(Protocol):
    """What ``add_subparsers`` gives."""

    def add_parser(self, name: str, **options: Any) -> argparse.ArgumentParser:
        """Another command."""
        ...


def add_command(
    commands: Commands,
    name: str,
    run: str,
    words: str,
    more: str,
    *examples: str,
) -> argparse.ArgumentParser:
    """A command with its words for the list, more for its help, and examples.

    Parameters
    ----------
    run
        Module of this package and function, such as ``plan_command:run_plan``.
    """
    shown = "".join(f"  podplanner {example}\n" for example in examples)
    command = commands.add_parser(
        name,
        help=words,
        description=fill(f"{words[0].upper()}{words[1:]}. {more}", WIDTH),
        epilog=f"examples:\n{shown}\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    command.add_argument("--json", action="store_true", help="answer with one JSON object on stdout")
    return command


def runner(run: str) -> Callable[[argparse.Namespace], Reply]:
    """What runs a command, imported only when chosen: no command waits for the libraries of another."""
    module, function = run.split(":")
    return cast("Callable[[argparse.Namespace], Reply]", getattr(import_module(f"podplanner.cli.{module}"), function))
