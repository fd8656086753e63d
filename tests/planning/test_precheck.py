"""Hopeless input is told in words; input that has a plan never is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets import read
from datasets.samples import sample_names, sample_path
from podplanner.domain.build import build_instance
from podplanner.domain.errors import InputError
from podplanner.domain.result import Reason
from podplanner.planning.precheck import precheck
from solvers.engine import Limits, Progress
from solvers.registry import get_engine
from tests.domain import builders
from tests.domain.builders import rule
from tests.planning.hopeless import HOPELESS, base_only
from tests.solvers.bruteforce import best_plan
from tests.solvers.companies import companies
from tests.solvers.random_tables import random_company
from tests.solvers.shop import shop

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance


@pytest.mark.parametrize("case", HOPELESS)
def test_hopeless_input_is_told_in_words(case: str) -> None:
    """The judge, who tries every plan, finds none either; the message names rows and reason."""
    instance, words = HOPELESS[case]
    messages = precheck(instance)
    assert any(words in message for message in messages), messages
    assert best_plan(instance) is None


def test_soft_rules_are_never_hopeless() -> None:
    """They may be broken at their price."""
    rules = (rule("pin", account=0, person=1, soft_cost=5.0), rule("limit", attribute="1", minimum=2.0, soft_cost=1.0))
    assert precheck(shop(rules=rules)) == ()


def test_smallest_clash_is_named() -> None:
    """Rules that have nothing to do with it are left out."""
    rules = (
        rule("forbid", account=0, pod=1, rule_id="R1"),
        rule("pin", account=0, tier=0, rule_id="R2"),
        rule("forbid", account=0, tier=0, rule_id="R3"),
    )
    (message,) = precheck(shop(rules=rules))
    assert "R1" not in message
    assert "R2" in message
    assert "R3" in message


def test_many_accounts_are_counted() -> None:
    """Five ids, then how many more."""
    ids = [f"A{number}" for number in range(9)]
    far = builders.accounts(ids, latitude=2.0)
    (message,) = precheck(shop(accounts=far, pods=base_only()))
    assert message.startswith("accounts A0, A1, A2, A3, A4 and 4 more: no pod is in reach")


@pytest.mark.parametrize("name", sample_names())
def test_samples_are_not_hopeless(name: str) -> None:
    """Nothing is told of input that has a plan."""
    assert precheck(build_instance(read(sample_path(name)))) == ()


def assert_never_wrong(instance: Instance) -> None:
    """What precheck refuses has no plan, by the engine that solves the whole model."""
    if precheck(instance):
        outcome = get_engine("reference").solve(instance, Limits(), hint=None, progress=Progress())
        assert outcome.termination.reason is Reason.INFEASIBLE


@given(companies())
def test_no_feasible_company_is_refused(instance: Instance) -> None:
    """On companies that have every rule in one or another."""
    assert_never_wrong(instance)


@given(st.integers(0, 10**6))
def test_no_feasible_tables_are_refused(seed: int) -> None:
    """On companies read from tables."""
    try:
        instance = random_company(seed)
    except InputError:
        return
    assert_never_wrong(instance)
