"""The next best place of an account, against looking at every place."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from podplanner.domain.place import allowed
from podplanner.domain.score import score
from podplanner.domain.vocabulary import DIRECT
from podplanner.report.ledger import Ledger
from podplanner.report.prices import PricedPlaces
from tests.domain.strategies import instances, plans, several


def every_place(places: PricedPlaces, account: int) -> list[tuple[int, int]]:
    """Tier and pod of each place that is open to the account, by tier, then pod."""
    of, facts = places.ledger.instance, places.ledger.facts
    pod = np.arange(len(of.pods), dtype=np.int32)
    usable = (facts.open | (of.pods.coverage == DIRECT)) & allowed(of, np.full(len(pod), account, np.int32), pod)
    return [
        (tier, p)
        for tier, coverage in enumerate(of.tiers.coverage.tolist())
        for p in np.flatnonzero(usable & (of.pods.coverage == coverage)).tolist()
        if of.derived.tier_allowed[account, tier]
    ]


@given(data=st.data())
def test_next_best_is_the_first_of_the_best_of_all_other_places(data: st.DataObject) -> None:
    """Pod, tier and value, with copies of virtual pods at equal and at other prices."""
    of = data.draw(instances())
    rows = [*range(6), *data.draw(st.lists(st.sampled_from([3, 4, 5]), max_size=4))]
    of = replace(
        of, pods=replace(of.pods, **{column.name: getattr(of.pods, column.name)[rows] for column in fields(of.pods)})
    )
    plan = data.draw(plans(of))
    rate = np.array(data.draw(several(several(st.sampled_from([0.0, 10.0, 55.5]), 5), len(rows))))
    places = PricedPlaces(Ledger(of, plan, score(of, plan)), rate)
    pod, tier, value = places.next_best
    for account in range(len(of.accounts)):
        others = [(t, p) for t, p in every_place(places, account) if (t, p) != (plan.tier[account], plan.pod[account])]
        if not others:
            assert (pod[account], tier[account]) == (-1, -1)
            assert np.isnan(value[account])
            continue
        tiers, pods = np.array(others, np.int32).T
        values = places.value(np.full(len(pods), account, np.int32), pods.copy(), tiers.copy())
        best = int(values.argmax())
        assert (tier[account], pod[account], value[account]) == (*others[best], values[best])
        direct = values_of_direct(places, account)
        assert np.array_equal(places.direct[account], direct.max() if len(direct) else np.nan, equal_nan=True)


def values_of_direct(places: PricedPlaces, account: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Values of the account's direct places."""
    coverage = places.ledger.instance.pods.coverage
    direct = np.array([(t, p) for t, p in every_place(places, account) if coverage[p] == DIRECT], np.int32)
    tier, pod = direct.reshape(-1, 2).T
    return places.value(np.full(len(pod), account, np.int32), pod.copy(), tier.copy())
