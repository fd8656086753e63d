"""Planning near an earlier plan, and longer where nothing near it will do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from datasets import from_tables
from podplanner.domain.build import build_instance
from podplanner.domain.direct import all_direct_plan
from podplanner.domain.result import Reason
from podplanner.domain.score import score
from podplanner.domain.vocabulary import SALES
from podplanner.planning.pipeline import plan as solved
from podplanner.whatif.alike import exchanged
from podplanner.whatif.differences import differing_accounts
from podplanner.whatif.near import Effort, effort_for, homeward, plan_near
from podplanner.whatif.parent import read_parent
from solvers.engine import Limits, Progress
from solvers.registry import get_engine

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_too_far_is_searched_for_longer(company_folder: Path) -> None:
    """Without time near a plan without pods, that plan is the answer; with time it is within the gap asked for."""
    instance = read_parent(company_folder).instance
    nowhere = all_direct_plan(instance)
    assert nowhere is not None
    effort = Effort(time_limit_s=0.0, gap=0.02, engine="fast")
    near = plan_near(instance, nowhere, effort)
    assert near.contribution == score(instance, nowhere).contribution
    longer = plan_near(instance, nowhere, replace(effort, longer_s=600.0))
    assert longer.contribution > near.contribution
    assert longer.outcome.termination.reason is Reason.GAP_REACHED
    assert longer.outcome.bound - longer.contribution <= 1.06 * 0.02 * longer.outcome.bound


def test_a_plan_far_from_its_bound_is_a_start() -> None:
    """Its distance may be more than all of the bound; no engine can be asked for that."""
    assert effort_for(10, 3.0).limits(3.0).gap < 1


def test_pods_that_are_alike_keep_their_accounts() -> None:
    """A plan that differs by which of two virtual pods is which alone differs by nothing."""
    people = [("s", "sales"), ("l", "leader")]
    tables = {
        "accounts": [{"account_id": name, "revenue": 1e7, "time_zone": "UTC-6"} for name in ("a", "b")],
        "people": [
            {"person_id": name, "role": role, "annual_cost": 9e4, "time_zone": "UTC-6"} for name, role in people
        ],
        "pods": [{"pod_id": name, "coverage": "virtual", "time_zone": "UTC-6"} for name in ("V", "W")],
        "service": [
            {"tier": "virtual", "role": role, "served": False} for role in ("marketing", "support", "operations")
        ],
    }
    instance = build_instance(from_tables(tables))
    plan = solved(instance, get_engine("reference"), Limits(), engine_reason="small").plan
    staffed = np.unique(plan.placed_pod)
    assert len(staffed) == 1
    other = instance.pod_index["W" if instance.pods.ids[staffed[0]] == "V" else "V"]
    to = np.arange(len(instance.pods), dtype=np.int32)
    to[[staffed[0], other]] = other, staffed[0]
    twin = replace(plan, pod=to[plan.pod], placed_pod=to[plan.placed_pod], leader=plan.leader[to], coach=plan.coach[to])
    assert differing_accounts(twin, plan).any()
    assert not differing_accounts(exchanged(instance, twin, plan), plan).any()


def one_account_for_two(handover_loss: float, **rule: str) -> dict[str, list[dict[str, Any]]]:
    """One account, a rep at 20,000 a year and one at 10,000, of whom only one is needed and paid."""
    cost = {"dear": 2e4, "cheap": 1e4, "lead": 1e4}
    people = [
        {"person_id": name, "role": "leader" if name == "lead" else "sales", "annual_cost": pay, "time_zone": "UTC-6"}
        for name, pay in cost.items()
    ]
    return {
        "accounts": [{"account_id": "a", "revenue": 1e7, "time_zone": "UTC-6"}],
        "people": people,
        "pods": [{"pod_id": "V", "coverage": "virtual", "time_zone": "UTC-6"}],
        "service": [
            {"tier": "virtual", "role": role, "served": False} for role in ("marketing", "support", "operations")
        ],
        "roles": [{"role": "sales", "release_cost": 0.0, "handover_loss": handover_loss}],
        "policy": [{"key": "headcount", "value": "flexible"}],
        "rules": [{"rule_id": "r", "rule": "pin", "account_id": "a", **rule}],
    }


@pytest.mark.parametrize(
    ("handover_loss", "is_near_enough", "owner"),
    [
        (0.0, False, "cheap"),  # 10,000 more, for nothing
        (0.5, False, "dear"),  # 10,000 more, for half of the margin of 10 million
        (0.5, True, "cheap"),  # only the new plan is as near to the bound as was asked for
    ],
)
def test_planned_anew_and_still_too_far_it_must_be_worth_its_handovers(
    handover_loss: float, is_near_enough: bool, owner: str
) -> None:
    """The plan planned anew has the cheap rep; near the earlier plan, of the dear one, it costs a handover."""
    anew, earlier = (
        solved(
            build_instance(from_tables(one_account_for_two(handover_loss, **rule))),
            get_engine("reference"),
            Limits(gap=0.0),
            engine_reason="small",
        )
        for rule in ({"pod_id": "V"}, {"person_id": "dear"})
    )
    instance, before = anew.instance, earlier.plan
    assert anew.contribution == pytest.approx(earlier.contribution + 10_000)
    bound = anew.contribution if is_near_enough else 2 * anew.contribution
    proved = replace(anew, outcome=replace(anew.outcome, bound=bound))
    effort = Effort(gap=1e-4, engine="reference")
    found = homeward(instance, before, before, anew, proved, effort, Progress())
    assert instance.people.ids[found.owner[0, SALES]] == owner
