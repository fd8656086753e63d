"""Requests drawn from the whole description, good and bad: no defect, every failure in the one shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from api.http.problems import MEDIA_TYPE, PROBLEMS
from tests.api.services import Service, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis.core.transport import Response
    from schemathesis.schemas import APIOperation

Ids = Mapping[str, Sequence[str]]
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
PATIENCE_S = 600
"""Only so that a service that hangs fails."""
SHORT, LONG = 2, 30
"""Requests for each route, good ones and bad ones each."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Address of a database, and id of a plan that was made there."""
    database = f"sqlite:///{tmp_path_factory.mktemp('fuzz') / 'test.sqlite'}"
    with serving(database) as running, running.client() as client:
        return database, client.wait(client.submit(sample="tiny").id).id


@pytest.fixture(scope="module")
def fuzzed(made: tuple[str, str]) -> Iterator[Service]:
    """An API whose further plans wait, and which waits for nothing."""
    limits: dict[str, Any] = {"max_wait_s": 0.1, "max_unfinished": 100_000, "max_requests_per_minute": 0}
    with serving(made[0], "--no-worker", **limits) as running:
        yield running


@pytest.fixture(scope="module")
def ids(fuzzed: Service, made: tuple[str, str]) -> Ids:
    """Things of every kind: addresses that lead somewhere."""
    batch = {"items": [{"sample": "tiny"}]}
    with fuzzed.client() as client:
        asked = client.submit_batch(batch)
        client.cancel_batch(asked.id)
        hook = client.create_webhook("https://hooks.example.com/")["id"]
        client.test_webhook(hook)
        return {
            "plan_id": (made[1], asked.plans[0]["id"]),
            "account_id": ("A1",),
            "batch_id": (asked.id,),
            "schedule_id": (client.create_schedule("0 0 1 1 *", batch)["id"],),
            "webhook_id": (hook,),
            "delivery_id": (client.deliveries(hook)[0]["id"],),
            "name": ("tiny",),
        }


def operations(service: Service) -> list[APIOperation[Any, Any, Any, Any]]:
    """All that the service says it does."""
    schema = schemathesis.openapi.from_url(f"{service.address}/openapi.json")
    found = []
    for each in schema.get_all_operations():
        assert isinstance(each, Ok), each
        found.append(each.ok())
    return found


def assert_good(case: Case, response: Response) -> None:
    """The answer is one that the description knows; a failure has the one shape."""
    case.validate_response(response, checks=CHECKS)
    if response.status_code < 400:
        return
    assert response.headers["content-type"] == [MEDIA_TYPE]
    body = response.json()
    assert PROBLEMS[body["code"]] == (response.status_code, body["title"])
    assert {"type", "title", "status", "detail", "instance", "code"} <= set(body)


def fuzz(service: Service, ids: Ids, examples: int) -> None:
    """Ask every route for something, again and again."""
    for operation in operations(service):
        for mode in GenerationMode:
            try:
                _fuzz_one(service, operation.as_strategy(generation_mode=mode), ids, examples)
            except Unsatisfiable:
                # Nothing can be wrong with a request that has neither parameters nor a body.
                assert mode is GenerationMode.NEGATIVE, operation.label


def _fuzz_one(service: Service, cases: Any, known: Ids, examples: int) -> None:
    turns = count(1)

    @settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=True,
    )
    @given(case=cases)
    def ask(case: Case) -> None:
        # Every other address leads somewhere.
        turn, is_known = divmod(next(turns), 2)
        for name in set(case.path_parameters) & set(known) if is_known else ():
            case.path_parameters[name] = known[name][turn % len(known[name])]
        response = case.call(base_url=service.address, headers={"X-API-Key": service.key}, timeout=PATIENCE_S)
        assert_good(case, response)

    ask()


def test_no_request_finds_a_defect(fuzzed: Service, ids: Ids) -> None:
    """A few requests for every route."""
    fuzz(fuzzed, ids, SHORT)


@pytest.mark.long
def test_many_requests_find_no_defect(fuzzed: Service, ids: Ids) -> None:
    """Many requests for every route."""
    fuzz(fuzzed, ids, LONG)
