"""The fast engine: its bound holds, its plans are clean, and it ends honestly."""

from __future__ import annotations

import numpy as np
import pytest

import datasets
from podplanner.domain.build import build_instance
from podplanner.domain.instance import Instance
from podplanner.domain.plan import Plan
from podplanner.domain.result import Limit, Outcome, Reason
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from solvers.engine import Limits, Progress
from solvers.registry import get_engine
from tests.solvers.random_tables import Row, random_company

Given = dict[str, list[Row]]

FAST, REFERENCE = get_engine("fast"), get_engine("reference")
EXACT = Limits(gap=1e-6, work_limit=2000)
CENT = 0.01
DAY: list[Row] = [{"key": "period_start", "value": "2026-01-01"}, {"key": "period_end", "value": "2026-12-31"}]


def held_to_the_reference(seed: int) -> None:
    """Neither better than the proven optimum, nor a bound below it, nor infeasible where there is a plan."""
    instance = random_company(seed)
    truth = REFERENCE.solve(instance, EXACT, hint=None, progress=Progress())
    outcome = FAST.solve(instance, EXACT, hint=None, progress=Progress())
    if truth.termination.reason is Reason.INFEASIBLE:
        assert outcome.plan is None
        return
    assert truth.plan is not None
    best = score(instance, truth.plan).contribution
    assert outcome.bound >= best - CENT
    if outcome.plan is not None:
        assert not verify(instance, outcome.plan).violations
        assert score(instance, outcome.plan).contribution <= truth.bound + CENT


@pytest.mark.parametrize("seed", [*range(60), 109, 145])
def test_held_to_the_reference(seed: int) -> None:
    """Random companies with every rule; 109 has a leaver who fills a minimum, 145 a pin to a pod that needs nobody."""
    held_to_the_reference(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(200, 800))
def test_held_to_the_reference_at_length(seed: int) -> None:
    """The same, by the hundred."""
    held_to_the_reference(seed)


def company(**tables: list[Row]) -> Given:
    """One account worth a rep, one rep, one leader, one virtual pod and the web; every function but sales unserved."""
    unserved = [{"tier": "virtual", "role": role, "served": False} for role in ("marketing", "support", "operations")]
    base: Given = {
        "accounts": [{"account_id": "A", "revenue": 1_000_000.0, "potential": 3_000_000.0, "margin": 0.5}],
        "people": [
            {"person_id": "rep", "role": "sales", "annual_cost": 50_000.0},
            {"person_id": "chief", "role": "leader", "annual_cost": 60_000.0},
        ],
        "pods": [
            {"pod_id": "air", "coverage": "virtual", "fixed_cost": 1000.0},
            {"pod_id": "web", "coverage": "direct"},
        ],
        "tiers": [
            {"tier": "virtual", "coverage": "virtual", "retain": 0.95, "capture": 0.2},
            {"tier": "direct", "coverage": "direct", "retain": 0.85, "capture": 0.0, "cost_per_account": 100.0},
        ],
        "service": unserved,
        "policy": DAY,
    }
    return base | tables


def solve(tables: Given, limits: Limits, progress: Progress | None = None) -> tuple[Instance, Outcome]:
    """Instance and outcome of tables."""
    instance = build_instance(datasets.from_tables(tables))
    return instance, FAST.solve(instance, limits, hint=None, progress=progress or Progress())


def test_finds_the_plan_worked_out_by_hand() -> None:
    """Virtual: 0.5 x (0.95 x 1,000,000 + 0.2 x 2,000,000) = 675,000, less 110,000 pay, 1,000 fixed: 564,000."""
    instance, outcome = solve(company(), EXACT)
    assert outcome.termination.reason is Reason.OPTIMAL
    assert outcome.plan is not None
    assert score(instance, outcome.plan).contribution == pytest.approx(564_000.0)
    assert outcome.bound == pytest.approx(564_000.0)


def test_zero_time_keeps_the_all_direct_plan() -> None:
    """Direct: 0.5 x 850,000 = 425,000, less pay 110,000 and 100 for the account: 314,900; the bound is still one."""
    instance, outcome = solve(company(), Limits(time_limit_s=0.0))
    assert outcome.termination.limit is Limit.TIME
    assert outcome.plan is not None
    assert score(instance, outcome.plan).contribution == pytest.approx(314_900.0)
    assert 564_000.0 <= outcome.bound < np.inf


def test_zero_time_without_direct_finds_nothing() -> None:
    """Without direct coverage there is no plan in hand, and none is made up."""
    tables = company(policy=[*DAY, {"key": "direct", "value": "false"}])
    tables["pods"], tables["tiers"] = tables["pods"][:1], tables["tiers"][:1]
    _, outcome = solve(tables, Limits(time_limit_s=0.0))
    assert outcome.termination.reason is Reason.NO_SOLUTION
    assert outcome.plan is None


def test_infeasible_names_the_clash() -> None:
    """The account is pinned to the virtual tier, and no pod may open: both rows are named."""
    pin: Row = {"rule_id": "keep-a", "rule": "pin", "account_id": "A", "tier": "virtual"}
    tables = company(rules=[pin], policy=[*DAY, {"key": "max_open_pods", "value": "0"}])
    _, outcome = solve(tables, EXACT)
    assert outcome.termination.reason is Reason.INFEASIBLE
    assert any("keep-a" in words or "max_open_pods" in words for words in outcome.clashes)


class Cancelled(Progress):
    """Asks to keep nothing, from the start."""

    def cancelled(self) -> bool:
        """Yes."""
        return True


class Stopped(Progress):
    """Asks to keep the best, from the start."""

    def stop_asked(self) -> bool:
        """Yes."""
        return True


def test_cancel_keeps_nothing() -> None:
    """A cancelled run ends as cancelled, without a plan."""
    _, outcome = solve(company(), EXACT, Cancelled())
    assert outcome.termination.reason is Reason.CANCELLED
    assert outcome.plan is None


def test_stop_keeps_the_best() -> None:
    """A run stopped at once keeps the plan in hand."""
    _, outcome = solve(company(), EXACT, Stopped())
    assert outcome.plan is not None
    assert outcome.termination.limit in (None, Limit.CANCELLED)


def test_same_work_same_plan() -> None:
    """Two runs under a work limit, with one worker and two, give the same plan."""
    instance = random_company(3, accounts=9, people=7)
    plans = [
        FAST.solve(instance, Limits(work_limit=5, workers=workers), hint=None, progress=Progress()).plan
        for workers in (1, 2)
    ]
    for name in Plan.__dataclass_fields__:
        assert np.array_equal(getattr(plans[0], name), getattr(plans[1], name))


def test_a_hint_is_never_lost() -> None:
    """The best plan handed over as a hint is what even no time at all returns."""
    instance, best = solve(company(), EXACT)
    again = FAST.solve(instance, Limits(time_limit_s=0.0), hint=best.plan, progress=Progress())
    assert again.plan is not None
    assert score(instance, again.plan).contribution == pytest.approx(564_000.0)


@pytest.mark.parametrize("home", [{"coverage": "virtual", "max_accounts": 0}, {"coverage": "direct"}])
def test_nobody_leads_an_empty_pod_to_spare_a_move(home: Row) -> None:
    """A quarter of the chief in today's pod, leading nobody, would spare the move of 20,000: 564,000 - 20,000 it is."""
    tables = company(policy=[*DAY, {"key": "move_cost", "value": "20000"}])
    tables["pods"] = [*tables["pods"], {"pod_id": "home", "fixed_cost": 0.0} | home]
    tables["people"] = [tables["people"][0], tables["people"][1] | {"pod_id": "home"}]
    for engine in (FAST, REFERENCE):
        instance = build_instance(datasets.from_tables(tables))
        outcome = engine.solve(instance, EXACT, hint=None, progress=Progress())
        assert outcome.plan is not None
        assert score(instance, outcome.plan).contribution == pytest.approx(544_000.0)
        assert outcome.bound == pytest.approx(544_000.0)


@pytest.mark.parametrize("bound", [{"tier": "virtual"}, {"pod_id": "air"}, {}, {"role": "sales"}])
@pytest.mark.parametrize("soft", [{}, {"soft_cost": 10.0}])
def test_a_blank_cell_counts_as_nothing_in_a_limit(bound: Row, soft: Row) -> None:
    """One of two accounts has no number of stores: the limit of 5 holds the other's 3 alone, and nothing is paid."""
    first = company()["accounts"][0] | {"stores": None}
    rule: Row = {"rule_id": "stores", "rule": "limit", "attribute": "stores", "maximum": 5.0}
    tables = company(accounts=[first, first | {"account_id": "B", "stores": 3.0}], rules=[rule | bound | soft])
    instance, outcome = solve(tables, EXACT)
    assert outcome.plan is not None
    assert (instance.tiers.ids[outcome.plan.tier] == "virtual").all()
    assert score(instance, outcome.plan).terms["soft_cost"] == 0
    assert outcome.bound == pytest.approx(score(instance, outcome.plan).contribution)
