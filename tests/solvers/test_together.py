"""People of a site dealt anew, so that who owns accounts together is together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podplanner.domain.vocabulary import LEADER, NOBODY, SALES
from solvers.fast.together import Work, together

PAIRS = np.array([[0, 2], [1, 3], [0, 2]])
"""Owners of three accounts in two functions: people 0 and 2 share two of them, 1 and 3 one."""

NO_WORK = np.zeros(5)


def nothing(pods: int) -> Work:
    """A site with nothing to serve, whose pods may be of any size."""
    zeros, many = np.zeros(pods), np.full(pods, np.inf)
    return Work(
        accounts=0.0,
        worth=0.0,
        hours=NO_WORK,
        base=0.0,
        member=0.0,
        must=NO_WORK,
        fewest=zeros,
        most=many,
        most_accounts=many,
    )


def gathered(
    hand: np.ndarray,
    alike: np.ndarray,
    owner: np.ndarray,
    price: np.ndarray,
    left: Callable[[], float | None] = lambda: None,
) -> np.ndarray:
    """Reps of one hour a step, with nothing to do but to keep their accounts, in pods that keep their size."""
    pods = hand.shape[1]
    heads = (hand > 0).sum(axis=0).astype(float)
    work = replace(nothing(pods), fewest=heads, most=heads)
    people = (np.full(len(hand), SALES), np.ones(len(hand)), np.ones(len(hand)))
    return together(hand, alike, people, work, (owner, price), left)


def kept(hand: np.ndarray, owner: np.ndarray, price: np.ndarray) -> float:
    """What the best pod of each account keeps, counted without a thought of speed."""
    total = 0.0
    for account, prices in zip(owner, price, strict=True):
        worth = [
            sum(prices[f] for f, person in enumerate(account) if person != NOBODY and hand[person, pod])
            for pod in range(hand.shape[1])
        ]
        total += max(worth)
    return total


def test_pairs_that_share_accounts_meet() -> None:
    """People 0 and 3 in one pod, 1 and 2 in the other keep 3 x 10; 0 with 2 and 1 with 3 keep all, 3 x 15."""
    hand = np.array([[1, 0], [0, 1], [0, 1], [1, 0]])
    found = gathered(hand, np.array([0, 0, 1, 1]), PAIRS, np.tile([10.0, 5.0], (3, 1)))
    assert kept(found, PAIRS, np.tile([10.0, 5.0], (3, 1))) == 45.0
    assert found.sum(axis=0).tolist() == hand.sum(axis=0).tolist()


def test_only_equals_take_the_place_of_who_is_in_several_pods() -> None:
    """Person 0 is in both pods; only who has as many steps may take that place, and everybody keeps their steps."""
    hand = np.array([[2, 2], [0, 4], [0, 3], [4, 0]])
    found = gathered(hand, np.array([0, 1, 2, 3]), PAIRS, np.ones((3, 2)))
    assert found[0].tolist() == [2, 2]
    found = gathered(hand, np.array([0, 0, 1, 2]), PAIRS, np.ones((3, 2)))
    assert found.sum(axis=1).tolist() == hand.sum(axis=1).tolist()


def test_pods_get_what_serves_most_accounts() -> None:
    """An account takes an hour of a rep and one of a marketer; there are reps of 4 and 2 hours, three marketers of 2.

    With the reps in one pod and the marketers in the other nobody is served. All in one pod serve 6 accounts, as do
    4 and 2 hours of reps in two pods with as many of marketers.
    """
    hand = np.array([[4, 0], [2, 0], [0, 2], [0, 2], [0, 2]])
    work = replace(nothing(2), accounts=6.0, worth=10.0, hours=np.array([1.0, 1.0, 0.0, 0.0, 0.0]))
    people = (np.array([0, 0, 1, 1, 1]), np.ones(5), np.ones(5))
    found = together(hand, np.arange(5), people, work, (np.zeros((0, 2), np.int64), np.zeros((0, 2))))
    assert sum(min(found[:2, pod].sum(), found[2:, pod].sum()) for pod in range(2)) == 6
    assert found.sum(axis=1).tolist() == hand.sum(axis=1).tolist()


def test_a_leaders_week_has_room_for_few() -> None:
    """Weeks of 4 hours, one for each member and each account: a pod with three reps has time for one account.

    Dealt 3 + 1 the pods serve 1 and 3, or what their reps can: 1 + 1. Dealt 2 + 2 they serve two each.
    """
    hand = np.array([[1, 0], [1, 0], [1, 0], [0, 1], [4, 0], [0, 4]])
    work = replace(
        nothing(2), accounts=4.0, worth=1.0, hours=np.array([1.0, 0, 0, 0, 1.0]), member=1.0, must=np.eye(5)[LEADER]
    )
    people = (np.array([0, 0, 0, 0, LEADER, LEADER]), np.ones(6), np.ones(6))
    found = together(hand, np.arange(6), people, work, (np.zeros((0, 2), np.int64), np.zeros((0, 2))))
    assert found[:4].sum(axis=0).tolist() == [2, 2]
    assert (found[4:] > 0).sum(axis=0).tolist() == [1, 1]


def test_without_owners_nobody_moves() -> None:
    """A company without books has nothing to keep together."""
    hand = np.array([[1, 0], [0, 1]])
    assert (gathered(hand, np.zeros(2, np.int64), np.full((3, 2), NOBODY), np.ones((3, 2))) == hand).all()


@given(st.integers(0, 2**32 - 1))
def test_as_good_as_trying_all_deals(seed: int) -> None:
    """Six equal people in two pods: the annealing keeps what the best of all deals keeps."""
    random = np.random.default_rng(seed)
    owner = random.integers(NOBODY, 6, (8, 3))
    owner[(owner[:, 1] == owner[:, 0]) | (owner[:, 2] == owner[:, 0]) | (owner[:, 2] == owner[:, 1])] = [0, 1, 2]
    price = random.integers(1, 100, (8, 3)).astype(float)
    hand = np.array([[1, 0]] * 3 + [[0, 1]] * 3)
    deals = [np.array(deal) for deal in product([0, 1], repeat=6) if sum(deal) == 3]
    best = max(kept(np.stack([1 - deal, deal], axis=1), owner, price) for deal in deals)
    assert kept(gathered(hand, np.zeros(6, np.int64), owner, price), owner, price) == pytest.approx(best)


def test_who_has_no_time_ends_at_the_next_look() -> None:
    """The second look at the clock finds no time left, and is the last; what is dealt by then is no worse."""
    random = np.random.default_rng(1)
    owner, price = random.integers(0, 20, (50, 2)), np.ones((50, 2))
    hand = np.array([[1, 0], [0, 1]] * 10)
    clock = iter([10.0, 0.0])
    found = gathered(hand, np.zeros(20, np.int64), owner, price, lambda: next(clock))
    assert kept(found, owner, price) >= kept(hand, owner, price)
    assert next(clock, None) is None
