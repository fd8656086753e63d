"""What is told and kept now and then: the first value at once, the newest in the end."""

from __future__ import annotations

import queue

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
    assert done.get(timeout=WITHIN_S) == 4
    assert done.empty()


def test_without_a_pause_every_value_is_done() -> None:
    """One after another."""
    done: list[int] = []
    paced = Paced(0, done.append)
    for value in range(5):
        paced.give(value)
    assert done == [0, 1, 2, 3, 4]
