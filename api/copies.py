"""Backups: all rows of the service in one SQLite file, whatever database they came from, and back into either kind.

The queue is left out. Its truth are the plans' rows: what waits there finds its place again after a restore.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, insert, select

from api.data.database import Database
from api.data.plans import RUNNING, UNFINISHED, Job, again
from api.data.tables import CHORES, METADATA, PLANS, WORKERS, WORKSPACES
from api.settings import BadSetting

if TYPE_CHECKING:
    from sqlalchemy import Table

ROWS_AT_ONCE = 20
"""A row may hold a large file."""


def back_up(database: Database, path: Path) -> int:
    """Copy all rows as they are at one moment into a new file, while the service goes on; how many plans.

    Raises
    ------
    BadSetting
        The file is there already.
    """
    if path.exists():
        raise BadSetting(f"{path} exists already: name another file")
    copy = Database(f"sqlite:///{path}")
    try:
        copy.upgrade()
        with database.engine.connect() as source, copy.engine.begin() as target:
            if not database.is_sqlite:
                # SQLite reads one moment anyway.
                source.execution_options(isolation_level="REPEATABLE READ")
            return _copy_all(source, target)
    finally:
        copy.close()


def restore(database: Database, path: Path) -> int:
    """Copy all rows of a backup into a database that has none; how many plans.

    What was under way at the moment of the backup waits again.

    Raises
    ------
    BadSetting
        There is no such file, or the database is in use.
    """
    if not path.is_file():
        raise BadSetting(f"there is no file {path}")
    copy = Database(f"sqlite:///{path}")
    try:
        copy.upgrade()
        with copy.engine.connect() as source, database.engine.begin() as target:
            if target.execute(select(WORKSPACES.c.id).limit(1)).first() is not None:
                raise BadSetting("the database has workspaces already: restore into a new one, named by --database")
            count = _copy_all(source, target)
            _let_wait(target, database.now(target))
            return count
    finally:
        copy.close()


def _copy_all(source: Connection, target: Connection) -> int:
    target.execute(delete(CHORES))
    for table in METADATA.sorted_tables:
        if table is not WORKERS:
            _copy(table, source, target)
    return int(target.execute(select(func.count()).select_from(PLANS)).scalar_one())


def _copy(table: Table, source: Connection, target: Connection) -> None:
    rows = source.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table).order_by(*table.primary_key))
    for part in rows.mappings().partitions():
        target.execute(insert(table), [dict(row) for row in part])


def _let_wait(connection: Connection, now: float) -> None:
    """Attempts that nobody has any more wait for a place in the queue; a worker gives it to them."""
    # A plan that waits for its regions has no worker, and goes on waiting.
    where = (PLANS.c.status.in_(map(str, RUNNING)), PLANS.c.worker_id.is_not(None))
    under_way = select(PLANS.c.id, PLANS.c.attempt).where(*where)
    for row in connection.execute(under_way).all():
        job = Job(row.id, row.attempt)
        again(connection, job, has_crashed=False, max_crashes=0, now=now, among=UNFINISHED)
