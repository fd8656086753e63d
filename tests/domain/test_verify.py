"""The verifier as a whole: complete, independent, and sound on odd plans."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import podplanner.domain.verify
from podplanner.domain.errors import PlanRejected
from podplanner.domain.rules import RULE_CODES
from podplanner.domain.score import TERMS
from podplanner.domain.verify import CHECKS, require_agreement, verify
from tests.domain.builders import (
    NAN,
    OWNERS,
    PLACE,
    accounts,
    broken,
    policy,
    tiny,
    tiny_plan,
)


def test_every_rule_has_its_check() -> None:
    """The catalogue of rules, the checks and their tests name the same codes."""
    assert tuple(CHECKS) == RULE_CODES
    assert all(check.__name__ == f"check_{code}" for code, check in CHECKS.items())
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_verify_*.py"))
    assert [code for code in RULE_CODES if f"\ndef test_{code}(" not in tests] == []


def test_the_verifier_computes_for_itself() -> None:
    """It imports the types of input and plan, and nothing that the score is computed with."""
    allowed = {"instance", "plan", "vocabulary", "rules", "errors", "verify"}
    for path in Path(podplanner.domain.verify.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("podplanner"):
                assert str(node.module).split(".")[2] in allowed, path
            assert not (isinstance(node, ast.Attribute) and node.attr == "derived"), path


def test_a_valid_plan_is_clean() -> None:
    """Nothing is found in the plan that the other tests change, and its terms bear the score's names."""
    instance = tiny()
    verification = verify(instance, tiny_plan(instance))
    assert verification.violations == ()
    assert tuple(verification.terms) == TERMS
    assert verification.contribution == pytest.approx(sum(verification.terms.values()))


def test_a_plan_of_another_instance_is_rejected() -> None:
    """Indices outside the instance are no violation, but no plan of it at all."""
    instance = tiny()
    plan = tiny_plan(instance)
    with pytest.raises(PlanRejected):
        verify(instance, replace(plan, pod=np.full(4, 9, np.int32)))


def test_a_plan_without_people_is_checked_too() -> None:
    """An empty payroll, all direct."""
    instance = tiny()
    nobody = replace(
        instance.people, **{name: getattr(instance.people, name)[:0] for name in instance.people.__dataclass_fields__}
    )
    instance = replace(instance, people=nobody)
    everywhere = dict.fromkeys(PLACE, ("web", "direct"))
    plan = tiny_plan(instance, place=everywhere, owners={}, placed={}, leader={}, coach={})
    assert broken(instance, plan) == {}


def test_agreement() -> None:
    """Terms that differ by more than a cent, are no numbers, or go by other names, reject the plan."""
    terms = dict.fromkeys(TERMS, 1.0)
    require_agreement(terms, terms | {"margin": 1.009})
    with pytest.raises(PlanRejected, match=r"margin: recomputed 1\.0000, scored 1\.0200"):
        require_agreement(terms, terms | {"margin": 1.02})
    with pytest.raises(PlanRejected, match="margin"):
        require_agreement(terms | {"margin": NAN}, terms | {"margin": NAN})
    with pytest.raises(PlanRejected, match="terms differ"):
        require_agreement(terms, terms | {"bonus": 1.0})


def test_places_are_measured_alike_near_and_far() -> None:
    """The verifier's own distance: a quarter of the equator, and a metre."""
    made = accounts(["a", "b"], longitude=[90.0, 1 / 111_195.08])
    instance = tiny(accounts=made, policy=policy(max_local_km=10_007.6, coach_required=False))
    plan = tiny_plan(
        instance,
        place={"a": ("base", "local"), "b": ("base", "local")},
        owners={"a": OWNERS["far"], "b": OWNERS["near"]},
        coach={},
    )
    expected = -0.5 * 2 * 5 * (6371.0088 * np.pi / 2 + 0.001)
    assert verify(instance, plan).terms["travel_cost"] == pytest.approx(expected, rel=1e-9)
