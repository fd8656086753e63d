"""Inputs beyond a size: planned by regions, each a plan on the same queue, and joined; stopped, cancelled, killed."""

from __future__ import annotations

import random
import signal
from typing import TYPE_CHECKING, Any

import pytest

from api.jobs.hints import write_hint
from api.jobs.messages import Ending, Task
from api.jobs.regional import start_of_whole
from api.jobs.watcher import Watcher
from api.jobs.work import work
from datasets import from_tables
from datasets.generator import generate
from podplanner.domain.build import build_instance
from podplanner.domain.direct import all_direct_plan
from podplanner.domain.score import score
from podplanner.planning.pipeline import plan
from podplanner.planning.regions import regions
from solvers.engine import Limits
from solvers.registry import get_engine
from tests.api.fleet import LONG, assert_done_once, await_a_plan
from tests.api.services import end, until

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from podplanner.client import Client, PlanState
    from tests.api.fleet import Fleet

HALVES: dict[str, Any] = {"split_accounts": 250}
"""Two regions of the sample with 500 accounts."""
KILLS = 6


def regions_of(client: Client, plan: PlanState) -> list[PlanState]:
    """A plan's regions, once there are two, by their numbers."""
    found = until(lambda: parts if len(parts := list(client.plans(whole_id=plan.id))) == 2 else None)
    return sorted(found, key=lambda each: each.content["options"]["region"])


def accounts_of(client: Client, plan: PlanState) -> set[str]:
    """Accounts that a plan places."""
    return {row["account_id"] for row in client.table(plan.id, "accounts_plan")} - {"unused"}


def test_an_input_beyond_a_size_goes_by_regions(fleet: Fleet) -> None:
    """Two regions, planned once, at batch priority; the whole is joined from them within the whole's own bound."""
    tables = {name: table.to_dict("records") for name, table in generate(40, seed=1, bases=4, people=12).items()}
    with fleet.service.client() as client:
        fleet.staff(split_accounts=20)
        whole = client.wait(client.submit(tables=tables, work_limit=1, name="all").id)
        parts = regions_of(client, whole)
        assert whole.result is not None
        assert [(each.status, each.attempt, each.name, each.content["priority"]) for each in parts] == [
            ("succeeded", 1, "all, region 1 of 2", "batch"),
            ("succeeded", 1, "all, region 2 of 2", "batch"),
        ]
        told = [(each["plan_id"], each["contribution"]) for each in whole.result["regions"]]
        assert told == [(each.id, (each.result or {})["contribution"]) for each in parts]
        assert whole.result["contribution"] <= whole.result["bound"]
        accounts, first, second = (accounts_of(client, each) for each in (whole, *parts))
        assert (len(accounts), len(first), len(second)) == (40, 20, 20)
        assert accounts == first | second
        assert_done_once(client, whole)
        steps = [event.data["step"] for event in client.events(whole.id) if event.kind == "progress"]
        assert steps[:2] == ["1 of 2 regions are planned", "2 of 2 regions are planned"]


def test_a_stop_reaches_the_regions_and_a_lost_one_is_told(fleet: Fleet) -> None:
    """One region is cancelled, the other stopped with the whole: the plan says which has none, and has the other's."""
    with fleet.service.client() as client:
        fleet.staff(**HALVES)
        whole = client.submit(**LONG)
        first, second = regions_of(client, whole)
        await_a_plan(client, first.id)
        assert client.cancel(second.id).status == "cancelled"
        client.stop(whole.id)
        state = client.wait(whole.id)
        assert state.result is not None
        assert (state.status, state.outcome, state.attempt) == ("succeeded", "stopped_early", 2)
        assert [each["status"] for each in state.result["regions"]] == ["succeeded", "cancelled"]
        assert client.table(whole.id, "accounts_plan")


def test_a_cancelled_plan_takes_its_regions_along(fleet: Fleet) -> None:
    """All of them end, the running one, too; scenarios do not start from regions."""
    with fleet.service.client() as client, fleet.service.http() as http:
        fleet.staff(**HALVES)
        whole = client.submit(**LONG)
        first, second = regions_of(client, whole)
        await_a_plan(client, first.id)
        assert client.cancel(whole.id).status == "cancelled"
        assert [client.wait(each.id).status for each in (first, second)] == ["cancelled", "cancelled"]
        assert http.post(f"/v1/plans/{first.id}/scenarios", json={}).status_code == 409


def test_the_whole_starts_from_the_better_plan(tmp_path: Path) -> None:
    """From what the regions found, where an attempt at the join died with less; from its own, where that is more."""
    drawn = generate(40, seed=1, bases=4, people=12, with_books=True)
    tables = {name: table.to_dict("records") for name, table in drawn.items()}
    instance = build_instance(from_tables(tables))
    fast, limits = get_engine("fast"), Limits(work_limit=1)
    for number, region in enumerate(regions(instance, 2)):
        found = plan(region.instance, fast, limits, engine_reason="").outcome.plan
        assert found is not None
        write_hint(found, tmp_path / f"{number}.npz")
    poor, best = all_direct_plan(instance), plan(instance, fast, limits, engine_reason="").outcome.plan
    values = [score(instance, start_of_whole(instance, tmp_path, 2, hint)).contribution for hint in (None, poor, best)]
    assert poor is not None
    assert best is not None
    assert score(instance, poor).contribution < values[0] == values[1] <= values[2]


def at_work(
    fleet: Fleet, client: Client, whole: PlanState, chance: random.Random
) -> list[subprocess.Popen[bytes]] | None:
    """A worker that has the whole or a region under way; no more once the whole has ended, None while all wait."""
    if client.get(whole.id).is_final:
        return []
    plans = [each.id for each in (whole, *regions_of(client, whole))]
    holders = [fleet.holder(each) for each in plans if client.get(each).status == "solving"]
    found = [each for each in holders if each is not None]
    return [chance.choice(found)] if found else None


@pytest.mark.long
def test_regions_outlive_kills(fleet: Fleet) -> None:
    """Workers die in regions and in the join: each region and the whole has one end, and the plan is there."""
    chance = random.Random(0)
    with fleet.service.client() as client:
        fleet.staff(2, max_crashes=KILLS + 1, **HALVES)
        whole = client.submit(sample="fortune500", gap=0, time_limit_s=10)
        regions_of(client, whole)
        for _ in range(KILLS):
            for holder in until(lambda: at_work(fleet, client, whole, chance)):
                end(holder, signal.SIGKILL)
            fleet.staff(2, max_crashes=KILLS + 1, **HALVES)
        state = client.wait(whole.id)
        assert_done_once(client, state)
        for each in regions_of(client, whole):
            assert_done_once(client, client.get(each.id))
        assert state.attempt + sum(each.attempt for each in regions_of(client, whole)) > 4


@pytest.mark.parametrize(("asked", "longest"), [(0.0, 3600.0), (None, 0.0)])
def test_a_limit_too_short_for_a_size_is_told(asked: float | None, longest: float, tmp_path: Path) -> None:
    """The plan says what to ask for, whether the limit was asked for or is the operator's longest."""
    options = {"engine": "auto", "time_limit_s": asked, "work_limit": None, "gap": None, "seed": 0, "hide_pay": False}
    task = Task(
        operation="solve", kind="sample", sample="fortune500", options=options, threads=1, max_time_limit_s=longest
    )
    ending = work(tmp_path, task, Watcher(), None)
    assert isinstance(ending, Ending)
    assert "for 500 accounts ask for 120 seconds or more" in (ending.result or {})["advice"]
