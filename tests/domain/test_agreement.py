"""Score, coefficients and verifier against each other: two ways of counting, one result, on anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podplanner.domain.place import allowed, join_mode
from podplanner.domain.score import TERMS, score
from podplanner.domain.verify import CHECKS, verify
from podplanner.domain.verify.recount import Recount

if TYPE_CHECKING:
    pass
from tests.domain.strategies import instances, plans


@given(data=st.data())
def test_score_and_verifier_agree_on_anything(data: st.DataObject) -> None:
    """Two ways of counting, one result, on any instance and any plan, valid or not."""
    of = data.draw(instances())
    at = data.draw(plans(of))
    recomputed, scored = verify(of, at).terms, score(of, at).terms
    assert {name: recomputed[name] for name in TERMS} == pytest.approx(dict(scored), abs=0.01, rel=0)


@given(data=st.data())
def test_coefficients_and_verifier_agree_on_anything(data: st.DataObject) -> None:
    """Hours, presence, distances and families, which the terms do not show, are the same two ways too."""
    of = data.draw(instances())
    at = data.draw(plans(of))
    recount = Recount(of, at)
    rows = np.arange(len(of.accounts))
    assert recount.plannable == pytest.approx(of.derived.plannable, abs=1e-6)
    assert recount.hours == pytest.approx(of.derived.hours[rows, at.tier], abs=1e-6)
    assert recount.leaves.tolist() == of.derived.leaver.tolist()
    families = of.derived.families
    together = {frozenset(families.members(f).tolist()): bool(families.shares_pod[f]) for f in range(len(families))}
    assert together == {
        frozenset(np.flatnonzero(recount.kin.family == f).tolist()): bool(shares)
        for f, shares in enumerate(recount.kin.one_pod)
    }
    reached = allowed(of, rows.astype(np.int32), at.pod)
    refused = {violation.subjects[0] for violation in CHECKS["account_place"](recount)}
    assert refused == set(of.accounts.ids[~reached].tolist())
    mode = join_mode(of, at.placed_person, at.placed_pod)
    assert recount.how_placed.tolist() == mode.tolist()
