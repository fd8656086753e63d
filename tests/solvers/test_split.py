"""A site's people dealt to its pods near the deal that they had."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from podplanner.domain.vocabulary import LEADER, MARKETING, NOBODY, SALES, SUPPORT
from solvers.fast.draft import Draft
from solvers.fast.roster import Roster
from solvers.fast.rosters import make_roster
from solvers.fast.settling import settle
from tests.solvers.test_fast_search import budget, company, start_of


@cache
def dealt() -> tuple[Draft, np.ndarray, Roster]:
    """A staffing of a company whose site has several staffed pods, and a new deal of it."""
    search, relaxed = start_of(company(600, with_books=True))
    assert relaxed.values is not None
    found = settle(search, relaxed.values, budget())
    assert found is not None
    draft = search.master.draft
    return draft, found.values, make_roster(draft, found.values)


def sky(draft: Draft, roster: Roster) -> np.ndarray:
    """The staffed pods of the site that has several."""
    several = np.flatnonzero(draft.copies > 1)
    pods = np.unique(roster.pod[np.isin(draft.site[roster.pod], several)])
    assert len(pods) > 1
    return pods


def placed(roster: Roster) -> set[tuple[int, int]]:
    """Who is where."""
    return set(zip(roster.person.tolist(), roster.pod.tolist(), strict=True))


def moved(roster: Roster, draft: Draft, to: np.ndarray) -> Roster:
    """The same roster with everybody of each pod in another one (P)."""
    leader = np.full_like(roster.leader, NOBODY)
    leads = draft.instance.people.role[roster.person] == LEADER
    leader[to[roster.pod[leads]]] = roster.person[leads]
    return replace(roster, pod=to[roster.pod], leader=leader)


def same(one: Roster, other: Roster) -> bool:
    """Whether everybody is where they are, with as much time."""
    return all(
        np.array_equal(getattr(one, part), getattr(other, part)) for part in ("person", "pod", "share", "leader")
    )


def test_teams_stay_in_the_pods_that_they_had() -> None:
    """Pods of a site differ in nothing but their number: dealt near the same teams in other pods, these stay there."""
    draft, values, roster = dealt()
    pods = sky(draft, roster)
    to = np.arange(len(draft.site))
    to[pods] = np.roll(pods, 1)
    elsewhere = moved(roster, draft, to)
    again = make_roster(draft, values, near=elsewhere)
    inside = {entry for entry in placed(elsewhere) if entry[1] in pods}
    assert len(inside & placed(again)) >= 0.8 * len(inside)
    assert len(inside & placed(roster)) < 0.5 * len(inside)


def test_who_is_new_is_dealt_to_those_who_stay() -> None:
    """Somebody whom the earlier roster does not have gets as much time as in a new deal, and others keep theirs."""
    draft, values, roster = dealt()
    reps = (draft.instance.people.role[roster.person] == SALES) & np.isin(roster.pod, sky(draft, roster))
    lost = roster.person[reps][0]
    kept = roster.person != lost
    before = replace(roster, person=roster.person[kept], pod=roster.pod[kept], share=roster.share[kept])
    again = make_roster(draft, values, near=before)
    people = len(draft.instance.people)
    time, wanted = (np.bincount(each.person, each.share, people) for each in (again, roster))
    assert time == pytest.approx(wanted)
    assert (again.leader[np.unique(again.pod)] != NOBODY).all()


def test_a_deal_that_was_another_one_is_not_gone_on_from() -> None:
    """Where hardly anybody was at the site, it is dealt as if nobody had been."""
    draft, values, roster = dealt()
    pods = sky(draft, roster)
    few = np.isin(roster.pod, pods) & (np.arange(len(roster.pod)) % 4 > 0)
    strangers = replace(roster, person=roster.person[~few], pod=roster.pod[~few], share=roster.share[~few])
    assert same(make_roster(draft, values, near=strangers), roster)


def test_each_pod_of_a_full_site_has_every_function() -> None:
    """Nine heads a pod are as many as there are: those dealt first leave one for each function that comes later."""
    draft, _, roster = dealt()
    for pod in sky(draft, roster):
        there = roster.pod == pod
        assert there.sum() == draft.instance.pods.max_people[pod]
        assert set(draft.instance.people.role[roster.person[there]].tolist()) == set(range(LEADER + 1))


def test_nobody_is_left_out_for_those_who_stay() -> None:
    """Who was in two pods takes a head in each: of three full pods somebody would have none, so it is a new deal."""
    draft, values, roster = dealt()
    pods = sky(draft, roster)
    whole = (draft.instance.people.role[roster.person] == SUPPORT) & (roster.pod == pods[0]) & (roster.share == 1.0)
    one = roster.person[whole][0]
    share = np.where(roster.person == one, 0.5, roster.share)
    halved = replace(
        roster,
        person=np.append(roster.person, one),
        pod=np.append(roster.pod, pods[1]),
        share=np.append(share, 0.5),
    )
    again = make_roster(draft, values, near=halved)
    hours = draft.instance.derived.plannable
    assert hours[again.person] @ again.share >= hours[roster.person] @ roster.share - 1e-6


def test_a_site_that_no_two_pods_can_share_keeps_one_of_each_function() -> None:
    """Without any marketer no pod could stand alone: all that fit go to one, reps do not take every head there."""
    draft, values, roster = dealt()
    pods = sky(draft, roster)
    seats = draft.seats(role=MARKETING, pod=int(pods[0]))
    none = values.copy()
    none[draft.heads[seats]] = 0.0
    none[draft.steps[seats][draft.steps[seats] != NOBODY]] = 0.0
    alone = make_roster(draft, none)
    there = np.isin(alone.pod, pods)
    assert set(alone.pod[there].tolist()) == {pods[0]}
    assert there.sum() == draft.instance.pods.max_people[pods[0]]
    roles = draft.instance.people.role[alone.person[there]].tolist()
    assert set(roles) == set(range(LEADER + 1)) - {MARKETING}
    assert roles.count(LEADER) == 1
