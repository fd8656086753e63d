"""Batches and grids over real HTTP: one status, partial failure kept apart, cancelled together."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from api.batch_command import PARTLY
from api.commands import main
from api.http.batches import BatchRequest
from podplanner.client import ServiceError
from tests.api.receivers import receiving
from tests.api.test_service import LONG, assert_problem
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.services import Service

MARGINS: dict[str, Any] = {
    "name": "margins",
    "base": {"sample": "tiny", "name": "tiny", "options": {"gap": 0}},
    "grid": [
        {
            "name": "margin",
            "options": [
                {"label": "as it is"},
                {"label": "60 %", "changes": [{"table": "policy", "id": "margin", "value": 0.6}]},
            ],
        },
        {
            "name": "team",
            "options": [
                {"label": "all"},
                {"label": "without Sue", "changes": [{"op": "remove", "table": "people", "id": "S2"}]},
            ],
        },
    ],
}
BAD_TABLES = {"accounts": [{"account_id": "A", "revenue": "much"}], "people": []}
MIXED: dict[str, Any] = {
    "name": "mixed",
    "items": [
        {"sample": "tiny", "name": "good", "operation": "validate"},
        {"tables": BAD_TABLES, "name": "bad"},
        {"file": "mine", "name": "file", "operation": "validate"},
    ],
}


def test_a_grid_is_planned_at_every_combination(service: Service) -> None:
    """One input, two by two changes, four plans: a higher margin brings more, and so does a person less to pay."""
    with service.client() as client:
        made = client.submit_batch(MARGINS)
        batch = client.wait_for_batch(made.id)
        assert (batch.status, batch.counts) == ("succeeded", {"succeeded": 4})
        found = {tuple(plan["label"].values()): plan["contribution"] for plan in batch.plans}
        assert found["as it is", "all"] == pytest.approx(71_700)
        assert found["60 %", "without Sue"] > found["60 %", "all"] > found["as it is", "all"]
        assert batch.plans[1]["name"] == "tiny as it is, without Sue"
        states = [client.get(plan["id"]) for plan in batch.plans]
        assert len({state.content["input"]["sha256"] for state in states}) == 1
        assert {state.content["priority"] for state in states} == {"batch"}


def test_what_fails_fails_alone(service: Service, tmp_path: Path) -> None:
    """Of samples, tables and files each goes its own way; the batch says that it is partial, and a webhook hears so."""
    with receiving() as receiver, service.client(service.new_key("mixed")) as client:
        client.create_webhook(receiver.url, events=["batch.ended"])
        path = tmp_path / "mine.zip"
        with service.http() as http:
            path.write_bytes(http.get("/v1/samples/tiny").content)
        batch = client.wait_for_batch(client.submit_batch(MIXED, files={"mine": path}).id)
        assert batch.status == "partial"
        assert [plan["status"] for plan in batch.plans] == ["succeeded", "invalid", "succeeded"]
        assert batch.plans[1]["problem"]["code"] == "invalid_input"
        assert receiver.next().content["data"]["id"] == batch.id
        assert receiver.heard.empty()


def test_a_batch_is_cancelled_as_a_whole(service: Service) -> None:
    """What runs and what waits ends; what had ended stays."""
    item = {"sample": LONG["sample"], "options": {"gap": 0, "time_limit_s": 600}}
    with service.client() as client:
        made = client.submit_batch({"items": [item] * 3})
        assert made.status == "running"
        client.cancel_batch(made.id)
        assert client.wait_for_batch(made.id).status == "cancelled"
        assert client.cancel_batch(made.id).counts == {"cancelled": 3}


def test_a_repeated_batch_is_the_same(service: Service) -> None:
    """By its Idempotency-Key; for another batch that is refused."""
    asked = {"items": [{"sample": "tiny", "operation": "validate"}]}
    with service.client() as client, service.http() as http:
        first, second = (client.submit_batch(asked, idempotency_key="night") for _ in range(2))
        assert first.id == second.id
        with pytest.raises(ServiceError) as error:
            client.submit_batch({**asked, "name": "x"}, idempotency_key="night")
        assert error.value.code == "key_reused"
        assert first.id in {each["id"] for each in http.get("/v1/batches").json()["batches"]}


def test_mistakes_of_a_batch_have_their_places(service: Service) -> None:
    """And nothing is made of it."""
    tiny = {"sample": "tiny"}
    huge = [{"name": str(n), "options": [{"label": str(m)} for m in range(30)]} for n in range(3)]
    wrong: tuple[tuple[Any, str], ...] = (
        ({}, ""),
        ({"items": []}, ""),
        ({"items": [tiny], "base": tiny}, ""),
        ({"base": tiny}, ""),
        ({"items": [tiny], "grid": MARGINS["grid"]}, ""),
        ({"base": tiny, "grid": huge}, ""),
        ({"items": [tiny, {}]}, "/items/1"),
        ({"items": [{"file": "none"}]}, "/items/0/file"),
        ({"items": [{**tiny, "options": {"time_limit_s": 1e9}}]}, "/items/0/options/time_limit_s"),
        ({"items": [{**tiny, "changes": [{"table": "policy"}]}]}, "/items/0/changes/0/id"),
    )
    key = service.new_key("wrong batches")
    with service.http(key) as http:
        for asked, pointer in wrong:
            response = http.post("/v1/batches", json=asked)
            assert_problem(response, "invalid_request")
            assert [error["pointer"] for error in response.json()["errors"]] == [pointer], asked
        assert_problem(http.post("/v1/batches", json={"items": [tiny] * 501}), "invalid_request")
        assert http.get("/v1/plans").json()["plans"] == []


def test_the_pages_batch_is_one() -> None:
    """What docs/service.md shows is understood."""
    page = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    shown = page.split("```json", maxsplit=1)[1].split("```", maxsplit=1)[0]
    assert len(BatchRequest.model_validate_json(shown).grid) == 2


def test_the_command_submits_waits_and_fetches(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``podplanner batch``: a line for each plan, a folder for each result, and an exit code that tells of failures."""
    monkeypatch.setenv("PODPLANNER_KEY", service.key)
    with service.http() as http:
        (tmp_path / "mine.zip").write_bytes(http.get("/v1/samples/tiny").content)
    items = [{"file": "mine.zip", "name": "own", "options": {"gap": 0}}, {"tables": BAD_TABLES, "name": "bad"}]
    path, out = tmp_path / "batch.json", tmp_path / "out"
    path.write_text(json.dumps({"items": items}), encoding="utf-8")
    words = ["batch", str(path), "--service", service.address, "-o", str(out), "--once", "command"]
    for _ in range(2):
        assert main(words) == PARTLY
        told = capsys.readouterr().out.splitlines()
        assert len(told) == 3
        assert "71,700" in told[0]
        assert "invalid_input" in told[1]
        assert told[2].startswith("partial")
    assert json.loads((out / "1 own" / "summary.json").read_text(encoding="utf-8"))["gap"] == 0
    assert (out / "1 own" / "plan.xlsx").exists()
    assert not (out / "2 bad").exists()


def test_mistakes_of_the_command_are_told(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No key, no file, no JSON, no service, a batch that is refused: exit code 2 and one sentence."""
    path = tmp_path / "batch.json"
    here = ("--service", service.address)

    def told(*words: str) -> str:
        assert main(("batch", *words)) == 2
        text = capsys.readouterr().err
        assert text.startswith("podplanner: ")
        return text

    monkeypatch.delenv("PODPLANNER_KEY", raising=False)
    assert "PODPLANNER_KEY" in told(str(path))
    monkeypatch.setenv("PODPLANNER_KEY", service.key)
    assert "batch.json" in told(str(path))
    path.write_text("{", encoding="utf-8")
    assert "JSON" in told(str(path), *here)
    path.write_text('{"items": [{"file": "none.xlsx"}]}', encoding="utf-8")
    assert "none.xlsx" in told(str(path), *here)
    path.write_text("{}", encoding="utf-8")
    assert "invalid_request" in told(str(path), *here)
    assert "127.0.0.1:1" in told(str(path), "--service", "http://127.0.0.1:1")
    assert sys.exc_info() == (None, None, None)
