"""A site's people dealt out to its pods, so that every pod can stand alone.

Whole people come first and decide what part of the work each pod takes; the steps of shared people even that out, and
leaders go where their week is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import LEADER, NOBODY

if TYPE_CHECKING:
    from solvers.fast.draft import Draft

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NEVER = -np.inf


def split_people(draft: Draft, values: Floats, person: Ints, site: Ints, share: Floats) -> tuple[Ints, Ints, Floats]:
    """Deal the people of each site with several staffed pods; (person, pod, share) of each placement."""
    count = np.zeros(len(draft.site), np.int64)
    has = draft.staffed != NOBODY
    count[has] = np.minimum(np.rint(values[draft.staffed[has]]), draft.copies[has]).astype(np.int64)
    accounts = np.bincount(
        draft.columns.pod,
        weights=values[draft.place] * draft.columns.size[draft.columns.unit],
        minlength=len(draft.site),
    )
    stays = count[site] <= 1
    parts = [(person[stays], site[stays], share[stays])]
    for s in np.unique(site[~stays]).tolist():
        inside = np.flatnonzero(site == s)
        deal = _Deal(draft, person[inside], share[inside], float(accounts[s]))
        parts.append(deal.out_to(np.flatnonzero(draft.site == s)[: count[s]]))
    who, where, much = (np.concatenate(column) for column in zip(*parts, strict=True))
    key, inverse = np.unique(who * len(draft.site) + where, return_inverse=True)
    total = np.bincount(inverse, weights=much, minlength=len(key)).astype(np.float64)
    return key // len(draft.site), key % len(draft.site), total


class _Deal:
    """One site's people, dealt to as many of its pods as can stand alone."""

    def __init__(self, draft: Draft, person: Ints, share: Floats, accounts: float) -> None:
        instance = draft.instance
        self.draft, self.accounts = draft, accounts
        self.person, self.role = person, instance.people.role[person]
        self.step = draft.crews.step[draft.crews.of[person]]
        self.steps = np.rint(share / self.step).astype(np.int64)
        self.each = self.step * draft.crews.plannable[draft.crews.of[person]]
        self.max_pods = instance.people.max_pods[person]

    def out_to(self, pods: Ints) -> tuple[Ints, Ints, Floats]:
        """(person, pod, share) with as many of the pods as possible; a lone one takes everybody it has room for."""
        while len(pods) > 1:
            hand = self._dealt(pods)
            if hand is not None:
                break
            pods = pods[:-1]
        else:
            hand = self._alone(pods)
        who, where = np.nonzero(hand)
        return self.person[who], pods[where], hand[who, where] * self.step[who]

    def _alone(self, pods: Ints) -> Ints:
        """Everybody to one pod: a leader, and those with most hours while heads last."""
        room = self.draft.instance.pods.max_people[pods[0]]
        leads = self.role == LEADER
        order = np.lexsort((np.arange(len(leads)), -self.each * self.steps, ~leads))
        first = leads[order].sum()
        kept = np.append(order[: min(1, first)], order[first:])[: int(min(room, len(order)))]
        hand = np.zeros((len(leads), 1), np.int64)
        hand[kept, 0] = self.steps[kept]
        return hand

    def _dealt(self, pods: Ints) -> Ints | None:
        """Steps by person and pod, None where some pod cannot stand alone."""
        instance, draft = self.draft.instance, self.draft
        hand = np.zeros((len(self.person), len(pods)), np.int64)
        part = np.full(len(pods), 1.0 / len(pods))
        room = instance.pods.max_people[pods] - 1.0  # one head leads
        for number, function in enumerate(self._lumpiest_first()):
            must = float(instance.roles.min_per_pod[function])
            if draft.always[pods[0], function]:
                must = max(must, 1e-9)
            inside = np.flatnonzero(self.role == function)
            hours, has = self._deal(hand, inside, part, room, must)
            if (has < must - 1e-9).any():
                return None
            if number == 0 and hours.min() > 0:
                part = hours / hours.sum()
        heads = (hand > 0).sum(axis=0)
        if not self._lead(hand, heads, part) or (heads + 1 < instance.pods.min_people[pods]).any():
            return None
        return hand

    def _lumpiest_first(self) -> list[int]:
        """Functions by the hours of their whole people."""
        hours = self.each * self.steps
        lump = [float((hours * (self.step >= 1.0))[self.role == f].sum()) for f in range(LEADER)]
        return sorted(range(LEADER), key=lambda f: (-lump[f], f))

    def _deal(self, hand: Ints, inside: Ints, part: Floats, room: Floats, must: float) -> tuple[Floats, Floats]:
        """Deal one function to who lacks most of its part, pods without any first; hours and shares dealt, by pod."""
        lacks = part * float((self.each * self.steps)[inside].sum())
        has, hours = np.zeros(len(part)), np.zeros(len(part))
        for i in sorted(inside.tolist(), key=lambda i: (self.step[i] < 1.0, -self.each[i] * self.steps[i], i)):
            left, pods = int(self.steps[i]), 0
            while left:
                need = np.where(has < must - 1e-9, np.inf, lacks)
                need[(room <= 0) & (hand[i] == 0)] = NEVER
                pod = int(np.argmax(need))
                if need[pod] == NEVER:
                    break
                lone = pods + 1 >= self.max_pods[i] or self.step[i] >= 1.0 or not self.each[i]
                given = left if lone else min(left, max(1, round(lacks[pod] / self.each[i])))
                room[pod] -= hand[i, pod] == 0
                pods += int(hand[i, pod] == 0)
                hand[i, pod] += given
                has[pod] += given * self.step[i]
                hours[pod] += given * self.each[i]
                lacks[pod] -= given * self.each[i]
                left -= given
        return hours, has

    def _lead(self, hand: Ints, heads: Ints, part: Floats) -> bool:
        """Give each pod a leader with time for its week; False where there is none."""
        policy = self.draft.instance.policy
        base = policy.leader_hours_base + policy.leader_hours_per_member * heads
        need = base + policy.leader_hours_per_account * self.accounts * part
        leads = np.flatnonzero(self.role == LEADER)
        pods = dict.fromkeys(leads.tolist(), 1)
        most = {i: min(int(self.max_pods[i]), int(self.steps[i])) for i in pods}
        while sum(pods.values()) < len(part):
            free = [i for i in pods if pods[i] < most[i]]
            if not free:
                return False
            pods[max(free, key=lambda i: (self.each[i] * self.steps[i] / (pods[i] + 1), -i))] += 1
        parts = [
            (int(self.steps[i]) // count + (number < int(self.steps[i]) % count), i)
            for i, count in pods.items()
            for number in range(count)
        ]
        parts.sort(key=lambda entry: (-entry[0] * self.each[entry[1]], entry[1]))
        for (steps, i), pod in zip(parts, np.lexsort((np.arange(len(need)), -need)).tolist(), strict=False):
            hand[i, pod] = steps
            if steps * self.each[i] < base[pod]:
                return False
        return True
