"""The desk: every state keeps every rule, its worth is the score's, it repeats itself, and it never loses a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import cycle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podplanner.domain.instance import Instance
from podplanner.domain.plan import Plan
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import LEADER, LOCAL, NOBODY
from solvers.fast import desk_parts, teams
from solvers.fast.master import Master, build_master
from solvers.fast.plan_values import staffing_values
from solvers.fast.restriction import Whole
from solvers.fast.roster import Roster
from solvers.fast.rosters import make_roster, roster_of
from solvers.fast.sites import site_of_pods
from solvers.fast.teams import Desk, anneal_more, seat, to_plan
from solvers.highs import solve
from tests.domain import builders
from tests.solvers.random_tables import random_company
from tests.solvers.shop import accounts, hours_of, people, shop

CENT = 0.01
SEEDS = (0, 1, 3, 13, 17, 22, 36, 42, 82, 118)
"""Random companies with a staffing, and each of the rules that a desk knows."""


@dataclass(frozen=True)
class Case:
    """An instance, its staffing model, and what that says."""

    instance: Instance
    master: Master
    roster: Roster
    shares: np.ndarray
    coached: np.ndarray | None


@cache
def case(seed: int, size: int = 8) -> Case:
    """A random company, staffed."""
    return staffed(random_company(seed, accounts=size, people=8))


def staffed(instance: Instance) -> Case:
    """The staffing of an instance."""
    master = build_master(instance, site_of_pods(instance))
    answer = solve(master.arrays, nodes=200)
    assert answer.values is not None
    draft = master.draft
    roster = make_roster(draft, answer.values)
    return Case(instance, master, roster, answer.values[draft.place], draft.coached(answer.values))


def seated(of: Case, moves: int, seed: int = 0, hint: Plan | None = None) -> Desk | None:
    """A desk of a case."""
    draft = of.master.draft
    roster = of.roster if hint is None else roster_of(draft, hint)
    shares, coached = (of.shares, of.coached) if hint is None else (None, None)
    return seat(
        draft,
        roster,
        shares,
        coached=coached,
        hint=hint,
        seed=seed,
        moves=moves,
        left=lambda: None,
        stop_asked=lambda: False,
    )


def clean_plan(of: Case, desk: Desk) -> Plan:
    """The desk's plan; the verifier finds nothing."""
    plan = to_plan(desk)
    assert not verify(of.instance, plan).violations
    return plan


def of_accounts(instance: Instance, plan: Plan) -> float:
    """What a desk counts, by the score: accounts, soft rules and missing coaches, handovers as kept."""
    found = score(instance, plan)
    terms = sum(float(amount.sum()) * (1 if name == "margin" else -1) for name, amount in found.by_account.items())
    handovers = float(instance.derived.handover_price[instance.owner_today != NOBODY].sum())
    pins = sum(r.soft_cost or 0.0 for r in instance.rules if r.kind == "pin" and r.account != NOBODY)
    return terms + found.terms["soft_cost"] + handovers + pins


def counts_all(instance: Instance) -> bool:
    """Whether the desk knows every soft rule: those that bind people or books are the staffing's and naming's."""
    return all(
        rule.soft_cost is None
        or (rule.kind in ("pin", "forbid") and rule.account != NOBODY)
        or (rule.kind == "limit" and rule.person == rule.role == NOBODY)
        for rule in instance.rules
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("moves", [0, 3000])
def test_plans_are_clean_and_worth_what_the_desk_says(seed: int, moves: int) -> None:
    """Before and after annealing."""
    desk = seated(case(seed), moves)
    assert desk is not None
    plan = clean_plan(case(seed), desk)
    if counts_all(case(seed).instance):
        assert desk.worth == pytest.approx(of_accounts(case(seed).instance, plan), abs=CENT)


@settings(max_examples=30, deadline=None)
@given(company=st.sampled_from(SEEDS), seed=st.integers(0, 10**6), moves=st.lists(st.integers(0, 400), max_size=4))
def test_any_moves_keep_every_rule(company: int, seed: int, moves: list[int]) -> None:
    """However often and long it is annealed, hot or cold: rooms agree with the books, and it never gets worse."""
    desk = seated(case(company), 0, seed)
    assert desk is not None
    for number in moves:
        before = desk.worth
        anneal_more(desk, moves=number, left=lambda: None, stop_asked=lambda: False, heat=10.0 ** (seed % 3 - 2))
        assert desk.worth >= before
        plan = clean_plan(case(company), desk)
        if counts_all(case(company).instance):
            assert desk.worth == pytest.approx(of_accounts(case(company).instance, plan), abs=CENT)


@settings(max_examples=30, deadline=None)
@given(company=st.sampled_from(SEEDS), seed=st.integers(0, 10**6), units=st.integers(1, 4), workers=st.integers(1, 2))
def test_in_parts_every_rule_is_kept(company: int, seed: int, units: int, workers: int) -> None:
    """Cut into parts of few units each, annealed by one thread or two: clean, never worse, what both count adds up."""
    desk = seated(case(company), 0, seed)
    assert desk is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk_parts, "MANY", 0)
        patch.setattr(desk_parts, "UNITS", units)
        for heat in (10.0, 0.1):
            before = desk.worth
            anneal_more(desk, moves=600, left=lambda: None, stop_asked=lambda: False, heat=heat, workers=workers)
            assert desk.worth >= before
            plan = clean_plan(case(company), desk)
            if counts_all(case(company).instance):
                assert desk.worth == pytest.approx(of_accounts(case(company).instance, plan), abs=CENT)


def test_annealing_ends_when_it_is_worth_enough() -> None:
    """Nothing moves where a desk is worth enough; where it becomes so it ends there, short of what more moves gain."""
    desk = seated(case(SEEDS[1]), 0)
    assert desk is not None
    before = to_plan(desk)
    anneal_more(desk, moves=10**9, left=lambda: None, stop_asked=lambda: False, enough=desk.worth)
    assert np.array_equal(to_plan(desk).pod, before.pod)
    instance, draft = case(SEEDS[1]).instance, case(SEEDS[1]).master.draft
    wanted = score(instance, before).contribution
    again = seat(
        draft,
        roster_of(draft, before),
        None,
        hint=before,
        seed=0,
        moves=10**9,
        left=lambda: None,
        stop_asked=lambda: False,
        enough=wanted,
    )
    assert again is not None
    assert score(instance, to_plan(again)).contribution >= wanted - CENT


def test_parts_are_the_same_for_one_thread_and_two() -> None:
    """What a thread may touch is settled before it starts; nor does it matter when something else takes a core."""
    plans = []
    never, now_and_then = cycle((False,)), cycle((True, False))
    for workers, busy in ((1, never), (2, never), (2, now_and_then)):
        desk = seated(case(SEEDS[1], 30), 0)
        assert desk is not None
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(desk_parts, "MANY", 0)
            patch.setattr(desk_parts, "UNITS", 4)
            patch.setattr(teams, "CHUNK", 1_000)
            anneal_more(
                desk,
                moves=5_000,
                left=lambda: None,
                stop_asked=lambda: False,
                workers=workers,
                busy=partial(next, busy),
            )
        plans.append(to_plan(desk))
    for name in Plan.__dataclass_fields__:
        for other in plans[1:]:
            assert np.array_equal(getattr(plans[0], name), getattr(other, name))


def test_each_pod_with_a_team_is_in_one_part_and_each_unit_is_drawn_in_one() -> None:
    """Thirty accounts in four parts: nobody is drawn twice or left out, and counters are shared out."""
    desk = seated(case(SEEDS[1], 30), 100)
    assert desk is not None
    board, state = desk.board, desk.state
    parts = desk_parts.cut(desk.draft.instance, board, state, 4, np.random.default_rng(1))
    assert sorted(np.concatenate([of.places.drawn for of, _ in parts]).tolist()) == board.places.drawn.tolist()
    has_team = np.diff(board.team.first[::LEADER]) > 0
    assert (sum((of.team.site[has_team] != NOBODY).astype(int) for of, _ in parts) == 1).all()
    limited = np.isfinite(board.team.most) & ~has_team
    left = sum(of.team.most[limited] - state.inside[limited] for of, _ in parts)
    assert (left <= (board.team.most - state.inside)[limited]).all()


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_same_seed_same_plan(seed: int) -> None:
    """Two desks with the same seed and number of moves are equal."""
    one, other = (seated(case(seed, 14), 2000, seed=7) for _ in range(2))
    assert one is not None
    assert other is not None
    for name in Plan.__dataclass_fields__:
        assert np.array_equal(getattr(to_plan(one), name), getattr(to_plan(other), name))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hint_is_never_made_worse(seed: int) -> None:
    """A desk that starts from a plan is worth at least that plan, even without a move."""
    desk = seated(case(seed), 2000)
    assert desk is not None
    plan = clean_plan(case(seed), desk)
    again = seated(case(seed), 0, hint=plan)
    assert again is not None
    contribution = score(case(seed).instance, clean_plan(case(seed), again)).contribution
    assert contribution >= score(case(seed).instance, plan).contribution - CENT


def test_finds_the_best_books_of_two_reps() -> None:
    """Accounts of 600, 600, 400 and 400 hours, two reps of 1,000: only 600 + 400 twice names all four.

    Each is worth 100,000 local and 50,000 direct: 400,000 less 30,000 pay and 20,000 for the base.
    """
    hours = np.array([[h, np.nan, np.nan, np.nan] for h in (600.0, 600.0, 400.0, 400.0)])
    rules = builders.policy(coach_required=False)
    instance = shop(accounts=accounts(4, given_hours=hours), people=people(reps=2), tiers=hours_of(500.0), policy=rules)
    found = staffed(instance)
    desk = seated(found, 3000)
    assert desk is not None
    assert score(instance, clean_plan(found, desk)).contribution == pytest.approx(350_000.0)


def test_a_coach_whose_hours_are_worth_more_is_not_appointed() -> None:
    """Four accounts of 500 hours fill two reps of 1,000; 250 of coaching would send one to the web, at 50,000 less.

    Without: 400,000 less 30,000 pay, 20,000 for the base, 20,000 for the lack; no one move leads there from 300,000.
    """
    rules = builders.policy(coaching_hours_per_rep=250.0)
    instance = shop(accounts=accounts(4), people=people(reps=2), tiers=hours_of(500.0), policy=rules)
    found = staffed(instance)
    assert found.coached is not None
    assert found.coached.tolist() == [False, True]
    for of, best in ((found, 330_000.0), (replace(found, coached=None), 300_000.0)):
        desk = seated(of, 0)
        assert desk is not None
        assert score(instance, clean_plan(of, desk)).contribution == pytest.approx(best)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_has_values_in_the_staffing_model(seed: int) -> None:
    """The staffing model takes a clean plan, and makes of it no less than the score does."""
    of = case(seed)
    desk = seated(of, 1000)
    assert desk is not None
    plan = clean_plan(of, desk)
    values = staffing_values(of.master, Whole(of.master.arrays), roster_of(of.master.draft, plan), plan)
    assert values is not None
    arrays = of.master.arrays
    assert float(arrays.cost @ values + arrays.offset) >= score(of.instance, plan).contribution - CENT


def test_an_account_without_any_room_leaves_no_desk() -> None:
    """No direct pod, one rep, two accounts of 900 of their 1,000 hours each: there is no whole plan for this roster."""
    base = builders.pods(["base"], coverage=[LOCAL], fixed_cost=[20_000.0])
    hours = np.array([[900.0, np.nan, np.nan, np.nan]] * 2)
    instance = shop(accounts=accounts(2, given_hours=hours), tiers=hours_of(500.0), pods=base)
    draft = build_master(instance, site_of_pods(instance)).draft
    staff = Roster(person=np.array([0, 1]), pod=np.array([0, 0]), share=np.ones(2), leader=np.array([1]))
    shares = np.ones(len(draft.columns))
    assert seat(draft, staff, shares, hint=None, seed=0, moves=0, left=lambda: None, stop_asked=lambda: False) is None
