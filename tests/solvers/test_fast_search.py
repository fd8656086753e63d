"""The fast engine on companies of its own size: sites, settling, search and dealing out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

import datasets
from datasets.generator import generate
from podplanner.domain.build import build_instance
from podplanner.domain.direct import all_direct_plan
from podplanner.domain.instance import Instance
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import LEADER, SALES
from solvers.engine import Limits, Progress
from solvers.fast import guard, proof
from solvers.fast.budget import Budget
from solvers.fast.guard import guarded
from solvers.fast.master import build_master
from solvers.fast.neighbourhoods import allies_of
from solvers.fast.plan_values import staffing_values
from solvers.fast.proof import Proof
from solvers.fast.relaxing import Relaxed, by_ascent, relax
from solvers.fast.roster import nobody
from solvers.fast.rosters import make_roster
from solvers.fast.rounding import rounded
from solvers.fast.search import Search, Staffing
from solvers.fast.settling import settle
from solvers.fast.sites import site_of_pods
from solvers.fast.starts import planned_staffing
from solvers.fast.ways import Way, stages_by
from solvers.highs import Answer, Arrays, Status, solve
from solvers.registry import get_engine
from tests.domain import builders
from tests.solvers import shop


@cache
def company(accounts: int, *, with_books: bool) -> Instance:
    """A generated company with three equal virtual pods, so that there is a site to deal out."""
    tables = generate(accounts, seed=4, with_books=with_books)
    rows: dict[str, Any] = {name: table.to_dict("records") for name, table in tables.items()}
    local = [row for row in rows["pods"] if row["coverage"] == "local"]
    sky = [
        {"pod_id": f"sky-{copy}", "coverage": "virtual", "fixed_cost": 5000.0, "max_people": 9.0} for copy in (1, 2, 3)
    ]
    return build_instance(datasets.from_tables(rows | {"pods": [*local, *sky]}))


@pytest.mark.parametrize(("accounts", "with_books", "least_copies"), [(240, False, 2), (150, True, 1)])
def test_a_company_with_a_site_is_planned(accounts: int, with_books: bool, least_copies: int) -> None:
    """The plan is clean, within its bound, better than all direct, and uses as many copies of the site as it needs."""
    instance = company(accounts, with_books=with_books)
    outcome = get_engine("fast").solve(instance, Limits(gap=0.001, work_limit=2), hint=None, progress=Progress())
    direct = all_direct_plan(instance)
    assert outcome.plan is not None
    assert direct is not None
    assert not verify(instance, outcome.plan).violations
    contribution = score(instance, outcome.plan).contribution
    assert score(instance, direct).contribution < contribution <= outcome.bound + 0.01
    copies = [index for index, name in enumerate(instance.pods.ids) if name.startswith("sky")]
    assert len(set(outcome.plan.pod.tolist()) & set(copies)) >= least_copies


def test_a_pod_that_must_be_staffed_gets_the_leader_of_another() -> None:
    """One account is pinned to a pod of its own, and fractions made whole one after the other leave it no leader."""
    tables = generate(1000, seed=1, with_books=True)
    rows: dict[str, Any] = {name: table.to_dict("records") for name, table in tables.items()}
    pin = {"rule_id": "R1", "rule": "pin", "account_id": "A0144", "pod_id": "virtual-utc-6-3"}
    instance = build_instance(datasets.from_tables(rows | {"rules": [pin]}))
    search, relaxed = start_of(instance)
    assert relaxed.values is not None
    assert relaxed.prices is not None
    assert settle(search, relaxed.values, budget()) is None
    found = rounded(search, relaxed.prices, budget())
    assert found is not None
    assert search.checked(found.values) is not None


def budget(*, seed: int = 0, workers: int = 1, tries: int | None = 6, left: float | None = None) -> Budget:
    """What a search may use."""
    return Budget(seed=seed, workers=workers, tries=tries, left=lambda: left, stop_asked=lambda: False)


def start_of(instance: Instance) -> tuple[Search, Relaxed]:
    """A search by sites, and the relaxation that it comes from."""
    master = build_master(instance, site_of_pods(instance))
    relaxed = relax(master, budget())
    return Search(master, relaxed.regret), relaxed


def staffed_with_nobody(search: Search) -> Staffing:
    """The staffing that places nobody."""
    values = staffing_values(search.master, search.whole, nobody(len(search.master.draft.site)), None)
    assert values is not None
    staffing = search.checked(values)
    assert staffing is not None
    return staffing


def test_search_starts_from_nobody_and_only_ever_improves() -> None:
    """From all direct, a few neighbourhoods bring people in; the same seed brings the same staffing on any threads."""
    search, _ = start_of(company(240, with_books=False))
    start = staffed_with_nobody(search)
    first, again = (search.improve(start, budget(seed=7, workers=workers)) for workers in (1, 2))
    assert first.objective > start.objective
    assert np.array_equal(first.values, again.values)


def test_mending_tries_each_pod_with_nobody_by_itself_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a staffing with some pods staffed, what is tried first is one pod at a time, and none of these."""
    search, _ = start_of(company(240, with_books=False))
    start = search.improve(staffed_with_nobody(search), budget(seed=7, tries=2))
    staffed = search.master.draft.staffed
    nobody_there = (staffed >= 0) & (start.values[staffed] < 0.5)
    assert 0 < nobody_there.sum() < (staffed >= 0).sum()
    tried: list[Any] = []
    restaffed = search.restaffed

    def noted(values: Any, sites: Any, **kept: Any) -> Any:
        tried.append(sites)
        return restaffed(values, sites, **kept)

    monkeypatch.setattr(search, "restaffed", noted)
    search.mended(start, budget(seed=7, tries=1))
    assert [sites.sum() for sites in tried] == [1] * len(tried)
    assert tried
    assert not any((sites & ~nobody_there).any() for sites in tried)


def test_a_stopped_search_returns_what_it_was_given() -> None:
    """Asked to stop, or out of time, it looks at nothing."""
    search, _ = start_of(company(240, with_books=False))
    start = staffed_with_nobody(search)
    stopped = Budget(seed=7, workers=1, tries=None, left=lambda: None, stop_asked=lambda: True)
    assert search.improve(start, stopped) is start
    assert search.improve(start, budget(left=0.0)) is start


@pytest.mark.parametrize(("accounts", "with_books"), [(240, False), (150, True)])
def test_a_relaxation_is_settled_in_whole_people(accounts: int, with_books: bool) -> None:
    """Every integer column is whole, every row is kept, and the bound is not passed."""
    search, relaxed = start_of(company(accounts, with_books=with_books))
    assert relaxed.values is not None
    settled = settle(search, relaxed.values, budget())
    assert settled is not None
    assert search.checked(settled.values) is not None
    assert settled.objective <= relaxed.bound + 0.01


def test_a_guarded_model_asks_for_longer_weeks_and_nothing_else() -> None:
    """One number differs: the base of the leader's week in the one site of several pods, by half a head a function."""
    instance = company(240, with_books=False)
    master = build_master(instance, site_of_pods(instance))
    more = guarded(master).arrays.matrix[2] - master.arrays.matrix[2]
    # Marketing, support and operations share their people, and every tier of the site serves them: 3 x 0.5 heads.
    assert more[more != 0] == pytest.approx([1.5 * instance.policy.leader_hours_per_member])


def test_a_budget_of_fewer_tries() -> None:
    """The lower of two limits holds, and where there is none the other does."""
    free = budget()
    assert [replace(free, tries=old).at_most(new).tries for old, new in ((3, 5), (5, 3), (None, 4), (4, None))] == [
        3,
        3,
        4,
        4,
    ]
    assert replace(free, tries=None).at_most(None).tries is None


def test_a_guarded_model_knows_what_whole_people_cannot_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where accounts take 300 hours of a rep and others nothing, a pod has as many as whole reps keep, by the week.

    The leader's week of 1,500 x 0.9 hours less 300 has 1,050 for members at 45 and accounts at 2. A rep of 1,350 hours
    keeps 4.5 accounts: 54 hours of the week each, 19 reps have 1,026, and 24 hours are left that no rep fits in.
    """
    monkeypatch.setattr(guard, "FEW", 1)
    instance = company(240, with_books=False)
    master = build_master(instance, site_of_pods(instance))
    draft, policy = master.draft, instance.policy
    site = int(np.flatnonzero(draft.copies > 1)[0])
    assert (policy.leader_hours_per_member, policy.leader_hours_per_account) == (45.0, 2.0)
    inside = draft.columns.by_pod[site]
    draft.columns.hours[inside] = 0.0
    draft.columns.hours[inside, SALES] = 300.0 * draft.columns.size[draft.columns.unit[inside]]
    more = guarded(master, np.ones(len(master.arrays.cost))).arrays.matrix[2] - master.arrays.matrix[2]
    assert more[more != 0] == pytest.approx([max(67.5, 1050.0 - 19 * (45.0 + 2.0 * 4.5))])


def test_a_part_is_the_model_where_all_else_stands_still() -> None:
    """With its values as they are, a part keeps the rows of the whole; its columns earn the same."""
    search, _ = start_of(company(240, with_books=False))
    values = search.improve(staffed_with_nobody(search), budget()).values
    part = search.whole.restricted(search.whole.at(values), np.arange(0, len(values), 3))
    start, index, value = part.model.matrix
    mine = values[part.columns]
    activity = np.bincount(np.repeat(np.arange(len(start) - 1), np.diff(start)), weights=value * mine[index])
    assert np.array_equal(part.model.cost, search.master.arrays.cost[part.columns])
    assert (activity <= part.model.row_upper + 1e-6).all()
    assert (activity >= part.model.row_lower - 1e-6).all()
    broken = values.copy()
    first = search.master.draft.place[[0]]
    broken[first] += 1.0
    assert not search.whole.goes_from(search.whole.at(values), search.whole.at(broken), first)


def test_dealing_out_keeps_everybody_and_gives_each_pod_a_leader() -> None:
    """Time before and after is the same person by person; each staffed copy has one leader, and nobody is doubled."""
    instance = company(240, with_books=False)
    search, _ = start_of(instance)
    found = search.improve(staffed_with_nobody(search), budget(seed=1, tries=12))
    master = search.master
    roster = make_roster(master.draft, found.values)
    total = np.bincount(roster.person, weights=roster.share)
    assert (total <= 1 + 1e-9).all()
    role = instance.people.role[roster.person]
    for pod in np.unique(roster.pod):
        leaders = roster.person[(roster.pod == pod) & (role == LEADER)]
        assert leaders.tolist() == [roster.leader[pod]]
    keys = list(zip(roster.person.tolist(), roster.pod.tolist(), strict=True))
    assert len(keys) == len(set(keys))


def test_an_account_is_only_where_somebody_can_own_it_whole() -> None:
    """Ann and bob give base a quarter of 1,000 hours each: enough for the 300 of acme, but neither can own it."""
    shared = shop.roles(share_step=0.25)
    instance = shop.shop(people=shop.people(reps=2, max_pods=2), tiers=shop.hours_of(300), roles=shared)
    master = build_master(instance, site_of_pods(instance))
    draft, lower, upper = master.draft, master.arrays.lower.copy(), master.arrays.upper.copy()
    (seat,) = draft.seats(role=SALES, pod=0)  # ann and bob are alike: one crew
    upper[draft.steps[seat]] = 2.0
    for heads, placed in ((2.0, 0.0), (1.0, 1.0)):
        lower[draft.heads[seat]] = upper[draft.heads[seat]] = heads
        answer = solve(replace(master.arrays, lower=lower, upper=upper))
        assert answer.values is not None
        assert answer.values[draft.place[draft.columns.pod == 0]].sum() == pytest.approx(placed)


def test_sites_that_could_share_people_are_allies() -> None:
    """Sites that no account could choose between are no rivals, but one leader may have time for both."""
    search, _ = start_of(company(240, with_books=False))
    draft = search.master.draft
    allies = allies_of(search.rivals, search.people)
    lone = (search.rivals == 0) & (allies > 0)
    assert (allies >= search.rivals).all()
    assert lone.any()
    for one, other in zip(*np.nonzero(lone), strict=True):
        crews = [set(draft.crews.seat_crew[draft.seats(pod=int(pod))].tolist()) for pod in (one, other)]
        assert crews[0] & crews[1]


def test_a_relaxation_is_settled_within_longer_weeks_of_leaders() -> None:
    """Averages that break the weeks which dealing needs are not gone on from: what is settled keeps them."""
    search, relaxed = start_of(company(240, with_books=False))
    within = Search(guarded(search.master), relaxed.regret)
    assert relaxed.values is not None
    assert not within.whole.feasible(relaxed.values)
    settled = settle(within, relaxed.values, budget())
    assert settled is not None
    assert within.checked(settled.values) is not None


def test_a_neighbourhood_may_change_people_with_staffed_sites() -> None:
    """Ann serves acme in base and is the only one near second, 89 km away; bob could take her place.

    Second alone cannot be staffed: ann is taken. With base as its lender it is, for bolt: 100,000 - 20,000 for the base
    in place of 50,000 direct.
    """
    there: dict[str, Any] = {"latitude": [0.4, -0.2, 0.4, 0.4], "utc_offset": 0.0, "is_hire": False}
    instance = shop.shop(
        accounts=shop.accounts(2, latitude=[0.0, 0.8]),
        people=shop.people(reps=2, leaders=2, longitude=0.0, **there),
        pods=replace(shop.two_bases(), latitude=np.array([0.0, 0.8, np.nan])),
        policy=builders.policy(max_local_km=50.0, travel_cost_per_km=0.0),
    )
    start_plan = builders.plan(
        instance,
        place={"acme": ("base", "local"), "bolt": ("web", "direct")},
        owners={"acme": ["ann", "", "", ""]},
        placed={("ann", "base"): 1.0, ("leo", "base"): 1.0},
        leader={"base": "leo"},
    )
    search, _ = start_of(instance)
    start = planned_staffing(search, start_plan, time_limit_s=None)
    assert start is not None
    second = np.array([False, True, False])
    gains = []
    for lenders in (0, 1):
        found = search.restaffed(
            search.whole.at(start.values), second, way=Way(nodes=40, gap=0.0, lenders=lenders), budget=budget()
        )
        assert found is not None
        gains.append(found.gain(search.master.arrays.cost))
    assert gains == pytest.approx([0.0, 30_000.0])


def test_a_proof_goes_on_from_the_staffing_it_is_given() -> None:
    """At the root alone HiGHS finds less than the search did; with that as a start it has as much."""
    search, _ = start_of(company(240, with_books=False))
    found = search.improve(staffed_with_nobody(search), budget(tries=30))
    with ThreadPoolExecutor(1) as pool:
        one = Proof(pool, search.master, Limits(gap=0.0), found.values, time_limit_s=None, nodes=1)
        answer = one.answer()
    assert found.objective - 0.01 <= answer.objective <= one.bound + 0.01


def test_the_first_of_two_ways_to_prove_decides() -> None:
    """Both would find the best staffing there is; waiting ends as soon as what a plan is hoped to be worth is near."""
    search, _ = start_of(company(240, with_books=False))
    found = search.improve(staffed_with_nobody(search), budget(tries=30))
    best = solve(search.master.arrays, gap=1e-9)
    with ThreadPoolExecutor(2) as pool:
        near = Proof(pool, search.master, Limits(gap=0.5), found.values, time_limit_s=None, nodes=None, is_race=True)
        near.wait(budget(), found.objective)
        assert near.bound <= 1.5 * found.objective
        exact = Proof(pool, search.master, Limits(gap=1e-8), found.values, time_limit_s=None, nodes=None, is_race=True)
        assert exact.answer().objective == pytest.approx(best.objective, rel=1e-6)
        assert exact.succeeded()
        assert best.objective - 0.01 <= exact.bound <= best.objective * (1 + 1e-6)


@pytest.mark.parametrize("fails", [True, False])
def test_a_way_that_fails_does_not_end_a_race(fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one goes on, whichever it is."""
    search, _ = start_of(company(120, with_books=False))

    def failing(model: Arrays, *, restarts: bool, **given: Any) -> Answer:
        if restarts is fails:
            return Answer(status=Status.FAILED, detail="", values=None, objective=-np.inf, bound=np.inf)
        return solve(model, restarts=restarts, **given)

    monkeypatch.setattr(proof, "solve", failing)
    with ThreadPoolExecutor(2) as pool:
        race = Proof(pool, search.master, Limits(gap=1e-8), None, time_limit_s=None, nodes=None, is_race=True)
        race.wait(budget(), 0.0)
        assert race.succeeded()
        assert race.staffing() is not None


def test_prices_of_hours_end_with_the_clock() -> None:
    """In time they are the staffing's; where that is too short the relaxation's, and none where it has none."""
    instance = company(150, with_books=True)
    relaxed = by_ascent(build_master(instance, site_of_pods(instance)), budget())
    assert relaxed.prices is not None
    search = Search(relaxed.master, relaxed.regret, relaxed.prices.row)
    staffing = rounded(search, relaxed.prices, budget())
    assert staffing is not None
    own, late = search.duals(staffing), search.duals(staffing, 0.0)
    assert own is not None
    assert late is relaxed.prices.row
    assert not np.array_equal(own, late)
    assert Search(relaxed.master, relaxed.regret).duals(staffing, 0.0) is None


def test_a_large_search_staffs_each_site_alone_first() -> None:
    """Of many sites, not all of which get their turn in pairs, that earns most for its time."""
    search, _ = start_of(company(150, with_books=False))
    few, many = (stages_by(search.rivals, search.rivals, alone=alone) for alone in (False, True))
    assert [stage.size for stage in many] == [1, *(stage.size for stage in few)]
