"""Medians over seeds, and the table of them."""

from __future__ import annotations

import math

import pytest

from benchmarks.contest import Run, best_bound
from benchmarks.results import Result, tables
from benchmarks.sizes import Goal
from benchmarks.standings import medians, standings
from benchmarks.trace import Moment, Trace
from benchmarks.watch import Spent

GOAL = Goal(gap=0.02, seconds=10)


def run(contestant: str, *moments: tuple[float, float, float], all_direct: float | None = None) -> Run:
    """A run with these moments, 3 s long with a peak of 2 MB."""
    facts = {} if all_direct is None else {"all_direct": all_direct}
    spent = Spent(3.0, 4.0, ((0.0, 2**20), (1.0, 2**21)), "done", "")
    return Run(contestant, Trace(tuple(Moment(*each) for each in moments), "ended", facts), spent, "ended")


def test_everybody_is_held_against_the_best_bound_of_all() -> None:
    """Ours proves 100, so the peer's 80 is 20 % short, a tenfold of our 2 %; of the gain over 50 it misses 40 %."""
    runs = [run("highs", (1, 80, 110)), run("podplanner", (1, 98, 100), all_direct=50)]
    assert best_bound(runs) == 100
    ours, peer = standings([runs], GOAL)
    assert (ours.contestant, peer.contestant) == ("podplanner", "highs")
    assert peer.measures["gap"] == pytest.approx(0.2)
    assert peer.measures["gain_gap"] == pytest.approx(0.4)
    assert peer.measures["own_gap"] == pytest.approx(30 / 110)
    assert peer.measures["bound_off"] == pytest.approx(10 / 110)
    assert peer.cells(ours)["× ours"] == "10.0"
    assert ours.cells(ours)["× ours"] == ""
    assert ours.cells(ours)["to goal s"] == "1.00"
    assert ours.cells(ours)["to 1 % s"] == "none"
    assert ours.cells(ours)["peak MB"] == "2"


def test_a_missing_figure_counts_as_the_worst() -> None:
    """Two of three seeds without a plan: none in the median; one of three: the worse of the others."""
    assert medians([{"gap": 0.1}, {"gap": math.inf}, {"gap": math.inf}]) == {"gap": math.inf}
    assert medians([{"gap": 0.1}, {"gap": math.inf}, {"gap": 0.2}]) == {"gap": 0.2}


def test_a_contestant_without_a_plan_has_a_row() -> None:
    """With its ending, and "none" for every figure of a plan."""
    failed = Run("cbc", Trace(), Spent(1, 1, (), "memory", ""), "killed: took too much memory")
    (row,) = standings([[failed]], GOAL)
    cells = row.cells(None)
    assert (cells["gap"], cells["first s"], cells["ended"]) == ("none", "none", "killed: took too much memory")


def test_a_table_has_a_head_for_each_kind_of_row() -> None:
    """Rows of equal columns share one."""
    rows = [Result("a", "1", {"x": "1"}), Result("a", "2", {"x": "2"}), Result("b", "1", {"y": "3"})]
    assert tables(rows) == [
        "",
        "| case | size | x |",
        "| --- | --- | --- |",
        "| a | 1 | 1 |",
        "| a | 2 | 2 |",
        "",
        "| case | size | y |",
        "| --- | --- | --- |",
        "| b | 1 | 3 |",
    ]
