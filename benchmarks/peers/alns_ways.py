"""Where each account may go, and who may work where: what the local search looks up all the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.place import MAY, join_mode
from podplanner.domain.vocabulary import DIRECT, NOBODY, SALES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.peers.staffing import Options
    from podplanner.domain.instance import Instance


class Ways:
    """Where each account may go, and who may join which pod.

    Parameters
    ----------
    options
        One column for each (account, pod, tier).
    """

    def __init__(self, instance: Instance, options: Options) -> None:
        columns = options.columns
        self.instance, self.columns = instance, columns
        self.served = instance.tiers.served[columns.tier]
        self.pods_of_site = [np.flatnonzero(options.site == p) for p in range(len(options.site))]
        idle = np.where(self.served.any(axis=1), -np.inf, columns.value)
        best = np.lexsort((-idle, columns.unit))
        self.away = best[np.searchsorted(columns.unit, np.arange(len(instance.accounts)))]
        self.gain = columns.value - columns.value[self.away][columns.unit]
        sales = np.maximum(columns.hours[:, SALES], 1.0)
        self.rate = self.gain / sales
        self.best_gain, self.best_rate = (np.zeros(len(instance.accounts)) for _ in range(2))
        np.maximum.at(self.best_gain, columns.unit, self.gain)
        np.maximum.at(self.best_rate, columns.unit, self.rate)
        self.staffable = np.flatnonzero(instance.pods.coverage != DIRECT)
        worth = np.flatnonzero(self.gain > 0)
        self._by_pod = worth[np.argsort(columns.pod[worth], kind="stable")]
        self._site = options.site
        self.hire_cost = np.where(
            instance.people.is_hire,
            instance.people.annual_cost * instance.derived.employed
            + instance.roles.hire_cost[instance.people.role] / instance.policy.horizon_years,
            0.0,
        )
        order = np.lexsort((-self.gain, columns.unit))
        self._ranked = order[self.gain[order] > 0]
        self._first = np.searchsorted(columns.unit[self._ranked], np.arange(len(instance.accounts) + 1))
        self._able: dict[tuple[int, int], NDArray[np.int64]] = {}

    def options(self, account: int) -> list[int]:
        """Columns that gain something over doing without a team, the best first."""
        mine: list[int] = self._ranked[self._first[account] : self._first[account + 1]].tolist()
        return mine

    def able(self, role: int, pod: int) -> NDArray[np.int64]:
        """Who of a role may join a pod without relocation: those who are in it today, others, then hires."""
        if (role, pod) not in self._able:
            people, derived = self.instance.people, self.instance.derived
            found = np.flatnonzero((people.role == role) & derived.has_duties & (derived.plannable > 0))
            found = found[join_mode(self.instance, found.astype(np.int32), np.array(pod, np.int32)) == MAY]
            today = people.pod_today[found]
            order = np.lexsort((found, (today != NOBODY) & (today != pod), today != pod, self.hire_cost[found]))
            self._able[role, pod] = found[order]
        return self._able[role, pod]

    def accounts_of(self, pod: int) -> NDArray[np.int64]:
        """Accounts that gain something in the pod."""
        pods = self.columns.pod[self._by_pod]
        first, last = np.searchsorted(pods, [self._site[pod], self._site[pod] + 1])
        return np.unique(self.columns.unit[self._by_pod[first:last]])
