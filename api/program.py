"""What the programs of the service share: options, settings, the database, and mistakes told in one sentence."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.data.database import AWAY, Database
from api.jobs.queue import upgrade_queue
from api.logs import set_up_logs
from api.settings import BadSetting, Settings, read_settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

DONE, BAD_USE = 0, 2
GIVEN = ("database", "host", "port", "trusted_proxy", "cors_origins", "slots", "log_level")
"""Settings that the command line can give too."""


def run_program(parser: argparse.ArgumentParser, words: Sequence[str] | None) -> int:
    """Run the command that the words ask for, with the settings; the exit code."""
    arguments = parser.parse_args(words)
    try:
        settings = read_settings(os.environ, {name: getattr(arguments, name, None) for name in GIVEN})
        set_up_logs(settings.log_level)
        code: int | None = arguments.run(arguments, settings)
    except BadSetting as error:
        print(f"podplanner: {error}", file=sys.stderr)
        return BAD_USE
    except AWAY as error:
        print(f"podplanner: the database cannot be used: {error.orig}", file=sys.stderr)
        return BAD_USE
    return code or DONE


def add_common(parser: argparse.ArgumentParser) -> None:
    """Options of all commands."""
    parser.add_argument("--database", metavar="URL", help="sqlite:///FILE or postgresql://... (PODPLANNER_DATABASE)")
    parser.add_argument("--log-level", choices=("debug", "info", "warning", "error"))


def add_slots(parser: argparse.ArgumentParser) -> None:
    """The option of whatever plans."""
    parser.add_argument("--slots", type=int, help=f"plans solved at once (default: {Settings.slots})")


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database, its tables of the present version."""
    database = Database(settings.database_url)
    try:
        upgrade(database)
        yield database
    finally:
        database.close()


def upgrade(database: Database) -> None:
    """Bring all tables to the present version."""
    database.upgrade()
    upgrade_queue(database)
