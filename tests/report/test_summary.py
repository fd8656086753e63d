"""summary.json: terms that add up as written, and nothing that JSON cannot say."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podplanner.domain.baseline import baseline
from podplanner.domain.result import Limit, Outcome, Reason, Termination
from podplanner.domain.score import TERMS
from podplanner.report.kpis import KPIS
from podplanner.report.report import make_report
from podplanner.report.summary import terms_in_cents, to_json
from tests.report.builders import instance, result

NAMES = (
    "assumed, baseline, bound, contribution, engine, gap, gap_of_gain, input_sha256, kpis, limit, reason, seed, terms, "
    "versions"
)


def test_terms_add_up_exactly_as_written() -> None:
    """Read as decimals, the terms of plan and baseline sum to their contributions to the last cent."""
    run = result()
    told = json.loads(to_json(make_report(run, baseline(run.instance)).summary), parse_float=Decimal)
    assert sum(told["terms"].values()) == told["contribution"]
    assert sum(told["baseline"]["terms"].values()) == told["baseline"]["contribution"]
    assert told["baseline"]["gain"] == told["contribution"] - told["baseline"]["contribution"]


@given(st.lists(st.floats(-1e12, 1e12), min_size=len(TERMS), max_size=len(TERMS)))
def test_rounding_moves_no_term_by_more_than_a_cent(values: list[float]) -> None:
    """Largest remainders: whatever the terms, they keep their cents, and their sum."""
    terms = dict(zip(TERMS, values, strict=True))
    total = sum(values)
    rounded = terms_in_cents(terms, total)
    assert sum(round(value * 100) for value in rounded.values()) == round(total * 100)
    assert all(abs(rounded[name] - terms[name]) <= 0.0101 + 1e-15 * abs(terms[name]) * 100 for name in TERMS)


def test_names_are_those_of_the_contract() -> None:
    """Every name that the contract gives is there, keys are sorted, and every key figure has a value."""
    told = make_report(result()).summary
    assert set(NAMES.split(", ")) <= set(told)
    assert list(json.loads(to_json(told))) == sorted(told)
    assert set(told["kpis"]) == {kpi.name for kpi in KPIS}


def test_the_bound_stays_a_bound() -> None:
    """It is rounded up, and an unknown one is null, with its gaps."""
    run = result()
    told = make_report(run).summary
    assert told["bound"] >= run.outcome.bound
    assert told["bound"] - run.outcome.bound < 0.01
    unknown = make_report(replace(run, outcome=replace(run.outcome, bound=np.inf))).summary
    assert (unknown["bound"], unknown["gap"], unknown["gap_of_gain"]) == (None, None, None)


def test_without_books_there_is_no_baseline() -> None:
    """Baseline and gain are null, and so is a share of nothing."""
    told = make_report(result(instance(with_books=False)), None).summary
    assert told["baseline"] is None
    assert told["kpis"]["moved_revenue"] is None
    json.loads(to_json(told))


def test_a_run_without_a_plan_tells_why() -> None:
    """It has a reason, and null where a plan's figures would stand: never zeros."""
    run = result()
    ending = Termination(reason=Reason.NO_SOLUTION, limit=Limit.TIME, detail="Time limit")
    failed = replace(run, outcome=Outcome(termination=ending, bound=np.inf, plan=None), score=None, all_direct=None)
    report = make_report(failed)
    assert report.tables == {}
    assert (report.summary["reason"], report.summary["limit"]) == ("no_solution_found", "time")
    assert report.summary["contribution"] is None
    assert report.summary["terms"] is None
    to_json(report.summary)


def test_numbers_that_are_none_cannot_be_written() -> None:
    """JSON has no NaN: a slip of ours must not pass."""
    with pytest.raises(ValueError, match="Out of range"):
        to_json({"gap": float("nan")})
