"""What sentences are about: the plan that a scenario starts from, and its input."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from datasets.geo import names_of_regions, resolve_places, same_country, same_region
from podplanner.domain.score import score
from podplanner.domain.vocabulary import LEADER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from datasets import Given
    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan

Row = dict[str, str]
"""A row of ``changes``: op, table, id, column, value."""

PLACES = ("region", "country", "city")
"""Columns of accounts that say where one is."""
WORDS_OF_CITY = 3
"""City, region, country."""


def only_forbids(instance: Instance, changes: Iterable[Row]) -> bool:
    """Whether changes only add rules that take plans away: what no plan can beat before, none can after.

    A rule takes plans away, but for a pin of a person to a pod, which excuses twice from the rule ``idle``: the person
    may have no duty there, and the pod no owner. Neither gives a plan that there was not where an account is pinned to
    that pod and to that person, who then owns it there. A leader who is placed leads; for one, any account will do that
    is pinned to the pod and to somebody.

    Parameters
    ----------
    instance
        What is changed.
    """
    rules: dict[str, dict[str, str]] = {}
    for row in changes:
        if (row.get("op"), row["table"]) != ("add", "rules"):
            return False
        rules.setdefault(row["id"], {})[row["column"]] = row["value"]
    pins = [cells for cells in rules.values() if cells.get("rule") == "pin"]
    hard = [cells for cells in pins if cells.get("account_id") and not cells.get("soft_cost")]
    persons = {(cells["account_id"], cells["person_id"]) for cells in hard if cells.get("person_id")}
    pods = {cells["account_id"]: cells["pod_id"] for cells in hard if cells.get("pod_id")}
    owning = {(person, pods[account]) for account, person in persons if account in pods}
    owned = {pod for _, pod in owning}
    leaders = set(instance.people.ids[instance.people.role == LEADER].tolist())
    placed = [(cells["person_id"], cells["pod_id"]) for cells in pins if not cells.get("account_id")]
    return all(pod in owned if person in leaders else (person, pod) in owning for person, pod in placed)


@dataclass(frozen=True)
class Facts:
    """A plan and its input."""

    given: Given
    instance: Instance
    plan: Plan

    def names(self, kind: str) -> tuple[list[str], list[str]]:
        """Ids and names of accounts, people (without possible hires) or pods."""
        instance = self.instance
        if kind == "ACCOUNT":
            ids, names = instance.accounts.ids, instance.accounts.names
        elif kind == "POD":
            ids, names = instance.pods.ids, instance.pods.names
        else:
            known = ~instance.people.is_hire
            ids, names = instance.people.ids[known], instance.people.names[known]
        return [str(each) for each in ids], [str(each) for each in names]

    @property
    def tiers(self) -> list[str]:
        """Ids of the tiers."""
        return [str(each) for each in self.instance.tiers.ids]

    @cached_property
    def spent(self) -> float:
        """What the plan spends of what a budget caps, money a year."""
        return score(self.instance, self.plan).budget_use

    @cached_property
    def regions(self) -> Sequence[str]:
        """All that `inside` knows, in order."""
        texts = [self.given.tables["accounts"].columns.get(name) for name in PLACES]
        values = {value for column in texts if column is not None for value in column.tolist() if value}
        return [*names_of_regions(*self._regions_and_countries), *sorted(values), *self.names("POD")[0]]

    @cached_property
    def _regions_and_countries(self) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """Of each account, "" where blank (A)."""
        columns = self.given.tables["accounts"].columns
        blank = np.full(len(self.instance.accounts), "", object)
        return columns.get("region", blank), columns.get("country", blank)

    def inside(self, name: str) -> NDArray[np.bool_]:
        """Accounts of a region, country, city or pod of the plan (A).

        Regions and countries are told as the table has them, else by code or by name.
        """
        columns = self.given.tables["accounts"].columns
        folded = name.casefold()
        result = np.zeros(len(self.instance.accounts), bool)
        for place in PLACES:
            if place in columns:
                result |= np.array([text.casefold() == folded for text in columns[place].tolist()], bool)
        pods = [index for pod, index in self.instance.pod_index.items() if pod.casefold() == folded]
        result |= np.isin(self.plan.pod, pods)
        if result.any():
            return result
        region, country = self._regions_and_countries
        return same_region(region, country, name) | same_country(country, name)

    def place(self, words: str) -> tuple[float, float, str] | None:
        """Latitude, longitude and name of a pod's base or a city; None where there is neither."""
        pods = self.instance.pods
        for index, (pod, name) in enumerate(zip(pods.ids.tolist(), pods.names.tolist(), strict=True)):
            if words.casefold() in (pod.casefold(), name.casefold()) and np.isfinite(pods.latitude[index]):
                return float(pods.latitude[index]), float(pods.longitude[index]), str(name)
        parts = [part.strip() for part in words.split(",")]
        if len(parts) > WORDS_OF_CITY:
            return None
        city, region, country = (np.array([part], object) for part in (*parts, "", "")[:WORDS_OF_CITY])
        latitude, longitude, _ = resolve_places(np.array([""], object), city, region, country)
        return None if np.isnan(latitude[0]) else (float(latitude[0]), float(longitude[0]), words)
