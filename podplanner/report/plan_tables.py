"""accounts_plan, people_plan and pods_plan: the decisions, and who carries what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.score import TERMS
from podplanner.domain.vocabulary import COVERAGES, FUNCTIONS, NOBODY, ROLES
from podplanner.report.columns import UNASSIGNED, UNUSED
from podplanner.report.shape import ids_at, make_table, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from podplanner.domain.tables import Column, Table
    from podplanner.report.ledger import Ledger
    from podplanner.report.prices import PricedPlaces

    Floats = NDArray[np.float64]

COSTS = TERMS[1:]
OF_NO_ACCOUNT = ("hire_cost", "fixed_cost", "relocation_cost", "release_cost", "move_cost", "soft_cost")
"""Terms that no account causes; the row ``unused`` carries them as other_cost."""


def accounts_plan(ledger: Ledger, places: PricedPlaces) -> Table:
    """One row an account in input order, then ``unused``."""
    instance, plan = ledger.instance, ledger.plan
    next_pod, next_tier, next_value = places.next_best
    columns: dict[str, object] = {
        "account_id": [*instance.accounts.ids, UNUSED],
        "tier": [*instance.tiers.ids[plan.tier], ""],
        "pod_id": [*instance.pods.ids[plan.pod], ""],
        "leader_id": [*ids_at(instance.people.ids, plan.leader[plan.pod]), ""],
        "expected_revenue": np.append(ledger.expected, 0.0),
        "next_best_pod_id": [*ids_at(instance.pods.ids, next_pod), ""],
        "next_best_tier": [*ids_at(instance.tiers.ids, next_tier), ""],
        "next_best_loss": np.append(places.priced - next_value, np.nan),
        "name": [*instance.accounts.names, "hours that no account uses, and what no account causes"],
        **account_money(ledger),
    }
    used = ledger.placement_hours
    rest = used["available"] - used["accounts"] - used["travel"] - used["coaching"] - used["leading"]
    for function, name in enumerate(FUNCTIONS):
        of_role = instance.people.role[plan.placed_person] == function
        columns[f"owner_{name}"] = [*ids_at(instance.people.ids, plan.owner[:, function]), ""]
        columns[f"hours_{name}"] = np.append(ledger.hours[:, function], rest[of_role].sum())
    return make_table("accounts_plan", columns, _padded(instance.extra.get("accounts", {}), len(instance.accounts) + 1))


def account_money(ledger: Ledger) -> Mapping[str, Floats]:
    """Money columns of accounts_plan, the row ``unused`` last (A + 1 each)."""
    terms = ledger.score.terms
    money = {name: np.append(amount, 0.0) for name, amount in ledger.by_account.items()}
    money["people_cost"][-1] = -terms["people_cost"] - ledger.account_pay.sum()
    other = np.zeros(len(money["margin"]))
    other[-1] = -sum(terms[name] for name in OF_NO_ACCOUNT)
    cost = money["people_cost"] + money["direct_cost"] + money["travel_cost"] + other
    return {
        **money,
        "other_cost": other,
        "cost_to_serve": cost,
        "contribution": money["margin"] - cost - money["handover_cost"],
    }


def people_plan(ledger: Ledger, *, with_unknown: bool) -> Table:
    """A row for each person and pod in input order; the unplaced with an empty pod, unused hire slots left out."""
    instance, plan, people = ledger.instance, ledger.plan, ledger.instance.people
    unplaced = np.flatnonzero(~ledger.facts.placed & ~people.is_hire).astype(np.int32)
    placed = len(plan.placed_person)
    person = np.concatenate([plan.placed_person, unplaced])
    pod = np.concatenate([plan.placed_pod, np.full(len(unplaced), NOBODY, np.int32)])
    order = np.lexsort((pod, person))

    def column(of_placement: Column) -> Column:
        wide = np.zeros(len(person), dtype=of_placement.dtype)
        wide[:placed] = of_placement
        return wide[order]

    person = person[order]
    accounts = instance.accounts
    columns: dict[str, object] = {
        "person_id": people.ids[person],
        "role": np.array(ROLES, dtype=object)[people.role[person]],
        "pod_id": ids_at(instance.pods.ids, pod[order]),
        "share": column(plan.share),
        "is_leader": column(ledger.is_leader),
        "is_coach": column(ledger.is_coach),
        "is_hire": people.is_hire[person],
        "dotted_line_to": instance.roles.centre_of_excellence[people.role[person]],
        **{f"hours_{name}": column(hours) for name, hours in ledger.placement_hours.items()},
        "accounts": np.round(column(ledger.book_sum(np.ones(len(accounts))))),
        "potential": column(ledger.book_sum(accounts.potential)),
        "target": column(ledger.book_sum(ledger.expected)),
        "moved": ledger.facts.person_moved[person],
        "name": people.names[person],
        "manager_id": people.manager[person],
    }
    unknown = _padded(instance.extra.get("people", {}), len(people)) if with_unknown else {}
    return make_table("people_plan", columns, {key: values[person] for key, values in unknown.items()})


def listed_pods(ledger: Ledger) -> NDArray[np.int64]:
    """Pods in order of the table: the open ones, then the closed ones that exist today or that the planner gave."""
    instance, is_open = ledger.instance, ledger.facts.open
    known = instance.pods.given.copy()
    known[instance.people.pod_today[instance.people.pod_today != NOBODY]] = True
    return np.concatenate([np.flatnonzero(is_open), np.flatnonzero(known & ~is_open)])


def pods_plan(ledger: Ledger) -> Table:
    """P&L: open pods in input order, closed ones that the planner knows, then ``unassigned``."""
    instance, plan, facts = ledger.instance, ledger.plan, ledger.facts
    pods, rows = instance.pods, listed_pods(ledger)
    money = {name: np.append(amount[rows], amount[-1]) for name, amount in ledger.by_pod.items()}
    unplaced = int((~facts.placed & ~instance.people.is_hire).sum())
    expected = np.bincount(plan.pod, weights=ledger.expected, minlength=len(pods))[rows]
    columns: dict[str, object] = {
        "pod_id": [*pods.ids[rows], UNASSIGNED],
        "coverage": [*texts(COVERAGES)[pods.coverage[rows]], ""],
        "leader_id": [*ids_at(instance.people.ids, plan.leader[rows]), ""],
        "coach_id": [*ids_at(instance.people.ids, plan.coach[rows]), ""],
        "people": np.append(facts.heads[rows], unplaced),
        "accounts": np.append(facts.accounts[rows], 0),
        "expected_revenue": np.append(expected, 0.0),
        **money,
        "contribution": money["margin"] - sum(money[name] for name in COSTS),
        "leader_hours": np.append(ledger.leading_hours[rows], 0.0),
        "target": np.append(expected, 0.0),
        "open": np.append(facts.open[rows], False),
        "name": [*pods.names[rows], "people, time and rules that belong to no pod"],
    }
    unknown = {key: values[rows] for key, values in instance.extra.get("pods", {}).items()}
    return make_table("pods_plan", columns, _padded(unknown, len(rows) + 1))


def _padded(unknown: Mapping[str, Column], length: int) -> dict[str, Column]:
    """Unknown columns with blanks for the rows that the input does not have."""
    result: dict[str, Column] = {}
    for key, values in unknown.items():
        blank: object = np.nan if values.dtype.kind == "f" else ""
        wide = np.full(length, blank, dtype=values.dtype if values.dtype.kind == "f" else object)
        wide[: len(values)] = values
        result[key] = wide
    return result
