"""Planning near an earlier plan, and anew where nothing near it will do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from podplanner.domain.direct import all_direct_plan
from podplanner.domain.result import Reason
from podplanner.domain.score import score
from podplanner.whatif.near import Effort, effort_for, plan_near
from podplanner.whatif.parent import read_parent

if TYPE_CHECKING:
    from pathlib import Path


def test_what_nothing_near_reaches_is_planned_anew(company_folder: Path) -> None:
    """Without time near a plan without pods, that plan is the answer; planned anew it is within the gap asked for."""
    instance = read_parent(company_folder).instance
    nowhere = all_direct_plan(instance)
    assert nowhere is not None
    effort = Effort(time_limit_s=0.0, gap=0.01, engine="fast")
    near = plan_near(instance, nowhere, effort)
    assert near.contribution == score(instance, nowhere).contribution
    anew = plan_near(instance, nowhere, replace(effort, anew_s=600.0))
    assert anew.contribution > near.contribution
    assert anew.outcome.termination.reason is Reason.GAP_REACHED
    assert anew.outcome.bound - anew.contribution <= 0.0101 * anew.outcome.bound


def test_a_plan_far_from_its_bound_is_a_start() -> None:
    """Its distance may be more than all of the bound; no engine can be asked for that."""
    assert effort_for(10, 3.0).limits(3.0).gap < 1
