"""Steps of shared people packed into people: nothing is lost that fits, and where it does not, the least is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podplanner.domain.vocabulary import LEADER, SALES
from solvers.fast.packing import Seats, Slack, pack

WHOLE = 4
"""Steps of a person."""


def seats(steps: list[int], **given: Any) -> Seats:
    """One crew's seats in pods 0, 1, ..., of 100 hours a step."""
    count = len(steps)
    made = Seats(
        crew=np.zeros(count, np.int64),
        pod=np.arange(count),
        function=np.full(count, SALES),
        steps=np.array(steps, np.int64),
        parts=np.ones(count, np.int64),
        hours=np.full(count, 100.0),
        together=np.zeros(count, bool),
        may_lose=np.ones(count, bool),
    )
    return made._replace(**given)


def slack(steps: list[float], weeks: list[float]) -> Slack:
    """Pods with so many hours of reps and of the leader's week left; an account takes 10 and 2, a head 45 of a week."""
    free, of_account = np.zeros((len(steps), LEADER + 1)), np.zeros((len(steps), LEADER + 1))
    free[:, SALES], free[:, LEADER] = steps, weeks
    of_account[:, SALES], of_account[:, LEADER] = 10.0, 2.0
    return Slack(free, of_account, 45.0)


def packed(of: Seats, left: Slack, people: int = 2, max_pods: int = 2) -> list[list[int]]:
    """Steps of each placement, by pod."""
    members, kinds = (np.zeros(1, np.int64), np.array([people])), (np.array([WHOLE]), np.array([max_pods]))
    who, pod, much = pack(of, members, kinds, left)
    for person in np.unique(who):
        assert much[who == person].sum() <= WHOLE
        assert len(pod[who == person]) <= max_pods
    return [sorted(much[pod == number].tolist()) for number in of.pod]


@pytest.mark.parametrize(
    ("free", "weeks", "expected"),
    [
        # Two of three steps, one seat of two: no two people have two steps left in one piece. All weeks are full, so
        # that a head more costs 45 / 2 accounts, a step 10: the seat has one of its two steps.
        ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [[3], [4], [1]]),
        # The last leader's week has room for a head: two people have a step each.
        ([0.0, 0.0, 0.0], [0.0, 0.0, 45.0], [[3], [3], [1, 1]]),
        # And a step nobody needs costs as little.
        ([0.0, 0.0, 100.0], [0.0, 0.0, 0.0], [[3], [4], [1]]),
    ],
)
def test_what_does_not_fit_costs_least(free: list[float], weeks: list[float], expected: list[list[int]]) -> None:
    """Either a head more or fewer steps; what people have left goes to a pod of theirs."""
    assert packed(seats([3, 3, 2]), slack(free, weeks)) == expected


def test_the_seat_that_loses_least_comes_last() -> None:
    """Three seats of three steps for two people and a step each of others' time: the one with hours to spare waits.

    A step costs the first and the last pod ten accounts, the one between none.
    """
    assert packed(seats([3, 3, 3]), slack([0.0, 100.0, 0.0], [0.0] * 3)) == [[3], [1], [4]]


def test_a_seat_that_may_lose_nothing_is_split() -> None:
    """Where a role has a least share in a pod, say."""
    of = seats([3, 3, 2], may_lose=np.zeros(3, bool))
    assert packed(of, slack([0.0] * 3, [0.0] * 3)) == [[3], [3], [1, 1]]


def test_time_that_one_person_must_give_is_packed_first() -> None:
    """Two people of four steps; two seats take three each, and one two that must be one person's.

    By size the two threes go first, and leave one step of each: the two would be split.
    """
    of = seats([3, 3, 2], together=np.array([False, False, True]), may_lose=np.zeros(3, bool))
    assert packed(of, slack([0.0] * 3, [0.0] * 3), max_pods=4)[2] == [2]


@settings(max_examples=200, deadline=None)
@given(
    steps=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    free=st.lists(st.sampled_from([0.0, 50.0, 200.0]), min_size=6, max_size=6),
    weeks=st.lists(st.sampled_from([0.0, 45.0, 90.0]), min_size=6, max_size=6),
)
def test_with_people_enough_nobody_loses(steps: list[int], free: list[float], weeks: list[float]) -> None:
    """One person for each part: every seat has its steps, and no more heads than it needs."""
    people = sum(-(-each // WHOLE) for each in steps)
    count = len(steps)
    found = packed(seats(steps), slack(free[:count], weeks[:count]), people)
    assert [sum(each) >= wanted for each, wanted in zip(found, steps, strict=True)] == [True] * count
    assert [len(each) for each in found] == [-(-wanted // WHOLE) for wanted in steps]
