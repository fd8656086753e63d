"""What sentences are about: the plan that a scenario starts from, and its input."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from datasets.geo.places import resolve_places
from podplanner.domain.score import score

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


def only_forbids(changes: Iterable[Row]) -> bool:
    """Whether changes only add rules that take plans away: what no plan can beat before, none can after.

    A pin of a person to a pod is none of them: whoever is pinned may be without a duty.
    """
    rules: dict[str, dict[str, str]] = {}
    for row in changes:
        if (row.get("op"), row["table"]) != ("add", "rules"):
            return False
        rules.setdefault(row["id"], {})[row["column"]] = row["value"]
    return all(cells.get("rule") != "pin" or cells.get("account_id") for cells in rules.values())


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
        return [*sorted(values), *self.names("POD")[0]]

    def inside(self, name: str) -> NDArray[np.bool_]:
        """Accounts of a region, country, city or pod of the plan (A)."""
        columns = self.given.tables["accounts"].columns
        folded = name.casefold()
        result = np.zeros(len(self.instance.accounts), bool)
        for place in PLACES:
            if place in columns:
                result |= np.array([text.casefold() == folded for text in columns[place].tolist()], bool)
        pods = [index for pod, index in self.instance.pod_index.items() if pod.casefold() == folded]
        return result | np.isin(self.plan.pod, pods)

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
