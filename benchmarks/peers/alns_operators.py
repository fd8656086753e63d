"""How the local search takes plans apart, and in which order it puts accounts back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.geography import great_circle_km

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.peers.alns_state import State

LEAST_TAKEN, MOST_TAKEN = 5, 60
"""Accounts taken out in a round."""
MOST_COMING = 500
"""Accounts that are tried in a pod staffed anew."""


@dataclass
class Operators:
    """The current plan, and what draws the next.

    Parameters
    ----------
    random
        Of everything.
    """

    state: State
    random: np.random.Generator

    def anywhere(self) -> NDArray[np.int64]:
        """Some accounts out of their teams."""
        return self._out(self.random.permutation(self._teamed())[: self._count()])

    def nearby(self) -> NDArray[np.int64]:
        """Accounts near to each other out of their teams, together with others there that have none."""
        accounts = self.state.ways.instance.accounts
        centre = self.random.integers(len(accounts))
        away = great_circle_km(
            accounts.latitude, accounts.longitude, accounts.latitude[centre], accounts.longitude[centre]
        )
        return self._out(np.argsort(away, kind="stable")[: 2 * self._count()])

    def least(self) -> NDArray[np.int64]:
        """Accounts that gain least for an hour of sales."""
        teamed = self._teamed()
        rate = self.state.ways.rate[self.state.place[teamed]] * self.random.uniform(0.5, 1.5, len(teamed))
        return self._out(teamed[np.argsort(rate, kind="stable")[: self._count()]])

    def closed(self) -> NDArray[np.int64]:
        """A whole pod."""
        pods = sorted(self.state.team)
        if not pods:
            return np.zeros(0, np.int64)
        pod = pods[self.random.integers(len(pods))]
        members = np.flatnonzero((self.state.pod == pod) & (self.state.place != self.state.ways.away))
        self.state.close(pod)
        return members

    def opened(self) -> NDArray[np.int64]:
        """A pod staffed anew, and accounts without a team that it could take."""
        pods = [pod for pod in self.state.ways.staffable.tolist() if pod not in self.state.team]
        if not pods:
            return np.zeros(0, np.int64)
        pod = pods[self.random.integers(len(pods))]
        if not self.state.open(pod):
            return np.zeros(0, np.int64)
        return self.coming(pod)

    def replaced(self) -> NDArray[np.int64]:
        """A whole pod, and another staffed anew."""
        return np.concatenate([self.closed(), self.opened()])

    def coming(self, pod: int) -> NDArray[np.int64]:
        """Accounts without a team that gain most for an hour in the pod."""
        there = self.state.ways.accounts_of(pod)
        return self.by_rate(there[self.state.place[there] == self.state.ways.away[there]])[:MOST_COMING]

    def by_rate(self, accounts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those that gain most for an hour of sales first."""
        return accounts[np.argsort(-self.state.ways.best_rate[accounts], kind="stable")]

    def by_gain(self, accounts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those that gain most first."""
        return accounts[np.argsort(-self.state.ways.best_gain[accounts], kind="stable")]

    def by_noise(self, accounts: NDArray[np.int64]) -> NDArray[np.int64]:
        """By rate, but not quite."""
        noise = self.random.uniform(0.7, 1.3, len(accounts))
        return accounts[np.argsort(-self.state.ways.best_rate[accounts] * noise, kind="stable")]

    def _teamed(self) -> NDArray[np.int64]:
        return np.flatnonzero(self.state.place != self.state.ways.away)

    def _count(self) -> int:
        return int(self.random.integers(LEAST_TAKEN, MOST_TAKEN + 1))

    def _out(self, accounts: NDArray[np.int64]) -> NDArray[np.int64]:
        for account in accounts.tolist():
            if self.state.has_team(account):
                self.state.remove(account)
        return accounts

    def put_back(self, accounts: NDArray[np.int64]) -> None:
        """Give accounts teams in this order, as far as there is room; pods that stay empty close."""
        for account in accounts.tolist():
            if not self.state.has_team(account):
                self.state.insert(account)
        for pod in [pod for pod, number in self.state.accounts.items() if not number]:
            self.state.close(pod)
