"""What a scenario moved, and for which money: ``moved.csv``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import FUNCTIONS, NOBODY
from podplanner.report.shape import make_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from podplanner.domain.tables import Table
    from podplanner.whatif.differences import Priced

Cells = tuple[str, str, str, str, str]
"""kind, id, what, before, after."""


def moved(instance: Instance, plan: Plan, before: Plan, found: tuple[Priced, ...]) -> Table:
    """A row for each thing that is not as before, by groups; a group's money stands in each of its rows.

    Parameters
    ----------
    found
        The groups, as `differences.priced` gives them.
    """
    rows = [
        (number, each.gain, each.forced, *cells)
        for number, each in enumerate(found, start=1)
        for cells in _cells(instance, plan, before, each)
    ]
    names = ("group", "gain", "forced", "kind", "id", "what", "before", "after")
    return make_table("moved", {name: [row[place] for row in rows] for place, name in enumerate(names)})


def _cells(instance: Instance, plan: Plan, before: Plan, found: Priced) -> Iterator[Cells]:
    people, pods, tiers = instance.people.ids, instance.pods.ids, instance.tiers.ids
    for account in found.group.accounts:
        name = str(instance.accounts.ids[account])
        for what, ids, now, was in (
            ("pod", pods, plan.pod[account], before.pod[account]),
            ("tier", tiers, plan.tier[account], before.tier[account]),
            *(
                (f"owner_{role}", people, plan.owner[account, r], before.owner[account, r])
                for r, role in enumerate(FUNCTIONS)
            ),
        ):
            if now != was:
                yield "account", name, what, _id(ids, was), _id(ids, now)
    for person in found.group.people:
        yield "person", str(people[person]), "pods", _pods(instance, before, person), _pods(instance, plan, person)
    for pod in found.group.pods:
        for what, held, was in (("leader", plan.leader, before.leader), ("coach", plan.coach, before.coach)):
            if held[pod] != was[pod]:
                yield "pod", str(pods[pod]), what, _id(people, was[pod]), _id(people, held[pod])


def _id(ids: NDArray[np.object_], index: int) -> str:
    return "" if index == NOBODY else str(ids[index])


def _pods(instance: Instance, plan: Plan, person: int) -> str:
    rows = np.flatnonzero(plan.placed_person == person)
    return "; ".join(f"{instance.pods.ids[plan.placed_pod[row]]} {plan.share[row]:.0%}" for row in rows)
