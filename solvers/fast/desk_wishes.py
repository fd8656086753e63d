"""Pins and forbids of single accounts, as flat arrays: who must own, who may not, and what a soft rule is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import FUNCTIONS, NOBODY

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance, Rule


class Wishes(NamedTuple):
    """What the rules say of an account; row by row of the accounts that a rule names.

    Parameters
    ----------
    any
        Whether a rule names an account at all.
    row
        Row of each account, `NOBODY` where no rule names it (A).
    must
        Person who must own, `NOBODY` where anybody may (rows x R).
    first
        First wish of each row, and the end of the last (rows + 1).
    account, person, tier, pod
        What comes together when the wish is met; `NOBODY`: whatever it is (W).
    money
        What that is worth, ``-inf`` where it must not be (W).
    """

    any: bool
    row: NDArray[np.int64]
    must: NDArray[np.int64]
    first: NDArray[np.int64]
    account: NDArray[np.int64]
    person: NDArray[np.int64]
    tier: NDArray[np.int64]
    pod: NDArray[np.int64]
    money: NDArray[np.float64]


def make_wishes(instance: Instance) -> Wishes:
    """Read the rules of an instance."""
    rules = [rule for rule in instance.rules if rule.kind in ("pin", "forbid") and rule.account != NOBODY]
    account = np.unique(np.array([rule.account for rule in rules], dtype=np.int64))
    row = np.full(len(instance.accounts), NOBODY, np.int64)
    row[account] = np.arange(len(account))
    must = np.full((len(account), len(FUNCTIONS)), NOBODY, np.int64)
    for rule in rules:
        function = int(instance.people.role[rule.person])
        if rule.kind == "pin" and rule.soft_cost is None and rule.person != NOBODY and function < len(FUNCTIONS):
            must[row[rule.account], function] = rule.person
    wishes = sorted((rule for rule in rules if _is_wish(rule)), key=lambda rule: (rule.account, rule.rule_id))
    cells = np.array([(w.account, w.person, w.tier, w.pod) for w in wishes], dtype=np.int64).reshape(-1, 4)
    return Wishes(
        any=bool(rules),
        row=row,
        must=must,
        first=np.searchsorted(cells[:, 0], np.append(account, len(row))),
        account=cells[:, 0].copy(),
        person=cells[:, 1].copy(),
        tier=cells[:, 2].copy(),
        pod=cells[:, 3].copy(),
        money=np.array([_money(rule) for rule in wishes], dtype=np.float64),
    )


def _is_wish(rule: Rule) -> bool:
    """Soft rules, and hard ones that forbid a person; other hard ones are decided by the columns that are left."""
    return rule.soft_cost is not None or (rule.kind == "forbid" and rule.person != NOBODY)


def _money(rule: Rule) -> float:
    if rule.soft_cost is None:
        return -np.inf
    return rule.soft_cost if rule.kind == "pin" else -rule.soft_cost
