"""Who may be where: pairs, the predicate and the counts say the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from podplanner.domain.geography import close_pairs, great_circle_km
from podplanner.domain.place import allowed, allowed_pairs, count_allowed, way
from tests.domain.strategies import instances, several

LATITUDES = st.one_of(st.floats(-90, 90), st.floats(40, 41), st.just(90.0))
LONGITUDES = st.one_of(st.floats(-180, 180), st.floats(-1, 1), st.just(180.0))
DISTANCES = st.one_of(st.floats(0, 300), st.floats(0, 21_000))


@given(data=st.data())
def test_pairs_of_wanted_pods_are_what_is_allowed_there(data: st.DataObject) -> None:
    """The predicate, asked for each account and wanted pod, gives the same pairs in the same order, with their way."""
    of = data.draw(instances())
    wanted = np.array(data.draw(several(st.booleans(), len(of.pods))))
    accounts, pods = (np.arange(len(rows), dtype=np.int32) for rows in (of.accounts, of.pods))
    pairs = allowed_pairs(of, wanted)
    everywhere = allowed(of, accounts[:, None], pods[None, :])
    account, pod = np.nonzero(everywhere & wanted)
    assert (pairs.account.tolist(), pairs.pod.tolist()) == (account.tolist(), pod.tolist())
    km, hours = way(of, pairs.account, pairs.pod)
    assert (pairs.km.tolist(), pairs.hours.tolist()) == (km.tolist(), hours.tolist())
    assert np.diff(pairs.start).tolist() == (everywhere & wanted).sum(axis=1).tolist()
    assert count_allowed(of).tolist() == everywhere.sum(axis=0).tolist()


@given(data=st.data())
def test_a_pair_is_found_where_it_is_allowed(data: st.DataObject) -> None:
    """A position for each allowed pair, -1 for any other."""
    of = data.draw(instances())
    account, pod = (index.ravel().astype(np.int32) for index in np.indices((len(of.accounts), len(of.pods))))
    pairs = allowed_pairs(of, np.ones(len(of.pods), bool))
    position = pairs.find(account, pod)
    assert ((position >= 0) == allowed(of, account, pod)).all()
    assert pairs.pod[position[position >= 0]].tolist() == pod[position >= 0].tolist()


@given(
    points=st.lists(st.tuples(LATITUDES, LONGITUDES), max_size=12),
    others=st.lists(st.tuples(LATITUDES, LONGITUDES), max_size=12),
    km=DISTANCES,
)
def test_no_close_pair_is_missed(
    points: list[tuple[float, float]], others: list[tuple[float, float]], km: float
) -> None:
    """Whatever is within the distance is among the pairs, anywhere on the globe, each pair once and in order."""
    latitude, longitude = np.array(points).reshape(-1, 2).T
    other_latitude, other_longitude = np.array(others).reshape(-1, 2).T
    apart = great_circle_km(latitude[:, None], longitude[:, None], other_latitude, other_longitude)
    blocks = close_pairs((latitude, longitude), (other_latitude, other_longitude), km)
    found = [pair for row, column in blocks for pair in zip(row.tolist(), column.tolist(), strict=True)]
    assert found == sorted(set(found))
    assert set(zip(*(index.tolist() for index in np.nonzero(apart <= km)), strict=True)) <= set(found)


def test_far_points_are_not_looked_at() -> None:
    """Two clusters a continent apart: only the pairs within each are measured."""
    near, far = np.linspace(0, 0.1, 20), np.linspace(50, 50.1, 20)
    latitude = np.concatenate([near, far])
    blocks = close_pairs((latitude, latitude), (latitude, latitude), 100.0)
    assert sum(len(row) for row, _ in blocks) == 2 * 20 * 20
