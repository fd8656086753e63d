"""Plans side by side over real HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from podplanner.client import ServiceError
from tests.api.test_service import assert_problem

if TYPE_CHECKING:
    from tests.api.services import Service


def test_plans_are_put_side_by_side(service: Service) -> None:
    """A plan and one whose move_cost differs: bridge to the cent; with itself nothing differs; today comes first."""
    change = [{"table": "policy", "id": "horizon_years", "value": "2"}]
    with service.client() as client:
        one = client.wait(client.submit(sample="tiny", name="as it is", gap=0).id)
        other = client.wait(client.submit(sample="tiny", name="longer", gap=0, changes=change).id)
        told = client.compare(one.id, other.id)
        assert told["plans"] == ["as it is", "longer"]
        terms = told["pairs"][0]["terms"]
        assert terms[-2]["cumulative"] == terms[-1]["cumulative"]
        same = client.compare(one.id, one.id)["pairs"][0]
        assert same["accounts"] == same["people"] == []
        assert client.compare(one.id, today=True)["plans"] == ["today", "as it is"]


def test_only_own_plans_with_a_result_are_compared(service: Service) -> None:
    """Another workspace's is not there; one without a plan has none to compare; no id is a mistake."""
    with service.client() as client:
        one = client.wait(client.submit(sample="tiny", gap=0).id)
        none = client.wait(client.submit(sample="tiny", operation="validate").id)
        with pytest.raises(ServiceError) as caught:
            client.compare(one.id, none.id)
        assert caught.value.code == "no_result"
    with service.http(service.new_key("elsewhere")) as stranger:
        assert_problem(stranger.get("/v1/compare", params={"plans": one.id}), "not_found")
        assert_problem(stranger.get("/v1/compare", params={"plans": "x"}), "invalid_request")
