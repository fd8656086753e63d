"""Random tiny companies, small enough for the judge, with every rule of the catalogue in one or another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from podplanner.domain.vocabulary import DIRECT, LEADER, LOCAL, NOBODY, SALES, SUPPORT, VIRTUAL
from tests.domain import builders

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

    from podplanner.domain.instance import Instance, Rule

NAN, INF = float("nan"), float("inf")
NO_DAY, MIDYEAR = np.datetime64("NaT", "D"), np.datetime64("2026-06-30")

SKILLS = (frozenset[str](), frozenset({"sales:german"}), frozenset({"sales:german", "support:air"}))


PLAIN = 5
"""How much more often than another value the first, plain one is drawn: all rules at once would leave no plan."""


def mostly(plain: Any, *others: Any) -> SearchStrategy[Any]:
    """One of the values, mostly the plain one."""
    return st.sampled_from([*[plain] * PLAIN, *others])


def lists(values: list[Any], count: int) -> SearchStrategy[list[Any]]:
    """Lists of a length; mostly the first value."""
    return st.lists(mostly(*values), min_size=count, max_size=count)


@st.composite
def companies(draw: DrawFn) -> Instance:
    """A company of two accounts (or three), two reps, one leader or two, perhaps support, perhaps a hire."""
    support = draw(st.booleans())
    hire = not support and draw(st.booleans())
    count = draw(st.integers(1, 2 if support else 3))
    leaders = draw(st.integers(1, 1 if support or hire or count > 2 else 2))
    second = draw(st.sampled_from([DIRECT, VIRTUAL]))
    people = _people(draw, leaders=leaders, support=support, hire=hire)
    accounts = _accounts(draw, count)
    owners = np.full((count, 4), NOBODY, np.int32)
    owners[:, SALES] = draw(lists([NOBODY, 0, 1, -2], count))
    instance = builders.instance(
        accounts=accounts,
        people=people,
        pods=builders.pods(
            ["base", "other"],
            coverage=[LOCAL, second],
            utc_offset=[NAN, 0.0],
            fixed_cost=[draw(mostly(0.0, 2e4)), 0.0],
            min_people=draw(lists([0.0, 2.0, 3.0], 2)),
            max_people=draw(lists([INF, 3.0, 2.0], 2)),
            min_accounts=draw(lists([0.0, 2.0], 2)),
            max_accounts=[draw(mostly(INF, 1.0)), INF],
            keep_open=draw(lists([False, True], 2)),
        ),
        tiers=_tiers(draw, second, support=support),
        roles=builders.roles(
            share_step=[draw(mostly(1.0, 0.5)), 1.0, 0.5, 1.0, draw(mostly(1.0, 0.5))],
            release_cost=draw(mostly(0.5, 3.0)),
            annual_cost=1e4,
            hire_cost=5e3,
            min_per_pod=draw(mostly(0.0, (1.0, 0, 0, 0, 0), (2.0, 0, 0, 0, 0), (0, 0, 0.5, 0, 0))),
            max_hires=[int(hire), 0, 0, 0, 0],
        ),
        policy=_policy(draw),
        owner_today=owners,
        skill_sets=SKILLS,
    )
    return replace(instance, rules=draw(st.lists(rules(instance), max_size=2).map(_numbered)))


def _people(draw: DrawFn, *, leaders: int, support: bool, hire: bool) -> Any:
    roles = [SALES] * 2 + [LEADER] * leaders + [SUPPORT] * support + [SALES] * hire
    count = len(roles)
    ids = [*["ann", "bob"], *["leo", "lea"][:leaders], *["sue"][:support], *["hire-sales-1"][:hire]]
    home = [0.0] * (count - hire) + [NAN] * hire
    far = np.array(draw(lists([0.0, 0.0, 1.0], count))) + home
    return builders.people(
        ids,
        role=roles,
        latitude=home,
        longitude=far,
        utc_offset=home,
        annual_cost=draw(st.sampled_from([1e4, 3e4])),
        annual_hours=draw(lists([2000.0, 1200.0, 600.0], count)),
        skill_set=draw(lists([2, 1, 0], count)),
        can_coach=draw(lists([True, False], count)),
        relocatable=draw(lists([False, True], count - hire)) + [False] * hire,
        is_hire=[False] * (count - hire) + [True] * hire,
        pod_today=draw(lists([NOBODY, 0, 1], count - hire)) + [NOBODY] * hire,
        end=draw(lists([NO_DAY, NO_DAY, NO_DAY, MIDYEAR], count - hire)) + [NO_DAY] * hire,
        max_pods=[2 if role == SUPPORT else draw(mostly(1, 2)) for role in roles],
    )


def _accounts(draw: DrawFn, count: int) -> Any:
    kin = draw(st.booleans())
    return builders.accounts(
        ["acme", "bolt", "cask"][:count],
        parent=[NOBODY, *([0] if kin else [NOBODY]), NOBODY][:count],
        latitude=draw(lists([0.0, 0.5, NAN], count)),
        revenue=draw(lists([1e5, 2e5, 0.0], count)),
        potential=draw(lists([6e5, 1e5, 3e5], count)),
        margin=draw(lists([0.5, 0.2], count)),
        skill_set=draw(lists([0, 1, 2], count)),
    )


def _tiers(draw: DrawFn, second: int, *, support: bool) -> Any:
    served = [True, False, support, False]
    long = draw(st.sampled_from([100.0, 400.0, 600.0]))
    return builders.tiers(
        ids=np.array(["top", "plain", "other"], object),
        coverage=np.array([LOCAL, LOCAL, second] if draw(st.booleans()) else [LOCAL, second, second], np.int32),
        served=np.array([served, [draw(st.booleans()), False, False, False], [False] * 4]),
        hours_per_account=np.array([[long, 0, 200.0, 0], [long / 2, 0, 0, 0], [0.0] * 4]),
        visits=np.array([[draw(mostly(5.0, 0.0)), 0, 0, 0], [0.0] * 4, [0.0] * 4]),
        min_potential=np.array([draw(mostly(0.0, 2e5)), 0.0, 0.0]),
        max_accounts=np.array([draw(mostly(INF, 1.0)), INF, INF]),
        cost_per_account=np.array([0.0, 500.0, 100.0]),
    )


def _policy(draw: DrawFn) -> Any:
    def cap(value: float) -> float:
        return float(draw(mostly(INF, value)))

    return builders.policy(
        flexible=draw(st.booleans()),
        budget=cap(6e4),
        max_headcount=cap(2.0),
        max_hires=cap(0.0),
        max_open_pods=cap(1.0),
        max_moved_revenue=cap(0.5),
        max_moved_accounts=cap(1.0),
        max_moved_people=cap(1.0),
        family_scope=draw(st.sampled_from(["auto", "pod", "coverage", "none"])),
        coach_required=draw(st.booleans()),
        missing_coach_cost=draw(st.sampled_from([5e3, 4e4])),
        leavers_own=draw(st.booleans()),
        balance_workload=draw(mostly(None, 0.2)),
        balance_potential=draw(mostly(None, 0.2)),
        leader_hours_base=draw(mostly(100.0, 900.0)),
        leader_hours_per_member=draw(mostly(10.0, 60.0)),
        relocation_cost=5e3,
        horizon_years=2.0,
    )


@st.composite
def rules(draw: DrawFn, of: Instance) -> Rule:
    """One row of the rules table, hard or soft."""
    kind = draw(st.sampled_from(["pin", "forbid", "together", "apart", "limit"]))
    choices = {"together": _pairs, "apart": _pairs, "limit": _limits}.get(kind, _places)(draw, of)
    soft_cost = draw(st.sampled_from([2e3, 3e4, None]))
    return builders.rule(kind, **draw(st.sampled_from(choices)), soft_cost=soft_cost)


Cells = dict[str, Any]


def _places(draw: DrawFn, of: Instance) -> list[Cells]:
    account, pod = draw(st.integers(0, len(of.accounts) - 1)), draw(st.integers(0, 1))
    person = draw(st.integers(0, len(of.people) - 1))
    return [
        {"account": account, "pod": pod},
        {"account": account, "tier": draw(st.integers(0, 2))},
        {"account": account, "person": person},
        {"account": account, "person": person, "pod": pod},
        {"person": person, "pod": pod},
    ]


def _limits(draw: DrawFn, of: Instance) -> list[Cells]:
    del of
    attribute, amount = draw(st.sampled_from([("1", 1.0), ("potential", 6e5)]))
    ends = draw(st.sampled_from([(2 * amount, INF), (-INF, amount), (amount, amount)]))
    sums: Cells = {"attribute": attribute, "minimum": ends[0], "maximum": ends[1]}
    things: list[Cells] = [{}, {"pod": 0}, {"pod": 1}, {"tier": 0}, {"role": SALES}, {"person": 0}]
    return [thing | sums for thing in (*things, {"role": SALES, "pod": 0})]


def _pairs(draw: DrawFn, of: Instance) -> list[Cells]:
    last = len(of.accounts) - 1
    two: list[Cells] = [{"person": 0, "other_person": draw(st.integers(1, len(of.people) - 1))}]
    if last:
        two += [{"account": 0, "other_account": last}, {"account": 0, "other_account": last, "role": SALES}]
    return two


def _numbered(given: list[Rule]) -> tuple[Rule, ...]:
    return tuple(replace(rule, rule_id=f"R{index + 1}") for index, rule in enumerate(given))
