"""Commands run in processes that are watched."""

from __future__ import annotations

import sys

from benchmarks.watch import EVERY_S, Spent, watched


def test_a_command_that_ends_is_done() -> None:
    """It took some time, and some memory: it lives long enough to be looked at once it has any."""
    child = f"import numpy, threading; threading.Event().wait({3 * EVERY_S})"
    spent = watched([sys.executable, "-c", child], 60)
    assert spent.ended == "done"
    assert spent.cpu_s > 0
    assert spent.peak_mb() > 1


def test_a_command_that_fails_says_why() -> None:
    """The last line of its standard error."""
    spent = watched([sys.executable, "-c", "raise SystemExit('no such thing')"], 60)
    assert (spent.ended, spent.message) == ("failed", "no such thing")


def test_a_command_that_overruns_is_killed() -> None:
    """Once its time is over."""
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)"
    waits = [sys.executable, "-c", child]
    assert watched(waits, 0.0).ended == "time"


def test_memory_is_the_most_between_two_times() -> None:
    """Looks outside are not counted."""
    spent = Spent(9, 9, ((1.0, 2**20), (2.0, 5 * 2**20), (3.0, 2 * 2**20)), "done", "")
    assert (spent.peak_mb(), spent.peak_mb(2.5, 3.5), spent.peak_mb(7, 8)) == (5, 2, 0)
