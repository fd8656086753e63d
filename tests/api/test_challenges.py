"""Challenges over real HTTP: wishes and edited workbooks of a plan, each answered by its price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from podplanner.client import PlanState, ServiceError
from tests.api.test_service import assert_problem

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.services import Service


@pytest.fixture(scope="module")
def tiny(service: Service) -> PlanState:
    """The tiny sample, planned."""
    with service.client() as client:
        return client.wait(client.submit(sample="tiny", gap=0).id)


def test_wishes_are_priced_and_granted_by_a_scenario(service: Service, tiny: PlanState) -> None:
    """Each has a price or a reason, the cheap one is accepted, and its rows grant it."""
    with service.client() as client:
        wishes = ("A1 direct", {"wish": "keep A4 with S1", "author": "Ben", "note": "knows them"}, "make it nice")
        heard = client.wait(client.challenge(tiny.id, *wishes, author="Ann", accept_below=1e9, gap=0).id)
        assert heard.status == "succeeded", heard.problem
        assert (heard.content["operation"], heard.content["parent_id"]) == ("challenge", tiny.id)
        rows = client.table(heard.id, "challenges")
        assert [row["outcome"] for row in rows] == ["priced", "priced", "unclear", "priced"]
        assert [row["author"] for row in rows[:3]] == ["Ann", "Ben", "Ann"]
        assert heard.result == {"challenges": 3, "priced": 2, "accepted": 2, "clashes": []}
        changes = client.table(heard.id, "challenge_changes")
        granting = [{name: row[name] for name in row if name != "challenge"} for row in changes]
        granted = client.wait(client.scenario(tiny.id, changes=granting, gap=0).id)
        (together,) = (row["price"] for row in rows if row["challenge"] == "together")
        assert client.summary(granted.id)["scenario"]["difference"] == pytest.approx(-together, abs=0.02)
        assert client.table(heard.id, "knock_on")


def test_accepted_wishes_that_clash_are_named(service: Service, tiny: PlanState) -> None:
    """In the state, with the way to the answers; a clash with a wish that is not accepted is none."""
    with service.client() as client:
        cheap, dear = (
            client.wait(client.challenge(tiny.id, "A4 to S1", "A4 direct", accept_below=most, gap=0).id)
            for most in (1.0, 1e9)
        )
        assert cheap.result == {"challenges": 2, "priced": 2, "accepted": 1, "clashes": []}
        assert dear.result is not None
        (clash,) = dear.result["clashes"]
        assert clash.startswith("'A4 to S1' and 'A4 direct' cannot be granted together: ")
        assert dear.content["links"]["tables"] == f"/v1/plans/{dear.id}/tables/{{table}}.csv"


def test_an_edited_workbook_comes_back_answered(service: Service, tiny: PlanState, tmp_path: Path) -> None:
    """What was typed over has its price in its cell, and a row of its own."""
    path, answered = tmp_path / "plan.xlsx", tmp_path / "answered.xlsx"
    with service.client() as client:
        client.save_workbook(tiny.id, path)
        workbook = load_workbook(path)
        sheet = workbook["accounts_plan"]
        head = [cell.value for cell in sheet[1]]
        cell = sheet.cell(2, head.index("tier") + 1)
        cell.value = "direct" if cell.value != "direct" else "virtual"
        workbook.save(path)
        heard = client.wait(client.challenge(tiny.id, workbook=path, author="Ann", gap=0).id)
        assert heard.status == "succeeded", heard.problem
        (edit,) = client.table(heard.id, "edits")
        assert (edit["sheet"], edit["cell"], edit["author"]) == ("accounts_plan", cell.coordinate, "Ann")
        client.save_answered(heard.id, answered)
        comment = load_workbook(answered)["accounts_plan"][cell.coordinate].comment
        assert comment is not None
        assert "USD a year" in comment.text or edit["why"] in comment.text


def test_what_is_no_challenge_is_refused(service: Service, tiny: PlanState) -> None:
    """Nothing asked for, a file that is no workbook, a plan that hides pay, and one without an answered workbook."""
    path = f"/v1/plans/{tiny.id}/challenges"
    with service.http() as http, service.client() as client:
        assert_problem(http.post(path, json={}), "invalid_request")
        assert_problem(http.post(path, json={"wishes": [{"wish": "A1\ndirect"}]}), "invalid_request")
        assert_problem(http.post(path, files={"file": ("plan.xlsx", b"no workbook")}), "unsupported_media_type")
        assert_problem(http.get(f"/v1/plans/{tiny.id}/answered.xlsx"), "no_result")
        hidden = client.wait(client.submit(sample="tiny", gap=0, hide_pay=True).id)
        with pytest.raises(ServiceError, match="no_result"):
            client.challenge(hidden.id, "A1 direct")
        assert_problem(http.post("/v1/plans", json={"sample": "tiny", "operation": "challenge"}), "invalid_request")
