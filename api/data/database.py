"""One database, SQLite or PostgreSQL: connections, its clock, its migrations."""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError

from api.settings import BadSetting
from podplanner import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import ExceptionContext

T = TypeVar("T")

LOG = logging.getLogger(__name__)
MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADING = 7_065_700
"""Number of the lock under which one process at a time upgrades a PostgreSQL database; arbitrary."""
BUSY_MS = 30_000
"""Milliseconds that a writer of SQLite waits for another."""
PAUSE_S = 1.0
"""Between two tries of what must be written, while the database is away or its disk is full."""

READ_ONLY = "25006"
"""PostgreSQL's code of a change in a transaction that may only read."""

AWAY = (OperationalError, InterfaceError)
"""What is raised while the database cannot be reached or cannot write."""


def new_id() -> str:
    """32 hex digits: milliseconds since 1970, then chance; sorted, they are in order of creation."""
    return f"{int(time.time() * 1000):012x}{secrets.token_hex(10)}"


class Database:
    """The service's database.

    Parameters
    ----------
    url
        ``sqlite:///FILE`` or ``postgresql://...``; raises `BadSetting` for anything else.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            # Not repeated: there may be a password in it.
            raise BadSetting(
                "the database's address is not understood: use sqlite:///FILE or postgresql://..."
            ) from error
        kind = parsed.get_backend_name()
        if kind not in ("sqlite", "postgresql"):
            raise BadSetting(f"database of kind {kind} not understood: use sqlite:///FILE or postgresql://...")
        self.is_sqlite = kind == "sqlite"
        self.url = url
        self.file: Path | None = None
        if self.is_sqlite:
            if parsed.database in (None, "", ":memory:"):
                raise BadSetting("a SQLite database needs a file: sqlite:///FILE")
            self.file = Path(str(parsed.database)).resolve()
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.engine = create_engine(parsed, json_serializer=_to_json)
            event.listen(self.engine, "connect", _prepare_sqlite)
        else:
            parsed = parsed.set(drivername="postgresql+psycopg")
            self.engine = create_engine(parsed, json_serializer=_to_json, pool_size=10, pool_pre_ping=True)
            event.listen(self.engine, "handle_error", _tell_read_only)

    def upgrade(self) -> None:
        """Bring the tables to the present version; safe from several processes at once.

        Raises
        ------
        BadSetting
            They are of a version that this program does not know.
        """
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.begin() as connection:
            if self.is_sqlite:
                connection.execute(text("BEGIN IMMEDIATE"))
            else:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADING})
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise BadSetting(
                    f"a newer podplanner than {__version__} has upgraded the database: install that version, or "
                    "restore a backup from before"
                ) from error

    def now(self, connection: Connection) -> float:
        """Seconds since 1970 by the database's clock, which all machines share."""
        if self.is_sqlite:
            return time.time()
        return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())

    def patiently(self, work: Callable[[Connection], T]) -> T:
        """One transaction, tried until the database takes it: for what must not be lost.

        ``work`` is repeated where a commit's answer got lost, so that it must be fenced.
        """
        while True:
            try:
                with self.engine.begin() as connection:
                    return work(connection)
            except AWAY as error:
                LOG.warning("the database does not answer, trying again", extra={"reason": str(error.orig)})
                threading.Event().wait(PAUSE_S)

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def _to_json(value: object) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _tell_read_only(context: ExceptionContext) -> None:
    """A database that only reads for a while, as a standby does, is away for whoever writes."""
    refused = context.original_exception
    if getattr(refused, "sqlstate", None) == READ_ONLY:
        raise OperationalError(context.statement, context.parameters, refused) from refused


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Writers take their lock at the start of a transaction: two that read first and write then would deadlock.
    connection.isolation_level = "IMMEDIATE"
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


__all__ = ["AWAY", "Database", "Engine", "new_id"]
