"""Completed people and roles."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

import numpy as np

from datasets.completion import Completion, as_table, places
from datasets.schema import TABLES, WAGE_LOADING, WAGES
from datasets.skills import plain_skills
from datasets.tiers import with_rows
from datasets.typed import Array, Typed, is_blank
from podplanner.domain.tables import Table
from podplanner.domain.vocabulary import FUNCTIONS, ROLES

_FLOAT_SLACK = 1e-9


def complete_people(table: Typed, roles: Table, completion: Completion) -> Table:
    """People with places and what their role gives."""
    position = {role: index for index, role in enumerate(roles["role"])}
    role = np.array([position[name] for name in table["role"]], np.int64)
    filled = places(table, completion, "a person can be in a virtual pod only")
    filled |= {
        "name": completion.fill(table, "name", table["person_id"]),
        "annual_hours": completion.fill(table, "annual_hours", roles["annual_hours"][role]),
        "skills": plain_skills(table["skills"], table["role"]),
        "can_coach": _coaches(table, completion),
        "ramp_months": completion.constants(table, "ramp_months"),
        "relocatable": completion.constants(table, "relocatable"),
        "max_pods": completion.fill(table, "max_pods", roles["max_pods"][role]),
    }
    return as_table(table, filled)


def _coaches(table: Typed, completion: Completion) -> Array:
    sales = table["role"] == "sales"
    if (table["can_coach"][sales] == 1).any():
        return completion.fill(table, "can_coach", 0, "no")
    words = "yes for all of sales, as no row says so"
    completion.assumed.append(f"people.can_coach: {words} (assumed)")
    return np.where(sales, 1, 0).astype(np.int8)


def complete_roles(table: Typed, people: Typed, completion: Completion) -> Table:
    """Five rows in the order of the roles; ``max_hires`` stays blank until `hires`."""
    missing = [role for role in ROLES if role not in table["role"]]
    if missing:
        table = with_rows(table, {"role": missing})
    order = [list(table["role"]).index(role) for role in ROLES]
    table = Typed(
        table.name,
        {name: column[order] for name, column in table.columns.items()},
        [table.rows[index] for index in order],
        table.given,
        {name: column[order] for name, column in table.extra.items()},
    )
    pay = _pay(table, people, completion)
    constant = [c.name for c in TABLES["roles"].columns if c.default is not None]
    filled = {name: completion.constants(table, name) for name in constant}
    filled["annual_cost"] = pay
    filled["hire_cost"] = completion.fill(table, "hire_cost", 0.3 * pay, "0.3 x annual_cost")
    filled["hire_skills"] = plain_skills(table["hire_skills"], table["role"])
    return as_table(table, filled)


def _pay(table: Typed, people: Typed, completion: Completion) -> Array:
    """Pay of a hire: given, else the role's median in people, else the shipped wage."""
    blank = is_blank(table["annual_cost"])
    pay = table["annual_cost"].copy()
    for index in np.flatnonzero(blank):
        role = table["role"][index]
        known = people["annual_cost"][people["role"] == role]
        known = known[~np.isnan(known)]
        if len(known):
            pay[index] = np.median(known)
            completion.assumed.append(f"roles.annual_cost: {role} {pay[index]:.10g}, the median in people")
        else:
            pay[index] = float(WAGES[role,]) * WAGE_LOADING * completion.usd_rate
            completion.money_used.append("roles.annual_cost")
            column = TABLES["roles"]["annual_cost"]
            completion.assumed.append(f"roles.annual_cost: {role} {pay[index]:.10g}, x 1.3 assumed ({column.source})")
    return pay


def hires(done: Mapping[str, Table], policy: Mapping[str, str], completion: Completion) -> Table:
    """The roles with ``max_hires`` filled, now that accounts, people and pods are known."""
    roles = done["roles"]
    maximum = np.array(roles["max_hires"])
    present = present_heads(done["people"], policy)
    for index, role in enumerate(ROLES):
        if not np.isnan(maximum[index]):
            continue
        maximum[index] = _max_hires(role, roles, done, present)
        completion.assumed.append(f"roles.max_hires: {role} {maximum[index]:.0f} ({_HIRES_WORDS[role]}; assumed)")
    return Table({**roles.columns, "max_hires": maximum})


_HIRES_WORDS = dict.fromkeys(FUNCTIONS, "heads that the hours at the first local tier need, less those present") | {
    "sales": "0 if people has any of sales",
    "leader": "local and virtual pods less leaders present",
}


def _max_hires(role: str, roles: Table, done: Mapping[str, Table], present: Mapping[str, int]) -> float:
    if role == "leader":
        led = np.isin(done["pods"]["coverage"].astype(str), ("local", "virtual"))
        return max(0, int(led.sum()) - present["leader"])
    if role == "sales" and (done["people"]["role"] == "sales").any():
        return 0
    index = ROLES.index(role)
    one = float(roles["annual_hours"][index] * roles["utilisation"][index])
    return max(0, ceil(top_hours(role, done) / one - _FLOAT_SLACK) - present[role])


def top_hours(role: str, done: Mapping[str, Table]) -> float:
    """Hours of a function over all accounts, each at the first local tier."""
    tiers, service, accounts = done["tiers"], done["service"], done["accounts"]
    tier = tiers["tier"][np.flatnonzero(tiers["coverage"] == "local")[0]]
    row = np.flatnonzero((service["tier"] == tier) & (service["role"] == role))[0]
    if not service["served"][row]:
        return 0.0
    hours = service["hours_per_account"][row] + service["hours_per_million"][row] * accounts["potential"] / 1e6
    own = accounts[f"hours_{role}"]
    hours = np.where(np.isnan(own), hours, own)
    return float(np.clip(hours, service["min_hours"][row], service["max_hours"][row]).sum())


def present_heads(people: Table, policy: Mapping[str, str]) -> dict[str, int]:
    """People of each role who are there for some part of the period."""
    present = np.ones(len(people), bool)
    if policy["period_start"]:
        start, end = (np.datetime64(policy[key], "D") for key in ("period_start", "period_end"))
        # A comparison with NaT is False, so blanks must not be asked.
        present = ~(people["start_date"] > end) & ~(people["end_date"] < start)
    return {role: int((present & (people["role"] == role)).sum()) for role in ROLES}
