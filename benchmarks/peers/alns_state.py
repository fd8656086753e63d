"""A plan that can be taken apart and put together: accounts with teams, people recruited as accounts need them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.plan import Plan
from podplanner.domain.vocabulary import FUNCTIONS, LEADER, LOCAL, NOBODY, SALES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.peers.alns_ways import Ways

ROUNDING = 1e-7


@dataclass(frozen=True)
class Seat:
    """A person's place in a pod: share of the time, hours taken there, accounts owned there."""

    share: float
    taken: float
    owned: int


@dataclass
class State:
    """Decisions and what is left of every capacity; `copy` keeps one to go back to.

    Parameters
    ----------
    place, pod, owner
        Column, pod and owners of each account (A, A, A x R).
    seats
        By (person, pod).
    team
        People of each role in each staffed pod.
    free, pods
        Share of each person's time that is left, and number of pods (S).
    week
        Hours left of the leader's week by staffed pod.
    accounts
        Number of accounts with a team by staffed pod.
    coach
        By pod.
    """

    ways: Ways
    place: NDArray[np.int64]
    pod: NDArray[np.int64]
    owner: NDArray[np.int64]
    free: NDArray[np.float64]
    pods: NDArray[np.int64]
    seats: dict[tuple[int, int], Seat] = field(default_factory=dict)
    team: dict[int, tuple[tuple[int, ...], ...]] = field(default_factory=dict)
    week: dict[int, float] = field(default_factory=dict)
    accounts: dict[int, int] = field(default_factory=dict)
    coach: dict[int, int] = field(default_factory=dict)

    @staticmethod
    def empty(ways: Ways) -> State:
        """Nobody is placed; every account does without a team."""
        instance = ways.instance
        return State(
            ways,
            place=ways.away.copy(),
            pod=ways.columns.pod[ways.away].copy(),
            owner=np.full((len(instance.accounts), len(FUNCTIONS)), NOBODY, np.int64),
            free=np.ones(len(instance.people)),
            pods=np.zeros(len(instance.people), np.int64),
        )

    def copy(self) -> State:
        """One that changes on its own."""
        return State(self.ways, *(getattr(self, name).copy() for name in self.__dataclass_fields__ if name != "ways"))

    def has_team(self, account: int) -> bool:
        """Whether the account has a team now."""
        return bool(self.place[account] != self.ways.away[account])

    def plan(self) -> Plan:
        """As a plan."""
        keys = np.array(list(self.seats), np.int32).reshape(-1, 2)
        leader, coach = (np.full(len(self.ways.instance.pods), NOBODY, np.int32) for _ in range(2))
        for pod, team in self.team.items():
            leader[pod] = team[LEADER][0]
        for pod, person in self.coach.items():
            coach[pod] = person
        return Plan(
            pod=self.pod.astype(np.int32),
            tier=self.ways.columns.tier[self.place].astype(np.int32),
            owner=self.owner.astype(np.int32),
            placed_person=keys[:, 0],
            placed_pod=keys[:, 1],
            share=np.array([seat.share for seat in self.seats.values()]),
            leader=leader,
            coach=coach,
        )

    def open(self, pod: int) -> bool:
        """Staff a pod with a leader who has all of their time; False where nobody has."""
        policy, derived = self.ways.instance.policy, self.ways.instance.derived
        for person in self.ways.able(LEADER, pod).tolist():
            if self.free[person] == 1.0 and derived.plannable[person] >= policy.leader_hours_base:
                self.team[pod] = ((), (), (), (), ())
                self.week[pod] = float(derived.plannable[person]) - policy.leader_hours_base
                self.accounts[pod] = 0
                self._seat(person, pod, 1.0)
                return True
        return False

    def insert(self, account: int) -> bool:
        """Give an account the best team that has room for it, recruiting whom it lacks; False where none has."""
        for column in self.ways.options(account):
            for pod in self.ways.pods_of_site[self.ways.columns.pod[column]].tolist():
                if pod in self.team and self._join(account, column, pod):
                    return True
        return False

    def remove(self, account: int) -> None:
        """Take an account out of its team; whoever has nothing left to do leaves, and so does a leader of nobody."""
        pod, column = int(self.pod[account]), int(self.place[account])
        self.week[pod] += self.ways.instance.policy.leader_hours_per_account
        self.accounts[pod] -= 1
        for function in np.flatnonzero(self.ways.served[column]).tolist():
            person = int(self.owner[account, function])
            self._take(person, pod, -float(self.ways.columns.hours[column, function]), -1)
            self._let_go(person, pod)
        self.owner[account] = NOBODY
        self.place[account] = self.ways.away[account]
        self.pod[account] = self.ways.columns.pod[self.place[account]]
        if not self.accounts[pod]:
            self.close(pod)

    def close(self, pod: int) -> None:
        """Take all accounts and people out of a pod."""
        for account in np.flatnonzero((self.pod == pod) & (self.place != self.ways.away)).tolist():
            if pod in self.team:
                self.remove(account)
        if pod in self.team:
            for members in self.team[pod]:
                for person in members:
                    self._unseat(person, pod)
            for store in (self.team, self.week, self.accounts):
                store.pop(pod)
            self.coach.pop(pod, None)

    def _join(self, account: int, column: int, pod: int) -> bool:
        """Join a pod, or leave everything as it is."""
        policy = self.ways.instance.policy
        if self.week[pod] < policy.leader_hours_per_account - ROUNDING:
            return False
        hours = self.ways.columns.hours[column]
        recruited: list[tuple[int, float]] = []
        for function in np.flatnonzero(self.ways.served[column]).tolist():
            person = self._owner(account, function, pod, float(hours[function]), recruited)
            if person == NOBODY:
                for back, before in reversed(recruited):
                    self._restore(back, pod, before)
                self.owner[account] = NOBODY
                return False
            self.owner[account, function] = person
        if self.ways.gain[column] + self._kept(account) <= self._hiring(account, hours, recruited):
            for back, before in reversed(recruited):
                self._restore(back, pod, before)
            self.owner[account] = NOBODY
            return False
        for function in np.flatnonzero(self.ways.served[column]).tolist():
            self._take(int(self.owner[account, function]), pod, float(hours[function]), 1)
        self.place[account], self.pod[account] = column, pod
        self.week[pod] -= policy.leader_hours_per_account
        self.accounts[pod] += 1
        return True

    def _hiring(self, account: int, hours: NDArray[np.float64], recruited: list[tuple[int, float]]) -> float:
        """What the hires among the recruits cost for the hours that the account takes: others will take the rest."""
        instance = self.ways.instance
        part = {
            int(person): float(hours[function] / instance.derived.plannable[person])
            for function, person in enumerate(self.owner[account].tolist())
            if person != NOBODY
        }
        return sum(float(self.ways.hire_cost[person]) * part[person] for person, before in recruited if not before)

    def _kept(self, account: int) -> float:
        """Handovers that the team spares."""
        kept = self.ways.instance.owner_today[account] == self.owner[account]
        return float(self.ways.instance.derived.handover_price[account][kept & (self.owner[account] != NOBODY)].sum())

    def _owner(self, account: int, function: int, pod: int, hours: float, recruited: list[tuple[int, float]]) -> int:
        """Somebody with room: today's owner, the fullest who can, more of somebody's time, or somebody new."""
        team, able = self.team[pod][function], self.ways.able(function, pod)
        rooms = {person: self._room(person, pod) for person in team}
        fitting = [person for person in team if rooms[person] >= hours - ROUNDING]
        today = int(self.ways.instance.owner_today[account, function])
        if today in fitting:
            return today
        if today in rooms and self._grow(today, pod, hours - rooms[today], recruited):
            return today
        takes_another = self._takes_another(function, pod)
        new = takes_another and today in able and today not in team
        if new and self._recruit(today, pod, hours, recruited):
            return today
        if fitting:
            return min(fitting, key=lambda person: rooms[person])
        for person in sorted(team, key=lambda person: -rooms[person]):
            if self._grow(person, pod, hours - rooms[person], recruited):
                return person
        if not takes_another:
            return NOBODY
        spare = able[(self.free[able] > ROUNDING) & ~np.isin(able, team)]
        return next((person for person in spare.tolist() if self._recruit(person, pod, hours, recruited)), NOBODY)

    def _takes_another(self, function: int, pod: int) -> bool:
        """Whether the pod has room for one more head of a function: by its size, its leader's week and its coach."""
        instance, policy = self.ways.instance, self.ways.instance.policy
        room = self.week[pod] - policy.leader_hours_per_member - policy.leader_hours_per_account
        return (
            sum(map(len, self.team[pod])) < instance.pods.max_people[pod]
            and room >= -ROUNDING
            and (not self._is_coached(function, pod) or self._can_coach_another(pod))
        )

    def _recruit(self, person: int, pod: int, hours: float, recruited: list[tuple[int, float]]) -> bool:
        """Somebody who has time comes to a pod that takes another, for as much of it as the hours take."""
        instance = self.ways.instance
        step = float(instance.derived.share_step[person])
        share = float(np.ceil((hours / instance.derived.plannable[person] - ROUNDING) / step) * step)
        if share > self.free[person] + ROUNDING or self.pods[person] >= instance.people.max_pods[person]:
            return False
        self._seat(person, pod, share)
        recruited.append((person, 0.0))
        if self._is_coached(int(instance.people.role[person]), pod):
            self._coach_another(pod)
        return True

    def _is_coached(self, function: int, pod: int) -> bool:
        instance = self.ways.instance
        coached = instance.policy.coach_required and instance.pods.coverage[pod] == LOCAL
        return bool(coached and function == SALES)

    def _can_coach_another(self, pod: int) -> bool:
        """Whether one more rep finds a coach with the hours for it."""
        reps, each = self.team[pod][SALES], self.ways.instance.policy.coaching_hours_per_rep
        if not reps:
            return True
        if pod in self.coach:
            return self._room(self.coach[pod], pod) >= each - ROUNDING
        can = [person for person in reps if self.ways.instance.people.can_coach[person]]
        return any(self._room(person, pod) >= each * len(reps) - ROUNDING for person in can)

    def _coach_another(self, pod: int) -> None:
        """Name a coach where there are two reps or more, and charge the hours for the newest."""
        reps, each = self.team[pod][SALES], self.ways.instance.policy.coaching_hours_per_rep
        if len(reps) < 2:
            return
        if pod not in self.coach:
            can = [person for person in reps[:-1] if self.ways.instance.people.can_coach[person]]
            self.coach[pod] = max(can, key=lambda person: self._room(person, pod))
        self._take(self.coach[pod], pod, each, 0)

    def _uncoach(self, pod: int) -> None:
        """One rep has left: the coach has their hours back; a last rep has nobody to coach."""
        if pod in self.coach:
            self._take(self.coach[pod], pod, -self.ways.instance.policy.coaching_hours_per_rep, 0)
            if len(self.team[pod][SALES]) < 2:
                last = self.coach.pop(pod)
                self._let_go(last, pod)

    def _grow(self, person: int, pod: int, hours: float, recruited: list[tuple[int, float]]) -> bool:
        """More of a shared person's time, where there is some."""
        derived, seat = self.ways.instance.derived, self.seats[person, pod]
        step = float(derived.share_step[person])
        more = float(np.ceil((hours / derived.plannable[person] - ROUNDING) / step) * step)
        if step == 1.0 or more > self.free[person] + ROUNDING:
            return False
        recruited.append((person, seat.share))
        self.seats[person, pod] = Seat(seat.share + more, seat.taken, seat.owned)
        self.free[person] -= more
        return True

    def _restore(self, person: int, pod: int, share: float) -> None:
        """Take back what was recruited."""
        if not share:
            self._let_go(person, pod)
            return
        seat = self.seats[person, pod]
        self.free[person] += seat.share - share
        self.seats[person, pod] = Seat(share, seat.taken, seat.owned)

    def _let_go(self, person: int, pod: int) -> None:
        """Who owns nothing in the pod leaves it, unless they coach."""
        if (person, pod) not in self.seats or self.seats[person, pod].owned or self.coach.get(pod) == person:
            return
        role = int(self.ways.instance.people.role[person])
        self._unseat(person, pod)
        self.team[pod] = tuple(
            tuple(other for other in members if other != person) if r == role else members
            for r, members in enumerate(self.team[pod])
        )
        self.week[pod] += self.ways.instance.policy.leader_hours_per_member
        if role == SALES:
            self._uncoach(pod)

    def _room(self, person: int, pod: int) -> float:
        seat = self.seats[person, pod]
        return float(seat.share * self.ways.instance.derived.plannable[person]) - seat.taken

    def _take(self, person: int, pod: int, hours: float, accounts: int) -> None:
        seat = self.seats[person, pod]
        self.seats[person, pod] = Seat(seat.share, seat.taken + hours, seat.owned + accounts)

    def _seat(self, person: int, pod: int, share: float) -> None:
        role = int(self.ways.instance.people.role[person])
        self.seats[person, pod] = Seat(share, 0.0, 0)
        self.free[person] -= share
        self.pods[person] += 1
        self.team[pod] = tuple((*members, person) if r == role else members for r, members in enumerate(self.team[pod]))
        if role != LEADER:
            self.week[pod] -= self.ways.instance.policy.leader_hours_per_member

    def _unseat(self, person: int, pod: int) -> None:
        self.free[person] += self.seats.pop((person, pod)).share
        self.pods[person] -= 1
