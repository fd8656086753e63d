"""People and accounts of a part, in turns."""

from __future__ import annotations

import numpy as np
import pytest

from podplanner.domain.vocabulary import NOBODY
from solvers.fast import turns
from solvers.fast.turns import in_turns
from solvers.highs import Arrays, Model


def test_turns_find_the_best_of_two_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fractions seat one and half of the other, whose four accounts are then half here: whole, one is left out.

    Each owns four accounts, worth 1 here and 0.4 elsewhere, 0.5 more with their owner. One and a half may be seated,
    each for four accounts: the first with his four, 4 x 1.5, the other four elsewhere, 4 x 0.4: 7.6.
    """
    monkeypatch.setattr(turns, "SPLIT", 3)
    model, unit = two_people()
    answer = in_turns(model, unit, size=1.0, left=lambda: None, nodes=1)
    assert answer is not None
    assert answer.values is not None
    assert answer.objective == pytest.approx(7.6)
    assert sorted(answer.values[:2].tolist()) == pytest.approx([0.0, 1.0])


@pytest.mark.parametrize(("name", "value"), [("SPLIT", 4), ("MANY", 3)])
def test_few_units_in_two_places_or_a_large_model_have_no_turns(
    name: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four units are in two places, no more than that; or the model has three columns and more."""
    monkeypatch.setattr(turns, "SPLIT", 3)
    monkeypatch.setattr(turns, name, value)
    model, unit = two_people()
    assert in_turns(model, unit, size=1.0, left=lambda: None, nodes=1) is None


def test_turns_without_time_or_an_answer_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time at all; and two who must both be seated where one and a half may be: fractions can, nobody whole."""
    monkeypatch.setattr(turns, "SPLIT", 3)
    model, unit = two_people()
    assert in_turns(model, unit, size=1.0, left=lambda: 0.0, nodes=1) is None
    model, unit = two_people(least=1.5)
    assert in_turns(model, unit, size=1.0, left=lambda: None, nodes=1) is None


def two_people(*, least: float = 0.0) -> tuple[Arrays, np.ndarray]:
    """Two people, eight accounts here or elsewhere, and their owners; and the unit of each column."""
    model = Model()
    heads = model.add_columns(2, upper=1.0, integer=True)
    here, elsewhere = model.add_columns(8, cost=1.0, upper=1.0), model.add_columns(8, cost=0.4, upper=1.0)
    own, owner = model.add_columns(8, cost=0.5, upper=1.0), np.repeat(heads, 4)
    once, placed, seated = (
        model.add_rows(8, lower=1.0, upper=1.0),
        model.add_rows(8, upper=0.0),
        model.add_rows(8, upper=0.0),
    )
    for column in (here, elsewhere):
        model.add_entries(once, column)
    for rows, column in ((placed, here), (seated, owner)):
        model.add_entries(rows, own)
        model.add_entries(rows, column, -1.0)
    model.add_row(heads, lower=least, upper=1.5)
    room = model.add_row(here, upper=0.0)
    model.add_entries(room, heads, -4.0)
    number = np.arange(8)
    unit = np.concatenate([np.full(2, NOBODY), number, number, np.full(8, NOBODY)])
    return model.frozen(), unit
