"""Checks that need the completed tables: tiers, pods, attributes, and what nobody can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from datasets.checks import report_unknown
from datasets.completion import Completion
from datasets.found import Found
from datasets.skills import parts_of
from datasets.typed import Typed, is_blank
from podplanner.domain.tables import Table
from podplanner.domain.vocabulary import FUNCTIONS


def crosscheck(given: Mapping[str, Typed], done: Mapping[str, Table], completion: Completion) -> None:
    """Check given rows against the completed tables.

    Parameters
    ----------
    given
        All rows as given, unsound ones included.
    done
        Completed from the sound rows.
    """
    found = completion.found
    for name, column, target in (
        ("service", "tier", "tiers"),
        ("response", "tier", "tiers"),
        ("rules", "tier", "tiers"),
        ("rules", "pod_id", "pods"),
        ("distances", "pod_id", "pods"),
    ):
        # A row of the target that has another error is known all the same.
        report_unknown(given[name], column, set(done[target][column]) | set(given[target][column]), target, found)
    _check_attributes(given["rules"], done["accounts"], found)
    _check_served(given["service"], done["tiers"], found)
    _check_local_pods(given["pods"], done["pods"], found)
    _check_handover_loss(given, done, found)
    _check_skill_holders(given["accounts"], done, found)
    _check_budget(done, completion)
    _check_currency(completion)


def _check_attributes(rules: Typed, accounts: Table, found: Found) -> None:
    numeric = [name for name, column in accounts.columns.items() if column.dtype == np.float64]
    for row, rule, attribute in zip(rules.rows, rules["rule"], rules["attribute"], strict=True):
        if rule == "limit" and attribute and attribute not in (*numeric, "1"):
            found.add("unknown_attribute", "rules", row, "attribute", attribute, columns=", ".join(numeric))


def _check_served(service: Typed, tiers: Table, found: Found) -> None:
    coverage = dict(zip(tiers["tier"], tiers["coverage"], strict=True))
    for row, tier, role, served in zip(service.rows, service["tier"], service["role"], service["served"], strict=True):
        if role == "sales" and served == 0 and coverage.get(tier) in ("local", "virtual"):
            found.add("sales_not_served", "service", row, "served", "false")


def _check_local_pods(given: Typed, pods: Table, found: Found) -> None:
    placed = dict(zip(pods["pod_id"], ~np.isnan(pods["latitude"]), strict=True))
    for row, pod, coverage in zip(given.rows, given["pod_id"], given["coverage"], strict=True):
        if coverage == "local" and not placed.get(pod, True):
            found.add("local_pod_without_place", "pods", row, "latitude", pod)


def _check_handover_loss(given: Mapping[str, Typed], done: Mapping[str, Table], found: Found) -> None:
    roles, tiers = done["roles"], done["tiers"]
    total = float(roles["handover_loss"].sum())
    lowest = int(np.argmin(tiers["retain"]))
    retain = float(tiers["retain"][lowest])
    if total <= retain + 1e-12:
        return
    if len(given["roles"]) and not np.isnan(given["roles"]["handover_loss"]).all():
        row = given["roles"].rows[int(np.nanargmax(given["roles"]["handover_loss"]))]
        found.add(
            "handover_loss_too_high",
            "roles",
            row,
            "handover_loss",
            f"{total:.4g}",
            total=total,
            retain=retain,
            tier=tiers["tier"][lowest],
        )
    else:
        row = given["tiers"].rows[list(given["tiers"]["tier"]).index(tiers["tier"][lowest])]
        found.add(
            "handover_loss_too_high",
            "tiers",
            row,
            "retain",
            f"{retain:.4g}",
            total=total,
            retain=retain,
            tier=tiers["tier"][lowest],
        )


def _check_skill_holders(accounts: Typed, done: Mapping[str, Table], found: Found) -> None:
    held = {function: _held(function, done) for function in FUNCTIONS}
    for index in np.flatnonzero(~is_blank(accounts["skills"])):
        row, text = accounts.rows[index], accounts["skills"][index]
        if row in found.unsound_rows("accounts"):
            continue
        for part in parts_of(text):
            role, _, skill = (piece.strip() for piece in part.partition(":"))
            if skill not in held[role]:
                found.add("nobody_can_serve", "accounts", row, "skills", text, role=role, skill=skill)
                break


def _held(function: str, done: Mapping[str, Table]) -> set[str]:
    people, roles = done["people"], done["roles"]
    index = list(roles["role"]).index(function)
    texts = list(people["skills"][people["role"] == function])
    if roles["max_hires"][index] > 0:
        texts.append(roles["hire_skills"][index])
    return {skill for text in texts for skill in parts_of(text)}


def _check_budget(done: Mapping[str, Table], completion: Completion) -> None:
    budget = completion.policy.number("budget")
    pay = float(done["people"]["annual_cost"].sum())
    if budget < pay and completion.policy.text("headcount") == "fixed":
        completion.found.add(
            "budget_below_pay", "policy", completion.policy.rows["budget"], "value", f"{budget:.10g}", pay=pay
        )


def _check_currency(completion: Completion) -> None:
    currency = completion.policy.text("currency")
    used = list(dict.fromkeys(completion.money_used))
    if currency != "USD" and used and np.isnan(completion.policy.number("usd_rate")):
        row: Any = completion.policy.rows["currency"]
        completion.found.add(
            "usd_rate_missing",
            "policy",
            row,
            "value",
            currency,
            currency=currency,
            used=len(used),
            columns=", ".join(used),
        )
