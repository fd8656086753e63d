"""Sales force deployment, drawn by seed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from datasets import from_tables
from datasets.generator_one_role import generate_one_role
from podplanner.domain.build import build_instance
from podplanner.domain.vocabulary import LOCAL, SALES


def test_the_same_seed_gives_the_same_tables() -> None:
    """And another seed others."""
    first, again, other = (generate_one_role(seed=seed, units=30, bases=4) for seed in (1, 1, 2))
    for name, table in first.items():
        pd.testing.assert_frame_equal(table, again[name])
    assert not first["accounts"].equals(other["accounts"])


def test_only_sales_count() -> None:
    """One local tier served by sales alone, a rep and a leader a base, nothing of today, every unit in some reach."""
    tables = generate_one_role(seed=1)
    instance = build_instance(from_tables({name: table.to_dict("list") for name, table in tables.items()}))
    local = instance.tiers.coverage == LOCAL
    assert local.sum() == 1
    assert np.flatnonzero(instance.tiers.served[local][0]).tolist() == [SALES]
    assert (instance.pods.max_people[instance.pods.coverage == LOCAL] == 2).all()
    assert (instance.people.role[instance.people.is_hire] == SALES).sum() == 50
    assert (instance.accounts.revenue == 0).all()
    assert instance.policy.leader_hours_base == 0
    assert len(np.unique(instance.derived.local_pairs.account)) > 450


def test_a_number_that_is_too_small_is_told() -> None:
    """No units, no bases."""
    with pytest.raises(ValueError, match="at least 1 unit and 1 base, not 5, 0"):
        generate_one_role(seed=1, units=5, bases=0)
