"""Twenty different small changes of a plan, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import DIRECT, LEADER, LOCAL, MARKETING, SALES, SUPPORT

if TYPE_CHECKING:
    from podplanner.whatif.parent import Parent


def small_changes(parent: Parent) -> list[str]:
    """Sentences about the plan's own accounts, people and pods; the same for the same plan."""
    instance, plan = parent.instance, parent.plan
    people, pods = instance.people, instance.pods
    served = np.flatnonzero((pods.coverage[plan.pod] != DIRECT) & (plan.owner[:, SALES] >= 0))
    by_potential = served[np.argsort(-instance.accounts.potential[served], kind="stable")]
    chosen = by_potential[np.linspace(0, len(by_potential) - 1, 10).astype(int)]
    account = [str(each) for each in instance.accounts.ids[chosen]]
    owner = [str(each) for each in people.ids[plan.owner[chosen, SALES]]]
    place = [str(each) for each in pods.ids[plan.pod[chosen]]]
    staffed = np.unique(plan.placed_pod)
    base = [str(each) for each in pods.ids[pods.coverage == LOCAL]]
    smallest = str(pods.ids[staffed[np.argmin(np.bincount(plan.pod, minlength=len(pods))[staffed])]])

    def placed(role: int, number: int) -> str:
        """One of the people of a role who are in a pod."""
        ids = people.ids[np.unique(plan.placed_person[people.role[plan.placed_person] == role])]
        return str(ids[number % len(ids)])

    return [
        f"lose {placed(SALES, 3)}",
        f"lose {placed(SUPPORT, 2)}",
        f"lose {placed(MARKETING, 1)}",
        f"lose {placed(LEADER, 2)}",
        f"lose account {account[5]}",
        f"lose account {account[0]}",
        f"add 1 sales at {base[0]}",
        f"add 2 support at {base[-1]}",
        "hire up to 2 operations",
        f"potential of {account[2]} +20%",
        f"potential of {account[1]} -30%",
        f"keep {account[3]} with {owner[3]}",
        f"keep {account[4]} in {place[4]}",
        f"{account[6]} direct",
        f"take {account[7]} from {owner[7]}",
        f"take {account[8]} from {owner[8]}",
        f"set accounts {account[9]} margin 0.5",
        f"close {smallest}",
        "budget +1%",
        "set roles sales utilisation 0.7",
    ]
