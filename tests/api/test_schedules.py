"""Schedules: their times, each acted on once whoever looks, paused, passed over; on both databases and over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from api.data.batches import plans_of_batch
from api.data.inputs import InputKind, keep_input
from api.data.keys import Scope, make_key
from api.data.plans import Job, Status, change_plan, count_unfinished, ended
from api.data.purge import purge
from api.data.schedules import add_schedule, due_schedules, pause_schedule, resume_schedule, take_schedule
from api.data.tables import BATCHES, INPUTS, PLANS, SCHEDULES
from api.jobs.cron import BadCron, next_time
from api.jobs.queue import Queue
from api.jobs.scheduler import fire_due
from tests.api.services import until
from tests.api.test_service import assert_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Row

    from api.data.database import Database
    from tests.api.services import Service

BERLIN = ZoneInfo("Europe/Berlin")
BATCH: dict[str, Any] = {"items": [{"sample": "tiny", "operation": "validate", "name": "nightly"}]}
ROOM = 500


def in_berlin(*moment: int) -> float:
    """Seconds since 1970 of a time on Berlin's clocks."""
    return datetime(*moment, tzinfo=BERLIN).timestamp()  # type: ignore[arg-type,misc]  # year, month, day, hour, minute


def test_the_next_time_is_that_of_the_zones_clocks() -> None:
    """Summer or winter: two in the morning, on workdays."""
    for before, after in (
        ((2026, 1, 5, 1, 0), (2026, 1, 5, 2, 0)),
        ((2026, 1, 5, 2, 0), (2026, 1, 6, 2, 0)),
        ((2026, 7, 3, 3, 0), (2026, 7, 6, 2, 0)),  # a Friday
    ):
        assert next_time("0 2 * * 1-5", "Europe/Berlin", in_berlin(*before)) == in_berlin(*after)
    assert next_time("*/15 * * * *", "UTC", 0.0) == 900.0


def test_an_hour_that_is_skipped_or_comes_twice_is_one_time() -> None:
    """The clocks' changes of a year neither lose a day nor double one."""
    at = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    days = []
    while at < datetime(2027, 1, 1, tzinfo=UTC).timestamp():
        at = next_time("30 2 * * *", "Europe/Berlin", at)
        days.append(datetime.fromtimestamp(at, BERLIN).date())
    assert len(set(days)) >= 365
    assert len(days) <= 367


@pytest.mark.parametrize(
    ("cron", "zone", "field"),
    [
        ("", "UTC", "cron"),
        ("* * * *", "UTC", "cron"),
        ("* * * * * *", "UTC", "cron"),
        ("61 * * * *", "UTC", "cron"),
        ("@daily", "UTC", "cron"),
        ("a b c d e", "UTC", "cron"),
        ("0 0 30 2 *", "UTC", "cron"),
        ("1-99999999 * * * *", "UTC", "cron"),
        ("0 0 * * *", "Nowhere", "time_zone"),
        ("0 0 * * *", "", "time_zone"),
        ("0 0 * * *", "../../etc/passwd", "time_zone"),
        ("0 0 * * *", "\x00", "time_zone"),
    ],
)
def test_what_is_no_time_is_refused(cron: str, zone: str, field: str) -> None:
    """In words that name the field."""
    with pytest.raises(BadCron) as error:
        next_time(cron, zone, 0.0)
    assert error.value.field == field
    assert str(error.value).startswith(field)


class Nightly:
    """A schedule that is due, and what came of it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.queue = Queue(database)
        with database.engine.begin() as connection:
            self.now = database.now(connection)
            self.key_id, _ = make_key(connection, workspace_id="first", name="", scopes=Scope, now=self.now)
            kind = InputKind.SAMPLE
            input_id = keep_input(connection, workspace_id="first", kind=kind, content=b"tiny", now=self.now - 999)
            plan = {"input_id": input_id, "operation": "validate", "priority": "batch", "options": {}}
            self.plans = [{**plan, "name": name, "label": {"n": name}} for name in ("one", "two")]
            row = add_schedule(
                connection,
                self.plans,
                workspace_id="first",
                now=self.now,
                key_id=self.key_id,
                name="nightly",
                cron="0 2 * * *",
                time_zone="UTC",
                due_at=self.now - 1,
            )
        self.id = row.id

    def look(self, room: int = ROOM) -> None:
        """What every worker does each second."""
        fire_due(self.database, self.queue, room)

    def make_due(self) -> None:
        """Let its time have come again."""
        with self.database.engine.begin() as connection:
            connection.execute(update(SCHEDULES).values(due_at=self.now - 1))

    @property
    def row(self) -> Row[tuple[object, ...]]:
        """The schedule."""
        with self.database.engine.connect() as connection:
            return connection.execute(select(SCHEDULES)).one()

    def batches(self) -> list[str]:
        """Batches there are."""
        with self.database.engine.connect() as connection:
            return list(connection.execute(select(BATCHES.c.id).order_by(BATCHES.c.id)).scalars())


@pytest.fixture
def nightly(database: Database) -> Iterator[Nightly]:
    """A schedule that is due."""
    made = Nightly(database)
    yield made
    made.queue.close()


def test_a_time_that_has_come_is_acted_on_once(nightly: Nightly) -> None:
    """The batch has the schedule's plans in its order; the next time lies ahead."""
    nightly.look()
    nightly.look()
    (batch_id,) = nightly.batches()
    with nightly.database.engine.connect() as connection:
        plans = plans_of_batch(connection, batch_id)
    assert [(plan.name, plan.label, plan.status) for plan in plans] == [
        ("one", {"n": "one"}, "queued"),
        ("two", {"n": "two"}, "queued"),
    ]
    row = nightly.row
    assert (row.last_batch_id, row.last_error) == (batch_id, None)
    assert row.due_at > nightly.now


def test_of_two_who_see_it_one_acts(nightly: Nightly) -> None:
    """The time that was seen is the fence."""
    with nightly.database.engine.begin() as connection:
        (seen,) = due_schedules(connection, nightly.now)
        assert take_schedule(connection, seen, due_at=nightly.now + 60, now=nightly.now)
        assert not take_schedule(connection, seen, due_at=nightly.now + 60, now=nightly.now)


def test_a_paused_schedule_does_nothing(nightly: Nightly) -> None:
    """Resumed, it waits for its next time."""
    with nightly.database.engine.begin() as connection:
        pause_schedule(connection, nightly.id)
    nightly.look()
    with nightly.database.engine.begin() as connection:
        resume_schedule(connection, nightly.id, nightly.now + 60)
    nightly.look()
    assert nightly.batches() == []


def test_without_room_a_time_is_passed_over(nightly: Nightly) -> None:
    """And the schedule says so, until it goes well again."""
    nightly.look(room=1)
    assert nightly.batches() == []
    assert "passed over" in str(nightly.row.last_error)
    nightly.make_due()
    nightly.look()
    assert nightly.row.last_error is None
    assert len(nightly.batches()) == 1


def test_a_batch_ends_with_its_last_plan_and_is_forgotten_with_them(nightly: Nightly) -> None:
    """Its plans' end is its end; what the schedule needs for its next time stays."""
    nightly.look()
    (batch_id,) = nightly.batches()
    with nightly.database.engine.begin() as connection:
        for number, plan in enumerate(plans_of_batch(connection, batch_id)):
            finished = connection.execute(select(BATCHES.c.finished_at)).scalar_one()
            assert finished is None, number
            change_plan(connection, plan.id, ended(Status.SUCCEEDED, now=1.0), now=1.0)
        assert connection.execute(select(BATCHES.c.finished_at)).scalar_one() == 1.0
        assert count_unfinished(connection, "first") == 0
    forgotten: list[Job] = []
    assert purge(nightly.database, forgotten.extend, 60) == 2
    assert nightly.batches() == []
    with nightly.database.engine.connect() as connection:
        assert connection.execute(select(PLANS.c.id)).all() == []
        assert len(connection.execute(select(INPUTS.c.id)).all()) == 1
    nightly.make_due()
    nightly.look()
    assert len(nightly.batches()) == 1


def test_schedules_over_http(service: Service) -> None:
    """Made, listed, paused, resumed, run now, fired by the worker when due, deleted."""
    with service.client(service.new_key("nightly")) as client:
        made = client.create_schedule("0 2 * * *", BATCH, time_zone="Europe/Berlin", name="night")
        assert made["due_at"] is not None
        assert [each["id"] for each in client.schedules()] == [made["id"]]
        assert client.pause_schedule(made["id"])["due_at"] is None
        assert client.resume_schedule(made["id"])["due_at"] == made["due_at"]
        batch = client.wait_for_batch(client.run_schedule(made["id"]).id)
        assert (batch.name, batch.status) == ("night", "succeeded")
        assert batch.plans[0]["name"] == "nightly"
        database = service.open_database()
        with database.engine.begin() as connection:
            connection.execute(update(SCHEDULES).where(SCHEDULES.c.id == made["id"]).values(due_at=0))
        database.close()
        until(lambda: client.schedules()[0]["last_batch_id"] != batch.id or None)
        client.delete_schedule(made["id"])
        assert client.schedules() == []
        assert client.get_batch(batch.id).status == "succeeded"


def test_bad_schedules_are_refused(service: Service) -> None:
    """By the place of the mistake."""
    good = {"cron": "0 2 * * *", "batch": BATCH}
    with service.http(service.new_key("bad nights")) as http:
        for wrong, pointer in (
            ({"cron": "never"}, "/cron"),
            ({"time_zone": "Nowhere"}, "/time_zone"),
            ({"batch": {}}, "/batch"),
            ({"batch": {"items": [{"file": "none"}]}}, "/batch/items/0/file"),
            ({"more": 1}, "/more"),
        ):
            response = http.post("/v1/schedules", json={**good, **wrong})
            assert_problem(response, "invalid_request")
            assert response.json()["errors"][0]["pointer"] == pointer
        assert http.get("/v1/schedules").json() == {"schedules": []}
