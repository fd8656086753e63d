"""moves, handovers and hires: what changes, why, and what it costs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.place import MAY_NOT, join_mode
from podplanner.domain.vocabulary import FUNCTIONS, NOBODY, ROLES
from podplanner.report.shape import ids_at, make_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from podplanner.domain.tables import Table
    from podplanner.report.ledger import Ledger

    Floats = NDArray[np.float64]

JOIN = ";"
"""Between the pods of a person who is in several."""

TIGHT_HOURS = 1e-6


def moves(ledger: Ledger) -> Table:
    """Who changes pod or is relocated, in input order."""
    people, by_person, story = ledger.instance.people, ledger.score.by_person, Story(ledger)
    relocated = np.zeros(len(people), bool)
    relocated[ledger.plan.placed_person[ledger.facts.relocated]] = True
    rows = np.flatnonzero(ledger.facts.person_moved | relocated)
    move, relocation = by_person["move_cost"][rows], by_person["relocation_cost"][rows]
    return make_table(
        "moves",
        {
            "person_id": people.ids[rows],
            "from_pod_id": ids_at(ledger.instance.pods.ids, people.pod_today[rows]),
            "to_pod_id": [JOIN.join(story.pods_of(person)) for person in rows.tolist()],
            "cost": move + relocation,
            "reason": [story.of_move(person) for person in rows.tolist()],
            "name": people.names[rows],
            "move_cost": move,
            "relocation_cost": relocation,
        },
    )


def handovers(ledger: Ledger) -> Table:
    """Every function of an account whose owner changes or ends, by account, then function."""
    instance, story = ledger.instance, Story(ledger)
    account, function = np.nonzero(ledger.facts.handed_over)
    return make_table(
        "handovers",
        {
            "account_id": instance.accounts.ids[account],
            "role": np.array(FUNCTIONS, dtype=object)[function],
            "from_person_id": ids_at(instance.people.ids, instance.owner_today[account, function]),
            "to_person_id": ids_at(instance.people.ids, ledger.plan.owner[account, function]),
            "cost": ledger.score.handover_by_function[account, function],
            "reason": [story.of_handover(*cell) for cell in zip(account.tolist(), function.tolist(), strict=True)],
            "name": instance.accounts.names[account],
        },
    )


def hires(ledger: Ledger) -> Table:
    """Positions that the plan adds, role by role."""
    people, by_person, story = ledger.instance.people, ledger.score.by_person, Story(ledger)
    rows = np.flatnonzero(ledger.facts.placed & people.is_hire)
    return make_table(
        "hires",
        {
            "hire_id": people.ids[rows],
            "role": np.array(ROLES, dtype=object)[people.role[rows]],
            "pod_id": [JOIN.join(story.pods_of(person)) for person in rows.tolist()],
            "annual_cost": people.annual_cost[rows],
            "people_cost": by_person["people_cost"][rows],
            "hire_cost": by_person["hire_cost"][rows],
        },
    )


@dataclass(frozen=True)
class Story:
    """Why something changes, in the planner's words: the first cause that applies."""

    ledger: Ledger

    @cached_property
    def placements(self) -> Mapping[int, list[int]]:
        """Placement rows by person, the largest share first."""
        plan = self.ledger.plan
        found: dict[int, list[int]] = defaultdict(list)
        for row in np.lexsort((plan.placed_pod, -plan.share)).tolist():
            found[int(plan.placed_person[row])].append(row)
        return found

    @cached_property
    def rules(self) -> Mapping[tuple[str, int], str]:
        """Ids of the pins and forbids that name an account, or a person alone."""
        found: dict[tuple[str, int], list[str]] = defaultdict(list)
        for rule in self.ledger.instance.rules:
            if rule.kind in ("pin", "forbid"):
                key = ("account", rule.account) if rule.account != NOBODY else ("person", rule.person)
                found[key].append(rule.rule_id)
        return {key: ", ".join(ids) for key, ids in found.items()}

    @cached_property
    def free_hours(self) -> Floats:
        """Hours of each placement that nothing uses (N)."""
        hours = self.ledger.placement_hours
        free: Floats = hours["available"] - sum(hours[name] for name in ("accounts", "travel", "coaching", "leading"))
        return free

    @cached_property
    def book_sizes(self) -> Floats:
        """Accounts of each placement (N)."""
        return self.ledger.book_sum(np.ones(len(self.ledger.instance.accounts)))

    @cached_property
    def book_targets(self) -> Floats:
        """Expected revenue of each placement's accounts (N)."""
        return self.ledger.book_sum(self.ledger.expected)

    def pods_of(self, person: int) -> list[str]:
        """Ids of the person's pods, the largest share first."""
        plan, ids = self.ledger.plan, self.ledger.instance.pods.ids
        return [str(ids[plan.placed_pod[row]]) for row in self.placements.get(person, [])]

    def of_move(self, person: int) -> str:
        """Why the person leaves today's pod, and for what."""
        instance = self.ledger.instance
        today = int(instance.people.pod_today[person])
        rule = self.rules.get(("person", person))
        if rule is not None:
            why = f"rule {rule}"
        elif today == NOBODY:
            why = "had no pod, and lives beyond commuting distance"
        elif not self.ledger.facts.open[today]:
            why = f"pod {instance.pods.ids[today]} is closed in the plan"
        elif join_mode(instance, np.array([person]), np.array([today]))[0] == MAY_NOT:
            why = f"lives too far from pod {instance.pods.ids[today]}"
        else:
            why = f"the plan gains more there than in pod {instance.pods.ids[today]}"
        return f"{why}; {self._duty(person)}"

    def _duty(self, person: int) -> str:
        rows = self.placements[person]
        led = [row for row in rows if self.ledger.is_leader[row]]
        if led:
            return "leads " + ", ".join(
                str(self.ledger.instance.pods.ids[self.ledger.plan.placed_pod[row]]) for row in led
            )
        count = round(self.book_sizes[rows].sum())
        return f"is named on {count} account{'' if count == 1 else 's'}, target {self.book_targets[rows].sum():,.0f}"

    def of_handover(self, account: int, function: int) -> str:
        """Why the function's owner of today does not stay."""
        instance, plan = self.ledger.instance, self.ledger.plan
        today, owner = int(instance.owner_today[account, function]), int(plan.owner[account, function])
        rule = self.rules.get(("account", account))
        if today < 0:
            return "vacancy: today's owner is gone, or leaves in the period"
        if owner == NOBODY:
            return f"tier {instance.tiers.ids[plan.tier[account]]} names no owner for {FUNCTIONS[function]}"
        if rule is not None:
            return f"rule {rule}"
        person = str(instance.people.ids[today])
        lacking = self._lacking(account, function, today)
        if lacking:
            return f"{person} lacks {lacking}"
        pods, pod = self.pods_of(today), str(instance.pods.ids[plan.pod[account]])
        if not pods:
            return f"{person} has no place in the plan"
        if pod not in pods:
            return f"the account goes to pod {pod}, {person} works in {', '.join(pods)}"
        return self._inside_pod(account, function, today)

    def _inside_pod(self, account: int, function: int, today: int) -> str:
        ledger = self.ledger
        row = ledger.position(np.array([today], np.int32), ledger.plan.pod[[account]])[0]
        needed = ledger.hours[account, function] + ledger.travel_hours[account, function]
        person = ledger.instance.people.ids[today]
        if self.free_hours[row] + TIGHT_HOURS < needed:
            return f"{person} has no hours left in the pod"
        return f"{person} keeps other accounts of the pod"

    def _lacking(self, account: int, function: int, person: int) -> str:
        instance = self.ledger.instance
        needed = instance.skill_sets[instance.accounts.skill_set[account]]
        held = instance.skill_sets[instance.people.skill_set[person]]
        prefix = FUNCTIONS[function] + ":"
        return ", ".join(sorted(skill for skill in needed - held if skill.startswith(prefix)))
