"""Completed pods: given ones, those that people are in today, and default candidates."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from datasets.completion import Completion, as_table, places
from datasets.geo import names_of_places, utc_offset_at
from datasets.schema import TABLES
from datasets.schema.places import UTC_OFFSET
from datasets.tiers import with_rows
from datasets.typed import Typed
from podplanner.domain.candidates import default_pods
from podplanner.domain.geography import great_circle_km
from podplanner.domain.tables import Table

_CONSTANTS = tuple(column.name for column in TABLES["pods"].columns if column.default is not None and column.canonical)


def complete_pods(table: Typed, done: Mapping[str, Table], policy: Mapping[str, str], completion: Completion) -> Table:
    """All pods, with their ``origin``.

    Parameters
    ----------
    done
        At least ``accounts``, ``people``, ``tiers``, ``service`` and ``roles``, completed but for ``max_hires``.
    """
    origin = [word or "given" for word in table["origin"]]
    placed = places(table, completion, "")
    # A row of a plan's own has the offset that it was completed with, or none.
    as_it_is = ~np.isnan(table[UTC_OFFSET]) | np.isin(table["origin"], ("people", "default"))
    placed[UTC_OFFSET] = np.where(as_it_is, table[UTC_OFFSET], placed[UTC_OFFSET])
    found = people_pods(table, done["people"], policy)
    if found["pod_id"]:
        table = with_rows(table, {name: found[name] for name in ("pod_id", "coverage")})
        placed = {name: np.concatenate([column, found[name]]) for name, column in placed.items()}
        origin += ["people"] * len(found["pod_id"])
        completion.assumed.append(
            f"pods: {len(found['pod_id'])} made from people.pod_id at the median place of their people (assumed)"
        )
    filled = placed | {"name": completion.fill(table, "name", table["pod_id"])}
    filled |= {name: completion.constants(table, name) for name in _CONSTANTS}
    filled["origin"] = np.array(origin, object)
    before = as_table(table, filled)
    pods = default_pods(done["accounts"], done["people"], before, done["tiers"], done["service"], done["roles"], policy)
    added = len(pods) - len(before)
    if added:
        pods = _with_city_names(pods)
        if pods["fixed_cost"][len(before) :].any():
            completion.money_used.append("pods.fixed_cost")
        completion.assumed.append(f"pods: {added} default candidates for coverages without a row (assumed)")
    return pods


def _with_city_names(pods: Table) -> Table:
    """Default bases called after their city."""
    bases = np.flatnonzero((pods["origin"] == "default") & (pods["coverage"] == "local"))
    name = pods["name"].copy()
    name[bases] = names_of_places(pods["latitude"][bases], pods["longitude"][bases])
    return Table({**pods.columns, "name": name})


def people_pods(table: Typed, people: Table, policy: Mapping[str, str]) -> dict[str, list[object]]:
    """Pods of today that ``pods`` does not have, at their people's median place."""
    rows: dict[str, list[object]] = {"pod_id": [], "coverage": [], "latitude": [], "longitude": [], UTC_OFFSET: []}
    known = set(table["pod_id"])
    members: dict[str, list[int]] = {}
    for index, pod in enumerate(people["pod_id"]):
        if pod and pod not in known:
            members.setdefault(pod, []).append(index)
    for pod in sorted(members):
        for name, value in _people_pod(pod, people, members[pod], policy).items():
            rows[name].append(value)
    return rows


def _people_pod(pod: str, people: Table, members: list[int], policy: Mapping[str, str]) -> dict[str, object]:
    latitude, longitude = people["latitude"][members], people["longitude"][members]
    placed = ~np.isnan(latitude)
    if placed.any():
        middle = float(np.median(latitude[placed])), float(np.median(longitude[placed]))
        km = float(policy["road_factor"]) * great_circle_km(latitude, longitude, *middle)
        if 2 * int((km <= float(policy["commute_km"])).sum()) >= len(members):
            offset = float(utc_offset_at(np.array([middle[0]]), np.array([middle[1]]))[0])
            return {
                "pod_id": pod,
                "coverage": "local",
                "latitude": middle[0],
                "longitude": middle[1],
                UTC_OFFSET: offset,
            }
    offsets = np.sort(people[UTC_OFFSET][members])
    offsets = offsets[~np.isnan(offsets)]
    band = float(offsets[(len(offsets) - 1) // 2]) if len(offsets) else np.nan
    return {"pod_id": pod, "coverage": "virtual", "latitude": np.nan, "longitude": np.nan, UTC_OFFSET: band}
