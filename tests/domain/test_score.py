"""The score, term by term, each worked out in a comment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from podplanner.domain.instance import Distances, Response
from podplanner.domain.plan import Plan
from podplanner.domain.score import TERMS, score
from podplanner.domain.verify import verify
from podplanner.domain.verify.recount import Recount
from podplanner.domain.vocabulary import NOBODY, VACANT
from tests.domain.builders import (
    ANN,
    BASE,
    BOB,
    FAR,
    HIRE,
    LEA,
    MIA,
    NAN,
    NEAR,
    NO_DAY,
    OLI,
    OTHER,
    OWNERS,
    PLACED,
    SMALL,
    change,
    policy,
    roles,
    rule,
    tiers,
    tiny,
    tiny_plan,
)

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance


HIRED = {
    "placed": {key: share for key, share in PLACED.items() if key[0] != "bob"} | {("hire-sales-1", "base"): 1.0},
    "owners": OWNERS | {"far": ("hire-sales-1", "mia", "sue", "oli")},
}


def term(of: Instance, name: str, at: Plan | None = None) -> float:
    """One term of the tiny plan (or another), agreed on by score and verifier."""
    chosen = at if at is not None else tiny_plan(of)
    scored = score(of, chosen).terms[name]
    assert verify(of, chosen).terms[name] == pytest.approx(scored, abs=0.01)
    return scored


def test_contribution_is_the_sum_of_the_terms() -> None:
    """1,590,000 margin - 700,000 pay - 277.99 travel - 60,000 base - 600 direct = 829,122.01."""
    result = score(tiny(), tiny_plan(tiny()))
    assert tuple(result.terms) == TERMS
    assert result.contribution == pytest.approx(829_122.01, abs=0.01)
    assert result.budget_use == pytest.approx(760_877.99, abs=0.01)


def test_margin() -> None:
    """Local: 2 x 0.5 x (1.0 x 1,000,000 + 0.5 x 1,000,000); direct: 2 x 0.5 x (0.8 x 100,000 + 0.1 x 100,000)."""
    assert term(tiny(), "margin") == pytest.approx(1_500_000 + 90_000)


def test_margin_where_potential_is_below_revenue() -> None:
    """Nothing is left to win: near brings 0.5 x 1,000,000, 250,000 less than before."""
    of = tiny()
    assert term(replace(of, accounts=change(of.accounts, potential={NEAR: 5e5})), "margin") == pytest.approx(1_340_000)


def test_margin_by_own_response() -> None:
    """Near is said to bring 3,000,000 at the local tier: 0.5 x 1,500,000 more; other tiers' rows do not matter."""
    response = Response(
        account=np.array([NEAR, NEAR], np.int32),
        tier=np.array([0, 1], np.int32),
        expected_revenue=np.array([3e6, 9e6]),
        hours=np.full((2, 4), NAN),
    )
    assert term(tiny(response=response), "margin") == pytest.approx(1_590_000 + 750_000)


def test_people_cost() -> None:
    """Seven at 100,000 each, whatever their share; under ``flexible`` the six who are placed."""
    assert term(tiny(), "people_cost") == pytest.approx(-700_000)
    assert term(tiny(policy=policy(flexible=True)), "people_cost") == pytest.approx(-600_000)


def test_people_cost_by_days_employed() -> None:
    """Lea leaves on 31 March, the 90th of 365 days: paid for them in either mode. A ramp reduces no pay."""
    of = tiny()
    march = replace(of, people=change(of.people, end={LEA: np.datetime64("2026-03-31")}))
    assert term(march, "people_cost") == pytest.approx(-600_000 - 100_000 * 90 / 365)
    flexible = replace(march, policy=policy(flexible=True))
    assert term(flexible, "people_cost") == pytest.approx(-600_000 - 100_000 * 90 / 365)
    assert term(flexible, "release_cost") == 0
    ramping = change(of.people, start={BOB: np.datetime64("2026-01-01")}, ramp_months={BOB: 6.0})
    assert term(replace(of, people=ramping), "people_cost") == pytest.approx(-700_000)


def test_people_cost_of_who_is_gone() -> None:
    """Who left last year, or comes next year, costs nothing."""
    of = tiny()
    gone = change(of.people, end={LEA: np.datetime64("2025-12-31")})
    coming = change(of.people, start={LEA: np.datetime64("2027-01-01")})
    assert term(replace(of, people=gone), "people_cost") == pytest.approx(-600_000)
    assert term(replace(of, people=coming), "people_cost") == pytest.approx(-600_000)


def test_hire_cost() -> None:
    """A hire on 1 July is paid 184 of 365 days of 80,000, and costs 20,000 once, over two years."""
    of = tiny(policy=policy(horizon_years=2.0))
    of = replace(of, people=change(of.people, start={HIRE: np.datetime64("2026-07-01")}))
    hired = tiny_plan(of, **HIRED)
    assert term(of, "hire_cost", hired) == pytest.approx(-10_000)
    assert term(of, "people_cost", hired) == pytest.approx(-700_000 - 80_000 * 184 / 365)


def test_travel_cost() -> None:
    """2 x 55.5975 km x 5 trips x 0.5; only roles on site travel, at local tiers, for functions that are served."""
    assert term(tiny(), "travel_cost") == pytest.approx(-277.988, abs=0.001)
    assert term(tiny(roles=roles(on_site=[False, False, False, False, True])), "travel_cost") == 0
    everybody = roles(on_site=[True, False, True, False, True])
    visits = np.array([[5.0, 0, 1, 0], [9, 9, 9, 9], [9, 9, 9, 9]])
    of = tiny(roles=everybody, tiers=tiers(visits=visits))
    assert term(of, "travel_cost") == pytest.approx(-277.988 * 6 / 5, abs=0.001)


def test_travel_cost_by_given_distances() -> None:
    """70 km to the base are given: 2 x 70 x 5 x 0.5."""
    distances = Distances(
        account=np.array([FAR], np.int32), pod=np.array([BASE], np.int32), km=np.array([70.0]), hours=np.array([NAN])
    )
    assert term(tiny(distances=distances), "travel_cost") == pytest.approx(-350)


def test_fixed_cost() -> None:
    """The base has people and accounts; the other pod is paid for when it must be kept open."""
    of = tiny()
    assert term(of, "fixed_cost") == -60_000
    assert term(replace(of, pods=change(of.pods, keep_open={OTHER: True})), "fixed_cost") == -110_000


def test_direct_cost() -> None:
    """Two direct accounts at 300."""
    assert term(tiny(), "direct_cost") == -600


def test_relocation_cost() -> None:
    """Bob lives 61 km off and would move house: 30,000 once, over three years."""
    of = tiny(policy=policy(horizon_years=3.0))
    moving = change(of.people, longitude={BOB: 0.55}, relocatable={BOB: True})
    assert term(replace(of, people=moving), "relocation_cost") == pytest.approx(-10_000)


def test_release_cost() -> None:
    """Lea is placed nowhere: half her pay under ``flexible``, nothing under ``fixed``."""
    assert term(tiny(), "release_cost") == 0
    assert term(tiny(policy=policy(flexible=True)), "release_cost") == -50_000


def test_move_cost() -> None:
    """Bob came from the other pod, Ann was here, Lea (in the other pod) is placed nowhere: one move."""
    of = tiny()
    moved = replace(of, people=change(of.people, pod_today={ANN: BASE, BOB: OTHER, LEA: OTHER}))
    assert term(moved, "move_cost") == -1000


def test_handover_cost() -> None:
    """Shares of 0.5 x 1,000,000: near's sales (0.04) passes from Bob; far's support (0.02) was vacant.

    small, at a tenth, loses its sales owner (0.04 x 50,000): 20,000 + 10,000 + 2,000.
    """
    books = np.full((4, 4), NOBODY, np.int32)
    books[NEAR] = BOB, MIA, NOBODY, OLI
    books[FAR] = BOB, NOBODY, VACANT, NOBODY
    books[SMALL, 0] = ANN
    of = tiny(owner_today=books)
    assert term(of, "handover_cost") == pytest.approx(-32_000)


def test_soft_cost_of_rules() -> None:
    """A broken soft pin (5), and a limit missed by three accounts at 7 each."""
    soft = (
        rule("pin", account=NEAR, pod=OTHER, soft_cost=5.0),
        rule("limit", attribute="1", maximum=1.0, soft_cost=7.0),
        rule("forbid", account=NEAR, pod=BASE),
    )
    assert term(tiny(rules=soft), "soft_cost") == -26


def test_soft_cost_of_a_missing_coach() -> None:
    """Two reps in a local pod and no coach: 20,000; none where coaching is not required."""
    of = tiny()
    assert term(of, "soft_cost", tiny_plan(of, coach={})) == -20_000
    assert term(tiny(policy=policy(coach_required=False)), "soft_cost", tiny_plan(of, coach={})) == 0


def test_terms_are_carried_by_accounts_people_and_pods() -> None:
    """Each account's margin stands with the account, each person's pay with the person."""
    result = score(tiny(), tiny_plan(tiny()))
    assert result.by_account["margin"].tolist() == [750_000, 750_000, 45_000, 45_000]
    assert result.by_person["people_cost"].tolist() == [100_000] * 7 + [0] * 5
    assert result.by_pod["fixed_cost"].tolist() == [60_000, 0, 0, 0]


def test_plannable_hours() -> None:
    """2,000 x 0.5 x presence: half a year, and a six months' ramp (182.625 days) of which half is useful."""
    july, january = np.datetime64("2026-07-01"), np.datetime64("2026-01-01")
    of = tiny()
    of = replace(of, people=change(of.people, start={ANN: july, BOB: january}, ramp_months={BOB: 6.0}))
    expected = [1000 * 184 / 365, 1000 * (365 - 182.625 / 2) / 365, 1000.0]
    assert of.derived.plannable[[ANN, BOB, MIA]].tolist() == pytest.approx(expected)


def test_hours_of_accounts() -> None:
    """100 + 50 a million, capped at 180; given 300 at the local tier scale the virtual 40 by 300 / 180, then cap."""
    grid = {"hours_per_million": np.full((3, 4), 50.0), "max_hours": np.full((3, 4), 180.0)}
    of = tiny(tiers=tiers(**grid))
    assert of.derived.hours[NEAR, :, 0].tolist() == [180, 140, 0]
    given_hours = np.full((4, 4), NAN)
    given_hours[NEAR, 0] = 90.0
    of = replace(of, accounts=replace(of.accounts, given_hours=given_hours))
    assert of.derived.hours[NEAR, :, 0].tolist() == pytest.approx([90, 70, 0])


def test_without_dates_everybody_is_there() -> None:
    """A period of no dates: full pay and full hours, for hires with a ramp too."""
    of = tiny(policy=policy(period_start=NO_DAY, period_end=NO_DAY))
    of = replace(of, people=change(of.people, ramp_months={BOB: 6.0}))
    assert term(of, "people_cost") == -700_000
    assert of.derived.plannable.tolist() == Recount(of, tiny_plan(of)).plannable.tolist() == [1000.0] * 12
    assert verify(of, tiny_plan(of)).violations == ()
