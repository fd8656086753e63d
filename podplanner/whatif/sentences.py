"""What each sentence of the grammar does to the input: rows of the table ``changes``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY, ROLES, SALES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from podplanner.domain.instance import Rule
    from podplanner.whatif.facts import Facts, Row

_CHANGE = re.compile(r"([+-]?\d[\d,]*(?:\.\d+)?)\s*(%?)")
_REFERRING = {"accounts": ("books", "response", "distances")}
"""Tables whose rows would point at an account that is gone."""


@dataclass(frozen=True)
class Change:
    """A new amount: a share more or less than now, or the amount itself."""

    share: float | None
    amount: float

    def applied(self, now: float) -> float:
        """The new amount, in cents."""
        return round(self.amount if self.share is None else now * (1 + self.share), 2)


def change_of(word: str) -> Change | None:
    """``-10%``, ``+5 %`` or ``1,200,000``; None for anything else."""
    match = _CHANGE.fullmatch(word)
    if match is None:
        return None
    number = float(match[1].replace(",", ""))
    if match[2]:
        return Change(number / 100, 0.0) if number > -100 else None
    return Change(None, number) if number >= 0 and not match[1].startswith(("+", "-")) else None


def row(op: str, table: str, key: str, column: str = "", value: object = "") -> Row:
    """One row of ``changes``."""
    return {"op": op, "table": table, "id": key, "column": column, "value": str(value)}


def added(table: str, key: str, **cells: object) -> Iterator[Row]:
    """A new row of a table, cell by cell."""
    for column, value in cells.items():
        yield row("add", table, key, column, value)


def rule(facts: Facts, said: str, **cells: object) -> Iterator[Row]:
    """A new rule that is called as it was said; one that is there already stays."""
    name = said.replace("|", "/")
    if all(name != each.rule_id for each in facts.instance.rules):
        yield from added("rules", name, **cells)


def lose(facts: Facts, _said: str, person: str) -> Iterator[Row]:
    """Nobody of that id any more, and no rule about them."""
    index = facts.instance.person_index[person]
    yield row("remove", "people", person)
    yield from _without_rules(facts, lambda each: index in (each.person, each.other_person))


def lose_account(facts: Facts, _said: str, account: str) -> Iterator[Row]:
    """No account of that id any more, and nothing that speaks of it."""
    index = facts.instance.account_index[account]
    yield row("remove", "accounts", account)
    for table in _REFERRING["accounts"]:
        given = facts.given.tables[table]
        keys = {"books": "role", "response": "tier", "distances": "pod_id"}[table]
        for at in np.flatnonzero(given["account_id"] == account).tolist():
            yield row("remove", table, f"{account}|{given[keys][at]}")
    yield from _without_rules(facts, lambda each: index in (each.account, each.other_account))


def _without_rules(facts: Facts, speaks: Callable[[Rule], bool]) -> Iterator[Row]:
    for each in facts.instance.rules:
        if speaks(each):
            yield row("remove", "rules", each.rule_id)


def add_people(facts: Facts, _said: str, count: int, role: str, place: tuple[float, float, str]) -> Iterator[Row]:
    """New people at a place, at the pay of a hire."""
    latitude, longitude, name = place
    pay = float(facts.instance.roles.annual_cost[ROLES.index(role)])
    taken, number = set(facts.instance.people.ids.tolist()), 0
    for _ in range(count):
        number += 1
        while f"new-{role}-{number}" in taken:
            number += 1
        cells = {"name": f"New {role} {number}, {name}", "role": role, "annual_cost": f"{pay:.2f}"}
        yield from added("people", f"new-{role}-{number}", **cells, latitude=latitude, longitude=longitude)


def hire(_facts: Facts, _said: str, count: int, role: str) -> Iterator[Row]:
    """So many slots."""
    yield row("set", "roles", role, "max_hires", count)


def freeze_hiring(_facts: Facts, _said: str) -> Iterator[Row]:
    """No hires over all roles."""
    yield row("set", "policy", "max_hires", "value", 0)


def budget(facts: Facts, _said: str, change: Change) -> Iterator[Row]:
    """Of the budget, or of what the plan spends where there is none."""
    cap = facts.instance.policy.budget
    now = cap if np.isfinite(cap) else facts.spent
    yield row("set", "policy", "budget", "value", change.applied(now))


def potential(facts: Facts, _said: str, account: str, change: Change) -> Iterator[Row]:
    """The account's potential."""
    now = float(facts.instance.accounts.potential[facts.instance.account_index[account]])
    yield row("set", "accounts", account, "potential", change.applied(now))


def account_to_person(facts: Facts, said: str, account: str, person: str) -> Iterator[Row]:
    """A pin of the account to its owner."""
    yield from rule(facts, said, rule="pin", account_id=account, person_id=person)


def account_from_person(facts: Facts, said: str, account: str, person: str) -> Iterator[Row]:
    """The owner is forbidden."""
    yield from rule(facts, said, rule="forbid", account_id=account, person_id=person)


def account_to_pod(facts: Facts, said: str, account: str, pod: str) -> Iterator[Row]:
    """A pin of the account to the pod."""
    yield from rule(facts, said, rule="pin", account_id=account, pod_id=pod)


def account_tier(facts: Facts, said: str, account: str, tier: str) -> Iterator[Row]:
    """A pin of the account to the tier."""
    yield from rule(facts, said, rule="pin", account_id=account, tier=tier)


def account_coverage(facts: Facts, said: str, account: str, coverage: str) -> Iterator[Row]:
    """A pin where one tier is of the coverage; else the tiers of the others are forbidden."""
    completed = facts.given.tables["tiers"]
    of = dict(zip(completed["tier"].tolist(), completed["coverage"].tolist(), strict=True))
    inside = [tier for tier, each in of.items() if each == coverage]
    if len(inside) == 1:
        yield from account_tier(facts, said, account, inside[0])
        return
    for tier in (each for each in of if each not in inside):
        yield from rule(facts, f"{said}, not {tier}", rule="forbid", account_id=account, tier=tier)


def person_to_pod(facts: Facts, said: str, person: str, pod: str) -> Iterator[Row]:
    """A pin of the person to the pod."""
    yield from rule(facts, said, rule="pin", person_id=person, pod_id=pod)


def close(_facts: Facts, _said: str, pod: str) -> Iterator[Row]:
    """Room for nobody and nothing."""
    for column, value in (("keep_open", "false"), ("min_people", 0), ("min_accounts", 0)):
        yield row("set", "pods", pod, column, value)
    for column in ("max_people", "max_accounts"):
        yield row("set", "pods", pod, column, 0)


def open_pod(_facts: Facts, _said: str, pod: str) -> Iterator[Row]:
    """The pod is kept open."""
    yield row("set", "pods", pod, "keep_open", "true")


def only(facts: Facts, said: str, inside: NDArray[np.bool_]) -> Iterator[Row]:
    """Accounts outside are pinned to place and sales owner, people without an account inside to their pods.

    Of the others than sales each keeps one account too: who is pinned to a pod, and to nothing there, could be idle.
    """
    instance, plan = facts.instance, facts.plan
    busy = set(plan.owner[inside][plan.owner[inside] != NOBODY].tolist())
    open_inside = set(plan.pod[inside].tolist())
    for account in np.flatnonzero(~inside).tolist():
        seller = int(plan.owner[account, SALES])
        name = str(instance.accounts.ids[account])
        # A rule names people of the input only.
        owner = (
            {}
            if seller == NOBODY or instance.people.is_hire[seller]
            else {"person_id": str(instance.people.ids[seller])}
        )
        where = {"pod_id": str(instance.pods.ids[plan.pod[account]])}
        tier = {"tier": str(instance.tiers.ids[plan.tier[account]])}
        yield from rule(facts, f"{said}: {name}", rule="pin", account_id=name, **where, **tier, **owner)
    for person, pod in zip(plan.placed_person.tolist(), plan.placed_pod.tolist(), strict=True):
        if person not in busy and pod not in open_inside and not instance.people.is_hire[person]:
            names = {"person_id": str(instance.people.ids[person]), "pod_id": str(instance.pods.ids[pod])}
            yield from rule(facts, f"{said}: {' in '.join(names.values())}", rule="pin", **names)
            owned = np.flatnonzero((plan.pod == pod) & (plan.owner == person).any(axis=1))
            if len(owned) and instance.people.role[person] != SALES:
                duty = {"account_id": str(instance.accounts.ids[owned[0]]), "person_id": names["person_id"]}
                yield from rule(facts, f"{said}: {' with '.join(duty.values())}", rule="pin", **duty)


def set_cell(_facts: Facts, _said: str, table: str, key: str, column: str, value: str) -> Iterator[Row]:
    """Any cell."""
    yield row("set", table, key, column, value)
