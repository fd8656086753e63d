"""The same plan told without any single person's pay.

Blanking cells is not enough: what a pod earns less what it pays gives its pay away, and so does the cost of a few
accounts with known hours. Here every person's pay is replaced by one and the same full-year amount, chosen so that the
sum over everybody stays true, *before* any table is made; every table then still adds up to the summary, and tells no
more than that sum. What hires and releases cost depends on single people's pay too: these two terms are told inside
``people_cost``. Prices of hours may be some person's rate of pay, so that mean pay stands in for them. Assumptions and
warnings that quote pay are told without it, and unknown columns of ``people``, which may hold pay, are left out.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.errors import InputError
from podplanner.domain.findings import Finding
from podplanner.report.ledger import Ledger

if TYPE_CHECKING:
    from podplanner.domain.baseline import Baseline
    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from podplanner.domain.score import Score

FEWEST_PEOPLE = 3
"""A sum over fewer gives single pay away to those who know their own."""

PAY_TERMS = ("people_cost", "hire_cost", "release_cost")


PAY_COLUMNS = ("annual_cost", "hire_cost")


def discreet(instance: Instance) -> Instance:
    """The same instance with assumptions and warnings that quote no pay."""
    unknown = instance.extra.get("people", {})
    return replace(
        instance,
        assumed=tuple(dict.fromkeys(_without_pay(line) for line in instance.assumed)),
        warnings=tuple(
            replace(each, value="", message="The pay is odd, or the column may hold pay; it is hidden.")
            if each.column in PAY_COLUMNS or (each.table == "people" and each.column in unknown)
            else each
            for each in instance.warnings
        ),
    )


def _without_pay(line: str) -> str:
    subject = line.split(":", maxsplit=1)[0]
    return f"{subject}: hidden" if subject.endswith(PAY_COLUMNS) else line


def hidden_ledger(instance: Instance, plan: Plan, score: Score) -> Ledger:
    """Ledger in which everybody is paid the same; raises `InputError` where even the sum would give pay away."""
    ledger = Ledger(instance, plan, score)
    paid = ledger.facts.paid
    if paid.sum() < FEWEST_PEOPLE:
        raise InputError([_too_few(int(paid.sum()))])
    total = sum(float(score.by_person[name].sum()) for name in PAY_TERMS)
    weight = np.where(paid, instance.derived.employed, 0.0)
    nothing = np.zeros(len(paid))
    by_person = {
        **score.by_person,
        "people_cost": total / weight.sum() * weight,
        "hire_cost": nothing,
        "release_cost": nothing,
    }
    same = total / weight.sum()
    shown = replace(
        instance,
        people=replace(instance.people, annual_cost=np.full(len(paid), same)),
        roles=replace(
            instance.roles, annual_cost=np.full(len(instance.roles), same), hire_cost=np.zeros(len(instance.roles))
        ),
    )
    return Ledger(shown, plan, replace(score, by_person=MappingProxyType(by_person)))


def hidden_baseline(baseline: Baseline | None, ledger: Ledger) -> Baseline | None:
    """Baseline with its pay terms in one; None where its difference to the plan is the pay of one or two people."""
    if baseline is None or 0 < _pay_changes(ledger) < FEWEST_PEOPLE:
        return None
    terms = dict(baseline.terms)
    terms["people_cost"] = sum(terms[name] for name in PAY_TERMS)
    terms["hire_cost"] = terms["release_cost"] = 0.0
    return replace(baseline, terms=MappingProxyType(terms))


def _pay_changes(ledger: Ledger) -> int:
    """People whose pay is in the plan or in today's organisation, but not in both."""
    people, facts = ledger.instance.people, ledger.facts
    return int((facts.placed & people.is_hire).sum() + facts.released.sum())


def _too_few(paid: int) -> Finding:
    return Finding(
        severity="error",
        table="people",
        row=None,
        column="annual_cost",
        value=str(paid),
        rule="too_few_to_hide",
        message=f"Pay cannot be hidden among {paid} paid people: the sum of pay would give it away.",
        way_out=f"Show pay, or plan at least {FEWEST_PEOPLE} people.",
    )
