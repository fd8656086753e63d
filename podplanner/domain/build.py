"""From canonical tables to an `Instance`: ids become dense indices, hire slots join the people, nothing is judged.

The tables are valid by existing (`datasets` found nothing wrong), so a KeyError here is a defect of ours.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.domain.instance import Accounts, Distances, Instance, People, Pods, Response, Roles, Rule, Tiers
from podplanner.domain.policy import Policy, read_policy
from podplanner.domain.vocabulary import COVERAGES, FUNCTIONS, LEADER, NOBODY, ROLES, SALES, VACANT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from podplanner.domain.instance import Floats, Ints, Texts
    from podplanner.domain.tables import Column, Table, Tables

FOREVER = np.datetime64("2100-01-01")
"""An end date from this year on means none."""


def build_instance(tables: Tables) -> Instance:
    """Resolve the tables of one planning problem."""
    policy = read_policy(dict(zip(tables["policy"]["key"].tolist(), tables["policy"]["value"].tolist(), strict=True)))
    sets = _SkillSets()
    pods = _pods(tables["pods"])
    pod_index = _lookup(pods.ids)
    roles = _roles(tables["roles"])
    accounts = _accounts(tables["accounts"], sets)
    tiers = _tiers(tables["tiers"], tables["service"])
    people = _people(tables["people"], tables["roles"], roles, policy, pod_index, sets)
    lookups = {
        "account": _lookup(accounts.ids),
        "person": _lookup(people.ids),
        "pod": pod_index,
        "tier": _lookup(tiers.ids),
        "role": _lookup(ROLES),
    }
    return Instance(
        accounts=accounts,
        people=people,
        pods=pods,
        tiers=tiers,
        roles=roles,
        policy=policy,
        owner_today=_owner_today(tables["books"], lookups, people, policy),
        response=_response(tables["response"], lookups),
        distances=_distances(tables["distances"], lookups),
        rules=_rules(tables["rules"], lookups),
        skill_sets=tuple(sets.seen),
        has_books=len(tables["books"]) > 0,
        sha256=tables.sha256(),
        assumed=tables.assumed,
        warnings=tables.warnings,
        extra=MappingProxyType({name: _unknown(tables[name], name) for name in ("accounts", "people", "pods")}),
    )


class _SkillSets:
    """Distinct sets of skills, numbered in order of appearance."""

    def __init__(self) -> None:
        self.seen: dict[frozenset[str], int] = {frozenset(): 0}

    def number(self, texts: Iterable[str]) -> Ints:
        return np.array([self.seen.setdefault(_skills(text), len(self.seen)) for text in texts], dtype=np.int32)


def _skills(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(";") if part.strip())


def _of_role(skills: Column, roles: Column) -> list[str]:
    """A person's skills as accounts name them: with the person's role in front."""
    return [
        ";".join(f"{role}:{skill}" for skill in sorted(_skills(text)))
        for text, role in zip(skills.tolist(), roles.tolist(), strict=True)
    ]


def _lookup(ids: Iterable[str]) -> dict[str, int]:
    return {name: index for index, name in enumerate(ids)}


def _indices(column: Column, lookup: Mapping[str, int]) -> Ints:
    """Index of each id; `NOBODY` for blank or unknown ones."""
    return np.array([lookup.get(name, NOBODY) for name in column.tolist()], dtype=np.int32)


def _flags(column: Column) -> NDArray[np.bool_]:
    return np.asarray(column == 1)


def _numbers(table: Table, names: Iterable[str]) -> Floats:
    return np.stack([np.asarray(table[name], float) for name in names], axis=1)


def _accounts(table: Table, sets: _SkillSets) -> Accounts:
    lookup = _lookup(table["account_id"])
    numeric = {name: column for name, column in table.columns.items() if column.dtype == np.float64}
    return Accounts(
        ids=table["account_id"],
        names=table["name"],
        parent=_indices(table["parent_id"], lookup),
        latitude=table["latitude"],
        longitude=table["longitude"],
        utc_offset=table["utc_offset"],
        revenue=table["revenue"],
        potential=table["potential"],
        margin=table["margin"],
        skill_set=sets.number(table["skills"]),
        given_hours=_numbers(table, [f"hours_{role}" for role in FUNCTIONS]),
        numeric=MappingProxyType(numeric),
    )


def _pods(table: Table) -> Pods:
    return Pods(
        ids=table["pod_id"],
        names=table["name"],
        coverage=_indices(table["coverage"], _lookup(COVERAGES)),
        latitude=table["latitude"],
        longitude=table["longitude"],
        utc_offset=table["utc_offset"],
        fixed_cost=table["fixed_cost"],
        min_people=table["min_people"],
        max_people=table["max_people"],
        min_accounts=table["min_accounts"],
        max_accounts=table["max_accounts"],
        keep_open=_flags(table["keep_open"]),
        given=np.asarray(table["origin"] == "given", bool),
    )


def _tiers(table: Table, service: Table) -> Tiers:
    tier, role = _lookup(table["tier"]), _lookup(FUNCTIONS)
    row = np.array([tier[name] for name in service["tier"].tolist()], dtype=np.int32)
    function = np.array([role[name] for name in service["role"].tolist()], dtype=np.int32)

    def grid(name: str) -> Floats:
        result = np.full((len(table), len(FUNCTIONS)), np.nan)
        result[row, function] = service[name]
        return result

    return Tiers(
        ids=table["tier"],
        coverage=_indices(table["coverage"], _lookup(COVERAGES)),
        retain=table["retain"],
        capture=table["capture"],
        cost_per_account=table["cost_per_account"],
        min_potential=table["min_potential"],
        max_accounts=table["max_accounts"],
        hours_per_account=grid("hours_per_account"),
        hours_per_million=grid("hours_per_million"),
        min_hours=grid("min_hours"),
        max_hours=grid("max_hours"),
        visits=grid("visits"),
        served=grid("served") == 1,
    )


def _roles(table: Table) -> Roles:
    order = [_lookup(table["role"])[role] for role in ROLES]
    column = {name: values[order] for name, values in table.columns.items()}
    return Roles(
        ids=column["role"],
        annual_hours=column["annual_hours"],
        utilisation=column["utilisation"],
        annual_cost=column["annual_cost"],
        hire_cost=column["hire_cost"],
        release_cost=column["release_cost"],
        max_hires=column["max_hires"].astype(np.int32),
        on_site=_flags(column["on_site"]),
        share_step=column["share_step"],
        min_per_pod=column["min_per_pod"],
        handover_loss=np.where(np.arange(LEADER + 1) < LEADER, column["handover_loss"], 0.0),
        centre_of_excellence=column["centre_of_excellence"],
    )


def _people(
    table: Table, role_table: Table, roles: Roles, policy: Policy, pod_index: Mapping[str, int], sets: _SkillSets
) -> People:
    slot_role = np.repeat(np.arange(LEADER + 1, dtype=np.int32), roles.max_hires)
    slots = len(slot_role)
    order = np.array([_lookup(role_table["role"])[role] for role in ROLES])[slot_role]
    hires_coach = (slot_role == SALES) & _all_coach(table)
    number = np.concatenate([np.arange(1, count + 1) for count in roles.max_hires])
    hire_ids = [f"hire-{ROLES[role]}-{index}" for role, index in zip(slot_role, number, strict=True)]
    hire_start = role_table["hire_start"][order]
    hire_skills = _of_role(role_table["hire_skills"][order], role_table["role"][order])
    nowhere = np.full(slots, np.nan)

    def both(name: str, hire: NDArray[Any] | list[str]) -> NDArray[Any]:
        return np.concatenate([table[name], np.asarray(hire, dtype=table[name].dtype)])

    end = np.concatenate([table["end_date"], np.full(slots, np.datetime64("NaT"))])
    return People(
        ids=both("person_id", hire_ids),
        names=both("name", [f"New {ROLES[role]} {index}" for role, index in zip(slot_role, number, strict=True)]),
        role=np.concatenate([_indices(table["role"], _lookup(ROLES)), slot_role]),
        latitude=both("latitude", nowhere),
        longitude=both("longitude", nowhere),
        utc_offset=both("utc_offset", nowhere),
        annual_cost=both("annual_cost", roles.annual_cost[slot_role]),
        annual_hours=both("annual_hours", roles.annual_hours[slot_role]),
        skill_set=np.concatenate([sets.number(_of_role(table["skills"], table["role"])), sets.number(hire_skills)]),
        can_coach=np.concatenate([_flags(table["can_coach"]), hires_coach]),
        relocatable=np.concatenate([_flags(table["relocatable"]), np.zeros(slots, bool)]),
        is_hire=np.concatenate([np.zeros(len(table), bool), np.ones(slots, bool)]),
        pod_today=np.concatenate([_indices(table["pod_id"], pod_index), np.full(slots, NOBODY, np.int32)]),
        manager=both("manager_id", [""] * slots),
        start=both("start_date", np.where(np.isnat(hire_start), policy.period_start, hire_start)),
        end=np.where(end >= FOREVER, np.datetime64("NaT"), end),
        ramp_months=both("ramp_months", role_table["hire_ramp_months"][order]),
        max_pods=both("max_pods", role_table["max_pods"][order]).astype(np.int32),
    )


def _all_coach(table: Table) -> bool:
    """Whether every placed sales person coaches, as where no row says who does."""
    placed_sales = (table["role"] == ROLES[SALES]) & ~np.isnan(table["latitude"])
    return bool(_flags(table["can_coach"])[placed_sales].all())


def _owner_today(books: Table, lookups: Mapping[str, Mapping[str, int]], people: People, policy: Policy) -> Ints:
    owner = np.full((len(lookups["account"]), len(FUNCTIONS)), NOBODY, np.int32)
    person = _indices(books["person_id"], lookups["person"])
    absent = (people.start > policy.period_end) | (people.end < policy.period_start)
    leaves = (people.end < policy.period_end) & (not policy.leavers_own)
    function = _indices(books["role"], lookups["role"])
    known = np.maximum(person, 0)
    gone = (absent | leaves)[known] | (person == NOBODY) | (people.role[known] != function)
    owner[_indices(books["account_id"], lookups["account"]), function] = np.where(gone, VACANT, person)
    return owner


def _response(table: Table, lookups: Mapping[str, Mapping[str, int]]) -> Response:
    return Response(
        account=_indices(table["account_id"], lookups["account"]),
        tier=_indices(table["tier"], lookups["tier"]),
        expected_revenue=table["expected_revenue"],
        hours=_numbers(table, [f"hours_{role}" for role in FUNCTIONS]),
    )


def _distances(table: Table, lookups: Mapping[str, Mapping[str, int]]) -> Distances:
    return Distances(
        account=_indices(table["account_id"], lookups["account"]),
        pod=_indices(table["pod_id"], lookups["pod"]),
        km=table["km"],
        hours=table["hours"],
    )


def _rules(table: Table, lookups: Mapping[str, Mapping[str, int]]) -> tuple[Rule, ...]:
    rows = (
        dict(zip(table.columns, row, strict=True)) for row in zip(*(table[name] for name in table.columns), strict=True)
    )
    return tuple(
        Rule(
            rule_id=row["rule_id"],
            kind=row["rule"],
            account=lookups["account"].get(row["account_id"], NOBODY),
            other_account=lookups["account"].get(row["other_id"], NOBODY) if row["account_id"] else NOBODY,
            person=lookups["person"].get(row["person_id"], NOBODY),
            other_person=lookups["person"].get(row["other_id"], NOBODY) if row["person_id"] else NOBODY,
            pod=lookups["pod"].get(row["pod_id"], NOBODY),
            tier=lookups["tier"].get(row["tier"], NOBODY),
            role=lookups["role"].get(row["role"], NOBODY),
            attribute=row["attribute"],
            minimum=float(row["minimum"]),
            maximum=float(row["maximum"]),
            soft_cost=None if np.isnan(row["soft_cost"]) else float(row["soft_cost"]),
            note=row["note"],
        )
        for row in rows
    )


KNOWN_COLUMNS: Mapping[str, frozenset[str]] = {
    "accounts": frozenset(
        [
            "account_id",
            "name",
            "parent_id",
            "industry",
            "segment",
            "latitude",
            "longitude",
            "utc_offset",
            "revenue",
            "potential",
            "margin",
            "skills",
            "hours_sales",
            "hours_marketing",
            "hours_support",
            "hours_operations",
        ]
    ),
    "people": frozenset(
        [
            "person_id",
            "name",
            "role",
            "latitude",
            "longitude",
            "utc_offset",
            "annual_cost",
            "annual_hours",
            "skills",
            "can_coach",
            "pod_id",
            "manager_id",
            "start_date",
            "end_date",
            "ramp_months",
            "relocatable",
            "max_pods",
        ]
    ),
    "pods": frozenset(
        [
            "pod_id",
            "name",
            "coverage",
            "latitude",
            "longitude",
            "utc_offset",
            "fixed_cost",
            "min_people",
            "max_people",
            "min_accounts",
            "max_accounts",
            "keep_open",
            "origin",
        ]
    ),
}


def _unknown(table: Table, name: str) -> Mapping[str, Texts]:
    """Columns that the contract does not know, to be handed through."""
    return MappingProxyType({key: column for key, column in table.columns.items() if key not in KNOWN_COLUMNS[name]})
