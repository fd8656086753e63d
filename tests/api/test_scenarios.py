"""Scenarios over real HTTP: near their plan, in words, by rows, and from a file of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api.jobs.messages import Ending, Task
from api.jobs.watcher import Watcher
from api.jobs.work import work
from podplanner.client import PlanState, ServiceError
from tests.api.test_service import assert_problem

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.services import Service

CSV = "op,table,id,column,value\nset,policy,horizon_years,value,2\n"


@pytest.fixture(scope="module")
def tiny(service: Service) -> PlanState:
    """The tiny sample, planned."""
    with service.client() as client:
        return client.wait(client.submit(sample="tiny", name="as it is", gap=0).id)


def contribution(state: PlanState) -> float:
    """What a plan that has ended brings."""
    return float((state.result or {})["contribution"])


def problem(state: PlanState) -> dict[str, Any]:
    """Why there is no plan."""
    assert state.problem is not None
    return dict(state.problem)


def test_a_scenario_without_changes_is_its_plan(service: Service, tiny: PlanState) -> None:
    """Every table is the same, nothing moved, and the state tells where it comes from."""
    with service.client() as client:
        same = client.wait(client.scenario(tiny.id, name="same").id)
        assert (same.status, same.outcome, same.result) == ("succeeded", tiny.outcome, tiny.result)
        assert (same.content["parent_id"], same.content["origin_id"]) == (tiny.id, tiny.id)
        for table in ("accounts_plan", "people_plan", "pods_plan", "tier_curve"):
            assert client.table(same.id, table) == client.table(tiny.id, table)
        assert client.table(same.id, "moved") == []
        assert client.summary(same.id)["scenario"]["unchanged"]


def test_scenarios_of_scenarios_go_on_from_them(service: Service, tiny: PlanState) -> None:
    """Who was lost stays lost; what moved is told with its money; comparison knows both."""
    with service.client() as client:
        lost = client.wait(client.scenario(tiny.id, "lose S2", name="lean", tags=["board"]).id)
        assert lost.status == "succeeded", lost.problem
        again = client.wait(client.scenario_again(lost.id).id)
        assert client.summary(again.id) == client.summary(lost.id)
        assert client.summary(lost.id)["scenario"]["tags"] == ["board"]
        assert "S2" not in {row["person_id"] for row in client.table(lost.id, "people_plan")}
        told = client.summary(lost.id)["scenario"]
        assert (told["name"], told["words"], told["unchanged"]) == ("lean", ["lose S2"], False)
        assert told["difference"] == pytest.approx(contribution(lost) - contribution(tiny), abs=0.01)
        assert any(row["group"] for row in client.table(lost.id, "moved"))
        with service.http() as http:
            path = f"/v1/plans/{lost.id}/scenarios?name=from+a+file&options.gap=0"
            answer = http.post(path, content=CSV, headers={"Content-Type": "text/csv", "Prefer": "wait=60"})
            further = answer.json()
            assert (answer.status_code, further["name"], further["status"]) == (200, "from a file", "succeeded")
            assert set(http.get(f"/v1/plans/{lost.id}/files").json()) & {"input.zip", "best.npz"} == set()
        assert (further["parent_id"], further["origin_id"]) == (lost.id, tiny.id)
        assert "S2" not in {row["person_id"] for row in client.table(further["id"], "people_plan")}
        assert client.compare(tiny.id, lost.id)["pairs"][0]["people"]


def test_hidden_pay_stays_hidden(service: Service) -> None:
    """A scenario of a plan that hides pay hides it too, and tells no money of moves."""
    with service.client() as client:
        hidden = client.wait(client.submit(sample="tiny", gap=0, hide_pay=True).id)
        lost = client.wait(client.scenario(hidden.id, "lose S2").id)
        assert lost.content["options"]["hide_pay"]
        assert lost.status == "succeeded", lost.problem
        assert set(client.table(lost.id, "people_plan")[0]) == set(client.table(hidden.id, "people_plan")[0])
        with pytest.raises(ServiceError, match="no_result"):
            client.table(lost.id, "moved")


def test_what_is_not_understood_is_told(service: Service, tiny: PlanState) -> None:
    """Words and rows that point at nothing end the plan with a problem; a bad body is refused at once."""
    with service.client() as client:
        unknown = client.wait(client.scenario(tiny.id, "lose Nobody").id)
        assert (unknown.status, problem(unknown)["code"]) == ("invalid", "unknown_words")
        assert "Nobody" in problem(unknown)["detail"]
        with pytest.raises(ServiceError) as error:
            client.scenario(tiny.id, "lose S2", "make it better", "budget lots", "pod to pod")
        assert (error.value.code, error.value.status) == ("unknown_words", 422)
        found = [(each["pointer"], each["table"], each["row"], each["value"]) for each in error.value.problem["errors"]]
        assert found == [
            ("/sentences/1", "sentences", 2, "make it better"),
            ("/sentences/2", "sentences", 3, "budget lots"),
        ]
        row = {"table": "people", "id": "nobody", "column": "role", "value": "sales"}
        missed = client.wait(client.scenario(tiny.id, changes=[row]).id)
        assert (missed.status, problem(missed)["code"]) == ("invalid", "invalid_input")
        assert problem(missed)["errors"]
    bad: list[dict[str, Any]] = [
        {"json": {"sentences": "lose S2"}},
        {"json": {"changes": [{"op": "burn", "table": "people", "id": "S2"}]}},
        {"json": {"options": {"time_limit_s": 1e9}}},
        {"content": "a,b\n1,2\n", "headers": {"Content-Type": "text/csv"}},
    ]
    with service.http() as http:
        for each in bad:
            assert_problem(http.post(f"/v1/plans/{tiny.id}/scenarios", **each), "invalid_request")


def test_only_own_plans_have_scenarios(service: Service, tiny: PlanState) -> None:
    """An unknown plan and another workspace's are not there; what has no plan starts nothing."""
    with service.client() as client:
        for plan_id, code in (
            ("0" * 32, "not_found"),
            (client.submit(sample="tiny", operation="validate").id, "no_result"),
        ):
            with pytest.raises(ServiceError) as error:
                client.scenario(plan_id, "lose S2")
            assert error.value.code == code
    with service.http(service.new_key("abroad")) as stranger:
        assert_problem(stranger.post(f"/v1/plans/{tiny.id}/scenarios", json={}), "not_found")


def test_a_repeated_request_makes_no_second_scenario(service: Service, tiny: PlanState) -> None:
    """The same key and request lead to the same plan; another request with the key is refused."""
    path, headers = f"/v1/plans/{tiny.id}/scenarios", {"Idempotency-Key": "scenario"}
    with service.http() as http:
        first, again = (http.post(path, json={}, headers=headers) for _ in range(2))
        assert first.json()["id"] == again.json()["id"]
        assert again.headers["Idempotent-Replayed"] == "true"
        assert_problem(http.post(path, json={"sentences": ["lose S2"]}, headers=headers), "key_reused")


def test_a_forgotten_plan_starts_nothing(tmp_path: Path) -> None:
    """Where the plan that it starts from was forgotten before its turn came, the scenario says so."""
    asked = {"sentences": [], "changes": [], "hide_pay": False}
    task = Task(operation="solve", kind="sample", sample="tiny", options=asked, threads=1, parent={})
    ending = work(tmp_path, task, Watcher(), None)
    assert isinstance(ending, Ending)
    assert ending.status == "invalid"
    assert ending.problem == {"code": "unreadable_input", "detail": "The plan that it starts from is forgotten."}
