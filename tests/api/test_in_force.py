"""The plan in force over real HTTP, on both databases: marked, read on a day, and planned anew at night."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from api.data.in_force import NoneInForce, in_force_from, in_force_on, put_into_force
from api.data.plans import Status, change_plan, ended, find_plan
from api.data.purge import purge
from api.data.tables import PLANS, SCHEDULES
from api.jobs.messages import Ending, Task
from api.jobs.watcher import Watcher
from api.jobs.work import work
from podplanner.client import Client, PlanState, ServiceError
from tests.api.services import until
from tests.api.test_data import NOW, plan_in
from tests.api.test_service import assert_problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.data.database import Database
    from tests.api.services import Service

RULES = ["contribution >= 99% of today", "moved_revenue <= 3%"]


@pytest.fixture(scope="module")
def night(service: Service) -> Iterator[tuple[Client, PlanState]]:
    """A client of a workspace of its own, and the plan that is in force there."""
    with service.client(service.new_key("night")) as client:
        plan = client.wait(client.submit(sample="tiny", name="2027", gap=0).id)
        client.adopt(plan.id, author="Ann", effective="2020-01-01")
        yield client, plan


def test_the_plan_in_force_depends_on_the_day(service: Service) -> None:
    """Before the first day there is none; a plan marked again has one day; one that is withdrawn has none."""
    with service.client(service.new_key("days")) as client:
        assert client.in_force()["marks"] == []
        first, second = (client.wait(client.submit(sample="tiny", name=name, gap=0).id).id for name in "ab")
        client.adopt(first, author="Ann", effective="2026-01-01")
        told = client.adopt(first, author="Bob", effective="2027-01-01")
        assert (told["on"], told["plan_id"]) == ("2027-01-01", first)
        client.adopt(second, author="Ann", effective="2028-01-01")
        days = {"2026-12-31": None, "2027-01-01": first, "2027-12-31": first, "2028-01-01": second}
        assert {day: client.in_force(on=day)["plan_id"] for day in days} == days
        marks = client.in_force()["marks"]
        assert [(each["plan_id"], each["name"], each["author"], each["effective"]) for each in marks] == [
            (second, "b", "Ann", "2028-01-01"),
            (first, "a", "Bob", "2027-01-01"),
        ]
        client.withdraw(second)
        client.withdraw(second)
        assert client.in_force(on="2028-01-01")["plan_id"] == first


def test_only_a_plan_is_put_into_force(service: Service) -> None:
    """What has none is refused, and so is a mark without a day or an author."""
    with service.client() as client, service.http() as http:
        wanted = ("validate", "solve")
        empty, plan = (client.wait(client.submit(sample="tiny", operation=each).id).id for each in wanted)
        mark = {"author": "Ann", "effective": "2027-01-01"}
        assert_problem(http.put(f"/v1/plans/{empty}/in-force", json=mark), "no_result")
        for wrong in ({}, {**mark, "author": ""}, {**mark, "effective": "tomorrow"}, {**mark, "more": 1}):
            assert_problem(http.put(f"/v1/plans/{plan}/in-force", json=wrong), "invalid_request")
        assert_problem(http.get("/v1/in-force", params={"on": "someday"}), "invalid_request")


def test_a_night_without_news_keeps_the_plan_in_force(night: tuple[Client, PlanState]) -> None:
    """Nothing moves, the rules pass, and the state tells which plan it started from; a scenario goes on from it."""
    client, plan = night
    state = client.wait(client.submit(sample="tiny", operation="night", accept=RULES, tags=["nightly"]).id)
    assert state.status == "succeeded", state.problem
    assert state.result is not None
    assert state.result["passed"]
    assert [each["rule"] for each in state.result["acceptance"]] == RULES
    assert (state.content["parent_id"], state.content["origin_id"]) == (plan.id, plan.id)
    summary = client.summary(state.id)
    assert summary["acceptance"] == state.result["acceptance"]
    assert summary["kpis"]["handovers"] == summary["kpis"]["people_moved"] == 0
    assert client.table(state.id, "moved") == []
    assert [each.id for each in client.plans(tags=["nightly"])] == [state.id]
    lost = client.wait(client.scenario(state.id, "lose S2").id)
    assert lost.status == "succeeded", lost.problem
    assert lost.content["origin_id"] == plan.id
    client.adopt(state.id, author="night", effective="2020-01-02")
    again = client.wait(client.submit(sample="tiny", operation="night").id)
    assert (again.content["parent_id"], again.status) == (state.id, "succeeded")
    client.withdraw(state.id)


def test_a_rule_fails_a_nights_plan(service: Service, night: tuple[Client, PlanState], tmp_path: Path) -> None:
    """The plan is there all the same, made from the file that came, with changes on top, and its state says so."""
    client, plan = night
    path = tmp_path / "tonight.zip"
    with service.http() as http:
        path.write_bytes(http.get("/v1/samples/tiny").content)
    gone = [{"op": "remove", "table": "people", "id": "S2"}]
    rules = ["contribution >= 150% of today"]
    state = client.wait(client.submit(file=path, operation="night", accept=rules, changes=gone, on="2020-06-01").id)
    assert state.status == "succeeded", state.problem
    assert state.result is not None
    assert state.result["passed"] is False
    assert "S2" not in {row["person_id"] for row in client.table(state.id, "people_plan")}
    assert client.compare(plan.id, state.id)["pairs"]


def test_hidden_pay_stays_hidden_at_night(service: Service) -> None:
    """A night from a plan that hides pay hides it, too."""
    with service.client(service.new_key("hidden")) as client:
        plan = client.wait(client.submit(sample="tiny", gap=0, hide_pay=True).id)
        client.adopt(plan.id, author="Ann", effective="2020-01-01")
        state = client.wait(client.submit(sample="tiny", operation="night").id)
        assert (state.status, state.content["options"]["hide_pay"]) == ("succeeded", True)
        assert set(client.table(state.id, "people_plan")[0]) == set(client.table(plan.id, "people_plan")[0])


def test_no_night_without_a_plan_in_force(service: Service, night: tuple[Client, PlanState]) -> None:
    """Nothing is planned, alone or in a batch; nor with rules that are none, or for another operation."""
    asked: dict[str, Any] = {"sample": "tiny", "operation": "night"}
    batch = {"items": [{"sample": "tiny", "operation": "validate"}, asked]}
    with service.http(service.new_key("empty")) as http:
        assert_problem(http.post("/v1/plans", json=asked), "none_in_force")
        assert_problem(http.post("/v1/batches", json=batch), "none_in_force")
        assert http.get("/v1/plans").json()["plans"] == http.get("/v1/batches").json()["batches"] == []
        response = http.post("/v1/plans", json={**asked, "accept": ["gap <= 1%", "more is better"]})
        assert_problem(response, "invalid_request")
        assert [each["pointer"] for each in response.json()["errors"]] == ["/accept/1"]
        assert_problem(http.post("/v1/plans", json={"sample": "tiny", "accept": ["gap <= 1%"]}), "invalid_request")
    with pytest.raises(ServiceError, match="2019-12-31"):
        night[0].submit(**asked, on="2019-12-31")


def test_a_schedule_plans_nights(service: Service, night: tuple[Client, PlanState]) -> None:
    """Each time from the plan in force then; where there is none, the time is passed over."""
    batch = {"items": [{"sample": "tiny", "operation": "night", "accept": RULES}]}
    client, plan = night
    schedule = client.create_schedule("0 2 * * *", batch, name="nightly")["id"]
    made = client.wait_for_batch(client.run_schedule(schedule).id)
    assert made.status == "succeeded"
    assert client.get(made.plans[0]["id"]).content["parent_id"] == plan.id
    assert made.plans[0]["passed"] is True
    client.delete_schedule(schedule)
    with service.client(service.new_key("early")) as early:
        waiting = early.create_schedule("* * * * *", batch)["id"]
        with pytest.raises(ServiceError, match="none_in_force"):
            early.run_schedule(waiting)
        make_due(service, waiting)
        error = until(lambda: early.schedules()[0]["last_error"])
        assert "No plan is in force" in error
        assert list(early.plans()) == []
        early.delete_schedule(waiting)


def make_due(service: Service, schedule_id: str) -> None:
    """Let a schedule's time have come."""
    database = service.open_database()
    with database.engine.begin() as connection:
        connection.execute(update(SCHEDULES).where(SCHEDULES.c.id == schedule_id).values(due_at=0))
    database.close()


def test_the_plan_in_force_is_not_forgotten(database: Database) -> None:
    """Retention spares what is in force or will be, and forgets what was; so does each workspace for itself."""
    with database.engine.begin() as connection:
        plans = [plan_in(connection) for _ in range(4)] + [plan_in(connection, "second")]
        for plan_id in plans:
            change_plan(connection, plan_id, ended(Status.SUCCEEDED, now=NOW), now=NOW)
        days = ["1999-01-01", "1999-06-01", "2999-01-01", None, "1998-01-01"]
        for plan_id, day in zip(plans, days, strict=True):
            row = find_plan(connection, "second" if day == "1998-01-01" else "first", plan_id)
            if day is not None and row is not None:
                made: dict[str, Any] = {"key_id": "", "author": "Ann", "now": NOW}
                put_into_force(connection, row, day=date.fromisoformat(day), **made)
        kept = {plans[1], plans[2], plans[4]}
        assert set(connection.execute(in_force_from("2026-01-01")).scalars()) == kept
        assert in_force_on(connection, "first", "2026-01-01").id == plans[1]
        with pytest.raises(NoneInForce):
            in_force_on(connection, "first", "1998-12-31")
    assert purge(database, lambda _: None, 60) == 2
    with database.engine.connect() as connection:
        assert set(connection.execute(select(PLANS.c.id)).scalars()) == kept


def test_a_night_from_a_forgotten_plan_says_so(tmp_path: Path) -> None:
    """Where the plan in force was forgotten before its turn came."""
    task = Task(operation="night", kind="sample", sample="tiny", options={}, threads=1, parent={})
    ending = work(tmp_path, task, Watcher(), None)
    assert isinstance(ending, Ending)
    assert (ending.status, (ending.problem or {})["code"]) == ("invalid", "unreadable_input")
