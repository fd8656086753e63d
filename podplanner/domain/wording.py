"""The planner's rules in words, as messages name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY, ROLES

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance, Rule


def rule_words(instance: Instance, rule: Rule) -> str:
    """A planner's rule in one line, as its row has it."""
    cells = (
        ("account_id", instance.accounts.ids, rule.account),
        ("person_id", instance.people.ids, rule.person),
        ("pod_id", instance.pods.ids, rule.pod),
        ("tier", instance.tiers.ids, rule.tier),
        ("role", ROLES, rule.role),
        ("other_id", instance.accounts.ids, rule.other_account),
        ("other_id", instance.people.ids, rule.other_person),
    )
    text = [f"{column} {values[index]}" for column, values, index in cells if index != NOBODY]
    if rule.kind == "limit":
        text += [f"attribute {rule.attribute}"]
        text += [f"minimum {rule.minimum:g}"] if np.isfinite(rule.minimum) else []
        text += [f"maximum {rule.maximum:g}"] if np.isfinite(rule.maximum) else []
    return f"rule {rule.rule_id}: {rule.kind} {', '.join(text)}"
