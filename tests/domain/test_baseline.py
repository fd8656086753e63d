"""Today's organisation by the yardstick of plans."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from podplanner.domain.baseline import Baseline, baseline
from podplanner.domain.score import TERMS, score
from podplanner.domain.verify import require_agreement, verify
from podplanner.domain.vocabulary import NOBODY, VACANT
from tests.domain.builders import (
    ANN,
    BASE,
    BOB,
    FAR,
    LEA,
    LEO,
    MIA,
    NAN,
    NEAR,
    NOWHERE,
    OLI,
    ONLINE,
    OTHER,
    SMALL,
    SUE,
    change,
    policy,
    roles,
    rule,
    tiers,
    tiny,
)

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance


def company(books: dict[int, tuple[int, int, int, int]], pods: dict[int, int], **changed: Any) -> Instance:
    """The tiny company with books (account -> owners) and today's pods (person -> pod)."""
    owner = np.full((4, 4), NOBODY, np.int32)
    for account, owners in books.items():
        owner[account] = owners
    of = tiny(owner_today=owner, **changed)
    return replace(of, people=change(of.people, pod_today=pods))


TEAM = {ANN: BASE, BOB: BASE, MIA: BASE, SUE: BASE, OLI: BASE, LEO: BASE}
FULL = {NEAR: (ANN, MIA, SUE, OLI), FAR: (BOB, MIA, SUE, OLI)}


def of_today(instance: Instance) -> Baseline:
    """The baseline, which must be there, and on whose uncorrected terms the verifier agrees."""
    result = baseline(instance)
    assert result is not None
    require_agreement(verify(result.instance, result.plan).terms, score(result.instance, result.plan).terms)
    return result


def places(result: Baseline) -> list[tuple[str, str]]:
    """Pod and tier of each account."""
    of = result.instance
    return [(of.pods.ids[pod], of.tiers.ids[tier]) for pod, tier in zip(result.plan.pod, result.plan.tier, strict=True)]


def test_without_books_there_is_none() -> None:
    """None, not zeros."""
    assert baseline(tiny()) is None


def test_accounts_are_where_their_owners_are() -> None:
    """The team's pod; and direct where nobody owns them. A clean today breaks no rule and earns in full.

    1,500,000 + 90,000 margin - 700,000 pay - 60,000 base - 600 direct - 277.99 travel.
    """
    result = of_today(company(FULL, TEAM))
    assert places(result) == [("base", "local"), ("base", "local"), ("web", "direct"), ("web", "direct")]
    assert result.filled.tolist() == [1.0, 1.0, 1.0, 1.0]
    assert result.broken == {}
    assert tuple(result.terms) == TERMS
    assert result.contribution == result.uncorrected == pytest.approx(829_122.01, abs=0.01)


def test_an_overfull_book_earns_less() -> None:
    """Ann has 100 hours for a book of 200 hours: f = 0.5 for both accounts.

    Near and far earn halfway between direct (0.9 x 1,000,000) and local (1.5 x 1,000,000): 1,200,000 each, at 0.5.
    """
    of = company({NEAR: (ANN, MIA, SUE, OLI), FAR: (ANN, MIA, SUE, OLI)}, TEAM)
    of = replace(of, people=change(of.people, annual_hours={ANN: 200.0}))
    result = of_today(of)
    assert result.filled.tolist() == [0.5, 0.5, 1.0, 1.0]
    assert result.expected_revenue[:2].tolist() == pytest.approx([1_200_000, 1_200_000])
    assert result.terms["margin"] == pytest.approx(1_200_000 + 90_000)
    assert result.uncorrected - result.contribution == pytest.approx(300_000)
    assert result.broken == {"hours": 1, "idle": 1}  # Ann's hours, and Bob has no book


def test_the_smallest_function_decides() -> None:
    """Support is vacant for far, which counts as no owner: f = 0; its handover is charged as in a plan (0.02)."""
    result = of_today(company(FULL | {FAR: (BOB, MIA, VACANT, OLI)}, TEAM))
    assert result.filled.tolist() == [1.0, 0.0, 1.0, 1.0]
    assert result.expected_revenue[FAR] == pytest.approx(900_000)
    assert result.terms["handover_cost"] == pytest.approx(-10_000)
    assert result.broken == {"named_team": 1}


def test_functions_without_books_are_unknown() -> None:
    """Only sales is in the books: the others neither lower f, nor are they missed, nor idle."""
    result = of_today(company({NEAR: (ANN, -1, -1, -1), FAR: (BOB, -1, -1, -1)}, TEAM))
    assert result.filled.tolist() == [1.0] * 4
    assert result.broken == {}


def test_functions_that_the_tier_does_not_serve_do_not_count() -> None:
    """A virtual account of a full marketer."""
    of = company({SMALL: (ANN, MIA, SUE, -1)}, {ANN: ONLINE, MIA: ONLINE, SUE: ONLINE, LEA: ONLINE})
    of = replace(of, people=change(of.people, annual_hours={MIA: 1.0}))
    result = of_today(of)
    assert places(result)[SMALL] == ("online", "virtual")
    assert result.filled[SMALL] == 1.0


def test_owners_without_a_pod() -> None:
    """Ann lives here: near and far (55.6 km) are local from her home; nowhere is virtual. Such pods cost nothing.

    Travel: 2 x 55.5975 km x 5 trips x 0.5 = 277.99. The lack of a leader there is not counted.
    """
    result = of_today(company(dict.fromkeys((NEAR, FAR, NOWHERE), (ANN, -1, -1, -1)), {}))
    home, online = ("today:ann", "local"), ("today:virtual", "virtual")
    assert places(result) == [home, home, ("web", "direct"), online]
    assert result.terms["fixed_cost"] == 0
    assert result.terms["travel_cost"] == pytest.approx(-277.99, abs=0.01)
    assert result.broken == {}


def test_owners_without_a_pod_may_be_overfull_too() -> None:
    """Bob, far away and without a pod, has 20 hours for the 80 of two virtual accounts."""
    of = company(dict.fromkeys((NEAR, FAR), (BOB, -1, -1, -1)), {})
    of = replace(of, people=change(of.people, longitude={BOB: 50.0}, annual_hours={BOB: 40.0}))
    result = of_today(of)
    assert places(result)[:2] == [("today:virtual", "virtual")] * 2
    assert result.filled[:2].tolist() == pytest.approx([0.25, 0.25])
    assert result.broken == {"hours": 1}


def test_the_next_function_shows_the_pod() -> None:
    """Sales is vacant, marketing sits in the other pod: the account is there, at f = 0."""
    result = of_today(company({NEAR: (VACANT, MIA, -1, -1)}, {MIA: OTHER}))
    assert places(result)[NEAR] == ("other", "local")
    assert result.filled[NEAR] == 0


def test_an_account_whose_owners_are_gone_is_direct() -> None:
    """A vacancy is charged, and nobody covers the account."""
    result = of_today(company({NEAR: (VACANT, -1, -1, -1)}, {}))
    assert places(result)[NEAR] == ("web", "direct")
    assert result.terms["handover_cost"] == pytest.approx(-20_000)


def test_an_account_without_a_place_is_virtual() -> None:
    """Ann sits in the base, but nobody knows the way to nowhere."""
    result = of_today(company({NOWHERE: (ANN, -1, -1, -1)}, TEAM))
    assert places(result)[NOWHERE] == ("today:virtual", "virtual")


def test_it_always_pays_everybody() -> None:
    """Also under ``flexible``; and nobody is released, relocated or lacks a paid coach."""
    result = of_today(company(FULL, TEAM, policy=policy(flexible=True)))
    assert result.terms["people_cost"] == -700_000
    away = company(FULL, TEAM)
    away = replace(
        away,
        people=change(away.people, longitude={BOB: 0.6}, relocatable={BOB: True}),
        pods=change(away.pods, given={BASE: False}),
    )
    free = ("release_cost", "relocation_cost", "move_cost", "hire_cost", "soft_cost")
    assert [of_today(away).terms[name] for name in free] == [0] * 5


def test_rules_that_today_breaks_are_told() -> None:
    """No leader; 111 km too far; a cap on open pods that today keeps, made-up pods apart; a broken wish."""
    without_leader = {person: pod for person, pod in TEAM.items() if person != LEO}
    assert of_today(company(FULL, without_leader)).broken == {"leader": 1}
    far = company(FULL, TEAM)
    assert of_today(replace(far, accounts=change(far.accounts, longitude={FAR: 1.0}))).broken == {"account_place": 1}
    homes = company({NEAR: (ANN, -1, -1, -1)}, {}, policy=policy(max_open_pods=0.0))
    assert of_today(homes).broken == {}
    wish = company(FULL, TEAM, rules=(rule("pin", account=NEAR, pod=OTHER),))
    assert of_today(wish).broken == {"pin": 1}


def test_pods_in_use_and_kept_open_are_paid() -> None:
    """The base, and the other pod when it is kept open."""
    of = company(FULL, TEAM)
    assert of_today(of).terms["fixed_cost"] == -60_000
    assert of_today(replace(of, pods=change(of.pods, keep_open={OTHER: True}))).terms["fixed_cost"] == -110_000


def test_leavers_have_no_duties_today_either() -> None:
    """Leo leaves in June: his pod has no leader; under ``leavers_own`` it has."""
    of = company(FULL, TEAM)
    of = replace(of, people=change(of.people, end={LEO: np.datetime64("2026-06-30")}))
    assert of_today(of).broken == {"leader": 1}
    assert of_today(replace(of, policy=policy(leavers_own=True))).broken == {}


def test_the_first_tier_of_a_coverage_counts() -> None:
    """Two local tiers: today is at the first."""
    one = tiers()
    columns = {name: getattr(one, name) for name in one.__dataclass_fields__}
    twice = {name: np.concatenate([column, column[:1]]) for name, column in columns.items()}
    twice["ids"][3] = "local-plus"
    result = of_today(company(FULL, TEAM, tiers=replace(one, **twice)))
    assert places(result)[NEAR] == ("base", "local")


def test_a_plan_like_today_scores_like_today() -> None:
    """Same pods, people and owners: the baseline is what the plan's own score says, less the coach nobody names."""
    of = company(FULL, TEAM, roles=roles())
    result = of_today(of)
    plan = replace(result.plan, leader=result.plan.leader[:4], coach=np.array([ANN, -1, -1, -1], np.int32))
    assert score(of, plan).contribution == pytest.approx(result.contribution)


def test_an_owner_without_a_place_is_nowhere_near() -> None:
    """No home, no pod: virtual."""
    of = company({NEAR: (ANN, -1, -1, -1)}, {})
    of = replace(of, people=change(of.people, latitude={ANN: NAN}, longitude={ANN: NAN}))
    assert places(of_today(of))[NEAR] == ("today:virtual", "virtual")
