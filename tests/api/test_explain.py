"""Why an account is where it is, what things are worth, and what cannot be had, over real HTTP."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

from datasets.samples import sample_path
from podplanner.client import PlanState, ServiceError
from tests.api.test_service import assert_problem

if TYPE_CHECKING:
    from tests.api.services import Service


@pytest.fixture(scope="module")
def tiny(service: Service) -> PlanState:
    """The tiny sample, planned."""
    with service.client() as client:
        return client.wait(client.submit(sample="tiny", gap=0).id)


def tiny_tables() -> dict[str, list[dict[str, Any]]]:
    """The tiny sample as JSON tables."""
    tables = {}
    for path in sample_path("tiny").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = [dict(row) for row in csv.DictReader(file)]
    return tables


def test_every_account_is_explained(service: Service, tiny: PlanState) -> None:
    """The explanation tells what the tables tell, and the same in sentences."""
    with service.client() as client:
        rows = client.table(tiny.id, "accounts_plan")[:-1]
        prices = {(each["pod_id"], each["role"]): each["price"] for each in client.prices(tiny.id)["hours"]}
        for row in rows:
            told = client.explain(tiny.id, row["account_id"])
            assert (told["pod_id"], told["tier"]) == (row["pod_id"], row["tier"])
            assert told["figures"]["contribution"] == row["contribution"]
            assert (told["next_best"] or {}).get("loss") == row["next_best_loss"]
            assert row["pod_id"] in told["words"][0]
            for role, owner in told["owners"].items():
                assert owner["person_id"] == row[f"owner_{role}"]
                assert owner["price_of_hour"] == prices.get((row["pod_id"], role))


def test_what_is_no_account_is_not_explained(service: Service, tiny: PlanState) -> None:
    """The table's last row is none, and neither is anything else."""
    with service.http() as http:
        for name in ("unused", "nobody", "a/b", "%00", "'"):
            path = f"/v1/plans/{tiny.id}/explain/accounts/{name}"
            assert_problem(http.get(path), "not_found")


def test_rules_that_clash_are_conflicts(service: Service) -> None:
    """An infeasible plan names its clashing rules; a bad input its mistakes; a plan neither."""
    tables = tiny_tables()
    account, pod = tables["accounts"][0]["account_id"], tables["pods"][0]["pod_id"]
    named = {"account_id": account, "pod_id": pod}
    tables["rules"] = [{"rule_id": rule, "rule": rule, **named} for rule in ("pin", "forbid")]
    with service.client() as client:
        impossible = client.wait(client.submit(tables=tables).id)
        assert impossible.outcome == "infeasible", impossible
        told = client.conflicts(impossible.id)
        assert any(account in clash for clash in told["clashes"])
        assert told["errors"] == []
        tables["accounts"][0]["revenue"] = "much"
        invalid = client.conflicts(client.wait(client.submit(tables=tables).id).id)
        assert (invalid["status"], invalid["clashes"]) == ("invalid", [])
        assert invalid["errors"][0]["column"] == "revenue"


def test_what_has_no_plan_has_no_prices(service: Service) -> None:
    """Before the end there are neither conflicts nor prices; a validation has no prices at all."""
    with service.client() as client:
        state = client.wait(client.submit(sample="tiny", operation="validate").id)
        with pytest.raises(ServiceError) as error:
            client.prices(state.id)
        assert error.value.code == "no_result"
        assert client.conflicts(state.id)["errors"] == []
