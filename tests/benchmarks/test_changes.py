"""Small changes, and plans carried over them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.changes import changed
from datasets import from_tables
from datasets.generator import generate
from podplanner.domain.build import build_instance
from podplanner.domain.instance import Instance
from podplanner.domain.today import today
from podplanner.domain.vocabulary import NOBODY
from podplanner.planning.carry import carried


def built(tables: dict[str, pd.DataFrame]) -> Instance:
    """The instance of tables."""
    return build_instance(from_tables({name: table.to_dict("list") for name, table in tables.items()}))


def test_one_percent_changes() -> None:
    """Two potentials of 200, one person; the same by seed."""
    tables = generate(200, seed=1)
    after = changed(tables, seed=5)
    assert (after["accounts"]["potential"] != tables["accounts"]["potential"]).sum() == 2
    assert len(tables["people"]) - len(after["people"]) == 1
    pd.testing.assert_frame_equal(after["accounts"], changed(tables, seed=5)["accounts"])


def test_a_plan_is_carried_over_by_ids() -> None:
    """Who is still there keeps everything; who is gone is nowhere."""
    tables = generate(60, seed=1, with_books=True)
    before, plan = today(built(tables))
    gone = before.people.ids[plan.owner[plan.owner != NOBODY][0]]
    people = tables["people"]
    after = built({**tables, "people": people[people["person_id"] != gone]})
    hint = carried(plan, before, after)
    assert hint.fits(after)

    def names(instance: Instance, owner: np.ndarray[tuple[int, ...], np.dtype[np.int32]]) -> list[str]:
        return ["" if s == NOBODY else str(instance.people.ids[s]) for s in owner.ravel().tolist()]

    expected = ["" if name == gone else name for name in names(before, plan.owner)]
    assert names(after, hint.owner) == expected
    kept = np.isin(before.pods.ids[plan.pod], after.pods.ids)
    assert (after.pods.ids[hint.pod[kept]] == before.pods.ids[plan.pod[kept]]).all()
    assert gone not in after.people.ids[hint.placed_person]
