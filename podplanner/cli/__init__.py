"""The command line: commands in, exit codes out; the only room that prints."""

from podplanner.cli.entry import main
from podplanner.cli.exits import ExitCode
from podplanner.cli.parser import build_parser

__all__ = ["ExitCode", "build_parser", "main"]
