"""The plan under construction: who has how much room left, and who is named on what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.plan import Plan
from podplanner.domain.vocabulary import FUNCTIONS, LEADER, LOCAL, NOBODY, SALES, VACANT
from solvers.fast.books import Item
from solvers.fast.crews import holds
from solvers.fast.roster import leading_room

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.draft import Draft
    from solvers.fast.naming_rules import Naming
    from solvers.fast.roster import Roster

SLACK = 1e-9
"""Hours below which a book still counts as fitting (relative to a year of some thousand hours)."""


@dataclass
class Desk:
    """Mutable state of the last stage; turned into a `Plan` by `to_plan`.

    Parameters
    ----------
    place
        Account column of each unit, `NOBODY` while it has none (U).
    owner
        As in `Plan` (A x R).
    room
        Hours left of each (person, pod).
    week
        Hours left of the leader's week by pod (P).
    coach
        Person by pod (P).
    """

    draft: Draft
    roster: Roster
    place: NDArray[np.int64]
    owner: NDArray[np.int32]
    room: dict[tuple[int, int], float]
    week: NDArray[np.float64]
    count: NDArray[np.int64]
    coach: NDArray[np.int64]
    rules: Naming
    staff: dict[tuple[int, int], list[int]]

    def people(self, pod: int, function: int) -> list[int]:
        """People of a function in a pod."""
        return self.staff.get((pod, function), [])

    def share(self, person: int, pod: int) -> float:
        """Share of a person's time in a pod."""
        found = (self.roster.person == person) & (self.roster.pod == pod)
        return float(self.roster.share[found].sum())

    def may_own(self, account: int, person: int, function: int) -> bool:
        """Whether skills, duties and forbids let the person own the account."""
        instance = self.draft.instance
        need = instance.skill_sets[instance.accounts.skill_set[account]]
        return (
            bool(instance.derived.has_duties[person])
            and self.rules.must.get((account, function), person) == person
            and (account, person) not in self.rules.banned
            and holds(instance, person, need, FUNCTIONS[function])
        )

    def items(self, column: int, function: int) -> list[Item]:
        """What has to be named for a unit at a column, in one function; nothing where the tier does not serve it."""
        instance, columns = self.draft.instance, self.draft.columns
        tier = int(columns.tier[column])
        if not instance.tiers.served[tier, function]:
            return []
        members = self.members(int(columns.unit[column]))
        if len(members) == 1:
            return [Item((members[0],), float(columns.hours[column, function]))]
        families = instance.derived.families
        book = instance.derived.hours[members, tier, function]
        travel = self.draft.member_travel(members, int(columns.pod[column]), tier, function)
        if families.one_owner[families.of[members[0]], tier, function]:
            return [Item(tuple(members), float((book + travel).sum()))]
        return [Item((a,), float(h)) for a, h in zip(members, book + travel, strict=True)]

    def members(self, unit: int) -> list[int]:
        """Accounts of a unit."""
        return [int(account) for account in self.draft.members[unit]]

    def choose(self, item: Item, pod: int, function: int, used: dict[int, float]) -> int:
        """Today's owner where there is room, else who has the most room; `NOBODY` where nobody fits."""
        today = self.draft.instance.owner_today[item.accounts[0], function]
        best, most = NOBODY, -1.0
        for person in self.people(pod, function):
            left = self.room[person, pod] - used.get(person, 0.0)
            if left + SLACK < item.hours or not all(self.may_own(a, person, function) for a in item.accounts):
                continue
            if person == today:
                return person
            if left > most:
                best, most = person, left
        return best

    def team(self, column: int) -> dict[tuple[int, int], int] | None:
        """A named team (account, function) -> person for a unit at a column, None where none fits."""
        columns = self.draft.columns
        pod = int(columns.pod[column])
        size = int(columns.size[columns.unit[column]])
        if self.count[pod] + size > self.draft.instance.pods.max_accounts[pod]:
            return None
        named: dict[tuple[int, int], int] = {}
        for function in range(LEADER):
            used: dict[int, float] = {}
            for item in self.items(column, function):
                person = self.choose(item, pod, function, used)
                if person == NOBODY:
                    return None
                used[person] = used.get(person, 0.0) + item.hours
                named.update({(account, function): person for account in item.accounts})
        led = self.roster.leader[pod] != NOBODY
        if (led or named) and self.week[pod] + SLACK < size * self.draft.instance.policy.leader_hours_per_account:
            return None
        return named

    def put(self, column: int, named: dict[tuple[int, int], int]) -> None:
        """Place a unit at a column with a named team."""
        self._count(column, 1)
        self.place[self.draft.columns.unit[column]] = column
        for (account, function), person in named.items():
            self.owner[account, function] = person
        self._book(column, -1.0)

    def take(self, unit: int) -> None:
        """Take a unit off its place."""
        column = int(self.place[unit])
        self._book(column, 1.0)
        self._count(column, -1)
        self.owner[self.members(unit)] = NOBODY
        self.place[unit] = NOBODY

    def _count(self, column: int, sign: int) -> None:
        columns = self.draft.columns
        pod, size = int(columns.pod[column]), int(columns.size[columns.unit[column]])
        self.count[pod] += sign * size
        if self.draft.serves[pod]:
            self.week[pod] -= sign * size * self.draft.instance.policy.leader_hours_per_account

    def _book(self, column: int, sign: float) -> None:
        pod = int(self.draft.columns.pod[column])
        for function in range(LEADER):
            for item in self.items(column, function):
                person = int(self.owner[item.accounts[0], function])
                if person != NOBODY:
                    self.room[person, pod] += sign * item.hours

    def team_now(self, unit: int) -> dict[tuple[int, int], int]:
        """The unit's named team as it stands."""
        return {
            (account, function): int(self.owner[account, function])
            for account in self.members(unit)
            for function in range(LEADER)
            if self.owner[account, function] != NOBODY
        }

    def worth_now(self, unit: int) -> float:
        """Worth of the unit where it is, with its team."""
        return self.worth(int(self.place[unit]), self.team_now(unit))

    def kept(self, account: int, function: int, person: int) -> float:
        """Handover price that the person keeps by owning the account, and what a wish adds."""
        instance = self.draft.instance
        stays = instance.owner_today[account, function] == person
        price = float(instance.derived.handover_price[account, function]) if stays else 0.0
        return price + self.rules.wish.get((account, person), 0.0)

    def may_leave(self, unit: int) -> bool:
        """Whether the unit's pod keeps the accounts that it must have without it."""
        pod = int(self.draft.columns.pod[self.place[unit]])
        return not self.draft.serves[pod] or self.count[pod] - self.draft.columns.size[unit] >= self.least_accounts(pod)

    def least_accounts(self, pod: int) -> float:
        """Accounts that a staffed pod must keep."""
        return max(1.0, float(self.draft.instance.pods.min_accounts[pod]))

    def least_handover(self, unit: int) -> float:
        """What the unit's handovers cost at least: those of vacancies."""
        instance, members = self.draft.instance, self.members(unit)
        vacant = instance.owner_today[members] == VACANT
        return float(instance.derived.handover_price[members][vacant].sum())

    def worth(self, column: int, named: dict[tuple[int, int], int]) -> float:
        """Value of a unit at a column less the handovers of its team."""
        instance = self.draft.instance
        members = self.members(int(self.draft.columns.unit[column]))
        today, price = instance.owner_today[members], instance.derived.handover_price[members]
        kept = np.zeros(today.shape, bool)
        for (account, function), person in named.items():
            row = members.index(account)
            kept[row, function] = person == today[row, function]
        return float(self.draft.columns.value[column] - price[(today != NOBODY) & ~kept].sum())


def start_desk(draft: Draft, roster: Roster, rules: Naming) -> Desk:
    """An empty desk: people at their pods with all their room, nobody named, coaching not yet given."""
    instance = draft.instance
    role = instance.people.role[roster.person]
    staff: dict[tuple[int, int], list[int]] = {}
    room: dict[tuple[int, int], float] = {}
    for s, p, z, r in zip(
        roster.person.tolist(), roster.pod.tolist(), roster.share.tolist(), role.tolist(), strict=True
    ):
        if r != LEADER:
            staff.setdefault((p, r), []).append(s)
            room[s, p] = z * float(instance.derived.plannable[s]) if instance.derived.has_duties[s] else 0.0
    return Desk(
        draft=draft,
        roster=roster,
        place=np.full(len(draft.columns.size), NOBODY, np.int64),
        owner=np.full((len(instance.accounts), len(FUNCTIONS)), NOBODY, np.int32),
        room=room,
        week=leading_room(draft, roster),
        count=np.zeros(len(instance.pods), np.int64),
        coach=np.full(len(instance.pods), NOBODY, np.int64),
        staff=staff,
        rules=rules,
    )


def coaching_hours(desk: Desk, pod: int) -> float | None:
    """Hours that a coach of the pod gives, None where the pod needs no coach."""
    instance = desk.draft.instance
    reps = len(desk.people(pod, SALES))
    if not instance.policy.coach_required or instance.pods.coverage[pod] != LOCAL or reps < 2:
        return None
    return instance.policy.coaching_hours_per_rep * (reps - 1)


def to_plan(desk: Desk) -> Plan:
    """The plan; people without a duty are not placed, unless a pin or a minimum holds them."""
    draft, roster = desk.draft, desk.roster
    instance, columns = draft.instance, draft.columns
    column = desk.place[columns.unit_of]
    pod, tier = columns.pod[column], columns.tier[column]
    kept = _with_duty(desk, pod)
    staffed = np.zeros(len(instance.pods), bool)
    staffed[roster.pod[kept]] = True
    return Plan(
        pod=pod.astype(np.int32),
        tier=tier.astype(np.int32),
        owner=desk.owner.copy(),
        placed_person=roster.person[kept].astype(np.int32),
        placed_pod=roster.pod[kept].astype(np.int32),
        share=roster.share[kept],
        leader=np.where(staffed, roster.leader, NOBODY).astype(np.int32),
        coach=np.where(staffed, desk.coach, NOBODY).astype(np.int32),
    )


def _with_duty(desk: Desk, pod_of: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Placements to keep: owners, coaches, pins, those a minimum needs, and the leaders of pods that have any."""
    instance, roster = desk.draft.instance, desk.roster
    owning = {
        (int(s), int(p))
        for function in range(LEADER)
        for s, p in zip(desk.owner[:, function], pod_of, strict=True)
        if s != NOBODY
    }
    owning |= {(int(s), p) for p, s in enumerate(desk.coach) if s != NOBODY}
    owning |= {(rule.person, rule.pod) for rule in instance.rules if rule.kind == "pin" and rule.account == NOBODY}
    pairs = list(zip(roster.person.tolist(), roster.pod.tolist(), strict=True))
    leads = roster.leader[roster.pod] == roster.person
    kept = np.array([pair in owning for pair in pairs], bool)
    active = set(roster.pod[kept].tolist())
    kept |= leads & np.array([p in active for _, p in pairs], bool)
    role = instance.people.role[roster.person]
    for index in np.flatnonzero(~kept & ~leads).tolist():
        p = int(roster.pod[index])
        if p not in active:
            continue
        of_role = kept & (roster.pod == p) & (role == role[index])
        short = int((kept & (roster.pod == p)).sum()) < instance.pods.min_people[p]
        kept[index] = short or roster.share[of_role].sum() < instance.roles.min_per_pod[role[index]] - SLACK
    return kept
