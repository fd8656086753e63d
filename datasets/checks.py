"""Checks of typed tables that need no defaults: keys, references, families, dates, skills, pairs of cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from datasets.found import Found
from datasets.geo import utc_offset_of_zone
from datasets.near import one_edit_away
from datasets.policy import Policy
from datasets.schema import TABLES
from datasets.skills import need_of, parts_of, skill_of
from datasets.typed import Typed, did_you_mean, is_blank
from podplanner.domain.vocabulary import ROLES

PAY_OUTLIER = 3.0
"""Pay so many times above or below the role's median is told."""

_OUTLIER_ROWS = 3

_REFERENCES = (
    ("books", "account_id", "accounts"),
    ("response", "account_id", "accounts"),
    ("distances", "account_id", "accounts"),
    ("rules", "account_id", "accounts"),
    ("rules", "person_id", "people"),
)

_PAIRS = (
    ("pods", "min_people", "max_people", "minimum_above_maximum"),
    ("pods", "min_accounts", "max_accounts", "minimum_above_maximum"),
    ("service", "min_hours", "max_hours", "minimum_above_maximum"),
    ("rules", "minimum", "maximum", "minimum_above_maximum"),
    ("people", "start_date", "end_date", "date_order"),
)


def check(given: Mapping[str, Typed], policy: Policy, found: Found) -> None:
    """Run every check; findings go to ``found``."""
    for table in given.values():
        _check_keys(table, found)
    for name, column, target in _REFERENCES:
        _check_reference(given[name], column, given[target], found)
    _check_families(given["accounts"], found)
    _check_value_columns(given["accounts"], found)
    for name, low, high, rule in _PAIRS:
        _check_pair(given[name], low, high, rule, found)
    for name in ("accounts", "people", "pods"):
        _check_half_place(given[name], found)
        _check_zones(given[name], found)
    _check_skills(given, found)
    _check_steps(given["roles"], found)
    _check_pay(given["people"], found)
    if policy.text("reference") != "plan":
        _check_books(given["books"], given["people"], found)
    _check_rules(given["rules"], given, found)
    _check_period(policy, found)


def _check_keys(table: Typed, found: Found) -> None:
    key = TABLES[table.name].key
    keys = table.keys() if key else []
    if len(set(keys)) == len(keys):
        return
    first: dict[str, int] = {}
    for row, value in zip(table.rows, keys, strict=True):
        if value and value in first:
            where = first[value] if first[value] > 0 else f"{-first[value]} of changes"
            found.add("duplicate_key", table.name, row, key[0], value, key=" and ".join(key), first=where)
        elif value:
            first[value] = row


def _usable(table: Typed) -> bool:
    return set(TABLES[table.name].key) <= table.given


def _check_reference(table: Typed, column: str, target: Typed, found: Found) -> None:
    if not len(table) or not _usable(target):
        return
    report_unknown(table, column, set(target[TABLES[target.name].key[0]]), target.name, found)


def report_unknown(table: Typed, column: str, known: set[str], target: str, found: Found) -> None:
    """Report each id in the column that is not known in the target table."""
    unknown = set(table[column]) - known - {""}
    for row, value in zip(table.rows, table[column], strict=True) if unknown else ():
        if value in unknown:
            found.add("unknown_reference", table.name, row, column, value, target=target)


def _check_value_columns(accounts: Typed, found: Found) -> None:
    if accounts.given and not {"revenue", "potential"} & accounts.given:
        like = [name for name in accounts.extra for value in ("revenue", "potential") if one_edit_away(name, value)]
        near = " revenue, or potential, or both" + did_you_mean(next(iter(like), None))
        found.add("missing_column", "accounts", None, "revenue", near=near)
    low = accounts["potential"] < accounts["revenue"]
    for index in np.flatnonzero(low):
        found.add(
            "potential_below_revenue",
            "accounts",
            accounts.rows[index],
            "potential",
            f"{accounts['potential'][index]:.10g}",
        )


def _check_families(accounts: Typed, found: Found) -> None:
    ids, parents = accounts["account_id"], accounts["parent_id"]
    parent_of = {ids[index]: parents[index] for index in np.flatnonzero(~is_blank(parents)) if ids[index]}
    if not parent_of:
        return
    row_of = dict(zip(ids, accounts.rows, strict=True))
    done: set[str] = set()
    for start in parent_of:
        path: dict[str, None] = {}
        node = start
        while node in parent_of and node not in done and node not in path:
            path[node] = None
            node = parent_of[node]
        if node in path:
            circle = list(path)[list(path).index(node) :]
            found.add(
                "family_cycle",
                "accounts",
                row_of[node],
                "parent_id",
                parent_of[node],
                circle=" → ".join([*circle, node]),
            )
        done |= path.keys()


def _check_pair(table: Typed, low: str, high: str, rule: str, found: Found) -> None:
    for index in np.flatnonzero(table[low] > table[high]):
        if rule == "date_order":
            low, high = high, low
        found.add(
            rule,
            table.name,
            table.rows[index],
            low,
            _shown(table[low][index]),
            other=high,
            other_value=_shown(table[high][index]),
        )
        if rule == "date_order":
            low, high = high, low


def _shown(value: Any) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _check_half_place(table: Typed, found: Found) -> None:
    latitude, longitude = is_blank(table["latitude"]), is_blank(table["longitude"])
    for index in np.flatnonzero(latitude != longitude):
        if table.rows[index] not in found.unsound_rows(table.name):
            found.add("half_place", table.name, table.rows[index], "latitude" if latitude[index] else "longitude")


def _check_zones(table: Typed, found: Found) -> None:
    zones = table["time_zone"]
    unknown = (zones != "") & np.isnan(utc_offset_of_zone(zones))
    for index in np.flatnonzero(unknown):
        found.add("unknown_time_zone", table.name, table.rows[index], "time_zone", zones[index])


def _check_skills(given: Mapping[str, Typed], found: Found) -> None:
    accounts, people, roles = given["accounts"], given["people"], given["roles"]
    for index in np.flatnonzero(~is_blank(accounts["skills"])):
        text = accounts["skills"][index]
        bad = [part for part in parts_of(text) if need_of(part) is None]
        if bad:
            found.add("bad_skill", "accounts", accounts.rows[index], "skills", text, part=bad[0], form="role:skill")
    for table, column in ((people, "skills"), (roles, "hire_skills")):
        for row, text, role in zip(table.rows, table[column], table["role"], strict=True):
            bad = [part for part in parts_of(text) if skill_of(part, role) is None]
            if bad:
                found.add("bad_skill", table.name, row, column, text, part=bad[0], form="skill")


def _check_steps(roles: Typed, found: Found) -> None:
    step = roles["share_step"]
    for index in np.flatnonzero(~np.isnan(step)):
        parts = 1 / step[index]
        if abs(parts - round(parts)) > 1e-6:
            found.add("bad_share_step", "roles", roles.rows[index], "share_step", step[index])


def _check_pay(people: Typed, found: Found) -> None:
    for role in ROLES:
        rows = np.flatnonzero((people["role"] == role) & (people["annual_cost"] > 0))
        if len(rows) < _OUTLIER_ROWS:
            continue
        median = float(np.median(people["annual_cost"][rows]))
        for index in rows:
            ratio = people["annual_cost"][index] / median
            if ratio > PAY_OUTLIER or ratio < 1 / PAY_OUTLIER:
                shown = f"{ratio:.1f} times" if ratio > 1 else f"1/{1 / ratio:.1f} of"
                found.add(
                    "pay_outlier",
                    "people",
                    people.rows[index],
                    "annual_cost",
                    _shown(people["annual_cost"][index]),
                    ratio=shown,
                    median=median,
                )


def _check_books(books: Typed, people: Typed, found: Found) -> None:
    if not len(books):
        found.add("no_books", "books")
        return
    if not _usable(people):
        return
    role_of = dict(zip(people["person_id"], people["role"], strict=True))
    for row, person, role in zip(books.rows, books["person_id"], books["role"], strict=True):
        if person and person not in role_of:
            found.add("vacancy", "books", row, "person_id", person)
        elif person and role and role_of[person] and role_of[person] != role:
            found.add("other_role", "books", row, "person_id", person, person=person, role=role_of[person])


_NEEDS = {
    "pin": "an account_id or person_id, and a pod_id, tier or, for an account, person_id",
    "forbid": "an account_id or person_id, and a pod_id, tier or, for an account, person_id",
    "together": "an account_id or person_id, and the other_id",
    "apart": "an account_id or person_id, and the other_id",
    "limit": "an attribute, and a minimum or maximum",
}


def _check_rules(rules: Typed, given: Mapping[str, Typed], found: Found) -> None:
    known = {name: set(given[name][key]) for name, key in (("accounts", "account_id"), ("people", "person_id"))}
    for index, row in enumerate(rules.rows):
        if row in found.unsound_rows("rules"):
            continue
        cells = {name: rules[name][index] for name in rules.columns}
        lacks = _lacks(cells)
        if lacks:
            found.add(
                "rule_incomplete",
                "rules",
                row,
                None,
                cells["rule"],
                lacks=lacks,
                kind=cells["rule"],
                needs=_NEEDS[cells["rule"]],
            )
        elif cells["rule"] in ("together", "apart"):
            target = "accounts" if cells["account_id"] else "people"
            if _usable(given[target]) and cells["other_id"] not in known[target]:
                found.add("unknown_reference", "rules", row, "other_id", cells["other_id"], target=target)


def _lacks(cells: Mapping[str, Any]) -> str:
    """What a rule needs and does not have; "" where it is complete."""
    account, person = cells["account_id"], cells["person_id"]
    match cells["rule"]:
        case "pin" | "forbid":
            if not account and not person:
                return "an account_id or person_id"
            places = [cells["pod_id"], cells["tier"], person] if account else [cells["pod_id"]]
            return "" if any(places) else "what to bind to"
        case "together" | "apart":
            if bool(account) == bool(person):
                return "one of account_id and person_id"
            return "" if cells["other_id"] else "the other_id"
        case "limit":
            if not cells["attribute"]:
                return "an attribute"
            return "a minimum or maximum" if np.isnan(cells["minimum"]) and np.isnan(cells["maximum"]) else ""
    return ""


def _check_period(policy: Policy, found: Found) -> None:
    start, end = policy.text("period_start"), policy.text("period_end")
    if start and end and end < start:
        found.add(
            "date_order", "policy", policy.rows["period_end"], "value", end, other="period_start", other_value=start
        )
