"""Key figures of a plan: one catalogue, so that summary, workbook and comparison speak of the same things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import COVERAGES, DIRECT, LOCAL, NOBODY, ROLES, SALES
from podplanner.report.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from podplanner.domain.baseline import Baseline


FORMATS = {"money": "{:,.0f}", "share": "{:.1%}", "count": "{:,.0f}", "number": "{:,.2f}"}
"""How a figure of each unit is shown."""


@dataclass(frozen=True)
class Kpi:
    """One key figure.

    Parameters
    ----------
    name
        Stable name in ``summary.json``.
    label
        Words for people.
    unit
        ``money`` (a year), ``share``, ``count`` or ``number``: also how it is shown.
    direction
        ``up`` or ``down`` where more or less of it is better, "" where neither is.
    meaning
        How it is computed. A figure without a base, such as a share of nothing, is null.
    """

    name: str
    label: str
    unit: str
    direction: str
    meaning: str

    def shown(self, value: float | None) -> str:
        """A value in words; ``none`` where there is none."""
        return "none" if value is None or value != value else FORMATS[self.unit].format(value)


KPIS = tuple(
    Kpi(*entry)
    for entry in (
        ("contribution", "Contribution", "money", "up", "The objective: margin less all costs."),
        ("expected_revenue", "Expected revenue", "money", "up", "Sum over accounts at their tiers."),
        ("margin", "Margin", "money", "up", "Sum of margin x expected revenue."),
        ("contribution_per_account", "Contribution per account", "money", "up", "Contribution / accounts."),
        ("coverage_cost_share", "Cost of coverage", "share", "down", "(margin - contribution) / expected revenue."),
        (
            "share_of_company_target",
            "Share of the company's target",
            "share",
            "up",
            "Expected revenue / company_target.",
        ),
        ("accounts", "Accounts", "count", "", "All accounts."),
        ("accounts_local", "Accounts, local", "count", "", "At a local tier."),
        ("accounts_virtual", "Accounts, virtual", "count", "", "At a virtual tier."),
        ("accounts_direct", "Accounts, direct", "count", "", "At a direct tier."),
        ("potential_local", "Potential covered locally", "share", "", "Potential of local accounts / all potential."),
        ("people", "People in pods", "count", "", "Placed people, hires included."),
        ("people_unplaced", "People without a pod", "count", "down", "On the payroll at some time, and not placed."),
        ("hires", "Hires", "count", "", "Positions that the plan adds."),
        ("people_moved", "People who change pod", "count", "down", "Placed people who are not in today's pod."),
        ("relocations", "Relocations", "count", "down", "People who work from a base that they have to move to."),
        ("pods_local", "Local pods", "count", "", "Open local pods."),
        ("pods_virtual", "Virtual pods", "count", "", "Open virtual pods."),
        ("accounts_per_rep", "Accounts per rep", "number", "", "Accounts with a sales owner / reps who own any."),
        ("span", "Span of leaders", "number", "", "Heads in led pods, leaders left out / leaders."),
        *(
            (f"utilisation_{role}", f"Utilisation, {role}", "share", "", "Used / available hours of the placed people.")
            for role in ROLES
        ),
        ("handovers", "Handovers", "count", "down", "Functions of accounts whose owner changes or ends."),
        (
            "accounts_moved",
            "Accounts that change rep",
            "count",
            "down",
            "The sales owner changes; a vacancy is no move.",
        ),
        ("moved_revenue", "Revenue that changes rep", "share", "down", "Of today's revenue that has a sales owner."),
    )
)


def kpis(ledger: Ledger) -> Mapping[str, float | None]:
    """Value of every key figure of a plan, in the order of `KPIS`."""
    return _in_order(ledger, ledger.score.terms, float(ledger.expected.sum()))


def kpis_of_today(baseline: Baseline) -> Mapping[str, float | None]:
    """The same of today's organisation; its money is corrected for overfull and missing coverage."""
    today = Ledger(baseline.instance, baseline.plan, baseline.score)
    return _in_order(today, baseline.terms, float(baseline.expected_revenue.sum()))


def _in_order(ledger: Ledger, terms: Mapping[str, float], revenue: float) -> Mapping[str, float | None]:
    values = {**_money(ledger, terms, revenue), **_places(ledger), **_people(ledger), **_changes(ledger)}
    return {kpi.name: values[kpi.name] for kpi in KPIS}


def _ratio(amount: float, base: float | None) -> float | None:
    return float(amount / base) if base else None


def _money(ledger: Ledger, terms: Mapping[str, float], revenue: float) -> dict[str, float | None]:
    contribution = sum(terms.values())
    return {
        "contribution": contribution,
        "expected_revenue": revenue,
        "margin": terms["margin"],
        "contribution_per_account": _ratio(contribution, len(ledger.plan.pod)),
        "coverage_cost_share": _ratio(terms["margin"] - contribution, revenue),
        "share_of_company_target": _ratio(revenue, ledger.instance.policy.company_target),
    }


def _places(ledger: Ledger) -> dict[str, float | None]:
    instance, is_open = ledger.instance, ledger.facts.open
    coverage = instance.tiers.coverage[ledger.plan.tier]
    potential = instance.accounts.potential
    values: dict[str, float | None] = {"accounts": float(len(coverage))}
    for index, name in enumerate(COVERAGES):
        values[f"accounts_{name}"] = float((coverage == index).sum())
        if index != DIRECT:
            values[f"pods_{name}"] = float((is_open & (instance.pods.coverage == index)).sum())
    values["potential_local"] = _ratio(potential[coverage == LOCAL].sum(), potential.sum())
    return values


def _people(ledger: Ledger) -> dict[str, float | None]:
    instance, plan, facts = ledger.instance, ledger.plan, ledger.facts
    people, hours = instance.people, ledger.placement_hours
    used = hours["accounts"] + hours["travel"] + hours["coaching"] + hours["leading"]
    role = people.role[plan.placed_person]
    leaders = np.unique(plan.leader[plan.leader != NOBODY])
    led = facts.heads[plan.leader != NOBODY]
    reps = np.unique(plan.owner[plan.owner[:, SALES] != NOBODY, SALES])
    values: dict[str, float | None] = {
        "people": float(facts.placed.sum()),
        "people_unplaced": float((~facts.placed & ~people.is_hire & (instance.derived.employed > 0)).sum()),
        "hires": float((facts.placed & people.is_hire).sum()),
        "people_moved": float(facts.person_moved.sum()),
        "relocations": float(facts.relocated.sum()),
        "accounts_per_rep": _ratio((plan.owner[:, SALES] != NOBODY).sum(), len(reps)),
        "span": _ratio((led - 1).sum(), len(leaders)),
    }
    for index, name in enumerate(ROLES):
        values[f"utilisation_{name}"] = _ratio(used[role == index].sum(), hours["available"][role == index].sum())
    return values


def _changes(ledger: Ledger) -> dict[str, float | None]:
    instance, facts = ledger.instance, ledger.facts
    if not instance.has_books:
        return {"handovers": 0.0, "accounts_moved": 0.0, "moved_revenue": None}
    revenue = instance.accounts.revenue
    return {
        "handovers": float(facts.handed_over.sum()),
        "accounts_moved": float(facts.account_moved.sum()),
        "moved_revenue": _ratio(
            revenue[facts.account_moved].sum(), float(revenue[instance.owner_today[:, SALES] >= 0].sum())
        ),
    }
