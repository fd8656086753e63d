"""The score, term by term, each worked out in a comment; and against the verifier on anything."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podplanner.domain.instance import Distances, Response
from podplanner.domain.place import join_mode
from podplanner.domain.plan import Plan
from podplanner.domain.score import TERMS, score
from podplanner.domain.verify import CHECKS, verify
from podplanner.domain.verify.recount import Recount
from podplanner.domain.vocabulary import NOBODY, VACANT
from tests.domain.builders import (
    NAN,
    NO_DAY,
    OWNERS,
    PLACED,
    accounts,
    change,
    instance,
    no_distances,
    people,
    pods,
    policy,
    roles,
    rule,
    tiers,
    tiny,
    tiny_plan,
)

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance

ANN, BOB, MIA, SUE, OLI, LEO, LEA, HIRE = range(8)
NEAR, FAR, SMALL, NOWHERE = range(4)
BASE, OTHER, ONLINE, WEB = range(4)

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


# -- anything against the verifier ---------------------------------------------------------------------------------

DAY = st.sampled_from(
    [NO_DAY, *(np.datetime64(day) for day in ("2025-11-03", "2026-02-01", "2026-08-15", "2027-01-05"))]
)
MONEY = st.floats(0, 1e7)


def several(values: st.SearchStrategy[Any], size: int) -> st.SearchStrategy[list[Any]]:
    """A column."""
    return st.lists(values, min_size=size, max_size=size)


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    """Up to six accounts and five people, three local pods, two virtual ones and a direct one."""
    a, s = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    degrees, zones = st.floats(-1, 1), st.sampled_from([NAN, -2.0, 0.0, 1.0, 3.0])
    homes = draw(several(st.one_of(degrees, st.just(NAN)), a))
    lives = draw(several(st.one_of(degrees, st.just(NAN)), s))
    hours = draw(several(several(st.sampled_from([NAN, 0.0, 30.0]), 4), a))
    size = s + 5
    nobody_or_hire = [NAN] * 5
    of = instance(
        accounts=accounts(
            [f"a{i}" for i in range(a)],
            parent=[draw(st.integers(-1, i - 1)) for i in range(a)],
            latitude=homes,
            longitude=[NAN if np.isnan(home) else draw(degrees) for home in homes],
            utc_offset=draw(several(zones, a)),
            revenue=draw(several(MONEY, a)),
            potential=draw(several(MONEY, a)),
            margin=draw(several(st.floats(0, 1), a)),
            given_hours=hours,
        ),
        people=people(
            [f"s{i}" for i in range(size)],
            role=[*draw(several(st.integers(0, 4), s)), *range(5)],
            latitude=lives + nobody_or_hire,
            longitude=lives + nobody_or_hire,
            utc_offset=draw(several(zones, s)) + nobody_or_hire,
            annual_cost=draw(several(st.floats(1, 1e6), size)),
            can_coach=draw(several(st.booleans(), size)),
            relocatable=draw(several(st.booleans(), s)) + [False] * 5,
            is_hire=[False] * s + [True] * 5,
            pod_today=draw(several(st.integers(-1, 5), s)) + [-1] * 5,
            start=draw(several(DAY, size)),
            end=draw(several(DAY, s)) + [NO_DAY] * 5,
            ramp_months=draw(several(st.floats(0, 14), size)),
        ),
        pods=pods(
            [f"p{i}" for i in range(6)],
            coverage=[0, 0, 0, 1, 1, 2],
            latitude=[*draw(several(degrees, 3)), NAN, NAN, NAN],
            longitude=[*draw(several(degrees, 3)), NAN, NAN, NAN],
            utc_offset=[NAN, NAN, NAN, 0.0, NAN, NAN],
            fixed_cost=draw(several(MONEY, 6)),
            keep_open=draw(several(st.booleans(), 6)),
            given=draw(several(st.booleans(), 6)),
        ),
        tiers=tiers(hours_per_million=np.array(draw(several(several(st.floats(0, 90), 4), 3)))),
        policy=policy(
            flexible=draw(st.booleans()),
            family_scope=draw(st.sampled_from(["auto", "pod", "coverage", "none"])),
            horizon_years=draw(st.sampled_from([1.0, 2.5])),
            coach_required=draw(st.booleans()),
            road_factor=1.3,
        ),
        owner_today=np.array(draw(several(several(st.integers(-2, s - 1), 4), a)), np.int32),
    )
    return replace(of, rules=draw(rules(a, size)), distances=draw(distances(a)))


@st.composite
def distances(draw: st.DrawFn, a: int) -> Distances:
    """Some given distances, each pair once."""
    pairs = draw(st.sets(st.tuples(st.integers(0, a - 1), st.integers(0, 2)), max_size=4))
    cells = st.sampled_from([NAN, 0.0, 40.0, 150.0])
    if not pairs:
        return no_distances()
    account, pod = np.array(sorted(pairs), np.int32).T
    given_cells = np.array(draw(several(several(cells, 2), len(pairs))))
    return Distances(account=account.copy(), pod=pod.copy(), km=given_cells[:, 0], hours=given_cells[:, 1])


def maybe(index: st.SearchStrategy[int]) -> st.SearchStrategy[int]:
    """A blank, or an index."""
    return st.one_of(st.just(NOBODY), index)


@st.composite
def rules(draw: st.DrawFn, a: int, s: int) -> tuple[Any, ...]:
    """Soft rules of every kind."""
    account, person, pod = st.integers(0, a - 1), st.integers(0, s - 1), st.integers(0, 5)
    tier, role, cost = maybe(st.integers(0, 2)), maybe(st.integers(0, 3)), st.sampled_from([0.0, 3.5])
    wish = st.sampled_from(["pin", "forbid"])
    pair = st.sampled_from(["together", "apart"])
    several_rules = st.one_of(
        st.builds(rule, wish, account=account, pod=maybe(pod), tier=tier, person=maybe(person), soft_cost=cost),
        st.builds(rule, wish, person=person, pod=pod, soft_cost=cost),
        st.builds(rule, pair, account=account, other_account=account, role=role, soft_cost=cost),
        st.builds(rule, pair, person=person, other_person=person, soft_cost=cost),
        st.builds(
            rule,
            st.just("limit"),
            pod=maybe(pod),
            tier=tier,
            role=maybe(st.integers(0, 4)),
            person=maybe(person),
            attribute=st.sampled_from(["1", "revenue"]),
            minimum=st.sampled_from([-np.inf, 2.0]),
            maximum=st.sampled_from([np.inf, 3.0, 1e6]),
            soft_cost=cost,
        ),
    )
    return tuple(draw(st.lists(several_rules, max_size=5)))


@st.composite
def plans(draw: st.DrawFn, of: Instance) -> Plan:
    """Any decisions whatever, sensible or not."""
    a, s, p = len(of.accounts), len(of.people), len(of.pods)
    placed = sorted(draw(st.sets(st.tuples(st.integers(0, s - 1), st.integers(0, p - 1)), max_size=8)))
    pairs = np.array(placed, np.int32).reshape(-1, 2)
    pod = np.array(draw(several(st.integers(0, p - 1), a)), np.int32)
    homeless = np.isnan(of.accounts.latitude) & (of.pods.coverage[pod] == 0)
    return Plan(
        pod=np.where(homeless, p - 1, pod).astype(np.int32),
        tier=np.array(draw(several(st.integers(0, 2), a)), np.int32),
        owner=np.array(draw(several(several(st.integers(-1, s - 1), 4), a)), np.int32),
        placed_person=pairs[:, 0].copy(),
        placed_pod=pairs[:, 1].copy(),
        share=np.array(draw(several(st.sampled_from([0.25, 0.5, 1.0]), len(pairs))), float),
        leader=np.array(draw(several(st.integers(-1, s - 1), p)), np.int32),
        coach=np.array(draw(several(st.integers(-1, s - 1), p)), np.int32),
    )


@given(data=st.data())
def test_score_and_verifier_agree_on_anything(data: st.DataObject) -> None:
    """Two ways of counting, one result, on any instance and any plan, valid or not."""
    of = data.draw(instances())
    at = data.draw(plans(of))
    recomputed, scored = verify(of, at).terms, score(of, at).terms
    assert {name: recomputed[name] for name in TERMS} == pytest.approx(dict(scored), abs=0.01, rel=0)


@given(data=st.data())
def test_coefficients_and_verifier_agree_on_anything(data: st.DataObject) -> None:
    """Hours, presence, distances and families, which the terms do not show, are the same two ways too."""
    of = data.draw(instances())
    at = data.draw(plans(of))
    recount = Recount(of, at)
    rows = np.arange(len(of.accounts))
    assert recount.plannable == pytest.approx(of.derived.plannable, abs=1e-6)
    assert recount.hours == pytest.approx(of.derived.hours[rows, at.tier], abs=1e-6)
    assert recount.leaves.tolist() == of.derived.leaver.tolist()
    families = of.derived.families
    together = {frozenset(families.members(f).tolist()): bool(families.shares_pod[f]) for f in range(len(families))}
    assert together == {
        frozenset(np.flatnonzero(recount.kin.family == f).tolist()): bool(shares)
        for f, shares in enumerate(recount.kin.one_pod)
    }
    allowed = of.derived.pairs.find(rows.astype(np.int32), at.pod) >= 0
    refused = {violation.subjects[0] for violation in CHECKS["account_place"](recount)}
    assert refused == set(of.accounts.ids[~allowed].tolist())
    mode = join_mode(of, at.placed_person, at.placed_pod)
    assert recount.how_placed.tolist() == mode.tolist()
