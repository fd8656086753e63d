"""A scenario's changes: what they do, and what they say when they point at nothing."""

from __future__ import annotations

from typing import Any

import pytest

import datasets
from podplanner.domain.errors import InputError
from podplanner.domain.tables import Tables


def changed(*changes: dict[str, Any], **tables: Any) -> Tables:
    """The canonical tables of a small input with changes on top."""
    base = {
        "accounts": [{"account_id": "a1", "revenue": 100}, {"account_id": "a2", "revenue": 200}],
        "people": [{"person_id": "p1", "role": "sales", "annual_cost": 90000}],
        "books": [{"account_id": "a1", "role": "sales", "person_id": "p1"}],
    }
    return datasets.from_tables({**base, **tables, "changes": list(changes)})


def test_set_writes_one_cell() -> None:
    """Set is the default; a column that the table did not have so far is added."""
    tables = changed(
        {"table": "accounts", "id": "a2", "column": "revenue", "value": 250},
        {"op": "set", "table": "accounts", "id": "a2", "column": "segment", "value": "S"},
        {"table": "books", "id": "a1|sales", "column": "person_id", "value": "p9"},
    )
    assert tables["accounts"]["revenue"].tolist() == [100, 250]
    assert tables["accounts"]["segment"].tolist() == ["", "S"]
    assert tables["books"]["person_id"].tolist() == ["p9"]


def test_policy_is_set_without_naming_its_one_column() -> None:
    """A key that has a row is overwritten, one that has none is added."""
    tables = changed(
        {"table": "policy", "id": "margin", "value": 0.5},
        {"table": "policy", "id": "budget", "column": "value", "value": 1e6},
        policy={"margin": 0.2},
    )
    values = dict(zip(tables["policy"]["key"], tables["policy"]["value"], strict=True))
    assert (values["margin"], values["budget"]) == ("0.5", "1000000")


def test_rows_of_one_add_share_an_id() -> None:
    """They make one new row, in a table that need not have been there."""
    tables = changed(
        {"op": "add", "table": "people", "id": "p2", "column": "role", "value": "support"},
        {"op": "add", "table": "people", "id": "p2", "column": "annual_cost", "value": 5e4},
        {"op": "add", "table": "pods", "id": "V", "column": "coverage", "value": "virtual"},
    )
    assert tables["people"]["person_id"].tolist() == ["p1", "p2"]
    assert tables["people"]["role"].tolist() == ["sales", "support"]
    assert tables["pods"]["pod_id"][0] == "V"


def test_remove_drops_the_row() -> None:
    """Books of the removed account are findings of the books, as if the row had never been."""
    tables = changed({"op": "remove", "table": "accounts", "id": "a2"})
    assert tables["accounts"]["account_id"].tolist() == ["a1"]


def test_changes_have_the_hash_of_what_they_make() -> None:
    """A scenario equals the same input written out."""
    direct = changed(accounts=[{"account_id": "a1", "revenue": 100}, {"account_id": "a2", "revenue": 250}])
    assert changed({"table": "accounts", "id": "a2", "column": "revenue", "value": 250}).sha256() == direct.sha256()


@pytest.mark.parametrize(
    ("change", "rule", "column"),
    [
        ({"table": "account", "id": "a1", "column": "revenue"}, "unknown_choice", "table"),
        ({"table": "accounts", "id": "a9", "column": "revenue"}, "unknown_change", "id"),
        ({"table": "accounts", "id": "a1", "column": "revenu"}, "unknown_change", "column"),
        ({"table": "accounts", "id": "a1"}, "unknown_change", "column"),
        ({"op": "remove", "table": "pods", "id": "x"}, "unknown_change", "id"),
        ({"op": "add", "table": "books", "id": "a1", "column": "person_id"}, "unknown_change", "id"),
        ({"op": "add", "table": "accounts", "id": "a1", "column": "revenue"}, "row_exists", "id"),
        ({"op": "put", "table": "accounts", "id": "a1"}, "unknown_choice", "op"),
        ({"table": "accounts", "id": "", "column": "revenue"}, "blank_required", "id"),
        ({"table": "accounts", "id": "a1", "column": "revenue", "value": "many"}, "not_a_number", "revenue"),
        ({"op": "add", "table": "people", "id": "p7", "column": "role", "value": "boss"}, "unknown_choice", "role"),
    ],
)
def test_a_wrong_change_is_told_at_its_row(change: dict[str, Any], rule: str, column: str) -> None:
    """Also where the new cell, not the change itself, is what cannot be."""
    extra = [{"op": "add", "table": "people", "id": "p7", "column": "annual_cost", "value": 1}]
    with pytest.raises(InputError) as caught:
        changed(change, *(extra if change.get("id") == "p7" else []))
    errors = [finding for finding in caught.value.findings if finding.is_error]
    assert [(f.rule, f.table, f.row, f.column) for f in errors] == [(rule, "changes", 2, column)]
