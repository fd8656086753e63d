"""People of a site dealt anew, so that who owns accounts together is together."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podplanner.domain.vocabulary import NOBODY
from solvers.fast.together import together

PAIRS = np.array([[0, 2], [1, 3], [0, 2]])
"""Owners of three accounts in two functions: people 0 and 2 share two of them, 1 and 3 one."""


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
    found = together(hand, np.array([0, 0, 1, 1]), PAIRS, np.tile([10.0, 5.0], (3, 1)))
    assert kept(found, PAIRS, np.tile([10.0, 5.0], (3, 1))) == 45.0
    assert found.sum(axis=0).tolist() == hand.sum(axis=0).tolist()


@pytest.mark.parametrize("alike", [[0, 1, 2, 3], [0, 0, 0, 0]])
def test_only_equals_change_places(alike: list[int]) -> None:
    """A person of whom there is but one in a class stays; everybody keeps their steps."""
    hand = np.array([[4, 0], [0, 4], [0, 4], [4, 0]]) if alike[1] == 0 else np.array([[1, 0], [0, 2], [0, 3], [4, 0]])
    found = together(hand, np.array(alike), PAIRS, np.ones((3, 2)))
    assert found.sum(axis=1).tolist() == hand.sum(axis=1).tolist()
    assert alike[1] == 0 or (found == hand).all()


def test_without_owners_nobody_moves() -> None:
    """A company without books has nothing to keep together."""
    hand = np.array([[1, 0], [0, 1]])
    assert (together(hand, np.zeros(2, np.int64), np.full((3, 2), NOBODY), np.ones((3, 2))) == hand).all()


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
    assert kept(together(hand, np.zeros(6, np.int64), owner, price), owner, price) == pytest.approx(best)


def test_who_has_no_time_ends_at_the_next_look() -> None:
    """The second look at the clock finds no time left, and is the last; what is dealt by then is no worse."""
    random = np.random.default_rng(1)
    owner, price = random.integers(0, 20, (50, 2)), np.ones((50, 2))
    hand = np.array([[1, 0], [0, 1]] * 10)
    clock = iter([10.0, 0.0])
    found = together(hand, np.zeros(20, np.int64), owner, price, lambda: next(clock))
    assert kept(found, owner, price) >= kept(hand, owner, price)
    assert next(clock, None) is None
