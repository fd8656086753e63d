"""Distances on the globe."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podplanner.domain.geography import EARTH_RADIUS_KM, great_circle_km

LATITUDES, LONGITUDES = st.floats(-90, 90), st.floats(-180, 180)


def test_a_quarter_of_the_equator() -> None:
    """From 0 to 90 degrees east is a quarter of the circumference."""
    assert great_circle_km(0, 0, 0, 90) == pytest.approx(EARTH_RADIUS_KM * math.pi / 2)


def test_pole_to_pole() -> None:
    """Half the circumference, on any meridian."""
    assert great_circle_km(90, 12, -90, -77) == pytest.approx(EARTH_RADIUS_KM * math.pi)


def test_new_york_to_los_angeles() -> None:
    """About 3,936 km between the city halls."""
    assert great_circle_km(40.7128, -74.0060, 34.0522, -118.2437) == pytest.approx(3936, abs=1)


def test_shapes_broadcast_and_nan_stays() -> None:
    """Rows against columns; no place, no distance."""
    km = great_circle_km(np.array([[0.0], [np.nan]]), 0.0, np.zeros(3), np.array([0.0, 1.0, 2.0]))
    assert km.shape == (2, 3)
    assert np.isnan(km).tolist() == [[False] * 3, [True] * 3]
    assert km[0, 0] == 0


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_distance_is_symmetric_and_bounded(latitude: float, longitude: float, other: float, far: float) -> None:
    """The way back is as long, and nothing is farther than half around."""
    there, back = great_circle_km(latitude, longitude, other, far), great_circle_km(other, far, latitude, longitude)
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= EARTH_RADIUS_KM * math.pi + 1e-6
