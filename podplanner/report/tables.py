"""All output tables of a finished run."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from podplanner.report.change_tables import handovers, hires, moves
from podplanner.report.ledger import Ledger
from podplanner.report.plan_tables import accounts_plan, people_plan, pods_plan
from podplanner.report.prices import PricedPlaces, average_rates
from podplanner.report.worth_tables import prices_table, targets, tier_curve, warnings_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from podplanner.domain.baseline import Baseline
    from podplanner.domain.result import Prices
    from podplanner.domain.tables import Table


def output_tables(
    ledger: Ledger,
    prices: Prices | None = None,
    baseline: Baseline | None = None,
    *,
    with_unknown_of_people: bool = True,
) -> Mapping[str, Table]:
    """Every table of ``OUTPUT_TABLES`` by name, in that order.

    Parameters
    ----------
    prices
        Marginal values; where one is absent, the mean pay for an hour of the role in the pod stands in.
    baseline
        Today's organisation; what it breaks is listed among the warnings.
    with_unknown_of_people
        Whether unknown columns of ``people`` are handed through (they may hold pay).
    """
    averages = average_rates(ledger)
    rate = averages if prices is None else np.where(np.isnan(prices.hour), averages, prices.hour)
    places = PricedPlaces(ledger, rate)
    return MappingProxyType(
        {
            "accounts_plan": accounts_plan(ledger, places),
            "people_plan": people_plan(ledger, with_unknown=with_unknown_of_people),
            "pods_plan": pods_plan(ledger),
            "targets": targets(ledger),
            "moves": moves(ledger),
            "handovers": handovers(ledger),
            "hires": hires(ledger),
            "tier_curve": tier_curve(ledger, places),
            "prices": prices_table(ledger, prices, averages),
            "warnings": warnings_table(ledger.instance.warnings, baseline.violations if baseline is not None else ()),
        }
    )
