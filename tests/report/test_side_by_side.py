"""Plans side by side: bridges that add up to the cent, mirrors, today, and the workbook."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podplanner.cli.comparison_words import comparison_lines
from podplanner.domain.baseline import baseline
from podplanner.domain.errors import UnreadableInput
from podplanner.domain.score import TERMS
from podplanner.report.compare import Written, compare_written
from podplanner.report.compare_workbook import write_comparison
from podplanner.report.files import write_plan
from podplanner.report.kpis import KPIS
from podplanner.report.reading import Row
from podplanner.report.report import make_report
from podplanner.report.side_by_side import side_by_side, write_side_by_side
from podplanner.report.summary import terms_in_cents
from tests.report.builders import result

if TYPE_CHECKING:
    from pathlib import Path

IDS = st.sampled_from(["a", "b", "c"])
AMOUNT = st.floats(-1e9, 1e9)
CELL = st.sampled_from(["", "p", "q"])


@st.composite
def written(draw: st.DrawFn) -> Written:
    """Any plan of three accounts, three people and three pods, as it could be written."""
    terms = {name: draw(AMOUNT) for name in TERMS}
    total = sum(terms.values())
    cents = terms_in_cents(terms, total)
    summary = {
        "contribution": round(total, 2),
        "terms": cents,
        "kpis": {kpi.name: draw(st.none() | AMOUNT) for kpi in KPIS},
        "input_sha256": draw(IDS),
    }
    owners = ("owner_sales", "owner_marketing", "owner_support", "owner_operations")
    accounts = [
        {"account_id": name, "tier": draw(CELL), "pod_id": draw(IDS), "contribution": repr(draw(AMOUNT))}
        | {owner: draw(CELL) for owner in owners}
        | {"expected_revenue": repr(draw(AMOUNT))}
        for name in draw(st.sets(IDS))
    ]
    people = [
        {"person_id": name, "pod_id": draw(IDS), "share": "1", "is_leader": "true", "is_coach": "false", "target": "5"}
        for name in draw(st.sets(CELL.filter(bool)))
    ]
    pods = [
        {"pod_id": name, "open": draw(st.sampled_from(["true", "false"])), "leader_id": draw(CELL)}
        | {"people": "3", "accounts": "2", "contribution": repr(draw(AMOUNT))}
        for name in draw(st.sets(IDS))
    ]
    tables = {"accounts_plan": accounts, "people_plan": people, "pods_plan": pods, "handovers": [], "moves": []}
    return Written("plan", summary, {name: [Row(2, cells) for cells in rows] for name, rows in tables.items()})


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=30)
@given(written(), written())
def test_bridges_add_up_to_the_cent_and_mirror(one: Written, other: Written) -> None:
    """First + all differences = second, in cents; from B to A is what from A to B is, negated."""
    there, back = compare_written(one, other), compare_written(other, one)
    terms = there.tables["terms"]
    cents = [round(amount * 100) for amount in terms["difference"][1:-1].tolist()]
    assert round(one.summary["contribution"] * 100) + sum(cents) == round(other.summary["contribution"] * 100)
    assert (terms["difference"] == -back.tables["terms"]["difference"])[1:].all()
    for name, key in (("accounts", "account_id"), ("people", "person_id"), ("tiers", "tier"), ("pods", "pod_id")):
        first, second = there.tables[name], back.tables[name]
        assert sorted(first[key].tolist()) == sorted(second[key].tolist())
        for column in (each for each in first.columns if each.endswith("difference")):
            mirrored = dict(zip(second[key], second[column], strict=True))
            assert all(value == -mirrored[of] for of, value in zip(first[key], first[column], strict=True))


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=15)
@given(written())
def test_a_plan_and_itself_do_not_differ(plan: Written) -> None:
    """No account, no person, no pod, no tier, no amount."""
    tables = compare_written(plan, plan).tables
    assert [name for name in ("accounts", "people", "pods", "tiers") if len(tables[name])] == []
    assert not np.any(tables["terms"]["difference"][1:])


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The small company's plan, and two more of the same name."""
    run, root = result(), tmp_path_factory.mktemp("plans")
    report = make_report(run, baseline(run.instance))
    return [write_plan(report, root / name / "plan") for name in ("one", "two", "three")]


def test_today_is_the_first_of_all(folders: list[Path], tmp_path: Path) -> None:
    """Its figures, a bridge from it to each plan, and who changes owner or pod, with the reason."""
    told = side_by_side(folders[:2], with_today=True)
    assert told.names == ("today", "plan", "plan (2)")
    for pair in told.pairs:
        terms = pair.tables["terms"]
        assert terms["cumulative"][-2] == terms["cumulative"][-1]
        assert all(pair.tables["accounts"]["reason"])
    lines = comparison_lines(told)
    assert "today -> plan" in lines
    write_side_by_side(told, tmp_path / "out")
    assert {path.name for path in tmp_path.joinpath("out").iterdir()} >= {"kpis.csv", "2_terms.csv", "3_accounts.csv"}


def test_the_workbook_has_figures_bridges_and_lists(folders: list[Path], tmp_path: Path) -> None:
    """A sheet of figures, and for each further plan its bridge with a picture and four lists; equal bytes again."""
    told = side_by_side(folders)
    for name in ("one.xlsx", "two.xlsx"):
        write_comparison(told, tmp_path / name)
    assert tmp_path.joinpath("one.xlsx").read_bytes() == tmp_path.joinpath("two.xlsx").read_bytes()
    book = openpyxl.load_workbook(tmp_path / "one.xlsx")
    with zipfile.ZipFile(tmp_path / "one.xlsx") as archive:
        assert sum("charts/chart" in name for name in archive.namelist()) == 2
    assert book.sheetnames[0] == "Figures"
    assert [cell.value for cell in book["Figures"][3]] == ["Key figure", "better", "plan", "plan (2)", "plan (3)"]
    for number in (2, 3):
        assert {f"{number} bridge", f"{number} accounts", f"{number} pods"} <= set(book.sheetnames)


def test_currencies_are_not_mixed(folders: list[Path], tmp_path: Path) -> None:
    """Dollars and euros do not add up; and without books nothing is known of today."""
    run = result()
    policy = replace(run.instance.policy, currency="EUR")
    euros = replace(run, instance=replace(run.instance, policy=policy))
    other = write_plan(make_report(euros), tmp_path / "euros")
    with pytest.raises(UnreadableInput, match="EUR and USD"):
        side_by_side([folders[0], other])
    with pytest.raises(UnreadableInput, match="no books"):
        side_by_side([other], with_today=True)
