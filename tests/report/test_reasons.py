"""Why something changes: the first cause that applies, in the planner's words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from podplanner.domain.instance import Rule
from podplanner.domain.score import score
from podplanner.report.change_tables import Story
from podplanner.report.ledger import Ledger
from tests.report.builders import instance, plan

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan


def story(given: Instance, made: Plan) -> Story:
    """Reasons of a plan."""
    return Story(Ledger(given, made, score(given, made)))


@pytest.mark.parametrize(
    ("account", "function", "person", "reason"),
    [
        ("001", 0, "s2", "s2 lacks sales:german"),
        ("A6", 0, "s5", "s5 has no place in the plan"),
        ("-4", 0, "s1", "rule r1"),
        ("002", 1, "hire-marketing-1", "hire-marketing-1 keeps other accounts of the pod"),
        ("A7", 2, "m2", "m2 has no hours left in the pod"),
    ],
)
def test_a_handover_has_a_reason(account: str, function: int, person: str, reason: str) -> None:
    """Today's owner is put there by hand; m2's time in pod V is cut to little more than its book."""
    given = instance()
    today = given.owner_today.copy()
    today[given.account_index[account], function] = given.person_index[person]
    given, made = replace(given, owner_today=today), plan(given)
    in_virtual = (made.placed_person == given.person_index["m2"]) & (made.placed_pod == given.pod_index["V"])
    made = replace(made, share=np.where(in_virtual, 0.1, made.share))
    assert story(given, made).of_handover(given.account_index[account], function) == reason


@pytest.mark.parametrize(
    ("today", "is_given", "reason"),
    [
        ("B", True, "pod B is closed in the plan"),
        ("D", False, "lives too far from pod D"),
        ("D", True, "the plan gains more there than in pod D"),
        ("", True, "had no pod, and lives beyond commuting distance"),
    ],
)
def test_a_move_has_a_reason(today: str, is_given: bool, reason: str) -> None:
    """s3 of Chicago is put into another pod today."""
    given = instance()
    person, pods = given.person_index["s3"], given.people.pod_today.copy()
    pods[person] = given.pod_index.get(today, -1)
    given = replace(
        given,
        people=replace(given.people, pod_today=pods),
        pods=replace(given.pods, given=np.full(len(given.pods), is_given)),
    )
    assert story(given, plan(given)).of_move(person) == f"{reason}; is named on 3 accounts, target 1,885,000"


def test_a_rule_is_named_before_other_causes() -> None:
    """A person who is pinned moves by that rule."""
    given = instance()
    pin = Rule(rule_id="stay", kind="pin", person=given.person_index["l2"], pod=given.pod_index["C"])
    given = replace(given, rules=(*given.rules, pin))
    assert story(given, plan(given)).of_move(given.person_index["l2"]) == "rule stay; leads C"
