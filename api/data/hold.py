"""One ``podplanner serve`` for a SQLite file: a second one would print keys and start workers that nobody expects."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.settings import BadSetting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.data.database import Database

ENDING = ".serving"


@contextmanager
def only_one(database: Database) -> Iterator[None]:
    """Hold a SQLite file for this process; PostgreSQL is there for many.

    The hold is a lock on a file beside it, which the system releases with the process, however that ended.

    Raises
    ------
    BadSetting
        Another process has it.
    """
    if database.file is None:
        yield
        return
    path = database.file.with_name(database.file.name + ENDING)
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise BadSetting(
                f"podplanner serve, process {file.read() or 'unknown'}, has {database.file} already: end it, name "
                "another --database, or start 'podplanner worker' where more is to be planned at once"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
