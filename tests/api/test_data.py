"""Rows on SQLite and PostgreSQL: versions, keys, fences, purge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, select, text, update

from api.data.artefacts import keep_artefact, read_artefact
from api.data.chores import Chore, resume_chore, take_chore
from api.data.database import MIGRATIONS, Database, new_id
from api.data.inputs import InputKind, keep_input, read_input
from api.data.keys import Scope, expire_key, find_caller, make_key
from api.data.plans import (
    FORM,
    Change,
    EventKind,
    Job,
    Priority,
    Status,
    Wish,
    add_plan,
    again,
    change_plan,
    ended,
    events_after,
    find_plan,
    list_plans,
    wish_for,
)
from api.data.purge import purge
from api.data.tables import INPUTS, METADATA, PLANS
from api.data.workers import add_worker, list_workers, outdated_jobs, stranded_jobs
from api.settings import BadSetting

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_000_000.0


def plan_in(connection: Connection, workspace: str = "first") -> str:
    """A plan that waits, of a workspace with a key."""
    key_id, _ = make_key(connection, workspace_id=workspace, name="", scopes=Scope, now=NOW)
    input_id = keep_input(connection, workspace_id=workspace, kind=InputKind.JSON, content=b"{}", now=NOW)
    plan_id = new_id()
    add_plan(
        connection,
        id=plan_id,
        workspace_id=workspace,
        key_id=key_id,
        input_id=input_id,
        name="",
        operation="solve",
        priority=str(Priority.BATCH),
        options={},
        request_sha256="",
        created_at=NOW,
    )
    return plan_id


def status_of(connection: Connection, plan_id: str) -> str:
    """Status of a plan."""
    return str(connection.execute(select(PLANS.c.status).where(PLANS.c.id == plan_id)).scalar_one())


def test_migrations_make_the_declared_tables(database: Database) -> None:
    """What the versions make is what the code declares; the queue's own tables lie beside them."""

    def is_ours(_entry: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        return kind != "table" or name in METADATA.tables

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_ours, "compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    """A process that starts later finds the tables as they are."""
    database.upgrade()
    with database.engine.begin() as connection:
        plan_id = plan_in(connection)
    database.upgrade()
    with database.engine.connect() as connection:
        assert status_of(connection, plan_id) == Status.QUEUED


def test_tags_of_older_plans_are_found(tmp_path: Path) -> None:
    """What scenarios were tagged with before there was a table of tags stands in it."""
    database = Database(f"sqlite:///{tmp_path / 'older.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        plan_id = plan_in(connection)
        told = {"parent_id": new_id(), "options": {"tags": ["board", "lean", "board"]}}
        connection.execute(update(PLANS).where(PLANS.c.id == plan_id).values(told))
    database.upgrade()
    asked: dict[str, Any] = {"status": None, "name": None, "whole_id": None, "before": None, "limit": 9}
    with database.engine.connect() as connection:
        found = list_plans(connection, "first", tags=["lean", "board"], **asked)
        assert [row.id for row in found] == [plan_id]
    database.close()


def test_a_key_opens_its_workspace_until_it_expires(database: Database) -> None:
    """The right key finds its caller; a wrong secret, an unknown id and an expired key find nobody."""
    with database.engine.begin() as connection:
        key_id, key = make_key(connection, workspace_id="first", name="", scopes=[Scope.READ], now=NOW)
        caller = find_caller(connection, key, NOW)
        assert caller is not None
        assert (caller.workspace_id, caller.scopes) == ("first", frozenset({"read"}))
        for wrong in ("", "pp", key + "x", key.replace(key_id, new_id()), key.replace("pp_", "xx_")):
            assert find_caller(connection, wrong, NOW) is None
        assert expire_key(connection, key_id, NOW + 1)
        assert find_caller(connection, key, NOW) is not None
        assert find_caller(connection, key, NOW + 1) is None


def test_the_database_holds_no_secret(database: Database) -> None:
    """Of a key's secret only the hash is kept."""
    with database.engine.begin() as connection:
        key_id, key = make_key(connection, workspace_id="first", name="", scopes=Scope, now=NOW)
        row = connection.execute(select(METADATA.tables["keys"])).one()
    secret = key.removeprefix(f"pp_{key_id}_")
    assert len(secret) >= 43
    assert secret not in str(row)


def test_an_input_is_kept_once(database: Database) -> None:
    """The same content of a workspace is one row, and comes back as it went in."""
    content = b'{"accounts": []}' * 100
    with database.engine.begin() as connection:
        for workspace in ("first", "second"):
            make_key(connection, workspace_id=workspace, name="", scopes=Scope, now=NOW)
        ids = [
            keep_input(connection, workspace_id=workspace, kind=InputKind.JSON, content=content, now=NOW)
            for workspace in ("first", "first", "second")
        ]
        assert ids[0] == ids[1] != ids[2]
        assert read_input(connection, ids[0]) == (InputKind.JSON, content)
        held = connection.execute(select(INPUTS.c.content).where(INPUTS.c.id == ids[0])).scalar_one()
        assert len(held) < len(content) / 5


def test_each_change_is_an_event(database: Database) -> None:
    """Events are numbered like the versions of the row."""
    with database.engine.begin() as connection:
        plan_id = plan_in(connection)
        change = Change(EventKind.STATUS, {"status": "solving"}, {"status": "solving"})
        assert change_plan(connection, plan_id, change, now=NOW)
        row = find_plan(connection, "first", plan_id)
        assert row is not None
        events = events_after(connection, plan_id, 0)
        assert [each.seq for each in events] == [1, row.version] == [1, 2]
        assert events[-1].data == {"status": "solving"}


def test_a_passed_fence_lets_nothing_through(database: Database) -> None:
    """An attempt that was given up changes nothing, and what has ended stays as it is."""
    with database.engine.begin() as connection:
        plan_id = plan_in(connection)
        following = again(connection, Job(plan_id, 1), has_crashed=False, max_crashes=3, now=NOW)
        assert following == Job(plan_id, 2)
        late = ended(Status.SUCCEEDED, now=NOW)
        assert not change_plan(connection, plan_id, late, now=NOW, attempt=1)
        assert change_plan(connection, plan_id, late, now=NOW, attempt=2)
        assert not change_plan(connection, plan_id, ended(Status.FAILED, now=NOW), now=NOW)
        assert not wish_for(connection, plan_id, Wish.CANCEL, NOW)
        assert status_of(connection, plan_id) == Status.SUCCEEDED


def test_one_crash_too_many_ends_a_plan(database: Database) -> None:
    """A plan that kills its process each time fails, and does not go round for ever."""
    with database.engine.begin() as connection:
        plan_id = plan_in(connection)
        job: Job | None = Job(plan_id, 1)
        for _ in range(2):
            assert job is not None
            job = again(connection, job, has_crashed=True, max_crashes=3, now=NOW)
        assert job == Job(plan_id, 3)
        assert again(connection, job, has_crashed=True, max_crashes=3, now=NOW) is None
        row = find_plan(connection, "first", plan_id)
        assert row is not None
        assert (row.status, row.crashes, row.problem["code"]) == (Status.FAILED, 3, "worker_lost")


def test_a_plan_that_waits_is_cancelled_at_once(database: Database) -> None:
    """No worker is needed to cancel what none has begun."""
    with database.engine.begin() as connection:
        plan_id = plan_in(connection)
        assert wish_for(connection, plan_id, Wish.CANCEL, NOW)
        assert status_of(connection, plan_id) == Status.CANCELLED


def test_purge_forgets_what_ended_long_ago(database: Database) -> None:
    """Old plans go with their events, files and inputs; young and unfinished ones stay."""
    with database.engine.begin() as connection:
        old, waiting = plan_in(connection, "first"), plan_in(connection, "second")
        keep_artefact(connection, old, "summary.json", b"{}")
        change_plan(connection, old, ended(Status.SUCCEEDED, now=NOW), now=NOW)
        kind = InputKind.WORKBOOK
        edited = keep_input(connection, workspace_id="second", kind=kind, content=b"edited", now=NOW)
        wanting = update(PLANS).where(PLANS.c.id == waiting)
        connection.execute(wanting.values(options={"workbook_id": edited}))
    forgotten: list[Job] = []
    assert purge(database, forgotten.extend, 60) == 1
    assert purge(database, forgotten.extend, 60) == 0
    assert forgotten == [Job(old, 1)]
    with database.engine.connect() as connection:
        assert find_plan(connection, "first", old) is None
        assert read_artefact(connection, old, "summary.json") is None
        assert not events_after(connection, old, 0)
        assert status_of(connection, waiting) == Status.QUEUED
        assert connection.execute(select(INPUTS.c.workspace_id)).scalars().all() == ["second", "second"]


def test_a_chore_is_done_by_one_and_again_when_due(database: Database) -> None:
    """Whoever comes first has it; it is due again after a while, or at once where there is more to do."""
    with database.engine.begin() as connection:
        assert take_chore(connection, Chore.PURGE, now=NOW, again_s=60)
        assert not take_chore(connection, Chore.PURGE, now=NOW + 59, again_s=60)
        assert take_chore(connection, Chore.PURGE, now=NOW + 60, again_s=60)
        resume_chore(connection, Chore.PURGE, now=NOW + 61)
        assert take_chore(connection, Chore.PURGE, now=NOW + 61, again_s=60)


def test_attempts_of_another_form_are_seen(database: Database) -> None:
    """Older ones are to be put in this form; newer ones are stranded, and told so once."""
    with database.engine.begin() as connection:
        older, same, newer = (plan_in(connection) for _ in range(3))
        for plan_id, form in ((older, FORM - 1), (newer, FORM + 1)):
            connection.execute(update(PLANS).where(PLANS.c.id == plan_id).values(form=form))
        assert outdated_jobs(connection) == [Job(older, 1)]
        assert stranded_jobs(connection) == []  # without any worker all wait alike
        add_worker(connection, worker_id="w", slots=1, version="", now=NOW)
        assert stranded_jobs(connection) == [Job(newer, 1)]
        change_plan(connection, newer, Change(EventKind.PROGRESS, {"progress": {"step": ""}}), now=NOW)
        assert stranded_jobs(connection) == []
        again(connection, Job(older, 1), has_crashed=False, max_crashes=3, now=NOW)
        assert outdated_jobs(connection) == []
        assert status_of(connection, same) == Status.QUEUED


def test_the_last_worker_sets_the_slots_of_all(database: Database) -> None:
    """As the queue has one number for all; a worker that begins twice is there once."""
    with database.engine.begin() as connection:
        for worker_id, slots in (("a", 1), ("b", 3), ("b", 2)):
            add_worker(connection, worker_id=worker_id, slots=slots, version="", now=NOW)
        assert {row.id: row.slots for row in list_workers(connection)} == {"a": 2, "b": 2}


def test_an_attempt_that_is_claimed_is_not_made_to_wait_again(database: Database) -> None:
    """A second place in the queue, held by a dead worker, takes nothing from the one who works."""
    with database.engine.begin() as connection:
        job = Job(plan_in(connection), 1)
        change_plan(connection, job.plan_id, Change(EventKind.STATUS, {"status": "solving"}), now=NOW)
        asked: dict[str, Any] = {"has_crashed": False, "max_crashes": 3, "now": NOW}
        assert again(connection, job, **asked, among=(Status.QUEUED,)) is None
        assert again(connection, job, **asked) == Job(job.plan_id, 2)


def test_tables_of_a_newer_version_are_left_alone(database: Database) -> None:
    """A program that does not know them says so."""
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BadSetting, match="a newer podplanner"):
        database.upgrade()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/name", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused(url: str) -> None:
    """What is neither a SQLite file nor PostgreSQL is refused in words."""
    with pytest.raises(BadSetting):
        Database(url)
