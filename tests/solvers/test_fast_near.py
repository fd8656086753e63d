"""The fast engine from an earlier plan, on companies of its own size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from podplanner.domain.direct import all_direct_plan
from podplanner.domain.result import Reason
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from solvers.engine import Limits, Progress
from solvers.fast import apart, engine, proof
from solvers.fast.budget import Clock
from solvers.fast.relaxing import AGAIN, ANEW, Relaxed, relax
from solvers.fast.restriction import Whole
from solvers.fast.roster import Roster
from solvers.fast.rounding import rounded
from solvers.fast.search import Search, Staffing
from solvers.fast.starts import seated_staffing
from solvers.highs import Answer, Arrays, solve
from solvers.registry import get_engine
from tests.solvers.test_fast_search import company


def test_a_proof_beside_a_plan_begins_from_its_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """It speaks of the whole model's columns, though the search near a plan begins from known prices."""
    instance = company(240, with_books=False)
    first = get_engine("fast").solve(instance, Limits(gap=0.0, work_limit=3), hint=None, progress=Progress())
    begun: list[tuple[Arrays, Any]] = []

    def noted(model: Arrays, **given: Any) -> Answer:
        begun.append((model, given["start"]))
        return solve(model, **given)

    monkeypatch.setattr(proof, "solve", noted)
    limits = Limits(gap=0.0, work_limit=20)
    again = get_engine("fast").solve(instance, limits, hint=first.plan, progress=Progress(), known=first.duals)
    ((model, start),) = begun
    assert Whole(model).feasible(start)
    assert not (model.integer & (np.abs(start - np.rint(start)) > 1e-6)).any()
    assert again.statistics["model_columns"] == len(model.cost)
    assert again.bound <= first.bound * (1 + 1e-9)


def test_in_time_two_ways_to_prove_race_beside_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are two cores, and the search waits for the first; a work limit counts on one: it is repeatable."""
    instance = company(120, with_books=False)
    limits = Limits(gap=1e-6, work_limit=3)
    first = get_engine("fast").solve(instance, limits, hint=None, progress=Progress())
    begun: list[bool] = []

    def noted(model: Arrays, **given: Any) -> Answer:
        begun.append(given["restarts"])
        return solve(model, **given)

    monkeypatch.setattr(proof, "solve", noted)
    in_time = Limits(gap=1e-6, time_limit_s=60.0, workers=2)
    for given, wanted in ((in_time, {True, False}), (replace(in_time, workers=1), {True}), (limits, {True})):
        begun.clear()
        again = get_engine("fast").solve(instance, given, hint=first.plan, progress=Progress(), known=first.duals)
        assert set(begun) == wanted
        assert again.termination.reason is Reason.OPTIMAL


def test_what_the_proof_finds_is_dealt_to_the_pods_that_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """From nobody anywhere, and before any search: the proof has all people by sites, one of them with three pods."""
    instance = company(240, with_books=False)
    first = get_engine("fast").solve(instance, Limits(gap=1e-6, work_limit=3), hint=None, progress=Progress())
    assert first.plan is not None
    dealt: list[int] = []

    def noted(search: Search, roster: Roster, **given: Any) -> Staffing | None:
        dealt.append(len(roster.person))
        return seated_staffing(search, roster, **given)

    monkeypatch.setattr(engine, "AHEAD_NEAR", 0)
    monkeypatch.setattr(engine, "seated_staffing", noted)
    in_time = Limits(gap=1e-6, time_limit_s=60.0, workers=2)
    again = get_engine("fast").solve(
        instance, in_time, hint=all_direct_plan(instance), progress=Progress(), known=first.duals
    )
    assert again.plan is not None
    assert len(dealt) == 1
    assert dealt[0] > 0
    assert score(instance, again.plan).contribution == pytest.approx(score(instance, first.plan).contribution)


def test_where_pods_are_too_many_a_changed_input_is_staffed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """From averages after more steps from the known prices: with everybody where they are it ends farther off."""
    instance, limits = company(240, with_books=True), Limits(gap=0.0, work_limit=3)
    first = get_engine("fast").solve(instance, limits, hint=None, progress=Progress())
    told: list[int | str] = []

    def relaxed(*given: Any, steps: int) -> Relaxed:
        told.append(steps)
        return relax(*given, steps=steps)

    def whole(*given: Any) -> Staffing | None:
        told.append("rounded")
        return rounded(*given)

    monkeypatch.setattr(engine, "relax", relaxed)
    monkeypatch.setattr(engine, "rounded", whole)
    for most, wanted in ((apart.MOST_APART, [ANEW]), (0, [ANEW, "rounded"])):
        monkeypatch.setattr(apart, "MOST_APART", most)
        told.clear()
        again = get_engine("fast").solve(instance, limits, hint=first.plan, progress=Progress(), known=first.duals)
        assert told == wanted
        assert again.plan is not None
        assert again.bound <= first.bound * (1 + 1e-9)
    told.clear()
    near = replace(limits, gap=0.5)
    get_engine("fast").solve(instance, near, hint=first.plan, progress=Progress(), known=first.duals)
    assert told == [ANEW]  # the known prices prove the plan near enough
    told.clear()
    hurried = Limits(gap=0.5, time_limit_s=1e-3)
    get_engine("fast").solve(instance, hurried, hint=first.plan, progress=Progress(), known=first.duals)
    assert told == [AGAIN]


def test_planning_anew_needs_more_time_where_owners_count() -> None:
    """A second for a thousand accounts: enough at 0.55 ms for each, not at 1; without a limit always."""
    clock = Clock(Limits(time_limit_s=1.0))
    assert clock.may_plan_anew(1_000, owned=False)
    assert not clock.may_plan_anew(1_000, owned=True)
    assert Clock(Limits(work_limit=1)).may_plan_anew(10**6, owned=True)


def test_a_hint_that_breaks_rules_is_planned_from_nothing() -> None:
    """Prices known with it leave no averages in their few steps: the plan was all but direct, 24 % from its bound."""
    instance = company(150, with_books=True)
    limits = Limits(gap=0.0, work_limit=3)
    first = get_engine("fast").solve(instance, limits, hint=None, progress=Progress())
    assert first.plan is not None
    broken = replace(first.plan, owner=np.where(first.plan.owner >= 0, 0, first.plan.owner))
    assert verify(instance, broken).violations
    again = get_engine("fast").solve(instance, limits, hint=broken, progress=Progress(), known=first.duals)
    assert again.plan is not None
    assert score(instance, again.plan).contribution == score(instance, first.plan).contribution
