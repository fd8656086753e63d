"""--hide-pay: nothing that is written depends on who earns what, only on the sum."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from podplanner.domain.baseline import baseline
from podplanner.domain.errors import InputError
from podplanner.domain.instance import Instance
from podplanner.domain.plan import Plan
from podplanner.domain.result import Prices
from podplanner.domain.score import score
from podplanner.domain.vocabulary import NOBODY
from podplanner.report.files import write_plan
from podplanner.report.hidden import hidden_ledger
from podplanner.report.report import make_report
from tests.report.builders import instance, result

SWAPPED = {"s1": 170_000.0, "s2": 50_000.0, "o1": 10_000.0, "l2": 215_000.0}
"""Other pay for four people, of the same sum."""


def contents(folder: Path) -> dict[str, bytes]:
    """What is written, but for times, and for the hash of the input, which nobody can turn back into pay."""
    told = {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in ("run.json", "plan.xlsx")}
    summary = json.loads(told["summary.json"])
    del summary["input_sha256"]
    return {**told, "summary.json": json.dumps(summary).encode()}


def cells(folder: Path) -> dict[str, list[list[Any]]]:
    """The workbook's cells, without the line that shows the input's hash."""
    book = CalamineWorkbook.from_path(str(folder / "plan.xlsx"))
    sheets: dict[str, list[list[Any]]] = {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names
    }
    del sheets["Summary"][1]
    return sheets


def hidden(given: Instance, folder: Path) -> Path:
    """Write the plan of this company without pay, with prices of hours that would tell it."""
    run = result(given)
    outcome = replace(run.outcome, prices=Prices(hour=np.full((5, 5), given.people.annual_cost[0])), bound=1e7)
    report = make_report(replace(run, outcome=outcome), baseline(given), hide_pay=True)
    return write_plan(report, folder)


def test_who_earns_what_changes_nothing(tmp_path: Path) -> None:
    """Two companies with the same sum of pay, otherwise paid, give the same tables and summary, byte for byte."""
    one = hidden(instance(), tmp_path / "one")
    other = hidden(instance(pay=SWAPPED, bonus=99.0), tmp_path / "other")
    assert contents(one) == contents(other)
    assert cells(one) == cells(other)


def test_open_reports_do_tell_pay(tmp_path: Path) -> None:
    """The test above means something: with pay shown the two companies differ."""
    tables = [make_report(result(instance(pay=pay))).tables["pods_plan"] for pay in ({}, SWAPPED)]
    assert tables[0]["people_cost"].tolist() != tables[1]["people_cost"].tolist()


def test_hidden_tables_add_up_to_the_true_contribution() -> None:
    """Averages hide pay and keep the sum."""
    run = result()
    report = make_report(run, hide_pay=True)
    assert report.summary["pay_hidden"] is True
    assert report.summary["contribution"] == round(run.contribution, 2)
    for name in ("accounts_plan", "pods_plan"):
        assert report.tables[name]["contribution"].sum() == pytest.approx(run.contribution, abs=1e-3)
    assert report.summary["terms"]["hire_cost"] == report.summary["terms"]["release_cost"] == 0


def test_a_single_change_of_pay_hides_today(tmp_path: Path) -> None:
    """With one hire the plan's pay less today's is that hire's pay: today is not shown."""
    report = make_report(result(), baseline(instance()), hide_pay=True)
    assert report.summary["baseline"] is None
    assert "bonus" not in report.tables["people_plan"].columns


def test_today_is_shown_where_it_tells_no_single_pay() -> None:
    """Without a hire everybody is paid in both: today is shown, and who earns what still changes nothing."""
    told = []
    for given in (instance(), instance(pay=SWAPPED)):
        run = result(given)
        hire, owner = given.person_index["hire-marketing-1"], run.plan.owner.copy()
        owner[owner == hire] = given.person_index["m1"]
        kept = run.plan.placed_person != hire
        placements = {name: getattr(run.plan, name)[kept] for name in ("placed_person", "placed_pod", "share")}
        plan = replace(run.plan, owner=owner, **placements)
        outcome = replace(run.outcome, plan=plan, bound=1e7)
        made = replace(run, outcome=outcome, score=score(given, plan))
        summary = make_report(made, baseline(given), hide_pay=True).summary
        told.append({key: value for key, value in summary.items() if key != "input_sha256"})
    assert told[0] == told[1]
    assert told[0]["baseline"]["terms"]["people_cost"] == told[0]["terms"]["people_cost"]


def test_pay_cannot_hide_among_two() -> None:
    """The sum of fewer than three people's pay gives it away to each of them: refused, in words."""
    given = instance(headcount="flexible")
    nobody = np.full(len(given.pods), NOBODY, np.int32)
    empty = np.array([], np.int32)
    alone = Plan(
        pod=np.full(len(given.accounts), given.pod_index["W"], np.int32),
        tier=np.full(len(given.accounts), given.tier_index["web"], np.int32),
        owner=np.full((len(given.accounts), 4), NOBODY, np.int32),
        placed_person=empty,
        placed_pod=empty.copy(),
        share=np.array([], np.float64),
        leader=nobody,
        coach=nobody.copy(),
    )
    with pytest.raises(InputError) as caught:
        hidden_ledger(given, alone, score(given, alone))
    assert caught.value.findings[0].rule == "too_few_to_hide"
