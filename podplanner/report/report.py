"""Everything that is told about a finished run, computed once: ledger, tables, summary, run facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from podplanner.report.hidden import discreet, hidden_baseline, hidden_ledger
from podplanner.report.ledger import Ledger
from podplanner.report.summary import run_facts, summary
from podplanner.report.tables import output_tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from podplanner.domain.baseline import Baseline
    from podplanner.domain.result import PlanResult
    from podplanner.domain.tables import Table


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is told.

    Parameters
    ----------
    ledger
        Hours and money behind the tables; None where the run ended without a plan.
    tables
        Every table of ``OUTPUT_TABLES``; empty without a plan.
    summary, run
        Contents of ``summary.json`` and ``run.json``.
    """

    ledger: Ledger | None
    tables: Mapping[str, Table]
    summary: Mapping[str, Any]
    run: Mapping[str, Any]


def make_report(result: PlanResult, baseline: Baseline | None = None, *, hide_pay: bool = False) -> Report:
    """Compute all that is told about a run; a run without a plan has a summary, and no table.

    Parameters
    ----------
    baseline
        Today's organisation, None without books.
    hide_pay
        Tell no single person's pay (see `podplanner.report.hidden`); raises `InputError` where fewer than three
        people are paid.
    """
    if hide_pay:
        result = replace(result, instance=discreet(result.instance))
    if result.outcome.plan is None or result.score is None:
        told = {**summary(result, baseline, None), "pay_hidden": hide_pay}
        return Report(ledger=None, tables=MappingProxyType({}), summary=told, run=run_facts(result))
    if hide_pay:
        ledger = hidden_ledger(result.instance, result.plan, result.score)
        baseline = hidden_baseline(baseline, ledger)
    else:
        ledger = Ledger(result.instance, result.plan, result.score)
    told = {**summary(result, baseline, ledger), "pay_hidden": hide_pay}
    prices = None if hide_pay else result.outcome.prices
    tables = output_tables(ledger, prices, baseline, with_unknown_of_people=not hide_pay)
    return Report(ledger=ledger, tables=tables, summary=told, run=run_facts(result))
