"""The local search among the peers: its plans keep the rules."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.peers.alns import refusal
from benchmarks.peers.alns_operators import Operators
from benchmarks.peers.alns_state import State
from benchmarks.peers.alns_ways import Ways
from benchmarks.peers.staffing import account_options
from datasets import from_tables
from datasets.generator import generate
from datasets.generator_one_role import generate_one_role
from podplanner.domain.build import build_instance
from podplanner.domain.score import score
from podplanner.domain.verify import require_agreement, verify

COMPANIES = {
    "greenfield": generate(120, seed=3, bases=4, people=30),
    "books": generate(120, seed=4, bases=4, people=30, with_books=True),
    "one role": generate_one_role(seed=5, units=60, bases=8),
}


def started(tables: dict[str, pd.DataFrame]) -> Operators:
    """A search with nobody placed yet."""
    instance = build_instance(from_tables({name: table.to_dict("list") for name, table in tables.items()}))
    assert refusal(instance) is None
    return Operators(State.empty(Ways(instance, account_options(instance))), np.random.default_rng(1))


@pytest.mark.parametrize("name", COMPANIES)
def test_every_plan_on_the_way_keeps_the_rules(name: str) -> None:
    """Whatever is taken out and put back."""
    search = started(COMPANIES[name])
    instance = search.state.ways.instance
    takes = (search.opened, search.replaced, search.anywhere, search.nearby, search.least, search.closed)
    puts = (search.by_rate, search.by_gain, search.by_noise)
    for number in range(30):
        search.put_back(puts[number % len(puts)](takes[number % len(takes)]()))
        plan = search.state.plan()
        verification = verify(instance, plan)
        assert [violation.message for violation in verification.violations] == []
        require_agreement(verification.terms, score(instance, plan).terms)


def test_a_copy_is_independent() -> None:
    """Going back to it undoes everything."""
    search = started(COMPANIES["greenfield"])
    search.put_back(search.opened())
    before, kept = search.state.copy(), search.state.plan()
    search.put_back(search.replaced())
    again = before.plan()
    for name in kept.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(kept, name), getattr(again, name))


def test_the_search_says_what_it_does_not_know() -> None:
    """Rules set by hand, for one."""
    tables = generate(20, seed=1)
    tables["rules"] = pd.DataFrame(
        [{"rule_id": "1", "rule": "pin", "account_id": tables["accounts"]["account_id"][0], "tier": "direct"}]
    )
    instance = build_instance(from_tables({name: table.to_dict("list") for name, table in tables.items()}))
    assert refusal(instance) == "rules"
