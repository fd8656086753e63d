"""Random instances and plans: any shape the types allow, sensible or not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from podplanner.domain.instance import Distances, Response
from podplanner.domain.plan import Plan
from podplanner.domain.vocabulary import NOBODY
from tests.domain.builders import (
    NAN,
    NO_DAY,
    accounts,
    instance,
    no_distances,
    no_response,
    people,
    pods,
    policy,
    rule,
    tiers,
)

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance

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
    return replace(of, rules=draw(rules(a, size)), distances=draw(distances(a)), response=draw(responses(a)))


@st.composite
def responses(draw: st.DrawFn, a: int) -> Response:
    """Some cells of a response model, each (account, tier) once."""
    pairs = draw(st.sets(st.tuples(st.integers(0, a - 1), st.integers(0, 2)), max_size=3))
    if not pairs:
        return no_response()
    account, tier = np.array(sorted(pairs), np.int32).T
    return Response(
        account=account.copy(),
        tier=tier.copy(),
        expected_revenue=np.array(draw(several(st.one_of(MONEY, st.just(NAN)), len(pairs)))),
        hours=np.array(draw(several(several(st.sampled_from([NAN, 0.0, 77.0]), 4), len(pairs)))),
    )


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
