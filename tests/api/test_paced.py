"""What is told and kept now and then: the first value at once, the newest in the end."""

from __future__ import annotations

import queue
from itertools import repeat

import pytest

from api.jobs.paced import Paced

WITHIN_S = 60
"""Only so that what never comes fails."""


def test_the_newest_value_is_never_left_out() -> None:
    """The first is there at once; of those that come too soon, the last one is when a while has passed."""
    done: queue.SimpleQueue[int] = queue.SimpleQueue()
    paced = Paced(0.5, done.put)
    for value in range(5):
        paced.give(value)
    assert done.get_nowait() == 0
    while done.get(timeout=WITHIN_S) != 4:  # a process that was held up for a while does others in between
        pass
    assert done.empty()


def test_what_waits_is_done_before_the_end() -> None:
    """An hour is not awaited, and nothing is done twice."""
    done: list[int] = []
    paced = Paced(3600, done.append)
    for value in range(5):
        paced.give(value)
    paced.flush()
    paced.flush()
    assert done == [0, 4]


def test_what_fails_later_fails_the_next_call() -> None:
    """A full disk is no less an error because the plan was to be kept a little later."""
    done: queue.SimpleQueue[int] = queue.SimpleQueue()

    def keep(value: int) -> None:
        done.put(value)
        if value:
            raise OSError("no space left")

    paced = Paced(0.1, keep)
    paced.give(0)
    paced.give(1)
    while done.get(timeout=WITHIN_S) != 1:
        pass
    with pytest.raises(OSError, match="no space"):
        list(map(paced.give, repeat(0)))


def test_without_a_pause_every_value_is_done() -> None:
    """One after another."""
    done: list[int] = []
    paced = Paced(0, done.append)
    for value in range(5):
        paced.give(value)
    assert done == [0, 1, 2, 3, 4]
