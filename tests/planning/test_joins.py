"""Sums over who could be in which pod, against asking each person and pod."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from podplanner.domain.instance import Instance
from podplanner.domain.place import MAY_NOT, join_mode
from podplanner.domain.vocabulary import LEADER
from podplanner.planning.alike import first_alike
from podplanner.planning.joins import make_joins
from podplanner.planning.possible import Possible
from podplanner.planning.precheck import precheck
from tests.domain.builders import rule
from tests.domain.strategies import instances, several
from tests.solvers.shop import shop


def with_copies(of: Instance, pods: list[int]) -> Instance:
    """The instance with more pods, each a copy of a known one."""
    rows = [*range(len(of.pods)), *pods]
    copied = {column.name: getattr(of.pods, column.name)[rows] for column in fields(of.pods)}
    ids = np.array([f"pod {row}" for row in range(len(rows))], object)
    return replace(of, pods=replace(of.pods, **copied | {"ids": ids}))


@given(data=st.data())
def test_joins_add_up_what_each_pair_says(data: st.DataObject) -> None:
    """Count, maximum and anywhere are those of the whole table of people and pods."""
    of = data.draw(instances())
    able = np.array(data.draw(several(st.booleans(), len(of.people))))
    person, pod = np.arange(len(of.people), dtype=np.int32), np.arange(len(of.pods), dtype=np.int32)
    fit = of.derived.present & (of.derived.has_duties | (of.people.role != LEADER))
    table = (join_mode(of, person[:, None], pod[None, :]) != MAY_NOT) & fit[:, None]
    joins, hours = make_joins(of), of.derived.plannable
    assert joins.count(able).tolist() == table[able].sum(axis=0).tolist()
    most = np.where(table[able], hours[able, None], -np.inf).max(axis=0, initial=-np.inf)
    assert joins.most(able, hours).tolist() == most.tolist()
    assert joins.anywhere.tolist() == table.any(axis=1).tolist()


@given(data=st.data())
def test_copies_of_a_pod_change_no_account(data: st.DataObject) -> None:
    """How far an account gets does not depend on how often its pods are there, and each copy is a place."""
    of = replace(data.draw(instances()), rules=())
    copied = data.draw(st.lists(st.sampled_from([3, 4, 5]), max_size=3))
    few, many = Possible(of), Possible(with_copies(of, copied))
    assert few.reached.tolist() == many.reached.tolist()
    assert many.alike[6:].tolist() == few.alike[copied].tolist()
    for account in range(len(of.accounts)):
        places = set(zip(*(index.tolist() for index in few.places(account)), strict=True))
        copies = {(6 + i, tier) for i, pod in enumerate(copied) for p, tier in places if p == pod}
        assert set(zip(*(index.tolist() for index in many.places(account)), strict=True)) == places | copies


def test_a_pod_that_a_rule_names_is_like_no_other() -> None:
    """A pin to one of two equal web pods makes them two; without it they are one."""
    of = shop()
    web = len(of.pods) - 1
    twins = with_copies(of, [web])
    assert first_alike(twins)[-1] == web
    named = replace(twins, rules=(rule("pin", account=0, pod=web),))
    assert first_alike(named)[-1] == web + 1
    assert precheck(named) == precheck(twins) == ()
