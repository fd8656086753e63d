"""A site's people dealt out to its pods, so that every pod can stand alone.

Whole people come first and decide what part of the work each pod takes; the steps of shared people even that out, and
leaders go where their week is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import LEADER, NOBODY
from solvers.fast.staying import staying
from solvers.fast.together import Work, together
from solvers.fast.together_kernels import ROUNDING

if TYPE_CHECKING:
    from collections.abc import Callable

    from solvers.fast.draft import Draft
    from solvers.fast.roster import Roster

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NEVER = -np.inf

MARGIN = 0.1
"""Part of a site's accounts that would leave it before one is left out that is worth what serving one more is."""

MOST_STAY = 0.5
"""Part of a site's people that must have been there, with as much time, for a deal near the one they had."""

LEAST_SHARE = 1e-3
"""Of a function that all tiers serve, in each pod: somebody's, less than any step."""

LEAST_LACK = 0.1
"""Part of a person's hours that a pod must lack at least to be favoured for their accounts."""


def split_people(
    draft: Draft,
    values: Floats,
    person: Ints,
    site: Ints,
    share: Floats,
    left: Callable[[], float | None],
    near: Roster | None = None,
) -> tuple[Ints, Ints, Floats]:
    """Deal the people of each site with several staffed pods; (person, pod, share) of each placement.

    Parameters
    ----------
    near
        Who gives a site as much time as in this roster stays in their pods there, if these are staffed and can then
        stand alone, and nothing small is gained otherwise; None: a new deal.
    """
    count = np.zeros(len(draft.site), np.int64)
    has = draft.staffed != NOBODY
    count[has] = np.minimum(np.rint(values[draft.staffed[has]]), draft.copies[has]).astype(np.int64)
    home = _homes(draft, values)
    stays = count[site] <= 1
    parts = [(person[stays], site[stays], share[stays])]
    for s in np.unique(site[~stays]).tolist():
        inside = np.flatnonzero(site == s)
        demand = _demand(draft, values[draft.place], s)
        deal = _Deal(draft, person[inside], share[inside], np.flatnonzero(home == s), demand, left, near)
        parts.append(deal.out_to(np.flatnonzero(draft.site == s)[: count[s]]))
    who, where, much = (np.concatenate(column) for column in zip(*parts, strict=True))
    key, inverse = np.unique(who * len(draft.site) + where, return_inverse=True)
    total = np.bincount(inverse, weights=much, minlength=len(key)).astype(np.float64)
    return key // len(draft.site), key % len(draft.site), total


@dataclass(frozen=True, kw_only=True)
class _Demand:
    """What a staffing has at a site.

    Parameters
    ----------
    accounts
        How many, parts of accounts included.
    hours
        Of one of them on average, by function (R).
    worth
        What serving one more is worth: more than most of what leaves when there is no team for it.
    """

    accounts: float
    hours: Floats
    worth: float


def _demand(draft: Draft, shares: Floats, site: int) -> _Demand:
    columns = draft.columns
    here = np.flatnonzero((columns.pod == site) & (shares > 0))
    size = columns.size[columns.unit].astype(float)
    accounts = float(shares[here] @ size[here])
    direct = ~draft.serves[columns.pod]
    elsewhere = np.full(len(columns.size), np.inf)
    np.minimum.at(elsewhere, columns.unit, columns.value)
    np.maximum.at(elsewhere, columns.unit[direct], columns.value[direct])
    more = ((columns.value - elsewhere[columns.unit]) / size)[here]
    return _Demand(
        accounts=accounts,
        hours=shares[here] @ columns.hours[here] / max(accounts, ROUNDING),
        worth=max(0.0, float(np.quantile(more, MARGIN))) if len(here) else 0.0,
    )


def _homes(draft: Draft, values: Floats) -> Ints:
    """Site where the staffing has most of each account, `NOBODY` where it has it in many (A)."""
    columns = draft.columns
    site = np.full(len(columns.size), NOBODY, np.int64)
    most = np.flatnonzero(values[draft.place] > 0.5)
    site[columns.unit[most]] = columns.pod[most]
    return site[columns.unit_of]


class _Deal:
    """One site's people, dealt to as many of its pods as can stand alone; who owns accounts together stays together.

    Parameters
    ----------
    inside
        Accounts that the staffing has at the site.
    demand
        What the staffing has there.
    left
        Seconds left, None without limit.
    near
        A roster whose deal to stay near.
    """

    def __init__(
        self,
        draft: Draft,
        person: Ints,
        share: Floats,
        inside: Ints,
        demand: _Demand,
        left: Callable[[], float | None],
        near: Roster | None,
    ) -> None:
        instance = draft.instance
        self.near = near
        self.today, self.price = instance.owner_today[inside], instance.derived.handover_price[inside]
        self.pod_today = instance.people.pod_today[person]
        self.books = _books(person, self.today)
        self.pod_of = np.full(self.today.shape, NOBODY, np.int64)
        self.neighbours: dict[int, Floats] = {}  # by today's pod of others, how many of it are in each pod
        self.draft, self.demand, self.left = draft, demand, left
        self.person, self.role = person, instance.people.role[person].astype(np.int64)
        self.step = draft.crews.step[draft.crews.of[person]]
        self.steps = np.rint(share / self.step).astype(np.int64)
        self.each = self.step * draft.crews.plannable[draft.crews.of[person]]
        self.max_pods = instance.people.max_pods[person]

    def out_to(self, pods: Ints) -> tuple[Ints, Ints, Floats]:
        """(person, pod, share) with as many of the pods as possible; a lone one takes everybody it has room for."""
        while len(pods) > 1:
            hand = self._gathered(pods)
            if hand is not None:
                break
            pods = pods[:-1]
        else:
            hand = self._alone(pods)
        who, where = np.nonzero(hand)
        return self.person[who], pods[where], hand[who, where] * self.step[who]

    def _alone(self, pods: Ints) -> Ints:
        """Everybody to one pod: a leader, one for each function that is needed, and those with most hours."""
        room = self.draft.instance.pods.max_people[pods[0]]
        leads = self.role == LEADER
        hours = self.each * self.steps
        rank = np.where(leads, 0, 2)
        for function in np.flatnonzero(self.draft.always[pods[0]]).tolist():
            inside = np.flatnonzero(self.role == function)
            if len(inside):
                rank[inside[np.argmax(hours[inside])]] = 1
        order = np.lexsort((np.arange(len(leads)), -hours, rank))
        first = leads[order].sum()
        kept = np.append(order[: min(1, first)], order[first:])[: int(min(room, len(order)))]
        hand = np.zeros((len(leads), 1), np.int64)
        hand[kept, 0] = self.steps[kept]
        return hand

    def _gathered(self, pods: Ints) -> Ints | None:
        """A deal after people have changed places, or pods; near the one to stay near, if most of them are in it."""
        known = staying(self.near, self.person, pods, self.steps, self.step)
        near = self._dealt(pods, known) if known.any(axis=1).mean() >= MOST_STAY else None
        if near is not None and (near.sum(axis=1) == self.steps)[self.role != LEADER].all():
            return self._exchanged(near, pods, is_near=True)
        hand = self._dealt(pods, np.zeros_like(known))
        if near is not None and (hand is None or self._time(near) >= self._time(hand)):
            return self._exchanged(near, pods, is_near=True)
        return None if hand is None else self._exchanged(hand, pods, is_near=False)

    def _time(self, hand: Ints) -> float:
        """Hours that are dealt."""
        return float(self.each @ hand.sum(axis=1))

    def _dealt(self, pods: Ints, known: Ints) -> Ints | None:
        """Steps by person and pod, None where some pod cannot stand alone; who is known stays, where there is room."""
        instance, draft = self.draft.instance, self.draft
        hand = np.zeros_like(known)
        self.pod_of[:] = NOBODY
        self.neighbours.clear()
        led = self._led(len(pods))
        if led is None:
            return None
        part = self._first_parts(led)
        needed = draft.always[pods[0]]
        room = instance.pods.max_people[pods] - 1.0 - needed.sum()  # one head leads, others wait for their functions
        for number, function in enumerate(self._lumpiest_first()):
            must = float(instance.roles.min_per_pod[function])
            if needed[function]:
                must = max(must, LEAST_SHARE)
                room += 1.0
            inside = np.flatnonzero(self.role == function)
            hours, has = self._deal(hand, known, inside, part, room, must)
            if (has < must - 1e-9).any():
                return None
            if number == 0 and hours.min() > 0:
                part = hours / hours.sum()
        heads = (hand > 0).sum(axis=0)
        if not self._lead(hand, known, heads, part, led) or (heads + 1 < instance.pods.min_people[pods]).any():
            return None
        return hand

    def _exchanged(self, hand: Ints, pods: Ints, *, is_near: bool) -> Ints:
        """The same deal once people of one role have changed places, or pods."""
        instance, policy = self.draft.instance, self.draft.instance.policy
        leads = self.role == LEADER
        likeness = np.stack([self.role, self.each, hand.sum(axis=1), self.max_pods], axis=1)
        likeness = np.column_stack([likeness, np.where(leads, np.arange(len(leads)), -1)])
        _, alike = np.unique(likeness, axis=0, return_inverse=True)
        must = instance.roles.min_per_pod.copy()
        must[:LEADER][self.draft.always[pods[0]]] = np.maximum(must[:LEADER][self.draft.always[pods[0]]], LEAST_SHARE)
        work = Work(
            accounts=self.demand.accounts,
            worth=self.demand.worth,
            hours=np.append(self.demand.hours, policy.leader_hours_per_account),
            base=policy.leader_hours_base,
            member=policy.leader_hours_per_member,
            must=must,
            fewest=instance.pods.min_people[pods].astype(float),
            most=instance.pods.max_people[pods].astype(float),
            most_accounts=instance.pods.max_accounts[pods].astype(float),
        )
        owners = (_rows_of(self.person, self.today), self.price)
        people = (self.role, self.each, self.step)
        return together(hand, alike.ravel(), people, work, owners, self.left, is_near=is_near)

    def _lumpiest_first(self) -> list[int]:
        """Functions by the hours of their whole people."""
        hours = self.each * self.steps
        lump = [float((hours * (self.step >= 1.0))[self.role == f].sum()) for f in range(LEADER)]
        return sorted(range(LEADER), key=lambda f: (-lump[f], f))

    def _deal(
        self, hand: Ints, known: Ints, inside: Ints, part: Floats, room: Floats, must: float
    ) -> tuple[Floats, Floats]:
        """Deal one function to who lacks most of its part, in time to pods with too little; hours and shares dealt."""
        stays = self._stay(hand, known, inside, room)
        has, hours = self.step[stays] @ hand[stays], self.each[stays] @ hand[stays]
        lacks = part * float((self.each * self.steps)[inside].sum()) - hours
        others = np.setdiff1d(inside, stays).tolist()
        others.sort(key=lambda i: (self.step[i] < 1.0, -self.each[i] * self.steps[i], i))
        for number, i in enumerate(others):
            left, pods = int(self.steps[i]), 0
            while left:
                short = has < must - 1e-9
                first = must > LEAST_SHARE or len(others) - number <= short.sum()  # who is left must be one in each
                need = np.where(short & first, np.inf, lacks)
                need[(room <= 0) & (hand[i] == 0)] = NEVER
                if need.max() == NEVER:
                    break
                pod = self._favoured(i, need, min(left, 1.0 / self.step[i]) * self.each[i])
                lone = pods + 1 >= self.max_pods[i] or self.step[i] >= 1.0 or not self.each[i]
                given = left if lone else min(left, max(1, round(lacks[pod] / self.each[i])))
                others_short = int((short & first).sum() - (short & first)[pod])
                given = max(1, min(given, left - min(others_short, int(self.max_pods[i]) - pods - 1)))
                room[pod] -= hand[i, pod] == 0
                pods += int(hand[i, pod] == 0)
                hand[i, pod] += given
                has[pod] += given * self.step[i]
                hours[pod] += given * self.each[i]
                lacks[pod] -= given * self.each[i]
                left -= given
            self._settle(i, hand[i])
        return hours, has

    def _stay(self, hand: Ints, known: Ints, inside: Ints, room: Floats) -> Ints:
        """Keep who is known where they are, if no pod there is full; returns these."""
        stays = []
        for i in inside[known[inside].any(axis=1)].tolist():
            there = known[i] > 0
            if (room[there] >= 1.0).all():
                hand[i] = known[i]
                room -= there
                self._settle(i, hand[i])
                stays.append(i)
        return np.array(stays, np.int64)

    def _favoured(self, i: int, need: Floats, hours: float) -> int:
        """The pod where most of a person's accounts have owners already, among those that lack most of such hours."""
        least = min(need.max(), LEAST_LACK * hours)
        books = self.books[i]
        likes = np.zeros(len(need))
        for account, function in books:
            others = self.pod_of[account]
            likes[others[others >= 0]] += self.price[account, function]
        if int(self.pod_today[i]) in self.neighbours:
            likes += 1e-3 * self.neighbours[int(self.pod_today[i])]
        return int(np.lexsort((-need, -likes, need < least))[0])

    def _settle(self, i: int, steps: Ints) -> None:
        """Note where a person and those they share accounts with are."""
        if steps.any():
            pod = int(np.argmax(steps))
            for account, function in self.books[i]:
                self.pod_of[account, function] = pod
            if self.pod_today[i] != NOBODY:
                self.neighbours.setdefault(int(self.pod_today[i]), np.zeros(len(steps)))[pod] += 1.0

    def _led(self, count: int) -> list[tuple[int, int]] | None:
        """Leaders of so many pods, those with most time first: (steps, person); None where there are too few."""
        leads = np.flatnonzero(self.role == LEADER)
        pods = dict.fromkeys(leads.tolist(), 1)
        most = {i: min(int(self.max_pods[i]), int(self.steps[i])) for i in pods}
        while sum(pods.values()) < count:
            free = [i for i in pods if pods[i] < most[i]]
            if not free:
                return None
            pods[max(free, key=lambda i: (self.each[i] * self.steps[i] / (pods[i] + 1), -i))] += 1
        led = [
            (int(self.steps[i]) // times + (number < int(self.steps[i]) % times), i)
            for i, times in pods.items()
            for number in range(times)
        ]
        return sorted(led, key=lambda entry: (-entry[0] * self.each[entry[1]], entry[1]))[:count]

    def _first_parts(self, led: list[tuple[int, int]]) -> Floats:
        """Equal parts of the work, but no more than a leader's week has room for while another's has."""
        policy = self.draft.instance.policy
        week = np.array([steps * self.each[i] for steps, i in led]) - policy.leader_hours_base
        members = float((self.role != LEADER).sum())
        work = policy.leader_hours_per_member * members + policy.leader_hours_per_account * self.demand.accounts
        room = np.maximum(week, 0.0) / max(work, 1e-9)
        part, left = np.zeros(len(room)), 1.0
        for rank, k in enumerate(np.argsort(room, kind="stable").tolist()):
            part[k] = min(room[k], left / (len(room) - rank))
            left -= part[k]
        return np.asarray(part / part.sum()) if part.sum() > 0 else np.full(len(room), 1.0 / len(room))

    def _lead(self, hand: Ints, known: Ints, heads: Ints, part: Floats, led: list[tuple[int, int]]) -> bool:
        """Give each pod a leader with time for its week, most time where most is needed; False where one has not."""
        policy = self.draft.instance.policy
        base = policy.leader_hours_base + policy.leader_hours_per_member * heads
        need = base + policy.leader_hours_per_account * self.demand.accounts * part
        order = np.lexsort((np.arange(len(need)), -need)).tolist()
        others = []
        for steps, i in led:
            pod = next((p for p in order if known[i, p] == steps and steps * self.each[i] >= base[p]), None)
            if pod is None:
                others.append((steps, i))
            else:
                hand[i, pod] = steps
                order.remove(pod)
        for (steps, i), pod in zip(others, order, strict=True):
            hand[i, pod] = steps
            if steps * self.each[i] < base[pod]:
                return False
        return True


def _rows_of(person: Ints, today: NDArray[np.int32]) -> Ints:
    """Position of each of today's owners among the people, `NOBODY` for others (A x R)."""
    order = np.argsort(person, kind="stable")
    place = order[np.minimum(np.searchsorted(person[order], today), len(person) - 1)]
    return np.where(person[place] == today, place, NOBODY)


def _books(person: Ints, today: NDArray[np.int32]) -> list[list[tuple[int, int]]]:
    """Today's (account, function) of each person, by position."""
    books: list[list[tuple[int, int]]] = [[] for _ in person]
    place = {int(s): i for i, s in enumerate(person)}
    for account, function in zip(*np.nonzero(np.isin(today, person)), strict=True):
        books[place[int(today[account, function])]].append((int(account), int(function)))
    return books
