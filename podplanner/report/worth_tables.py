"""targets, tier_curve, prices and warnings: what is promised, what pays, and what an hour is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY, ROLES, SALES
from podplanner.report.columns import UNUSED
from podplanner.report.plan_tables import account_money
from podplanner.report.prices import AVERAGE_HOUR, HOUR, LIMIT
from podplanner.report.shape import make_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from podplanner.domain.findings import Finding
    from podplanner.domain.result import Prices
    from podplanner.domain.tables import Table
    from podplanner.domain.verify import Violation
    from podplanner.report.ledger import Ledger
    from podplanner.report.prices import PricedPlaces

    Floats = NDArray[np.float64]

TIGHT_HOURS = 1e-6


def targets(ledger: Ledger) -> Table:
    """Placed people in input order, pods with people or accounts, and the company.

    A person's ramped target is by their own presence; an account's, in pod and company, by that of its sales owner.
    """
    instance, plan = ledger.instance, ledger.plan
    people, pods, presence = instance.people, instance.pods, instance.derived.presence
    person = np.flatnonzero(ledger.facts.placed)
    pod = np.flatnonzero((ledger.facts.heads > 0) | (ledger.facts.accounts > 0))
    book = np.bincount(plan.placed_person, weights=ledger.book_sum(ledger.expected), minlength=len(people))[person]
    seller = plan.owner[:, SALES]
    ramped = ledger.expected * np.where(seller == NOBODY, 1.0, presence[seller])
    of_pod = [np.bincount(plan.pod, weights=each, minlength=len(pods))[pod] for each in (ledger.expected, ramped)]
    fits = _placements_fit(ledger)
    person_fits = np.bincount(plan.placed_person, weights=~fits, minlength=len(people))[person] == 0
    pod_fits = np.bincount(plan.placed_pod, weights=~fits, minlength=len(pods))[pod] == 0
    expected = np.concatenate([book, of_pod[0], [ledger.expected.sum()]])
    goal = instance.policy.company_target
    return make_table(
        "targets",
        {
            "level": ["person"] * len(person) + ["pod"] * len(pod) + ["company"],
            "id": [*people.ids[person], *pods.ids[pod], ""],
            "role": [*np.array(ROLES, dtype=object)[people.role[person]], *[""] * (len(pod) + 1)],
            "expected_revenue": expected,
            "ramped": np.concatenate([book * presence[person], of_pod[1], [ramped.sum()]]),
            "share_of_company_target": expected / goal if goal else np.full(len(expected), np.nan),
            "attainable": np.concatenate([person_fits, pod_fits, [bool(fits.all())]]),
            "name": [*people.names[person], *pods.names[pod], ""],
        },
    )


def _placements_fit(ledger: Ledger) -> NDArray[np.bool_]:
    hours = ledger.placement_hours
    used = hours["accounts"] + hours["travel"] + hours["coaching"] + hours["leading"]
    return np.asarray(used <= hours["available"] + TIGHT_HOURS)


def tier_curve(ledger: Ledger, places: PricedPlaces) -> Table:
    """Accounts by priced contribution, the best first; then ``unused``, so that the sums end at the plan's."""
    instance, plan = ledger.instance, ledger.plan
    priced, contribution = places.priced, account_money(ledger)["contribution"]
    order = np.argsort(-priced, kind="stable")
    in_order = np.append(contribution[order], contribution[-1])
    # What prices leave out: idle hours, bases, one-off costs. It closes the sum.
    rest = contribution.sum() - priced.sum()
    in_price = np.append(priced[order], rest)
    return make_table(
        "tier_curve",
        {
            "rank": np.arange(1, len(order) + 2),
            "account_id": [*instance.accounts.ids[order], UNUSED],
            "tier": [*instance.tiers.ids[plan.tier[order]], ""],
            "pod_id": [*instance.pods.ids[plan.pod[order]], ""],
            "potential": np.append(instance.accounts.potential[order], 0.0),
            "priced_contribution": in_price,
            "cumulative_priced": np.cumsum(in_price),
            "gain_over_direct": np.append((priced - places.direct)[order], np.nan),
            "contribution": in_order,
            "cumulative_contribution": np.cumsum(in_order),
        },
    )


def prices_table(ledger: Ledger, prices: Prices | None, averages: Floats) -> Table:
    """Price of an hour in each staffed pod by role, then of each limit."""
    rows: list[tuple[str, str, str, str, float]] = []
    for pod in np.flatnonzero(ledger.facts.staffed).tolist():
        for role, role_name in enumerate(ROLES):
            known = prices is not None and not np.isnan(prices.hour[pod, role])
            price = prices.hour[pod, role] if prices is not None and known else averages[pod, role]
            rows.append((HOUR if known else AVERAGE_HOUR, ledger.instance.pods.ids[pod], role_name, "", float(price)))
    limits: Mapping[str, float] = prices.limit if prices is not None else {}
    rows += [(LIMIT, "", "", name, price) for name, price in limits.items()]
    names = ("kind", "pod_id", "role", "limit", "price")
    return make_table("prices", {name: [row[place] for row in rows] for place, name in enumerate(names)})


def warnings_table(warnings: Sequence[Finding], broken_today: Sequence[Violation]) -> Table:
    """Warnings of the input in the order in which they were found, then the rules that today's organisation breaks."""
    names = ("severity", "table", "row", "column", "value", "rule", "message", "way_out")
    rows: list[tuple[object, ...]] = [
        (
            each.severity,
            each.table,
            _row(each.row),
            each.column or "",
            each.value,
            each.rule,
            each.message,
            each.way_out,
        )
        for each in warnings
    ]
    rows += [
        ("today", "", _row(None), "", "; ".join(each.subjects), each.code, each.message, "") for each in broken_today
    ]
    return make_table("warnings", {name: [row[place] for row in rows] for place, name in enumerate(names)})


def _row(number: int | None) -> float:
    return np.nan if number is None else float(number)
