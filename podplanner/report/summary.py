"""``summary.json``: how good the plan is, what proves it, and what it is made of. ``run.json``: how long it took."""

from __future__ import annotations

import json
import math
import os
import platform
from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.domain.place import count_allowed
from podplanner.domain.score import TERMS
from podplanner.report.kpis import KPIS, kpis, kpis_of_today

if TYPE_CHECKING:
    from collections.abc import Mapping

    from podplanner.domain.baseline import Baseline
    from podplanner.domain.result import PlanResult
    from podplanner.report.ledger import Ledger

RATIO_DECIMALS = 8


def summary(result: PlanResult, baseline: Baseline | None, ledger: Ledger | None) -> dict[str, Any]:
    """Contents of ``summary.json``: the same on every run with the same input, seed, version and work limit.

    Money is in cents: ``contribution`` is the score's to the cent, each of ``terms`` is within a cent of the score's,
    and the terms add up to it exactly. ``bound`` is rounded up, so that it stays a bound.

    Parameters
    ----------
    ledger
        Of the result's plan; None where the run ended without one: then all that a plan would tell is null.
    """
    outcome, instance = result.outcome, result.instance
    return {
        "assumed": list(instance.assumed),
        "baseline": None if baseline is None else baseline_summary(baseline, ledger),
        "bound": _bound(outcome.bound),
        "clashes": list(outcome.clashes),
        "currency": instance.policy.currency,
        "engine": result.engine,
        "engine_reason": result.engine_reason,
        "input_sha256": instance.sha256,
        "limit": None if outcome.termination.limit is None else str(outcome.termination.limit),
        "reason": str(outcome.termination.reason),
        "seed": result.seed,
        "versions": dict(result.versions),
        "warnings": len(instance.warnings),
        "work_limit": result.work_limit,
        **_of_plan(result, ledger),
    }


def _of_plan(result: PlanResult, ledger: Ledger | None) -> dict[str, Any]:
    if ledger is None:
        names = ("all_direct", "contribution", "counts", "gap", "gap_of_gain", "kpis", "terms")
        return dict.fromkeys(names)
    return {
        "all_direct": _money(result.all_direct),
        "contribution": _money(ledger.score.contribution),
        "counts": _counts(result, ledger),
        "gap": _ratio(result.gap),
        "gap_of_gain": _ratio(result.gap_of_gain),
        "kpis": _rounded_kpis(kpis(ledger)),
        "terms": terms_in_cents(ledger.score.terms, ledger.score.contribution),
    }


def baseline_summary(baseline: Baseline, ledger: Ledger | None = None) -> dict[str, Any]:
    """Today's organisation as ``summary.json`` tells it, with what a plan gains where its ledger is given."""
    # A difference would set a plan that pays for every function against a today that does not.
    gain = None
    if ledger is not None and not baseline.taken_as_served:
        gain = _money(round(ledger.score.contribution, 2) - round(baseline.contribution, 2))
    return {
        "contribution": _money(baseline.contribution),
        "gain": gain,
        "kpis": _rounded_kpis(kpis_of_today(baseline)),
        "taken_as_served": list(baseline.taken_as_served),
        "terms": terms_in_cents(baseline.terms, baseline.contribution),
        "uncorrected": _money(baseline.uncorrected),
        "violations": dict(sorted(baseline.broken.items())),
    }


def _counts(result: PlanResult, ledger: Ledger) -> dict[str, Any]:
    instance = result.instance
    by_tier = np.bincount(ledger.plan.tier, minlength=len(instance.tiers))
    return {
        "accounts_by_tier": {tier: int(count) for tier, count in zip(instance.tiers.ids, by_tier, strict=True)},
        "allowed_pairs": int(count_allowed(instance).sum()),
        "books": int((instance.owner_today != -1).sum()),
        "candidate_pods": len(instance.pods),
        "hire_slots": int(instance.people.is_hire.sum()),
        "rules": len(instance.rules),
    }


def _rounded_kpis(values: Mapping[str, float | None]) -> dict[str, float | int | None]:
    rounded: dict[str, float | int | None] = {}
    for kpi in KPIS:
        value = values[kpi.name]
        if value is None:
            rounded[kpi.name] = None
        elif kpi.unit == "count":
            rounded[kpi.name] = round(value)
        else:
            rounded[kpi.name] = _money(value) if kpi.unit == "money" else _ratio(value)
    return rounded


def terms_in_cents(terms: Mapping[str, float], total: float) -> dict[str, float]:
    """Terms rounded to cents so that they add up to the rounded total (largest remainders).

    Parameters
    ----------
    terms
        Every one of `TERMS`; they add up to ``total`` but for rounding.
    """
    exact = {name: terms[name] * 100 for name in TERMS}
    cents = {name: math.floor(value) for name, value in exact.items()}
    missing = round(total * 100) - sum(cents.values())
    by_remainder = sorted(TERMS, key=lambda name: (cents[name] - exact[name], TERMS.index(name)))
    for place in range(abs(missing)):
        cents[by_remainder[place % len(TERMS)]] += 1 if missing > 0 else -1
    return {name: cents[name] / 100 for name in TERMS}


def _money(value: float | None) -> float | None:
    # Adding zero turns -0.0 into 0.0.
    return None if value is None or not math.isfinite(value) else round(float(value), 2) + 0.0


def _bound(value: float) -> float | None:
    if not math.isfinite(value):
        return None
    nearest = round(value, 2)
    return (nearest if nearest >= value else math.ceil(value * 100) / 100) + 0.0


def _ratio(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), RATIO_DECIMALS) + 0.0


def run_facts(result: PlanResult) -> dict[str, Any]:
    """Contents of ``run.json``: wall times, machine and the engine's own words; another one on every run."""
    return {
        "machine": {
            "cpus": os.cpu_count(),
            "platform": platform.platform(),
            "processor": platform.machine(),
            "python": platform.python_version(),
        },
        "native_status": result.outcome.termination.detail,
        "statistics": {key: str(value) for key, value in sorted(result.outcome.statistics.items())},
        "wall_s": {step: round(seconds, 3) for step, seconds in result.wall_s.items()},
    }


def to_json(content: Mapping[str, Any]) -> str:
    """JSON text with sorted keys; a number that is not finite is a mistake of ours and raises ValueError."""
    return json.dumps(content, allow_nan=False, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
