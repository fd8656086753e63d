"""Growth: its exponents, rows and picture."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest

from benchmarks.growth import STEPS, Grown, exponent, picture, rows
from benchmarks.plot import decades

HALF = Grown(1_000, {"read": 1.0, "build": 0.5}, {"read": 100.0, "build": 200.0}, math.inf, "failed: no plan")
FULL = Grown(10_000, dict.fromkeys(STEPS, 10.0), dict.fromkeys(STEPS, 1_000.0), 0.005, "done")


def test_the_exponent_is_the_slope_of_the_logarithms() -> None:
    """Squares grow as n^2; one point has no slope."""
    assert exponent([10, 100, 1000], [1, 100, 10_000]) == pytest.approx(2)
    assert math.isnan(exponent([10], [1]))


def test_steps_that_were_not_reached_say_so() -> None:
    """None in their cells; what was reached counts for the exponent."""
    small, large, grows, *memory = rows([HALF, FULL])
    assert (small.figures["read"], small.figures["solve"], small.figures["ended"]) == ("1.00", "none", HALF.ended)
    assert (large.figures["solve"], large.figures["gap"]) == ("10", "0.500%")
    assert (grows.figures["read"], grows.figures["solve"]) == ("n^1.00", "")
    assert [row.figures["build"] for row in memory] == ["200", "1,000"]


def test_the_picture_is_svg() -> None:
    """A line for each step in each panel."""
    root = ElementTree.fromstring(picture([HALF, FULL]))
    lines = [each for each in root.iter("{http://www.w3.org/2000/svg}polyline") if each.get("stroke-width") == "2"]
    assert len(lines) == 2 * len(STEPS)


def test_axes_span_whole_decades() -> None:
    """At least one."""
    assert decades([3.0, 250.0]) == (0, 3)
    assert decades([10.0]) == (1, 2)
    assert decades([]) == (0, 1)
