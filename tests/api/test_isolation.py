"""Every route of the description, asked by another workspace or without a key, gives nothing away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.api.receivers import receiving
from tests.api.test_service import assert_problem

if TYPE_CHECKING:
    from tests.api.services import Service

OPEN_TO_ALL = {"/healthz", "/readyz"}
NAMES = {"table": "accounts_plan", "name": "tiny", "account_id": "A1"}
"""Parts of addresses that are no secret."""


@pytest.fixture(scope="module")
def ids(service: Service) -> dict[str, str]:
    """One thing of every kind, of the first workspace."""
    batch = {"items": [{"sample": "tiny"}]}
    with receiving() as receiver, service.client() as client:
        hook = client.create_webhook(receiver.url)["id"]
        made = client.wait_for_batch(client.submit_batch(batch).id)
        receiver.next()
        client.adopt(made.plans[0]["id"], author="Ann", effective="2027-01-01")
        return {
            "plan_id": made.plans[0]["id"],
            "batch_id": made.id,
            "schedule_id": client.create_schedule("0 0 1 1 *", batch)["id"],
            "webhook_id": hook,
            "delivery_id": client.deliveries(hook)[0]["id"],
        }


def test_no_route_shows_another_workspace(service: Service, ids: dict[str, str]) -> None:
    """What is not the caller's is not there, whatever is asked of it; lists are empty."""
    with service.http(service.new_key("stranger")) as stranger, service.http("") as nobody:
        paths = stranger.get("/openapi.json").json()["paths"]
        for path, methods in paths.items():
            asked = path.format(**ids, **NAMES)
            for method in methods:
                assert (nobody.request(method, asked).status_code == 401) != (path in OPEN_TO_ALL), path
                if set(re.findall(r"{(\w+)}", path)) & set(ids):
                    assert_problem(stranger.request(method, asked), "not_found")
        for kind in ("plans", "batches", "schedules", "webhooks"):
            assert stranger.get(f"/v1/{kind}").json()[kind] == []
        assert stranger.get("/v1/in-force").json()["marks"] == []


def test_everything_is_still_there(service: Service, ids: dict[str, str]) -> None:
    """The stranger has ended nothing."""
    with service.client() as client:
        assert ids["webhook_id"] in {each["id"] for each in client.webhooks()}
        assert ids["schedule_id"] in {each["id"] for each in client.schedules()}
        assert client.get_batch(ids["batch_id"]).status == "succeeded"
        assert client.in_force(on="2027-01-01")["plan_id"] == ids["plan_id"]
        client.withdraw(ids["plan_id"])
        client.delete_webhook(ids["webhook_id"])
        client.delete_schedule(ids["schedule_id"])
