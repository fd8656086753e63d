"""Backup and restore: every row comes back, from and into both kinds of database, and what waited goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from api.commands import main
from api.copies import back_up, restore
from api.data.artefacts import keep_artefact
from api.data.database import Database
from api.data.plans import Change, EventKind, Job, Status, change_plan, ended
from api.data.tables import METADATA, PLANS, WORKERS
from api.data.workers import add_worker, waiting_jobs
from api.jobs.queue import Queue
from api.program import upgrade
from api.settings import BadSetting
from tests.api.test_data import NOW, plan_in

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection


def content(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """All rows but the workers'."""
    return {
        table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
        for table in METADATA.sorted_tables
        if table is not WORKERS
    }


def test_a_backup_brings_every_row_back(database: Database, tmp_path: Path) -> None:
    """The same rows in a new database; what was under way waits, with the same crashes, and can be queued again."""
    with database.engine.begin() as connection:
        done, running = plan_in(connection), plan_in(connection, "second")
        keep_artefact(connection, done, "plan.xlsx", bytes(range(256)) * 10)
        change_plan(connection, done, ended(Status.SUCCEEDED, now=NOW, result={"gap": 0.01}), now=NOW)
        add_worker(connection, worker_id="w", slots=1, version="", now=NOW)
        solving = {"status": str(Status.SOLVING), "worker_id": "w"}
        change_plan(connection, running, Change(EventKind.STATUS, solving), now=NOW)
    file = tmp_path / "backup.sqlite"
    assert back_up(database, file) == 2
    copy, back = Database(f"sqlite:///{file}"), Database(f"sqlite:///{tmp_path / 'back.sqlite'}")
    upgrade(back)
    with database.engine.connect() as old, copy.engine.connect() as new:
        assert content(new) == content(old)
    assert restore(back, file) == 2
    with back.engine.begin() as new, copy.engine.connect() as old:
        kept, restored = content(old), content(new)
        assert {name for name in kept if kept[name] != restored[name]} == {"plans", "events"}
        assert waiting_jobs(new, new.execute(select(PLANS.c.queued_at + 1)).scalars().all()[-1]) == [Job(running, 2)]
        assert new.execute(select(PLANS.c.crashes)).scalars().all() == [0, 0]
    queue = Queue(back)
    assert queue.lost([Job(running, 2)]) == [Job(running, 2)]
    queue.close()
    copy.close()
    back.close()


def test_a_backup_is_restored_into_either_kind(database: Database, tmp_path: Path) -> None:
    """Only into a database that has no rows."""
    file = tmp_path / "backup.sqlite"
    source = Database(f"sqlite:///{tmp_path / 'source.sqlite'}")
    upgrade(source)
    with source.engine.begin() as connection:
        plan_in(connection)
    back_up(source, file)
    assert restore(database, file) == 1
    with source.engine.connect() as old, database.engine.connect() as new:
        assert content(new) == content(old)
    source.close()
    with pytest.raises(BadSetting, match="workspaces already"):
        restore(database, file)
    with pytest.raises(BadSetting, match="exists already"):
        back_up(database, file)
    with pytest.raises(BadSetting, match="there is no file"):
        restore(database, tmp_path / "none")


def test_the_commands_back_up_and_restore(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As operators type them."""
    first, second, file = (f"{tmp_path}/{name}" for name in ("first.sqlite", "second.sqlite", "backup"))
    assert main(["keys", "create", "--database", f"sqlite:///{first}"]) == 0
    assert main(["db", "backup", file, "--database", f"sqlite:///{first}"]) == 0
    assert main(["db", "restore", file, "--database", f"sqlite:///{second}"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["0 plans copied", "0 plans restored"]
