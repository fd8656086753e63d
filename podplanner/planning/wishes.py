"""Planners' hard rules that cannot hold together: pins and forbids of accounts and people, families, together, apart.

Only what follows from the options of the accounts and people concerned is looked at, one by one or in a group that
shares a pod; rules that clash through hours or money are the engine's to find.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.place import RELOCATED
from podplanner.domain.vocabulary import LEADER, LOCAL, NOBODY
from podplanner.planning.possible import RELATIVE, Possible, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from podplanner.domain.instance import Instance, Rule
    from podplanner.planning.possible import Bools, Ints

    Place = tuple[int, int]

WAY_OUT = "drop or change one of them, or give it a soft_cost"

CANNOT_BE_THERE = {
    Step.NOWHERE: "that is out of the account's reach",
    Step.IN_REACH: "the potential is below min_potential, or the pod or tier takes no accounts",
    Step.LARGE_ENOUGH: "no leader can lead that pod",
    Step.LED: "the pod cannot be staffed within min_people, max_people, min_accounts and roles.min_per_pod",
    Step.STAFFED: "nobody who may join the pod could own the account: people or skills are lacking",
    Step.SKILLED: "nobody who may join the pod has the hours for it",
    Step.POSSIBLE: "other rules of the account leave nothing there",
}


@dataclass(frozen=True)
class Wishes:
    """The hard rules of an instance, against what is possible."""

    instance: Instance
    possible: Possible

    def clashes(self) -> Iterator[str]:
        """One message for each person, account or group whose rules cannot hold together."""
        for person in sorted({rule.person for rule in self._hard if rule.account == NOBODY and rule.kind == "pin"}):
            rules = [rule for rule in self._of_people if rule.person == person]
            yield from self._clash(f"person {self.instance.people.ids[person]}", rules, self._person_fits)
        yield from self._full_pods()
        for members in self._groups:
            yield from self._group_clash(members)

    @cached_property
    def _hard(self) -> list[Rule]:
        return [rule for rule in self.instance.rules if rule.soft_cost is None]

    @cached_property
    def _of_people(self) -> list[Rule]:
        """Pins and forbids of people in pods."""
        return [rule for rule in self._hard if rule.kind in ("pin", "forbid") and rule.account == NOBODY]

    @cached_property
    def forced_pods(self) -> list[int]:
        """Pods that pins open, ascending."""
        return sorted({rule.pod for rule in self._hard if rule.kind == "pin" and rule.pod != NOBODY})

    def _clash(self, subject: str, rules: Sequence[Rule], fits: Callable[[Sequence[Rule]], bool]) -> Iterator[str]:
        """The fewest of the rules that cannot hold together (by leaving out one after the other), in words."""
        if fits(rules):
            return
        kept = list(rules)
        for rule in rules:
            fewer = [other for other in kept if other is not rule]
            if not fits(fewer):
                kept = fewer
        if len(kept) == 1:
            yield f"{self._words(kept[0])} cannot hold: {self._reason(kept[0])}; change it, or give it a soft_cost"
        else:
            yield f"{subject}: {' and '.join(map(self._words, kept))} cannot hold together; {WAY_OUT}"

    def _words(self, rule: Rule) -> str:
        instance = self.instance
        cells = (
            ("account", instance.accounts.ids, rule.account),
            ("person", instance.people.ids, rule.person),
            ("pod", instance.pods.ids, rule.pod),
            ("tier", instance.tiers.ids, rule.tier),
            ("account", instance.accounts.ids, rule.other_account),
        )
        named = [f"{word} {ids[index]}" for word, ids, index in cells if index != NOBODY]
        return f"rule {rule.rule_id} ({rule.kind} {', '.join(named)})"

    def _reason(self, rule: Rule) -> str:
        """Why one rule alone cannot hold."""
        instance = self.instance
        if rule.account == NOBODY or rule.person != NOBODY:
            person = instance.people.ids[rule.person]
            if not instance.derived.present[rule.person]:
                return f"{person} is absent all period"
            if not instance.derived.has_duties[rule.person]:
                return f"{person} leaves inside the period"
            if rule.account != NOBODY and instance.people.role[rule.person] == LEADER:
                return f"{person} is a leader, and leaders own no accounts"
            if rule.account == NOBODY:
                return f"{person} cannot work there, or nobody can lead that pod"
            return f"{person} cannot own the account: skills, hours, or no pod that both can be in"
        if rule.kind == "forbid":
            return "the account can be nowhere else"
        return CANNOT_BE_THERE[self.possible.reached_at(rule.account, rule.pod, rule.tier)]

    # People

    def _person_fits(self, rules: Sequence[Rule]) -> bool:
        pinned = {rule.pod for rule in rules if rule.kind == "pin"}
        if not pinned:
            return True
        person = rules[0].person
        people, pods, roles = self.instance.people, self.instance.pods, self.instance.roles
        role = people.role[person]
        several = len(pinned) > 1
        local = [pod for pod in pinned if pods.coverage[pod] == LOCAL]
        relocated = [pod for pod in pinned if self.possible.mode(person, pod) == RELOCATED]
        bound = people.is_hire[person] and bool(roles.on_site[role])
        return (
            pinned.isdisjoint(rule.pod for rule in rules if rule.kind == "forbid")
            and all(self._may_join(person, pod) for pod in pinned)
            and len(pinned) <= people.max_pods[person]
            and len(pinned) * roles.share_step[role] <= 1 + RELATIVE
            and not (several and (relocated or (local and role == LEADER)))
            and not (bound and len(local) > 1)
        )

    def _may_join(self, person: int, pod: int) -> bool:
        members = int(self.instance.people.role[person] != LEADER)
        return bool(
            self.possible.may_join(person, pod)
            and self.possible.staffed(members)[pod]
            and self.possible.led(members, 0)[pod]
        )

    def _full_pods(self) -> Iterator[str]:
        """Pods that more people are pinned to than they take."""
        pinned: defaultdict[int, dict[int, Rule]] = defaultdict(dict)
        for rule in self._of_people:
            if rule.kind == "pin":
                pinned[rule.pod].setdefault(rule.person, rule)
        for pod, rules in sorted(pinned.items()):
            leaders = [person for person in rules if self.instance.people.role[person] == LEADER]
            heads = len(rules) + (not leaders)
            words = ", ".join(rule.rule_id for rule in rules.values())
            if len(leaders) > 1:
                yield f"rules {words} pin {len(leaders)} leaders to pod {self.instance.pods.ids[pod]}; a pod has one"
            elif heads > self.instance.pods.max_people[pod]:
                most = f"{self.instance.pods.max_people[pod]:g}"
                yield (
                    f"rules {words} and a leader make {heads} people in pod {self.instance.pods.ids[pod]}, which takes "
                    f"{most}; raise its max_people, or drop a pin"
                )

    # Accounts

    @cached_property
    def _of_account(self) -> dict[int, list[Rule]]:
        """Pins and forbids by account."""
        found: defaultdict[int, list[Rule]] = defaultdict(list)
        for rule in self._hard:
            if rule.kind in ("pin", "forbid") and rule.account != NOBODY:
                found[rule.account].append(rule)
        return found

    @cached_property
    def _pairs(self) -> list[Rule]:
        """Rules that two accounts share a pod or do not."""
        kinds = ("together", "apart")
        return [rule for rule in self._hard if rule.kind in kinds and rule.account != NOBODY and rule.role == NOBODY]

    @cached_property
    def _groups(self) -> list[list[int]]:
        """Accounts that rules or a family without a common place tie to each other, ascending in each group."""
        families = self.instance.derived.families
        touched = set(self._of_account) | {a for rule in self._pairs for a in (rule.account, rule.other_account)}
        tied = ({int(families.of[a]) for a in touched} - {NOBODY}) | self._families_without_place()
        links = [families.members(f).tolist() for f in sorted(tied) if families.shares_pod[f]]
        links += [[rule.account, rule.other_account] for rule in self._pairs]
        return _components([*([a] for a in sorted(touched)), *links])

    def _families_without_place(self) -> set[int]:
        """Families that share a pod, whose members have options, but none in common."""
        families, options = self.instance.derived.families, self.possible.options
        shares_pod = np.append(families.shares_pod, False)
        rows = np.flatnonzero(shares_pod[families.of[options.account]])
        places = len(self.instance.pods) * len(self.instance.tiers)
        place = options.pod[rows].astype(np.int64) * len(self.instance.tiers) + options.tier[rows]
        distinct, members = np.unique(families.of[options.account[rows]] * places + place, return_counts=True)
        size = np.bincount(families.of[families.of != NOBODY], minlength=len(families))
        whole = distinct[members == size[distinct // places]] // places
        return set(np.flatnonzero(families.shares_pod).tolist()) - set(whole.tolist())

    def _group_clash(self, members: list[int]) -> Iterator[str]:
        if any(self.possible.count[a] == 0 for a in members):
            return  # told already, for the account itself
        pinned = {rule.person for a in members for rule in self._of_account.get(a, ()) if rule.kind == "pin"}
        rules = [rule for a in members for rule in self._of_account.get(a, ())]
        rules += [rule for rule in self._pairs if {rule.account, rule.other_account} <= set(members)]
        rules += [rule for rule in self._of_people if rule.kind == "forbid" and rule.person in pinned]
        names = ", ".join(str(self.instance.accounts.ids[a]) for a in members[:5])
        more = f" and {len(members) - 5} more" if len(members) > 5 else ""
        if len(members) > 1 and not self._group_fits(members, []):
            yield (
                f"accounts {names}{more} are one family and share a pod and a tier, but no place takes all of them; "
                "set policy.family_scope to coverage or none, or clear a parent_id"
            )
        else:
            subject = f"account {names}" if len(members) == 1 else f"accounts {names}{more}"
            yield from self._clash(subject, rules, lambda chosen: self._group_fits(members, chosen))

    def _group_fits(self, members: list[int], rules: Sequence[Rule]) -> bool:
        """Whether there are places for all members that families, together and apart allow."""
        places = self._with_families({a: self._kept(a, rules) for a in members})
        if not all(places.values()):
            return False
        links = [[rule.account, rule.other_account] for rule in rules if rule.kind == "together"]
        bonds = _components([*([a] for a in members), *self._families_of(members), *links])
        pods = {tuple(bond): frozenset.intersection(*(_pods(places[a]) for a in bond)) for bond in bonds}
        bond_of = {a: tuple(bond) for bond in bonds for a in bond}
        return all(pods.values()) and not any(
            self._meet(rule, bond_of, pods, places) for rule in rules if rule.kind == "apart"
        )

    def _families_of(self, members: list[int]) -> list[list[int]]:
        """The members by family, such families as share a pod."""
        families = self.instance.derived.families
        found: defaultdict[int, list[int]] = defaultdict(list)
        for a in members:
            family = int(families.of[a])
            if family != NOBODY and families.shares_pod[family]:
                found[family].append(a)
        return list(found.values())

    def _with_families(self, places: dict[int, frozenset[Place]]) -> dict[int, frozenset[Place]]:
        """The places that each member shares with its family."""
        shared = dict(places)
        for family in self._families_of(list(places)):
            common = frozenset.intersection(*(places[a] for a in family))
            shared.update(dict.fromkeys(family, common))
        return shared

    def _meet(
        self,
        rule: Rule,
        bond_of: dict[int, tuple[int, ...]],
        pods: dict[tuple[int, ...], frozenset[int]],
        places: dict[int, frozenset[Place]],
    ) -> bool:
        """Whether two accounts that are to be apart must be in one pod with people."""
        one, other = bond_of[rule.account], bond_of[rule.other_account]
        if one != other and len(pods[one] | pods[other]) > 1:
            return False
        served = np.asarray(self.instance.tiers.served.any(axis=1))
        return any(
            all(served[tier] for pod, tier in places[a] if pod in pods[one]) for a in (rule.account, rule.other_account)
        )

    def _kept(self, account: int, rules: Sequence[Rule]) -> frozenset[Place]:
        """Options of the account that these rules leave."""
        mine = [rule for rule in rules if rule.account == account and rule.kind in ("pin", "forbid")]
        owners = sorted({rule.person for rule in mine if rule.kind == "pin"} - {NOBODY})
        pod, tier = self.possible.places(account)
        keep = self._own(account, owners, pod, tier)
        for rule in mine:
            met = np.full(len(pod), rule.pod == NOBODY) | (pod == rule.pod)
            met &= (rule.tier == NOBODY) | (tier == rule.tier)
            if rule.kind == "pin":
                keep &= met
            elif rule.person == NOBODY or rule.person in owners:
                keep &= ~met
        for rule in rules:
            if rule.account == NOBODY and rule.person in owners:
                keep &= pod != rule.pod
        return frozenset(zip(pod[keep].tolist(), tier[keep].tolist(), strict=True))

    def _own(self, account: int, owners: list[int], pod: Ints, tier: Ints) -> Bools:
        """Whether these people could all be owners of the account in each pod at the tier, one a function."""
        instance, derived = self.instance, self.instance.derived
        needs, need = self.possible.needs
        roles = instance.people.role[owners].tolist()
        keep = np.full(len(pod), len(set(roles)) == len(roles) and LEADER not in roles)
        if not keep.any():
            return keep
        for s, r in zip(owners, roles, strict=True):
            holds = needs[need[account, r]] <= instance.skill_sets[instance.people.skill_set[s]]
            room = derived.plannable[s] * (1 + RELATIVE) + RELATIVE
            keep &= bool(holds and derived.has_duties[s])
            keep &= instance.tiers.served[tier, r] & self.possible.may_join(s, pod)
            keep &= derived.hours[account, tier, r] <= room
        return keep


def _pods(places: frozenset[Place]) -> frozenset[int]:
    return frozenset(pod for pod, _ in places)


def _components(links: Sequence[Sequence[int]]) -> list[list[int]]:
    """What the links join, directly or not: sorted lists, by their first."""
    group: dict[int, list[int]] = {}
    for first, *others in links:
        one = group.setdefault(first, [first])
        for other in others:
            two = group.setdefault(other, [other])
            if one is not two:
                one += two
                group.update(dict.fromkeys(two, one))
    return [sorted(members) for a, members in sorted(group.items()) if a == min(members)]
