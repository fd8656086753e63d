"""Each rule in the smallest company where it decides: one instance, one optimum, worked out beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from podplanner.domain.rules import RULE_CODES
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import SALES
from solvers.engine import Limits, Progress
from solvers.reference.constraints import Constraints
from solvers.registry import get_engine
from tests.domain.builders import policy, rule
from tests.solvers.bruteforce import best_plan
from tests.solvers.shop import (
    DIRECT_ONLY,
    LOCAL_ONLY,
    accounts,
    hours_of,
    people,
    pods,
    roles,
    shop,
    tiers,
    two_bases,
)

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance

ENGINES = ("reference",)
"""Engines held to every rule; a further one joins by its name."""

EXACT = ("reference",)
"""Those that find the optimum of the smallest instances; of the others the plan may be worse, the bound not."""


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Name of an engine."""
    return str(request.param)


def assert_best(engine: str, instance: Instance, optimum: float) -> None:
    """The judge and the engine find the optimum; the engine proves it, and the verifier finds nothing wrong."""
    judged = best_plan(instance)
    assert judged is not None
    assert judged[0] == pytest.approx(optimum)
    outcome = get_engine(engine).solve(instance, Limits(gap=0), hint=None, progress=Progress())
    assert outcome.plan is not None
    found = score(instance, outcome.plan).contribution
    assert verify(instance, outcome.plan).violations == ()
    assert found <= optimum + 1e-3
    assert outcome.bound >= optimum - 1e-3
    if engine in EXACT:
        assert found == pytest.approx(optimum)
        assert outcome.bound == pytest.approx(optimum)


def flat(**given: Any) -> Any:
    """The policy without coaches and with cheap leading, so that only one rule is left to decide."""
    return policy(**({"coach_required": False} | given))


def test_each_rule_is_in_model_and_tests() -> None:
    """Every code of the catalogue has its method in the reference model and its test here."""
    assert [code for code in RULE_CODES if not hasattr(Constraints, f"add_{code}")] == []
    assert [code for code in RULE_CODES if f"test_{code}" not in globals()] == []


def test_one_place(engine: str) -> None:
    """An account is in one place: it brings 100,000 or 50,000, never both."""
    assert_best(engine, shop(), LOCAL_ONLY)


def test_account_place(engine: str) -> None:
    """One degree off is 111 km, more than the 100 that a local pod takes."""
    assert_best(engine, shop(accounts=accounts(longitude=1.0)), DIRECT_ONLY)


def test_tier_limits(engine: str) -> None:
    """A potential of 300,000 is below the local tier's 400,000."""
    assert_best(engine, shop(tiers=tiers(min_potential=np.array([4e5, 0.0, 0.0]))), DIRECT_ONLY)


def test_tier_limits_count(engine: str) -> None:
    """One local account at most: 100,000 + 50,000 - 20,000 pay - 20,000 base = 110,000."""
    limited = tiers(max_accounts=np.array([1.0, np.inf, np.inf]))
    assert_best(engine, shop(accounts=accounts(2), tiers=limited), 110_000.0)


def test_named_team(engine: str) -> None:
    """Without a rep nobody can be named: direct, and only leo is paid: 50,000 - 10,000 = 40,000."""
    assert_best(engine, shop(people=people(reps=0)), 40_000.0)


def test_hours(engine: str) -> None:
    """Two accounts of 600 hours, one rep of 1,000: one local, one direct: 150,000 - 40,000 = 110,000."""
    assert_best(engine, shop(accounts=accounts(2), tiers=hours_of(600)), 110_000.0)


def test_hours_travel(engine: str) -> None:
    """0.5 degrees are 55.6 km: five trips of 2.2 hours; 995 hours of work and 11.1 of travel are too many."""
    far = accounts(latitude=0.5)
    on_the_road = tiers(
        hours_per_account=np.array([[995.0, 0, 0, 0], [40.0, 0, 0, 0], [0.0] * 4]),
        visits=np.array([[5.0, 0, 0, 0], [0.0] * 4, [0.0] * 4]),
    )
    assert_best(engine, shop(accounts=far, tiers=on_the_road), DIRECT_ONLY)


def test_people_per_pod(engine: str) -> None:
    """A pod for one head has no room for rep and leader."""
    assert_best(engine, shop(pods=pods(max_people=[1.0, np.inf])), DIRECT_ONLY)


def test_accounts_per_pod(engine: str) -> None:
    """One account in the base at most: 150,000 - 40,000 = 110,000."""
    assert_best(engine, shop(accounts=accounts(2), pods=pods(max_accounts=[1.0, np.inf])), 110_000.0)


def test_accounts_per_pod_minimum(engine: str) -> None:
    """A staffed base must have two accounts, and there is one."""
    assert_best(engine, shop(pods=pods(min_accounts=[2.0, 0.0])), DIRECT_ONLY)


def test_role_minimum(engine: str) -> None:
    """A staffed pod must have two reps, and there is one."""
    assert_best(engine, shop(roles=roles(min_per_pod=[2.0, 0, 0, 0, 0])), DIRECT_ONLY)


def test_shares(engine: str) -> None:
    """Two bases, one rep for one pod: 100,000 + 50,000 - 30,000 pay - 20,000 = 100,000 (split it were 130,000)."""
    instance = shop(pods=two_bases(), people=people(leaders=2), accounts=accounts(2))
    assert_best(engine, instance, 100_000.0)


def test_leader(engine: str) -> None:
    """Nobody leads: direct, and only ann is paid: 50,000 - 10,000 = 40,000."""
    assert_best(engine, shop(people=people(leaders=0)), 40_000.0)


def test_leader_of_one_local_pod(engine: str) -> None:
    """Two bases for one account each, two reps, one leader who may be in two pods: leads one, 150 - 30 - 20 = 100."""
    shared = people(reps=2, max_pods=[1, 1, 2])
    halves = roles(share_step=[1.0, 1.0, 1.0, 1.0, 0.5])
    instance = shop(pods=two_bases(), people=shared, accounts=accounts(2), roles=halves)
    assert_best(engine, instance, 100_000.0)


def test_leader_week(engine: str) -> None:
    """Leading takes 1,001 hours of 1,000: base 900, 90 for ann, 11 for acme."""
    busy = policy(leader_hours_base=900.0, leader_hours_per_member=90.0, leader_hours_per_account=11.0)
    assert_best(engine, shop(policy=busy), DIRECT_ONLY)


def test_coach(engine: str) -> None:
    """Two reps for two accounts, nobody can coach: 200,000 - 30,000 pay - 20,000 base - 20,000 for the lack."""
    alone = people(reps=2, can_coach=False)
    assert_best(engine, shop(accounts=accounts(2), people=alone, tiers=hours_of(600)), 130_000.0)


def test_coach_hours(engine: str) -> None:
    """970 hours of account leave no 50 to coach, so that the lack is paid all the same: 130,000."""
    assert_best(engine, shop(accounts=accounts(2), people=people(reps=2), tiers=hours_of(970)), 130_000.0)


def test_person_place(engine: str) -> None:
    """Ann lives 111 km away, more than the 50 of a commute."""
    assert_best(engine, shop(people=people(longitude=[1.0, 0.0])), DIRECT_ONLY)


def test_person_place_relocated(engine: str) -> None:
    """Ann may be relocated for 10,000: 60,000 - 10,000 = 50,000."""
    movable = people(longitude=[1.0, 0.0], relocatable=[True, False])
    assert_best(engine, shop(people=movable, policy=policy(relocation_cost=10_000.0)), 50_000.0)


def test_skills(engine: str) -> None:
    """Acme needs German of sales, and ann does not speak it."""
    german = (frozenset[str](), frozenset({"sales:german"}))
    assert_best(engine, shop(accounts=accounts(skill_set=1), skill_sets=german), DIRECT_ONLY)


def test_families(engine: str) -> None:
    """A family of two shares the pod, the base takes one: both direct: 100,000 - 20,000 = 80,000."""
    kin = accounts(2, parent=[-1, 0])
    assert_best(engine, shop(accounts=kin, pods=pods(max_accounts=[1.0, np.inf])), 80_000.0)


def test_families_coverage(engine: str) -> None:
    """The same where a family shares the coverage only."""
    kin, scope = accounts(2, parent=[-1, 0]), policy(family_scope="coverage")
    assert_best(engine, shop(accounts=kin, pods=pods(max_accounts=[1.0, np.inf]), policy=scope), 80_000.0)


def test_family_owner(engine: str) -> None:
    """The family's 500 hours are half a week, so that one rep must own both; each has 300: 100,000 - 30,000."""
    kin, part_time = accounts(2, parent=[-1, 0]), people(reps=2, annual_hours=[600.0, 600.0, 2000.0])
    assert_best(engine, shop(accounts=kin, people=part_time, tiers=hours_of(250), policy=flat()), 70_000.0)


def test_balance(engine: str) -> None:
    """Three accounts of 400 hours: two and one are loads of 0.8 and 0.4; so two local: 250,000 - 30,000 - 20,000."""
    fair = flat(balance_workload=0.2)
    instance = shop(accounts=accounts(3), people=people(reps=2), tiers=hours_of(400), policy=fair)
    assert_best(engine, instance, 200_000.0)


def test_balance_potential(engine: str) -> None:
    """The same by potential: 600,000 against 300,000 is too far apart."""
    fair = flat(balance_potential=0.2)
    instance = shop(accounts=accounts(3), people=people(reps=2), tiers=hours_of(400), policy=fair)
    assert_best(engine, instance, 200_000.0)


def test_leavers(engine: str) -> None:
    """Ann leaves at the end of June and owns nothing; paid for 181 of 365 days: 50,000 - 10,000 - 4,958.90."""
    leaving = people(end=[np.datetime64("2026-06-30"), np.datetime64("NaT")])
    assert_best(engine, shop(people=leaving), 40_000.0 - 10_000.0 * 181 / 365)


def test_idle(engine: str) -> None:
    """Releasing bob costs 20,000, more than his pay; but he may not sit in the base with nothing to do."""
    dear = {"policy": policy(flexible=True, coach_required=False), "roles": roles(release_cost=2.0)}
    assert_best(engine, shop(people=people(reps=2), **dear), 40_000.0)


def test_idle_in_smallest_pod(engine: str) -> None:
    """The same, but a pod of three at least: bob is its third head: 100,000 - 30,000 - 20,000 = 50,000."""
    dear = {"policy": policy(flexible=True, coach_required=False), "roles": roles(release_cost=2.0)}
    assert_best(engine, shop(people=people(reps=2), pods=pods(min_people=[3.0, 0.0]), **dear), 50_000.0)


def test_pin(engine: str) -> None:
    """Acme is pinned to the web."""
    assert_best(engine, shop(rules=(rule("pin", account=0, pod=1),)), DIRECT_ONLY)


def test_pin_soft(engine: str) -> None:
    """... at a price of 10,000: it is broken, 60,000 - 10,000."""
    assert_best(engine, shop(rules=(rule("pin", account=0, pod=1, soft_cost=10_000.0),)), 50_000.0)


def test_forbid(engine: str) -> None:
    """Ann may not own acme."""
    assert_best(engine, shop(rules=(rule("forbid", account=0, person=0),)), DIRECT_ONLY)


def test_together(engine: str) -> None:
    """Two accounts in one pod, and the base takes one: both direct: 100,000 - 20,000."""
    pair = rule("together", account=0, other_account=1)
    small = pods(max_accounts=[1.0, np.inf])
    assert_best(engine, shop(accounts=accounts(2), pods=small, rules=(pair,)), 80_000.0)


def test_together_owner(engine: str) -> None:
    """Two accounts of 600 hours with one owner: one direct has none, so that both are: 100,000 - 30,000."""
    pair = rule("together", account=0, other_account=1, role=SALES)
    instance = shop(accounts=accounts(2), people=people(reps=2), tiers=hours_of(600), policy=flat(), rules=(pair,))
    assert_best(engine, instance, 70_000.0)


def test_together_people(engine: str) -> None:
    """Ann and bob only together; there is work for one: 50,000 - 30,000."""
    pair = rule("together", person=0, other_person=1)
    assert_best(engine, shop(people=people(reps=2), policy=flat(), rules=(pair,)), 20_000.0)


def test_apart(engine: str) -> None:
    """Two accounts not in one staffed pod: 150,000 - 40,000; both in the web would be allowed."""
    pair = rule("apart", account=0, other_account=1)
    assert_best(engine, shop(accounts=accounts(2), rules=(pair,)), 110_000.0)


def test_apart_people(engine: str) -> None:
    """Ann and bob in no common pod: of two accounts of 600 hours one is direct: 150,000 - 30,000 - 20,000."""
    pair = rule("apart", person=0, other_person=1)
    instance = shop(accounts=accounts(2), people=people(reps=2), tiers=hours_of(600), policy=flat(), rules=(pair,))
    assert_best(engine, instance, 100_000.0)


def test_limit(engine: str) -> None:
    """One account in the base at most: 150,000 - 40,000."""
    most = rule("limit", pod=0, attribute="1", maximum=1.0)
    assert_best(engine, shop(accounts=accounts(2), rules=(most,)), 110_000.0)


def test_limit_soft(engine: str) -> None:
    """... or 10,000 for each more: 200,000 - 40,000 - 10,000."""
    most = rule("limit", pod=0, attribute="1", maximum=1.0, soft_cost=10_000.0)
    assert_best(engine, shop(accounts=accounts(2), rules=(most,)), 150_000.0)


def test_limit_of_blank_cells(engine: str) -> None:
    """A blank cell adds nothing: acme's 10 and bolt's blank are not above 10, so that both are local: 160,000."""
    two = accounts(2)
    two = replace(two, numeric={"risk": np.array([10.0, np.nan])})
    most = rule("limit", pod=0, attribute="risk", maximum=10.0)
    assert_best(engine, shop(accounts=two, rules=(most,)), 160_000.0)


def test_limit_minimum_of_books(engine: str) -> None:
    """Each book of sales has two accounts or none, and one fits: both direct: 100,000 - 20,000."""
    least = rule("limit", role=SALES, attribute="1", minimum=2.0)
    assert_best(engine, shop(accounts=accounts(2), tiers=hours_of(600), rules=(least,)), 80_000.0)


def test_head_count(engine: str) -> None:
    """One paid head makes no pod: both are released at half their pay: 50,000 - 10,000."""
    assert_best(engine, shop(policy=policy(flexible=True, max_headcount=1.0)), 40_000.0)


def test_hires(engine: str) -> None:
    """A rep is hired: 100,000 - 20,000 pay - 5,000 once - 20,000 base = 55,000; without, 40,000."""
    slot = {"people": people(reps=0, hires=1), "roles": roles(max_hires=[1, 0, 0, 0, 0])}
    assert_best(engine, shop(**slot), 55_000.0)
    assert_best(engine, shop(**slot, policy=policy(max_hires=0.0)), 40_000.0)


def test_hires_not_while_released(engine: str) -> None:
    """Ann is too far to serve: she is released, so that nobody is hired for her: all released, 50,000 - 10,000."""
    far = people(reps=1, hires=1, longitude=[1.0, 0.0, np.nan])
    slot = roles(max_hires=[1, 0, 0, 0, 0])
    assert_best(engine, shop(people=far, roles=slot, policy=policy(flexible=True)), 40_000.0)


def test_max_open_pods(engine: str) -> None:
    """No local or virtual pod may open."""
    assert_best(engine, shop(policy=policy(max_open_pods=0.0)), DIRECT_ONLY)


def test_moved(engine: str) -> None:
    """A base at 70,000 does not pay: direct, ann's loss 2,000: 28,000; but acme may not change its owner: 10,000."""
    today = np.array([[0, -1, -1, -1]], np.int32)
    dear = {"pods": pods(fixed_cost=[70_000.0, 0.0]), "owner_today": today}
    assert_best(engine, shop(**dear), 28_000.0)
    for cap in ("max_moved_accounts", "max_moved_revenue"):
        assert_best(engine, shop(**dear, policy=policy(**{cap: 0.0})), 10_000.0)


def test_moved_people(engine: str) -> None:
    """Ann and leo are in the web today: each move costs 1,000, and none may move."""
    today = {"people": people(pod_today=[1, 1])}
    assert_best(engine, shop(**today), 58_000.0)
    assert_best(engine, shop(**today, policy=policy(max_moved_people=1.0)), DIRECT_ONLY)


def test_budget(engine: str) -> None:
    """Pay takes 20,000 of 39,999: there is no base for the rest."""
    assert_best(engine, shop(policy=policy(budget=39_999.0)), DIRECT_ONLY)
