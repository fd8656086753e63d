"""Small random companies as tables, with every rule in one or another, on which engines are held to one another."""

from __future__ import annotations

from typing import Any

import numpy as np

import datasets
from podplanner.domain.build import build_instance
from podplanner.domain.instance import Instance

Row = dict[str, Any]
FUNCTIONS = ("sales", "marketing", "support", "operations")
PLACES = ((41.9, -87.6), (42.1, -87.9), (40.7, -74.0), (34.0, -118.2))
"""Two places that commuters share, and two far away."""


def random_tables(seed: int, *, accounts: int = 5, people: int = 5) -> dict[str, list[Row]]:
    """Tables of one company, everything drawn by the seed."""
    rng = np.random.default_rng(seed)
    tables: dict[str, list[Row]] = {
        "accounts": [_account(rng, i) for i in range(int(rng.integers(1, accounts + 1)))],
        "people": _people(rng, people),
        "tiers": _tiers(rng),
        "service": _service(rng),
        "roles": [_role(rng, role) for role in (*FUNCTIONS, "leader")],
        "pods": _pods(rng),
    }
    for row in tables["accounts"][1:]:
        row |= _maybe(rng, 0.2, parent_id="A0")
    tables["books"] = _books(rng, tables)
    tables["policy"] = _policy(rng, tables)
    tables["rules"] = _rules(rng, tables)
    return {name: rows for name, rows in tables.items() if rows}


def random_company(seed: int, *, accounts: int = 5, people: int = 5) -> Instance:
    """The instance of `random_tables`."""
    return build_instance(datasets.from_tables(random_tables(seed, accounts=accounts, people=people)))


def _maybe(rng: np.random.Generator, chance: float, **cells: object) -> Row:
    return cells if rng.random() < chance else {}


def _place(rng: np.random.Generator) -> Row:
    latitude, longitude = PLACES[int(rng.choice(4, p=(0.5, 0.25, 0.15, 0.1)))]
    return {"latitude": latitude + round(float(rng.normal(0, 0.3)), 3), "longitude": longitude}


def _account(rng: np.random.Generator, i: int) -> Row:
    revenue = float(rng.integers(0, 500)) * 1000
    row: Row = {"account_id": f"A{i}", "revenue": revenue, "potential": revenue + float(rng.integers(0, 900)) * 1000}
    row |= {"margin": round(float(rng.uniform(0.1, 0.9)), 2)}
    row |= _place(rng) if rng.random() < 0.9 else {}
    row |= _maybe(rng, 0.15, skills=str(rng.choice(["sales:german", "support:aviation"])))
    return row | _maybe(rng, 0.1, hours_sales=float(rng.integers(0, 300)))


def _people(rng: np.random.Generator, most: int) -> list[Row]:
    roles = ["sales", "leader", *rng.choice([*FUNCTIONS, "leader", "sales"], int(rng.integers(0, most - 1)))]
    rows = []
    for i, role in enumerate(roles):
        row: Row = {"person_id": f"P{i}", "role": str(role), "annual_cost": float(rng.integers(20, 90)) * 1000}
        row |= _place(rng) if rng.random() < 0.9 else {}
        row |= _maybe(rng, 0.3, relocatable=True)
        skill = {"sales": "german", "support": "aviation"}.get(str(role), "")
        row |= _maybe(rng, 0.4, skills=skill)
        row |= _maybe(rng, 0.15, end_date="2026-06-30")
        row |= _maybe(rng, 0.2, start_date="2026-03-01", ramp_months=float(rng.integers(0, 6)))
        row |= _maybe(rng, 0.4, pod_id=str(rng.choice(["near", "air"])))
        row |= _maybe(rng, 0.2, max_pods=int(rng.integers(1, 4)))
        rows.append(row)
    return rows


def _tiers(rng: np.random.Generator) -> list[Row]:
    local: Row = {"tier": "local", "coverage": "local", "retain": 0.95, "capture": 0.3}
    virtual: Row = {"tier": "virtual", "coverage": "virtual", "retain": 0.93, "capture": 0.15}
    direct: Row = {"tier": "direct", "coverage": "direct", "retain": 0.85, "capture": 0.02, "cost_per_account": 500.0}
    local |= _maybe(rng, 0.2, min_potential=float(rng.integers(0, 600)) * 1000)
    virtual |= _maybe(rng, 0.15, max_accounts=int(rng.integers(0, 4)))
    gold = {"tier": "gold", "coverage": "local", "retain": 0.97, "capture": 0.4, "cost_per_account": 1000.0}
    return [local, gold, virtual, direct] if rng.random() < 0.2 else [local, virtual, direct]


def _service(rng: np.random.Generator) -> list[Row]:
    return [
        {
            "tier": tier,
            "role": role,
            "served": bool(role == "sales" or rng.random() < 0.4),
            "hours_per_account": float(rng.integers(20, 500)) * scale,
            "hours_per_million": 0.0,
            "max_hours": 900.0,
            "visits": float(rng.integers(0, 8)) if tier == "local" else 0.0,
        }
        for tier, scale in (("local", 1.0), ("virtual", 0.5))
        for role in FUNCTIONS
    ]


def _role(rng: np.random.Generator, role: str) -> Row:
    row: Row = {"role": role, "annual_hours": 1600.0, "utilisation": 0.75, "hire_cost": 5000.0}
    row |= {"annual_cost": float(rng.integers(20, 80)) * 1000, "max_hires": int(rng.integers(0, 2))}
    if role != "sales":
        row |= {"max_pods": int(rng.choice([1, 2, 4])), "share_step": 0.5}
    if role != "leader":
        row["handover_loss"] = float(rng.choice([0.0, 0.02, 0.05]))
    return row | _maybe(rng, 0.1, min_per_pod=1.0)


def _pods(rng: np.random.Generator) -> list[Row]:
    near: Row = {"pod_id": "near", "coverage": "local", "latitude": 41.9, "longitude": -87.6, "fixed_cost": 5000.0}
    far: Row = {"pod_id": "far", "coverage": "local", "latitude": 40.7, "longitude": -74.0, "fixed_cost": 3000.0}
    air: Row = {"pod_id": "air", "coverage": "virtual", "fixed_cost": 1000.0}
    near |= _maybe(rng, 0.2, min_people=int(rng.integers(2, 4)))
    near |= _maybe(rng, 0.2, max_people=int(rng.integers(3, 6)))
    near |= _maybe(rng, 0.2, max_accounts=int(rng.integers(1, 4)))
    air |= _maybe(rng, 0.2, min_accounts=int(rng.integers(1, 4)))
    far |= _maybe(rng, 0.15, keep_open=True)
    web: Row = {"pod_id": "web", "coverage": "direct"}
    sky: list[Row] = [{"pod_id": f"sky-{copy}", "coverage": "virtual", "fixed_cost": 500.0} for copy in (1, 2)]
    first = [near] if rng.random() < 0.5 else [near, far]
    return [*first, air, web] if rng.random() < 0.6 else [*first, air, *sky, web]


def _books(rng: np.random.Generator, tables: dict[str, list[Row]]) -> list[Row]:
    if rng.random() < 0.4:
        return []
    owner = {
        (account["account_id"], person["role"]): person["person_id"]
        for account in tables["accounts"]
        for person in tables["people"]
        if person["role"] in FUNCTIONS and rng.random() < 0.5
    }
    return [{"account_id": account, "role": role, "person_id": person} for (account, role), person in owner.items()]


def _policy(rng: np.random.Generator, tables: dict[str, list[Row]]) -> list[Row]:
    policy: dict[str, object] = {"period_start": "2026-01-01", "period_end": "2026-12-31"}
    policy |= {"leader_hours_base": 100, "leader_hours_per_member": 20, "leader_hours_per_account": 10}
    policy |= {"coaching_hours_per_rep": 60, "missing_coach_cost": 4000, "max_local_km": 120, "commute_km": 60}
    pay = sum(row["annual_cost"] for row in tables["people"])
    optional: dict[str, object] = {
        "headcount": "flexible",
        "budget": pay * 1.1 + 20_000,
        "max_headcount": len(tables["people"]),
        "max_hires": 1,
        "max_open_pods": 1,
        "max_moved_accounts": 1,
        "max_moved_revenue": 0.4,
        "max_moved_people": 0,
        "balance_workload": 0.4,
        "balance_potential": 0.6,
        "family_scope": str(rng.choice(["pod", "coverage", "none"])),
        "horizon_years": 2,
        "leavers_own": "true",
        "coach_required": "false",
    }
    policy |= {key: value for key, value in optional.items() if rng.random() < 0.13}
    return [{"key": key, "value": str(value)} for key, value in policy.items()]


def _rules(rng: np.random.Generator, tables: dict[str, list[Row]]) -> list[Row]:
    count = int(rng.choice([0, 0, 1, 2]))
    soft = [_maybe(rng, 0.5, soft_cost=float(rng.integers(1, 30)) * 1000) for _ in range(count)]
    return [{"rule_id": f"R{number}", **_rule(rng, tables), **soft[number]} for number in range(count)]


def _rule(rng: np.random.Generator, tables: dict[str, list[Row]]) -> Row:
    def any_of(table: str, column: str) -> str:
        return str(rng.choice([row[column] for row in tables[table]]))

    account, other = any_of("accounts", "account_id"), any_of("accounts", "account_id")
    person, other_person = any_of("people", "person_id"), any_of("people", "person_id")
    rep, pod = "P0", any_of("pods", "pod_id")
    choices: list[Row] = [
        {"rule": "pin", "account_id": account, "tier": "virtual"},
        {"rule": "pin", "account_id": account, "pod_id": pod},
        {"rule": "pin", "account_id": account, "person_id": rep},
        {"rule": "pin", "person_id": person, "pod_id": pod},
        {"rule": "forbid", "account_id": account, "tier": "direct"},
        {"rule": "forbid", "account_id": account, "person_id": rep},
        {"rule": "forbid", "person_id": person, "pod_id": pod},
        {"rule": "limit", "attribute": "1", "pod_id": pod, "maximum": 2.0, "minimum": 1.0},
        {"rule": "limit", "attribute": "potential", "role": "sales", "maximum": 900_000.0},
        {"rule": "limit", "attribute": "1", "person_id": rep, "minimum": 2.0},
        {"rule": "limit", "attribute": "1", "tier": "direct", "maximum": 2.0},
    ]
    if account != other:
        choices += [
            {"rule": kind, "account_id": account, "other_id": other, **role}
            for kind in ("together", "apart")
            for role in ({}, {"role": "sales"})
        ]
    if person != other_person:
        choices += [{"rule": kind, "person_id": person, "other_id": other_person} for kind in ("together", "apart")]
    return choices[int(rng.integers(len(choices)))]
