"""A company too large for one machine as regions that are planned alone, and their plans as one plan of the whole.

Each region has its accounts, its people and its pods to staff; all other pods are there, too, but shut, so that what
depends on which pods there are (bands, families, distances) is as in the whole. Caps on the whole are shared out so
that plans which keep their shares keep the whole cap when they are put together. That is a *plan*; what it is worth at
most is for the whole model to say: the sum of regional bounds bounds nothing, since accounts and people could be
divided otherwise.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.direct import all_direct_plan
from podplanner.domain.plan import Plan
from podplanner.domain.vocabulary import DIRECT, NOBODY, ROLES, VACANT
from podplanner.planning.partition import partition
from podplanner.planning.shares import shared_caps, shared_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from podplanner.domain.instance import Instance, Rule
    from podplanner.planning.partition import Partition

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Region:
    """A part of a company.

    Parameters
    ----------
    instance
        To be planned alone; its pods and tiers are those of the whole.
    accounts, people
        Rows of the whole, ascending; people with the slots of hires that the region may fill.
    pods
        Pods that the region may staff (P).
    """

    instance: Instance
    accounts: Ints
    people: Ints
    pods: NDArray[np.bool_]


def regions(instance: Instance, count: int) -> tuple[Region, ...]:
    """Divide a company into at most so many regions.

    Returns
    -------
    tuple of Region
        Less than two where it cannot be divided: all is tied together, or there is no place for an account that needs
        nobody, as every region must have.
    """
    if all_direct_plan(instance) is None:
        return ()
    parts = partition(instance, count)
    return tuple(_region(instance, parts, number) for number in range(parts.count))


def joined(instance: Instance, of: Sequence[Region], plans: Sequence[Plan | None]) -> Plan:
    """One plan of the whole from those of its regions.

    Parameters
    ----------
    of
        All regions of the instance.
    plans
        Of each region, None where it has none: its accounts are then all direct.

    Raises
    ------
    ValueError
        The instance has no all-direct plan; then it has no regions either.
    """
    start = all_direct_plan(instance)
    if start is None:
        raise ValueError("there is no all-direct plan")
    columns = {item.name: getattr(start, item.name).copy() for item in fields(Plan)}
    placed: list[tuple[Any, Any, Any]] = [(start.placed_person, start.placed_pod, start.share)]
    for region, plan in zip(of, plans, strict=True):
        if plan is None:
            continue
        columns["pod"][region.accounts], columns["tier"][region.accounts] = plan.pod, plan.tier
        person = np.append(region.people, NOBODY)
        columns["owner"][region.accounts] = person[plan.owner]
        for name in ("leader", "coach"):
            columns[name][region.pods] = person[getattr(plan, name)[region.pods]]
        placed.append((region.people[plan.placed_person], plan.placed_pod, plan.share))
    for name, column in zip(("placed_person", "placed_pod", "share"), zip(*placed, strict=True), strict=True):
        columns[name] = np.concatenate(column)
    new = np.append(_slots_in_order(instance, columns["placed_person"]), NOBODY)
    for name in ("owner", "leader", "coach", "placed_person"):
        columns[name] = new[columns[name]].astype(np.int32)
    return Plan(**columns)


def _region(instance: Instance, parts: Partition, number: int) -> Region:
    accounts = np.flatnonzero(parts.account == number)
    people = np.flatnonzero((parts.person == number) & ~_closed_slots(instance))
    direct = instance.pods.coverage == DIRECT
    own = parts.pod == number
    policy, tiers, direct_accounts = shared_caps(instance, parts, number)
    row, head = _rows(len(instance.accounts), accounts), _rows(len(instance.people), people)
    shut = {
        "min_people": np.where(own, instance.pods.min_people, 0.0),
        "max_people": np.where(own, instance.pods.max_people, 0.0),
        "min_accounts": np.where(own, instance.pods.min_accounts, 0.0),
        "max_accounts": np.where(own, instance.pods.max_accounts, np.where(direct, direct_accounts, 0.0)),
        "keep_open": instance.pods.keep_open & (own | direct),
    }
    staff = _taken(instance.people, people)
    hires = np.bincount(staff.role[staff.is_hire], minlength=len(ROLES)).astype(np.int32)
    owner = instance.owner_today[accounts]
    rules = (_renamed(shared_rule(instance, parts, number, rule), row, head) for rule in instance.rules)
    name = f"{instance.sha256}, region {number} of {parts.count}"
    part = replace(
        instance,
        accounts=_taken(instance.accounts, accounts, parent=row[_heads_of_families(instance)[accounts]]),
        people=staff,
        pods=replace(instance.pods, **shut),
        tiers=tiers,
        roles=replace(instance.roles, max_hires=hires),
        policy=policy,
        owner_today=np.where(owner < 0, owner, np.where(head[owner] == NOBODY, VACANT, head[owner])).astype(np.int32),
        response=_of_accounts(instance.response, row),
        distances=_of_accounts(instance.distances, row),
        rules=tuple(rule for rule in rules if rule is not None),
        sha256=hashlib.sha256(name.encode()).hexdigest(),
        extra={},
    )
    return Region(part, accounts, people, own)


def _closed_slots(instance: Instance) -> NDArray[np.bool_]:
    """Hires that no region may make: where people can be released, one region might hire what another releases (S)."""
    people = instance.people
    released = np.unique(people.role[~people.is_hire]) if instance.policy.flexible else ()
    return np.asarray(people.is_hire & np.isin(people.role, released))


def _heads_of_families(instance: Instance) -> NDArray[np.int32]:
    """The first member of each account's sharing family, `NOBODY` of that member itself and of who shares nothing (A).

    The tree of a family may lead over accounts that share nothing, and may be elsewhere; its members are all there.
    """
    family = instance.derived.families.of
    member = np.flatnonzero(family != NOBODY)
    first = member[np.unique(family[member], return_index=True)[1]]
    result = np.full(len(family), NOBODY, np.int32)
    result[member] = first[family[member]]
    result[first] = NOBODY
    return result


def _rows(size: int, taken: Ints) -> NDArray[np.int32]:
    """New row of each old one, `NOBODY` where it is not taken; and at the end, where the index `NOBODY` leads."""
    result = np.full(size + 1, NOBODY, np.int32)
    result[taken] = np.arange(len(taken))
    return result


def _taken(struct: Any, rows: Ints, **changed: Any) -> Any:
    """Some rows of a struct of columns."""
    columns = {item.name: getattr(struct, item.name) for item in fields(struct)}
    taken: dict[str, Any] = {name: column[rows] for name, column in columns.items() if isinstance(column, np.ndarray)}
    if "numeric" in columns:
        taken["numeric"] = {name: column[rows] for name, column in struct.numeric.items()}
    return replace(struct, **{**taken, **changed})


def _of_accounts(table: Any, row: NDArray[np.int32]) -> Any:
    """The rows of a table that speak of accounts which are there."""
    there = np.flatnonzero(row[table.account] != NOBODY)
    return _taken(table, there, account=row[table.account[there]])


def _renamed(rule: Rule | None, row: NDArray[np.int32], head: NDArray[np.int32]) -> Rule | None:
    """A rule with the region's indices; None where it speaks of somebody elsewhere, who cannot break it."""
    if rule is None:
        return None
    named: dict[str, Any] = {name: int(row[getattr(rule, name)]) for name in ("account", "other_account")}
    named |= {name: int(head[getattr(rule, name)]) for name in ("person", "other_person")}
    if any(new == NOBODY and getattr(rule, name) != NOBODY for name, new in named.items()):
        return None
    return replace(rule, **named)


def _slots_in_order(instance: Instance, placed: Ints) -> Ints:
    """New index of each person: hires take the first slots of their role, as the slots of a role are used in order."""
    new = np.arange(len(instance.people))
    hired = np.unique(placed[instance.people.is_hire[placed]])
    for role in range(len(ROLES)):
        used = hired[instance.people.role[hired] == role]
        slots = np.flatnonzero(instance.people.is_hire & (instance.people.role == role))
        new[used] = slots[: len(used)]
    return new
