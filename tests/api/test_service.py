"""``podplanner serve`` and nothing else, over real HTTP: submit, look, stream, stop, fetch."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from api.data.keys import Scope
from api.http.problems import MEDIA_TYPE, PROBLEMS
from datasets.samples import sample_path
from podplanner.client import PlanState, ServiceError
from podplanner.report.columns import OUTPUT_TABLES
from podplanner.report.files import WORKBOOK
from tests.api.services import Service, until

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

LONG: dict[str, Any] = {"sample": "fortune500", "gap": 0, "time_limit_s": 600}
"""A plan that goes on until it is stopped."""


@pytest.fixture(scope="module")
def tiny(service: Service) -> PlanState:
    """The tiny sample, planned."""
    with service.client() as client:
        return client.wait(client.submit(sample="tiny", name="tiny", gap=0).id)


def assert_problem(response: httpx.Response, code: str) -> None:
    """The answer is the one body of all failures, with this code."""
    status, title = PROBLEMS[code]
    assert response.headers["content-type"] == MEDIA_TYPE
    body = response.json()
    told = {"status": status, "title": title, "code": code, "instance": response.url.path}
    assert {**body, **told} == body
    assert response.status_code == status
    assert body["detail"]


def test_a_sample_is_planned(tiny: PlanState) -> None:
    """The tiny sample's optimum, which the command line finds too."""
    assert (tiny.status, tiny.outcome, tiny.attempt, tiny.problem) == ("succeeded", "optimal", 1, None)
    assert tiny.result is not None
    assert tiny.result["contribution"] == pytest.approx(71_700)
    assert tiny.result["gap"] == pytest.approx(0, abs=1e-6)


def test_waiting_answers_at_once(service: Service) -> None:
    """``Prefer: wait`` has the end in the answer of the submission."""
    with service.http() as http:
        response = http.post("/v1/plans", json={"sample": "tiny"}, headers={"Prefer": "respond-async, wait=60"})
        assert response.status_code == 200
        assert response.headers["Preference-Applied"] == "wait=60"
        assert response.json()["status"] == "succeeded"


def test_a_submission_says_where_to_look(service: Service) -> None:
    """202, an address, and when to ask; the address leads to the state."""
    with service.http() as http:
        response = http.post("/v1/plans", json={"sample": "tiny", "operation": "validate"})
        assert response.status_code == 202
        assert int(response.headers["Retry-After"]) >= 1
        assert http.get(response.headers["Location"]).json()["id"] == response.json()["id"]


def test_every_table_is_fetched_in_both_forms(service: Service, tiny: PlanState) -> None:
    """CSV and JSON of a table have the same columns and rows."""
    with service.http() as http, service.client() as client:
        for table in OUTPUT_TABLES:
            rows = client.table(tiny.id, table)
            lines = http.get(f"/v1/plans/{tiny.id}/tables/{table}.csv").text.splitlines()
            assert len(lines) == len(rows) + 1
            for row in rows:
                assert json.dumps(list(row))[1:-1].replace(", ", ",") == lines[0]


def test_tables_are_typed_in_json(service: Service, tiny: PlanState) -> None:
    """Numbers are numbers, flags are flags, and an id stays text."""
    with service.client() as client:
        row = next(row for row in client.table(tiny.id, "pods_plan") if row["pod_id"] == "dallas")
    assert (row["accounts"], row["open"], row["leader_id"]) == (3, True, "L1")


def test_the_workbook_is_fetched(service: Service, tiny: PlanState, tmp_path: Path) -> None:
    """It is a workbook, as it is in the list of files."""
    path = tmp_path / "plan.xlsx"
    with service.client() as client, service.http() as http:
        client.save_workbook(tiny.id, path)
        assert WORKBOOK in http.get(f"/v1/plans/{tiny.id}/files").json()
    assert zipfile.ZipFile(path).testzip() is None


def test_the_summary_is_the_command_lines(service: Service, tiny: PlanState) -> None:
    """The same figures as ``summary.json``, terms included."""
    assert tiny.result is not None
    with service.client() as client:
        told = client.summary(tiny.id)
    assert sum(told["terms"].values()) == pytest.approx(tiny.result["contribution"])


def test_the_template_is_an_empty_input(service: Service, tmp_path: Path) -> None:
    """Handed in as it is, it is refused as empty, by its sheets."""
    path = tmp_path / "template.xlsx"
    with service.client() as client:
        client.save_template(path)
        state = client.wait(client.submit(file=path).id)
        assert state.status == "invalid"
        assert state.problem is not None
        assert {"accounts", "people"} <= {each["table"] for each in state.problem["errors"]}
        assert client.findings(state.id)[: len(state.problem["errors"])]


def test_a_sample_is_fetched_and_handed_in_again(service: Service, tmp_path: Path) -> None:
    """A zip of tables is an input like any other."""
    path = tmp_path / "tiny.zip"
    with service.client() as client, service.http() as http:
        assert set(http.get("/v1/samples").json()) >= {"tiny", "adventureworks"}
        path.write_bytes(http.get("/v1/samples/tiny").content)
        state = client.wait(client.submit(file=path, gap=0).id)
    assert state.result is not None
    assert state.result["contribution"] == pytest.approx(71_700)


def test_today_is_evaluated(service: Service) -> None:
    """``evaluate`` scores the organisation as it is; without books there is none."""
    with service.client() as client:
        scored = client.wait(client.submit(sample="adventureworks", operation="evaluate").id)
        assert scored.result is not None
        assert scored.status == "succeeded"
        assert client.summary(scored.id)["baseline"]["contribution"] == scored.result["contribution"]
        unknown = client.wait(client.submit(sample="fortune500", operation="evaluate").id)
        assert unknown.problem is not None
        assert (unknown.status, unknown.problem["code"]) == ("invalid", "no_books")


def test_tables_in_json_are_validated(service: Service) -> None:
    """Every mistake is told by table, row and column."""
    tables = {"accounts": [{"account_id": "A", "revenue": "much"}], "people": []}
    with service.client() as client:
        state = client.wait(client.submit(tables=tables, operation="validate").id)
    assert state.problem is not None
    assert (state.status, state.problem["code"]) == ("invalid", "invalid_input")
    assert any((e["table"], e["row"], e["column"]) == ("accounts", 2, "revenue") for e in state.problem["errors"])


def test_events_are_streamed_and_resumed(service: Service, tiny: PlanState) -> None:
    """All events in order from the first to the end; after one of them only the rest, and after the end nothing."""
    with service.client() as client, service.http() as http:
        events = list(client.events(tiny.id))
        rest = list(client.events(tiny.id, after=events[1].seq))
        assert list(client.events(tiny.id, after=events[-1].seq)) == []
        told = http.get(f"/v1/plans/{tiny.id}/events", headers={"Last-Event-ID": str(events[-1].seq)})
        assert (told.status_code, told.content) == (204, b"")
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[-1].kind == "end"
    assert rest == events[2:]
    statuses = [event.data["status"] for event in events if event.kind == "status"]
    assert statuses == ["queued", "validating", "solving", "finishing"]


def test_polling_an_unchanged_plan_costs_no_body(service: Service, tiny: PlanState) -> None:
    """304 with the known ETag."""
    with service.http() as http:
        first = http.get(f"/v1/plans/{tiny.id}")
        again = http.get(f"/v1/plans/{tiny.id}", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert http.get(f"/v1/plans/{tiny.id}", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_repeated_request_makes_no_second_plan(service: Service) -> None:
    """The same Idempotency-Key gives the same plan; for another request it is refused."""
    headers = {"Idempotency-Key": "night run"}
    asked = {"sample": "tiny", "operation": "validate"}
    with service.http() as http:
        first, second = (http.post("/v1/plans", json=asked, headers=headers) for _ in range(2))
        assert first.json()["id"] == second.json()["id"]
        assert "Idempotent-Replayed" not in first.headers
        assert second.headers["Idempotent-Replayed"] == "true"
        assert_problem(http.post("/v1/plans", json={**asked, "name": "x"}, headers=headers), "key_reused")


def test_lists_have_pages(service: Service) -> None:
    """Cursors lead through all plans once, the newest first."""
    key = service.new_key("pages")
    with service.client(key) as client, service.http(key) as http:
        asked: dict[str, Any] = {"sample": "tiny", "operation": "validate"}
        made = [
            client.submit(**asked, name=str(number), tags=["all", "odd" if number % 2 else "even"]).id
            for number in range(5)
        ]
        page = http.get("/v1/plans", params={"limit": 2}).json()
        seen = [plan["id"] for plan in page["plans"]]
        while page["next"] is not None:
            page = http.get("/v1/plans", params={"limit": 2, "cursor": page["next"]}).json()
            seen += [plan["id"] for plan in page["plans"]]
        assert seen == made[::-1]
        assert [plan.id for plan in client.plans(name="3")] == [made[3]]
        assert [plan.id for plan in client.plans(tags=["all", "odd"])] == [made[3], made[1]]
        assert [*client.plans(tags=["even", "odd"])] == [*client.plans(tags=["%"])] == []


def test_the_next_page_is_of_the_same_list(service: Service) -> None:
    """``Link`` leads on with every filter, each as often as it was given."""
    key = service.new_key("links")
    with service.client(key) as client, service.http(key) as http:
        asked: dict[str, Any] = {"sample": "tiny", "operation": "validate", "name": "a & b"}
        made = [client.submit(**asked, tags=tags).id for tags in (["x", "y"], ["x"], ["x", "y"], [], ["y", "x", "x"])]
        page = http.get("/v1/plans", params={"name": "a & b", "tag": ["x", "y"], "limit": 1})
        seen = [plan["id"] for plan in page.json()["plans"]]
        while "next" in page.links:
            page = http.get(page.links["next"]["url"])
            seen += [plan["id"] for plan in page.json()["plans"]]
        assert seen == [made[4], made[2], made[0]]


def test_a_running_plan_is_stopped_and_keeps_its_best(service: Service) -> None:
    """``stop`` ends with a plan and its outcome says so; ``cancel`` ends without."""
    with service.client() as client:
        running = client.submit(**LONG)
        until(lambda: (client.get(running.id).progress or {}).get("contribution"))
        client.stop(running.id)
        stopped = client.wait(running.id)
        assert (stopped.status, stopped.outcome) == ("succeeded", "stopped_early")
        assert client.table(stopped.id, "accounts_plan")
        assert client.stop(stopped.id).status == "succeeded"


def test_a_plan_is_cancelled(service: Service) -> None:
    """A running plan ends without result, one that waits behind it at once; both for good."""
    with service.client() as client:
        running, waiting = (client.submit(**LONG) for _ in range(2))
        until(lambda: client.get(running.id).status == "solving" or None)
        assert client.cancel(waiting.id).status == "cancelled"
        client.cancel(running.id)
        cancelled = client.wait(running.id)
        assert (cancelled.status, cancelled.result) == ("cancelled", None)
        with pytest.raises(ServiceError) as error:
            client.table(cancelled.id, "accounts_plan")
        assert error.value.code == "no_result"


def test_somebody_waiting_goes_before_a_batch(service: Service) -> None:
    """With one slot, an interactive plan overtakes those of a batch that wait longer."""
    with service.client() as client:
        running = client.submit(**LONG)
        until(lambda: client.get(running.id).status == "solving" or None)
        asked: dict[str, Any] = {"sample": "tiny", "operation": "validate"}
        batch = [client.submit(**asked, priority="batch") for _ in range(2)]
        urgent = client.submit(**asked)
        client.cancel(running.id)
        ends = [client.wait(each.id).content["started_at"] for each in (urgent, *batch)]
    assert ends == sorted(ends)


def test_every_mistake_has_the_one_body(service: Service) -> None:
    """Failures of every kind, each with its code."""
    packed = io.BytesIO(b"no zip")
    with service.http() as http:
        post = http.post
        assert_problem(http.get("/v1/nothing"), "not_found")
        assert_problem(http.get(f"/v1/plans/{'0' * 32}"), "not_found")
        assert_problem(http.get("/v1/samples/nothing"), "not_found")
        assert_problem(http.get("/v1/plans/short"), "invalid_request")
        assert_problem(http.delete("/v1/plans"), "method_not_allowed")
        assert_problem(post("/v1/plans", content=b"x", headers={"Content-Type": "text/csv"}), "unsupported_media_type")
        assert_problem(post("/v1/plans", files={"file": ("x.xlsx", packed)}), "unsupported_media_type")
        assert_problem(post("/v1/plans", files={"other": ("x.xlsx", packed)}), "invalid_request")
        as_json = {"Content-Type": "application/json"}
        for broken in (b"", b"{", b'{"tables": NaN}', b"[" * 100_000, b"\xff"):
            assert_problem(post("/v1/plans", content=broken, headers=as_json), "bad_request")
        mistaken: tuple[Any, ...] = ({}, [], {"sample": "none"}, {"sample": "tiny", "more": 1})
        for wrong in (*mistaken, {"sample": "tiny", "tables": {}}):
            assert_problem(post("/v1/plans", json=wrong), "invalid_request")
        for options in ({"gap": 1}, {"engine": "none"}, {"time_limit_s": 1e9}, {"seed": -1}, {"speed": 1}):
            assert_problem(post("/v1/plans", json={"sample": "tiny", "options": options}), "invalid_request")
        assert_problem(post("/v1/plans", content=b" " * (1 << 20) + b"1", headers=as_json), "too_large")
        assert_problem(post("/v1/plans", content=b" " * (3 << 20), headers=as_json), "too_large")


def test_a_mistake_in_a_request_has_its_place(service: Service) -> None:
    """A pointer leads to the field."""
    with service.http() as http:
        response = http.post("/v1/plans", json={"sample": "tiny", "options": {"gap": 2}})
    assert [error["pointer"] for error in response.json()["errors"]] == ["/options/gap"]


def test_health_and_readiness_need_no_key(service: Service) -> None:
    """What balancers ask is answered to everybody, and tells nothing else."""
    with service.http("") as http:
        assert http.get("/healthz").json()["status"] == "ok"
        assert until(lambda: http.get("/readyz").json()["status"] == "ok" or None)


def test_metrics_tell_of_plans_and_workers(service: Service, tiny: PlanState) -> None:
    """Prometheus' format, for keys of operation."""
    with service.http() as http:
        told = http.get("/metrics").text
    assert tiny.status == "succeeded"
    assert 'podplanner_plans{operation="solve",outcome="optimal",status="succeeded"}' in told
    assert "podplanner_slots 1.0" in told
    assert "podplanner_stranded 0.0" in told
    for name in ("wait_seconds", "run_seconds", "gap_ratio"):
        counts = [int(float(line.split()[-1])) for line in told.splitlines() if f"podplanner_{name}_bucket" in line]
        assert counts == sorted(counts)
        assert counts[-1] >= 1
        assert f"podplanner_{name}_count {counts[-1]}.0" in told


def test_every_answer_has_the_safe_headers(service: Service) -> None:
    """Nothing is kept by proxies, guessed by browsers, or shown inside other pages."""
    with service.http() as http:
        for path in ("/healthz", "/v1/plans", "/v1/nothing"):
            headers = http.get(path).headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cache-Control"] == "no-store"
            assert "default-src 'none'" in headers["Content-Security-Policy"]
            assert "server" not in headers


def test_scopes_limit_what_a_key_may_do(service: Service) -> None:
    """A key that reads submits nothing."""
    with service.http(service.new_key("first", Scope.READ)) as http:
        assert http.get("/v1/plans").status_code == 200
        assert_problem(http.post("/v1/plans", json={"sample": "tiny"}), "forbidden")
        assert_problem(http.get("/metrics"), "forbidden")


def test_the_key_may_be_a_bearer_token(service: Service) -> None:
    """What spreadsheets send as a header of its own, others send as a token."""
    with service.http("") as http:
        assert http.get("/v1/plans", headers={"Authorization": f"Bearer {service.key}"}).status_code == 200
        assert_problem(http.get("/v1/plans", headers={"Authorization": "Bearer pp_wrong"}), "unauthorized")


def test_the_description_is_whole(service: Service) -> None:
    """Every route has an id, a sentence, and the one body of failures; every reference leads somewhere."""
    with service.http() as http:
        told = http.get("/openapi.json").json()
    operations = [each for methods in told["paths"].values() for each in methods.values()]
    ids = [each["operationId"] for each in operations]
    assert len(set(ids)) == len(ids)
    assert all(each["summary"] and MEDIA_TYPE in each["responses"]["default"]["content"] for each in operations)
    schemas = told["components"]["schemas"]
    referred = {part.split('"')[0] for part in json.dumps(told).split("#/components/schemas/")[1:]}
    assert referred <= set(schemas)
    assert schemas["PlanRequest"]["examples"]


def test_a_text_that_starts_a_formula_is_guarded(service: Service) -> None:
    """A name that a spreadsheet would compute comes back as text."""
    tables = {
        path.stem: [dict(zip(lines[0].split(","), line.split(","), strict=True)) for line in lines[1:]]
        for path in sorted(sample_path("tiny").glob("*.csv"))
        if (lines := path.read_text(encoding="utf-8").splitlines())
    }
    tables["accounts"][0]["name"] = "=1+1"
    with service.client() as client, service.http() as http:
        state = client.wait(client.submit(tables=tables, gap=0).id)
        assert state.status == "succeeded", state.problem
        assert '"\'=1+1"' in http.get(f"/v1/plans/{state.id}/tables/accounts_plan.csv").text
        assert "=1+1" in {row["name"] for row in client.table(state.id, "accounts_plan")}
