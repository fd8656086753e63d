"""The verifier on people and teams, rule by rule: a valid plan, one change, exactly that rule broken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.domain.builders import (
    ANN,
    BASE,
    BOB,
    COACH_OF,
    FAR,
    HIRE,
    LEA,
    LEADER_OF,
    LEO,
    MIA,
    NAN,
    OLI,
    ONLINE,
    OTHER,
    OWNERS,
    PLACED,
    WEB,
    broken,
    change,
    policy,
    roles,
    rule,
    tiers,
    tiny,
    tiny_plan,
    without,
)


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
    """Mia may be in one pod, and is in two (pinned, so that she is not idle there); neither share is whole either."""
    instance = tiny(rules=(rule("pin", person=MIA, pod=WEB), rule("pin", person=LEA, pod=WEB)))
    placed = PLACED | {("mia", "web"): 0.25, ("lea", "web"): 1.0}
    plan = tiny_plan(instance, placed=placed, leader=LEADER_OF | {"web": "lea"})
    assert broken(instance, plan) == {}
    assert broken(replace(instance, people=change(instance.people, max_pods={MIA: 1})), plan) == {"shares": 3}


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


def test_leading_a_pod_without_owners_is_idle() -> None:
    """Leo leads the base where nobody owns an account: idle, unless he is pinned there."""
    instance = replace(tiny(), tiers=tiers(served=np.zeros((3, 4), bool)))
    alone = tiny_plan(instance, owners={}, placed={("leo", "base"): 1.0}, coach={})
    assert broken(instance, alone) == {"idle": 1}
    pin = rule("pin", person=instance.person_index["leo"], pod=BASE)
    assert broken(replace(instance, rules=(pin,)), alone) == {}


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
