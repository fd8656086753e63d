"""What contestants tell, and what is read off it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from benchmarks.trace import Moment, Teller, Trace, read_trace, share_below

if TYPE_CHECKING:
    from pathlib import Path

TRACE = Trace((Moment(1, -math.inf, 120), Moment(2, 90, 120), Moment(4, 99, 110), Moment(8, 99.9, 100)), "optimal")


def test_times_are_read_off_the_moments() -> None:
    """The first plan at 2 s, 1 % below 100 at 4 s, the proof of 1 % only when the own bound is there."""
    assert TRACE.seconds_to_plan() == 2
    assert TRACE.seconds_to(0.01, bound=100) == 4
    assert TRACE.seconds_to_proof(0.01) == 8
    assert TRACE.seconds_to(0.0001, bound=100) == math.inf
    assert (TRACE.best, TRACE.bound) == (99.9, 100)


def test_an_empty_trace_has_nothing() -> None:
    """No plan, no bound, never."""
    empty = Trace()
    assert (empty.best, empty.bound, empty.seconds_to_plan()) == (-math.inf, math.inf, math.inf)


@pytest.mark.parametrize(
    ("bound", "contribution", "share"),
    [(100, 90, 0.1), (-100, -110, 0.1), (100, 101, -0.01), (math.inf, 1, math.inf), (1, -math.inf, math.inf)],
)
def test_the_gap_is_a_share_of_the_bound(bound: float, contribution: float, share: float) -> None:
    """Of its size, whatever its sign; infinite where either is missing."""
    assert share_below(bound, contribution) == pytest.approx(share)


def test_what_is_told_is_read_again(tmp_path: Path) -> None:
    """Only what got better, turned into contributions."""
    path = tmp_path / "trace.jsonl"
    teller = Teller(path, sign=-1.0, offset=10.0)
    teller.tell(None, -20.0)
    teller.tell(-5.0, -20.0)
    teller.tell(-4.0, math.inf)
    teller.end("optimal", all_direct=3.0)
    trace = read_trace(path)
    assert [(moment.best, moment.bound) for moment in trace.moments] == [(-math.inf, 30.0), (15.0, 30.0)]
    assert (trace.ended, trace.facts) == ("optimal", {"all_direct": 3.0})


def test_a_killed_run_leaves_what_it_told(tmp_path: Path) -> None:
    """A line cut short tells nothing; a file that is not there tells nothing either."""
    path = tmp_path / "trace.jsonl"
    path.write_text('{"seconds": 1, "best": 2, "bound": 3}\n{"seconds": 2, "be', encoding="utf-8")
    assert read_trace(path) == Trace((Moment(1, 2, 3),))
    assert read_trace(tmp_path / "none") == Trace()
