"""The verifier, rule by rule: a valid plan, one change, exactly that rule broken."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import podplanner.domain.verify
from podplanner.domain.errors import PlanRejected
from podplanner.domain.instance import Instance
from podplanner.domain.plan import Plan
from podplanner.domain.rules import RULE_CODES
from podplanner.domain.score import TERMS
from podplanner.domain.verify import CHECKS, require_agreement, verify
from podplanner.domain.vocabulary import LEADER, SALES
from tests.domain.builders import (
    COACH_OF,
    LEADER_OF,
    NAN,
    OWNERS,
    PLACE,
    PLACED,
    accounts,
    change,
    no_distances,
    policy,
    roles,
    rule,
    tiers,
    tiny,
    tiny_plan,
)

ANN, BOB, MIA, SUE, OLI, LEO, LEA, HIRE = range(8)
NEAR, FAR, SMALL, NOWHERE = range(4)
BASE, OTHER, ONLINE, WEB = range(4)
LOCAL_TIER, VIRTUAL_TIER, DIRECT_TIER = range(3)


def broken(instance: Instance, plan: Plan | None = None) -> Counter[str]:
    """Codes of the violations, counted."""
    found = verify(instance, plan if plan is not None else tiny_plan(instance)).violations
    for violation in found:
        assert violation.message
        assert violation.subjects
        assert not violation.amount <= 0
    return Counter(violation.code for violation in found)


def without(person: str) -> dict[tuple[str, str], float]:
    """Today's placements without one person."""
    return {key: share for key, share in PLACED.items() if key[0] != person}


def test_every_rule_has_its_check() -> None:
    """The catalogue of rules, the checks and the tests below name the same codes."""
    assert tuple(CHECKS) == RULE_CODES
    assert all(check.__name__ == f"check_{code}" for code, check in CHECKS.items())
    assert [code for code in RULE_CODES if f"test_{code}" not in globals()] == []


def test_the_verifier_computes_for_itself() -> None:
    """It imports the types of input and plan, and nothing that the score is computed with."""
    allowed = {"instance", "plan", "vocabulary", "rules", "errors", "verify"}
    for path in Path(podplanner.domain.verify.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("podplanner"):
                assert str(node.module).split(".")[2] in allowed, path
            assert not (isinstance(node, ast.Attribute) and node.attr == "derived"), path


def test_a_valid_plan_is_clean() -> None:
    """Nothing is found in the plan that the other tests change, and its terms bear the score's names."""
    instance = tiny()
    verification = verify(instance, tiny_plan(instance))
    assert verification.violations == ()
    assert tuple(verification.terms) == TERMS
    assert verification.contribution == pytest.approx(sum(verification.terms.values()))


def test_a_plan_of_another_instance_is_rejected() -> None:
    """Indices outside the instance are no violation, but no plan of it at all."""
    instance = tiny()
    plan = tiny_plan(instance)
    with pytest.raises(PlanRejected):
        verify(instance, replace(plan, pod=np.full(4, 9, np.int32)))


def test_one_place() -> None:
    """A tier of another coverage than the pod's."""
    instance = tiny()
    assert broken(instance, tiny_plan(instance, place=PLACE | {"small": ("online", "direct")})) == {"one_place": 1}


def test_account_place() -> None:
    """111 km from the base, where 100 are allowed."""
    instance = tiny()
    assert broken(replace(instance, accounts=change(instance.accounts, longitude={FAR: 1.0}))) == {"account_place": 1}


def test_account_place_of_virtual_pods() -> None:
    """An account three hours from the band; and one with a band in the pod for those without."""
    served_by_none = tiers(served=np.zeros((3, 4), bool))
    at_online = PLACE | {"small": ("online", "virtual"), "near": ("web", "direct"), "far": ("web", "direct")}
    parts = {"place": at_online, "owners": {}, "placed": {}, "leader": {}, "coach": {}}
    instance = tiny(tiers=served_by_none)
    assert broken(instance, tiny_plan(instance, **parts)) == {}
    away = replace(instance, accounts=change(instance.accounts, utc_offset={SMALL: 3.0}))
    assert broken(away, tiny_plan(away, **parts)) == {"account_place": 1}
    any_band = replace(away, pods=change(away.pods, utc_offset={ONLINE: NAN}))
    assert broken(any_band, tiny_plan(any_band, **parts)) == {}


def test_tier_limits() -> None:
    """Too small for the tier; and too many in the tier."""
    assert broken(tiny(tiers=tiers(min_potential=np.array([0.0, 0.0, 3e5])))) == {"tier_limits": 2}
    assert broken(tiny(tiers=tiers(max_accounts=np.array([1.0, 9.0, 9.0])))) == {"tier_limits": 1}


@pytest.mark.parametrize(
    "owners",
    [
        {"far": ("bob", "", "sue", "oli")},
        {"small": ("ann", "", "", "")},
        {"far": ("bob", "sue", "sue", "oli")},
    ],
)
def test_named_team(owners: dict[str, tuple[str, ...]]) -> None:
    """No owner, one too many, and one of another role."""
    instance = tiny()
    assert broken(instance, tiny_plan(instance, owners=OWNERS | owners)) == {"named_team": 1}


def test_named_team_is_in_the_pod() -> None:
    """Whoever is named works in the account's pod."""
    instance = tiny()
    assert broken(instance, tiny_plan(instance, placed=without("oli"))) == {"named_team": 2}


def test_hours() -> None:
    """Mia has 250 hours and 40 of work; with 150 an account she has 300. Bob drives too: 100 + 2 x 1.112 h x 5."""
    grid = np.array([[100.0, 150, 30, 10], [40, 20, 10, 10], [0, 0, 0, 0]])
    assert broken(tiny(tiers=tiers(hours_per_account=grid))) == {"hours": 1}
    instance = tiny()
    tight = replace(instance, people=change(instance.people, annual_hours={BOB: 2 * 111.0}))
    assert broken(tight) == {"hours": 1}
    assert broken(replace(instance, people=change(instance.people, annual_hours={BOB: 2 * 111.2}))) == {}


def test_hours_of_the_coach() -> None:
    """Ann has 100 hours for her account and 50 for coaching Bob: 149 are too few, 150 are enough."""
    instance = tiny()
    assert broken(replace(instance, people=change(instance.people, annual_hours={ANN: 2 * 149.0}))) == {"hours": 1}
    assert broken(replace(instance, people=change(instance.people, annual_hours={ANN: 2 * 150.0}))) == {}


def test_people_per_pod() -> None:
    """Six heads, the leader included."""
    instance = tiny()
    assert broken(replace(instance, pods=change(instance.pods, max_people={BASE: 5.0}))) == {"people_per_pod": 1}
    assert broken(replace(instance, pods=change(instance.pods, min_people={BASE: 7.0}))) == {"people_per_pod": 1}
    assert broken(replace(instance, pods=change(instance.pods, min_people={OTHER: 7.0}))) == {}


def test_accounts_per_pod() -> None:
    """Two accounts in the base; minima bind staffed pods only."""
    instance = tiny()
    assert broken(replace(instance, pods=change(instance.pods, max_accounts={BASE: 1.0}))) == {"accounts_per_pod": 1}
    assert broken(replace(instance, pods=change(instance.pods, min_accounts={BASE: 3.0}))) == {"accounts_per_pod": 1}
    assert broken(replace(instance, pods=change(instance.pods, min_accounts={WEB: 3.0}))) == {}


def test_role_minimum() -> None:
    """A quarter of a marketer is not half of one."""
    assert broken(tiny(roles=roles(min_per_pod=[0, 0.5, 0, 0, 0]))) == {"role_minimum": 1}


@pytest.mark.parametrize(
    "placed",
    [{("mia", "base"): 0.3}, {("mia", "base"): 1.25}, {("ann", "base"): 0.75}],
)
def test_shares(placed: dict[tuple[str, str], float]) -> None:
    """Off the step, more than a person, and a share of somebody dedicated."""
    instance = tiny()
    assert broken(instance, tiny_plan(instance, placed=PLACED | placed)) == {"shares": 1}


def test_shares_in_too_many_pods() -> None:
    """Mia may be in one pod, and is in two (pinned, so that she is not idle there)."""
    instance = tiny(rules=(rule("pin", person=MIA, pod=WEB), rule("pin", person=LEA, pod=WEB)))
    placed = PLACED | {("mia", "web"): 0.25, ("lea", "web"): 1.0}
    plan = tiny_plan(instance, placed=placed, leader=LEADER_OF | {"web": "lea"})
    assert broken(instance, plan) == {}
    assert broken(replace(instance, people=change(instance.people, max_pods={MIA: 1})), plan) == {"shares": 1}


def test_leader() -> None:
    """No leader; one of another role; one who is elsewhere; one who leads nothing."""
    instance = tiny()
    assert broken(instance, tiny_plan(instance, leader={}, placed=without("leo"))) == {"leader": 1}
    assert broken(instance, tiny_plan(instance, leader={"base": "oli"}, placed=without("leo"))) == {"leader": 1}
    assert broken(instance, tiny_plan(instance, leader={"base": "lea"})) == {"leader": 2}
    assert broken(instance, tiny_plan(instance, placed=PLACED | {("lea", "base"): 0.25})) == {"leader": 1}


def test_leader_of_a_local_pod_leads_no_other() -> None:
    """Leo leads the base and the virtual pod; two virtual pods would be fine."""
    instance = tiny(rules=(rule("pin", person=OLI, pod=ONLINE),))
    placed = PLACED | {("leo", "base"): 0.5, ("leo", "online"): 0.5, ("oli", "online"): 0.25}
    plan = tiny_plan(instance, placed=placed, leader={"base": "leo", "online": "leo"})
    assert broken(instance, plan) == {"leader": 1}


def test_leader_week() -> None:
    """100 + 5 x 10 + 2 x 1 = 152 hours."""
    instance = tiny()
    assert broken(replace(instance, people=change(instance.people, annual_hours={LEO: 2 * 151.0}))) == {
        "leader_week": 1
    }
    assert broken(replace(instance, people=change(instance.people, annual_hours={LEO: 2 * 152.0}))) == {}


def test_coach() -> None:
    """A coach who cannot, one who is elsewhere, and one where none is needed; lacking one costs, but is allowed."""
    instance = tiny()
    unable = replace(instance, people=change(instance.people, can_coach={ANN: False}))
    assert broken(unable) == {"coach": 1}
    assert broken(instance, tiny_plan(instance, coach={"base": "mia"})) == {"coach": 1}
    assert broken(instance, tiny_plan(instance, coach={"base": "hire-sales-1"})) == {"coach": 1}
    assert broken(instance, tiny_plan(instance, coach=COACH_OF | {"other": "bob"})) == {"coach": 2}
    assert broken(tiny(policy=policy(coach_required=False))) == {"coach": 1}
    assert broken(instance, tiny_plan(instance, coach={})) == {}


def test_person_place() -> None:
    """60 km from home: only who is there today (in a given pod) or relocates may stay, or who need not be on site."""
    instance = tiny()
    far = replace(instance, people=change(instance.people, longitude={BOB: 0.55, OLI: 0.55}))
    assert broken(far) == {"person_place": 1}
    assert broken(replace(far, people=change(far.people, relocatable={BOB: True}))) == {}
    today = replace(far, people=change(far.people, pod_today={BOB: BASE}))
    assert broken(today) == {}
    assert broken(replace(today, pods=change(today.pods, given={BASE: False}))) == {"person_place": 1}
    homeless = replace(instance, people=change(instance.people, latitude={OLI: NAN}, relocatable={OLI: True}))
    assert broken(homeless) == {"person_place": 1}


def test_person_place_of_virtual_pods() -> None:
    """Two hours from the band at most, or without a zone."""
    instance = tiny(rules=(rule("pin", person=OLI, pod=ONLINE),))
    placed = PLACED | {("oli", "online"): 0.25, ("lea", "online"): 0.25}
    plan = tiny_plan(instance, placed=placed, leader=LEADER_OF | {"online": "lea"})
    for zone, expected in ((2.0, {}), (NAN, {}), (2.5, {"person_place": 1})):
        assert broken(replace(instance, people=change(instance.people, utc_offset={OLI: zone})), plan) == expected


def test_person_place_relocated_or_hired_lives_at_one_base() -> None:
    """Relocated to one pod means to no other; a hire on site lives at one base."""
    instance = tiny(
        rules=(
            rule("pin", person=BOB, pod=WEB),
            rule("pin", person=HIRE, pod=BASE),
            rule("pin", person=HIRE, pod=OTHER),
        ),
        roles=roles(share_step=[0.5, 0.25, 0.25, 0.25, 0.25]),
        policy=policy(coach_required=False),
    )
    instance = replace(instance, people=change(instance.people, max_pods={BOB: 2, HIRE: 2}))
    lea_leads = {"leader": LEADER_OF | {"web": "lea"}, "coach": {}}
    both = PLACED | {("bob", "base"): 0.5, ("bob", "web"): 0.5, ("lea", "web"): 1.0}
    plan = tiny_plan(instance, placed=both, **lea_leads)
    assert broken(instance, plan) == {"pin": 2}
    relocated = change(instance.people, longitude={BOB: 0.55}, relocatable={BOB: True})
    assert broken(replace(instance, people=relocated), plan) == {"pin": 2, "person_place": 1}
    hired = {("hire-sales-1", "base"): 0.5, ("hire-sales-1", "other"): 0.5}
    two_bases = PLACED | hired | {("hire-leader-1", "other"): 1.0}
    plan = tiny_plan(instance, placed=two_bases, leader=LEADER_OF | {"other": "hire-leader-1"}, coach={})
    assert broken(instance, plan) == {"pin": 1, "person_place": 1}


def test_skills() -> None:
    """German is asked of sales; French of support does not concern sales."""
    both, french = frozenset({"sales:german", "support:french"}), frozenset({"support:french"})
    instance = tiny(skill_sets=(frozenset[str](), both, french))
    asking = change(instance.accounts, skill_set={NEAR: 1})
    speaking = change(instance.people, skill_set={ANN: 1, SUE: 2})
    assert broken(replace(instance, accounts=asking, people=speaking)) == {}
    lacking = change(instance.people, skill_set={ANN: 2, SUE: 2})
    assert broken(replace(instance, accounts=asking, people=lacking)) == {"skills": 1}


def family(scope: str = "auto", longitude: float = 0.5, **hours: Any) -> Instance:
    """A tiny company whose ``far`` (at that longitude) is a daughter of ``near``, as is ``nowhere``."""
    instance = tiny(policy=policy(family_scope=scope), **({"tiers": tiers(**hours)} if hours else {}))
    return replace(
        instance, accounts=change(instance.accounts, parent={FAR: NEAR, NOWHERE: FAR}, longitude={FAR: longitude})
    )


SPREAD = {"place": PLACE | {"far": ("web", "direct")}, "owners": {"near": OWNERS["near"]}, "placed": without("bob")}


def test_families() -> None:
    """A family that one base reaches shares pod and tier; its member without a place is exempt."""
    instance = family()
    assert broken(instance, tiny_plan(instance, **SPREAD, coach={})) == {"families": 1}
    instance = family("coverage")
    assert broken(instance, tiny_plan(instance, **SPREAD, coach={})) == {"families": 1}
    instance = family("none")
    assert broken(instance, tiny_plan(instance, **SPREAD, coach={})) == {}


def test_families_out_of_reach_share_nothing_by_default() -> None:
    """No base is within 100 km of 0 and of 3 degrees; the planner's own distances may bring one near."""
    instance = family(longitude=3.0)
    plan = tiny_plan(instance, **SPREAD, coach={})
    assert broken(instance, plan) == {}
    near = np.array([BASE], np.int32)
    distances = replace(
        no_distances(), account=np.array([FAR], np.int32), pod=near, km=np.array([90.0]), hours=np.array([1.0])
    )
    assert broken(replace(instance, distances=distances), plan) == {"families": 1}


def test_family_owner() -> None:
    """200 sales hours for both are at most 500: one owner; 300 each are more: free."""
    instance = family()
    assert broken(instance) == {"family_owner": 1}
    one_owner = OWNERS | {"far": OWNERS["near"]}
    assert broken(instance, tiny_plan(instance, owners=one_owner, placed=without("bob"), coach={})) == {}
    grid = np.array([[300.0, 20, 30, 10], [40, 20, 10, 10], [0, 0, 0, 0]])
    assert broken(family(hours_per_account=grid)) == {}


def test_balance() -> None:
    """Ann has 100 hours and Bob 111.1 (he drives): 0.95 x 111.1 > 1.05 x 100 at b = 0.05, not at b = 0.06."""
    assert broken(tiny(policy=policy(balance_workload=0.05))) == {"balance": 1}
    assert broken(tiny(policy=policy(balance_workload=0.06))) == {}
    uneven = change(tiny().accounts, potential={FAR: 4e6})
    assert broken(tiny(policy=policy(balance_potential=0.3), accounts=uneven)) == {"balance": 1}
    assert broken(tiny(policy=policy(balance_potential=0.34), accounts=uneven)) == {}


def test_leavers() -> None:
    """Oli leaves in June: no duty, unless leavers own; who left last year is not placed at all."""
    june, last_year = np.datetime64("2026-06-30"), np.datetime64("2025-12-31")
    instance = tiny()
    leaving = replace(instance, people=change(instance.people, end={OLI: june}))
    assert broken(leaving) == {"leavers": 1}
    assert broken(replace(leaving, policy=policy(leavers_own=True))) == {}
    at_the_end = replace(instance, people=change(instance.people, end={OLI: np.datetime64("2026-12-31")}))
    assert broken(at_the_end) == {}
    pinned = tiny(rules=(rule("pin", person=OLI, pod=BASE),), tiers=tiers(served=np.zeros((3, 4), bool)))
    gone = replace(pinned, people=change(pinned.people, end={OLI: last_year}))
    only_oli = tiny_plan(gone, owners={}, placed={("oli", "base"): 0.25, ("leo", "base"): 1.0}, coach={})
    assert broken(gone, only_oli) == {"leavers": 1}


def test_idle() -> None:
    """Bob has nothing to do: idle, unless pinned, or the pod needs his head or his role's minimum."""
    instance = tiny()
    plan = tiny_plan(instance, owners=OWNERS | {"far": OWNERS["near"]})
    assert broken(instance, plan) == {"idle": 1}
    assert broken(replace(instance, rules=(rule("pin", person=BOB, pod=BASE),)), plan) == {}
    assert broken(replace(instance, pods=change(instance.pods, min_people={BASE: 6.0})), plan) == {}
    assert broken(replace(instance, roles=roles(min_per_pod=[1, 0, 0, 0, 0])), plan) == {"idle": 1}
    assert broken(replace(instance, roles=roles(min_per_pod=[1.5, 0, 0, 0, 0])), plan) == {}


@pytest.mark.parametrize(
    ("held", "missed"),
    [
        ({"account": NEAR, "pod": BASE}, {"account": NEAR, "pod": OTHER}),
        ({"account": NEAR, "tier": LOCAL_TIER}, {"account": NEAR, "tier": DIRECT_TIER}),
        ({"account": NEAR, "person": ANN}, {"account": NEAR, "person": BOB}),
        ({"person": ANN, "pod": BASE}, {"person": ANN, "pod": OTHER}),
        ({"account": NEAR, "pod": BASE, "person": MIA}, {"account": NEAR, "pod": BASE, "person": BOB}),
    ],
)
class TestPinAndForbid:
    """A pin asks for the combination that a forbid rules out."""

    def test_pin(self, held: dict[str, int], missed: dict[str, int]) -> None:
        """Kept where it holds, broken where any part is missed."""
        assert broken(tiny(rules=(rule("pin", **held),))) == {}
        assert broken(tiny(rules=(rule("pin", **missed),))) == {"pin": 1}
        assert broken(tiny(rules=(rule("pin", **missed, soft_cost=5.0),))) == {}

    def test_forbid(self, held: dict[str, int], missed: dict[str, int]) -> None:
        """Broken only where all parts come together."""
        assert broken(tiny(rules=(rule("forbid", **held),))) == {"forbid": 1}
        assert broken(tiny(rules=(rule("forbid", **missed),))) == {}


def test_pin() -> None:
    """A pinned person who is in no pod at all."""
    assert broken(tiny(rules=(rule("pin", person=LEA, pod=ONLINE),))) == {"pin": 1}


def test_forbid() -> None:
    """A forbidden owner of any function."""
    assert broken(tiny(rules=(rule("forbid", account=FAR, person=SUE),))) == {"forbid": 1}


def test_together() -> None:
    """Accounts by pod and by owner, people by pod."""
    assert broken(tiny(rules=(rule("together", account=NEAR, other_account=SMALL),))) == {"together": 1}
    assert broken(tiny(rules=(rule("together", account=NEAR, other_account=FAR),))) == {}
    assert broken(tiny(rules=(rule("together", account=NEAR, other_account=FAR, role=SALES),))) == {"together": 1}
    assert broken(tiny(rules=(rule("together", person=LEO, other_person=LEA),))) == {"together": 1}
    assert broken(tiny(rules=(rule("together", person=LEA, other_person=HIRE),))) == {}


def test_apart() -> None:
    """As together, the other way round; an unstaffed pod separates nobody and joins nobody."""
    assert broken(tiny(rules=(rule("apart", account=NEAR, other_account=FAR),))) == {"apart": 1}
    assert broken(tiny(rules=(rule("apart", account=SMALL, other_account=NOWHERE),))) == {}
    assert broken(tiny(rules=(rule("apart", account=NEAR, other_account=FAR, role=1),))) == {"apart": 1}
    assert broken(tiny(rules=(rule("apart", account=NEAR, other_account=FAR, role=SALES),))) == {}
    assert broken(tiny(rules=(rule("apart", person=ANN, other_person=BOB),))) == {"apart": 1}


@pytest.mark.parametrize(
    ("limit", "amount"),
    [
        ({"pod": BASE, "attribute": "1", "maximum": 1.0}, 1.0),
        ({"pod": OTHER, "attribute": "1", "minimum": 1.0}, 0.0),
        ({"tier": DIRECT_TIER, "attribute": "revenue", "maximum": 150_000.0}, 50_000.0),
        ({"role": SALES, "attribute": "1", "minimum": 2.0}, 2.0),
        ({"role": LEADER, "attribute": "1", "minimum": 2.0}, 0.0),
        ({"person": MIA, "attribute": "potential", "maximum": 3e6}, 1e6),
        ({"person": LEA, "attribute": "1", "minimum": 1.0}, 0.0),
        ({"attribute": "1", "minimum": 5.0}, 1.0),
    ],
)
def test_limit(limit: dict[str, float], amount: float) -> None:
    """Over a pod, a tier, each book of a role, a book, the plan; minima bind what is staffed and not empty."""
    instance = tiny(rules=(rule("limit", **limit),))
    found = verify(instance, tiny_plan(instance)).violations
    assert [(violation.code, violation.amount) for violation in found] == ([("limit", amount)] if amount else [])


def test_head_count() -> None:
    """Seven are paid, placed or not; under ``flexible`` the six who are placed."""
    assert broken(tiny(policy=policy(max_headcount=6.0))) == {"head_count": 1}
    assert broken(tiny(policy=policy(max_headcount=6.0, flexible=True))) == {}


HIRED = {
    "placed": without("bob") | {("hire-sales-1", "base"): 1.0},
    "owners": OWNERS | {"far": ("hire-sales-1", "mia", "sue", "oli")},
}


def test_hires() -> None:
    """Within the role's and the plan's number, and not where somebody of the role is released."""
    instance = tiny()
    assert broken(instance, tiny_plan(instance, **HIRED)) == {}
    assert broken(replace(instance, policy=policy(max_hires=0.0)), tiny_plan(instance, **HIRED)) == {"hires": 1}
    assert broken(replace(instance, roles=roles(max_hires=[0, 1, 1, 1, 1])), tiny_plan(instance, **HIRED)) == {
        "hires": 1
    }
    assert broken(replace(instance, policy=policy(flexible=True)), tiny_plan(instance, **HIRED)) == {"hires": 1}


def test_max_open_pods() -> None:
    """The base is open; the direct pod does not count; one that is kept open does."""
    instance = tiny(policy=policy(max_open_pods=1.0))
    assert broken(instance) == {}
    assert broken(replace(instance, pods=change(instance.pods, keep_open={OTHER: True}))) == {"max_open_pods": 1}


def test_moved() -> None:
    """Lea sold to near (1,000,000 of 2,000,000 with an owner today); Bob was in the other pod."""
    books = np.full((4, 4), -1, np.int32)
    books[[NEAR, FAR], SALES] = LEA, BOB
    for caps, expected in (
        ({"max_moved_revenue": 0.4}, {"moved": 1}),
        ({"max_moved_revenue": 0.5}, {}),
        ({"max_moved_accounts": 0.0}, {"moved": 1}),
        ({"max_moved_people": 0.0}, {"moved": 1}),
        ({"max_moved_people": 1.0, "max_moved_accounts": 1.0}, {}),
    ):
        instance = tiny(owner_today=books.copy(), policy=policy(**caps))
        assert broken(replace(instance, people=change(instance.people, pod_today={BOB: OTHER}))) == expected


def test_budget() -> None:
    """700,000 pay + 60,000 base + 600 direct + 2 x 0.5 x 55.5975 km x 5 trips = 760,877.99."""
    assert broken(tiny(policy=policy(budget=760_870.0))) == {"budget": 1}
    assert broken(tiny(policy=policy(budget=760_878.0))) == {}


def test_a_share_that_is_no_number_is_found() -> None:
    """Comparisons with nan are false, so that the checks ask whether a rule holds, not whether it is broken."""
    instance = tiny()
    assert broken(instance, tiny_plan(instance, placed=PLACED | {("mia", "base"): NAN}))["shares"] > 0


def test_somebody_placed_twice_is_found() -> None:
    """One row for each person and pod."""
    instance = tiny()
    plan = tiny_plan(instance)
    twice = replace(
        plan,
        placed_person=np.append(plan.placed_person, MIA).astype(np.int32),
        placed_pod=np.append(plan.placed_pod, BASE).astype(np.int32),
        share=np.append(plan.share, 0.25),
    )
    assert broken(instance, twice)["shares"] == 1


def test_a_plan_without_people_is_checked_too() -> None:
    """An empty payroll, all direct."""
    instance = tiny()
    nobody = replace(
        instance.people, **{name: getattr(instance.people, name)[:0] for name in instance.people.__dataclass_fields__}
    )
    instance = replace(instance, people=nobody)
    everywhere = dict.fromkeys(PLACE, ("web", "direct"))
    plan = tiny_plan(instance, place=everywhere, owners={}, placed={}, leader={}, coach={})
    assert broken(instance, plan) == {}


def test_agreement() -> None:
    """Terms that differ by more than a cent, are no numbers, or go by other names, reject the plan."""
    terms = dict.fromkeys(TERMS, 1.0)
    require_agreement(terms, terms | {"margin": 1.009})
    with pytest.raises(PlanRejected, match=r"margin: recomputed 1\.0000, scored 1\.0200"):
        require_agreement(terms, terms | {"margin": 1.02})
    with pytest.raises(PlanRejected, match="margin"):
        require_agreement(terms | {"margin": NAN}, terms | {"margin": NAN})
    with pytest.raises(PlanRejected, match="terms differ"):
        require_agreement(terms, terms | {"bonus": 1.0})


def test_places_are_measured_alike_near_and_far() -> None:
    """The verifier's own distance: a quarter of the equator, and a metre."""
    made = accounts(["a", "b"], longitude=[90.0, 1 / 111_195.08])
    instance = tiny(accounts=made, policy=policy(max_local_km=10_007.6, coach_required=False))
    plan = tiny_plan(
        instance,
        place={"a": ("base", "local"), "b": ("base", "local")},
        owners={"a": OWNERS["far"], "b": OWNERS["near"]},
        coach={},
    )
    expected = -0.5 * 2 * 5 * (6371.0088 * np.pi / 2 + 0.001)
    assert verify(instance, plan).terms["travel_cost"] == pytest.approx(expected, rel=1e-9)
