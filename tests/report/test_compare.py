"""Two plans side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from podplanner.domain.errors import UnreadableInput
from podplanner.domain.score import score
from podplanner.report.columns import COMPARISON_TABLES
from podplanner.report.compare import Comparison, compare
from podplanner.report.files import write_plan
from podplanner.report.report import make_report
from tests.report.builders import result

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """The small company's plan, and one where A8 goes direct and m1 works full time."""
    folder, run = tmp_path_factory.mktemp("plans"), result()
    given, plan = run.instance, run.plan
    account, share = given.account_index["A8"], plan.share.copy()
    pod, tier, owner = plan.pod.copy(), plan.tier.copy(), plan.owner.copy()
    pod[account], tier[account], owner[account] = given.pod_index["W"], given.tier_index["web"], -1
    share[np.flatnonzero(plan.placed_person == given.person_index["m1"])] = 1.0
    other = replace(plan, pod=pod, tier=tier, owner=owner, share=share)
    changed = replace(run, outcome=replace(run.outcome, plan=other), score=score(given, other))
    first = write_plan(make_report(run), folder / "first")
    return compare(first, write_plan(make_report(changed), folder / "second"))


def test_the_bridge_of_terms_adds_up(comparison: Comparison) -> None:
    """From the first contribution, all differences lead to the second, to the cent."""
    terms = comparison.tables["terms"]
    assert terms["cumulative"][-2] == terms["cumulative"][-1] == terms["second"][-1]
    assert round(terms["first"][0] + terms["difference"][1:-1].sum(), 2) == terms["second"][-1]
    assert terms["difference"][-1] == round(terms["second"][-1] - terms["first"][0], 2)


def test_accounts_people_and_pods_that_differ_are_listed(comparison: Comparison) -> None:
    """A8 changed tier, pod and owners; m1's share; the pods' differences add up to the plans'."""
    accounts, people, pods = (comparison.tables[name] for name in ("accounts", "people", "pods"))
    assert accounts["account_id"].tolist() == ["A8"]
    assert accounts["change"][0] == "tier, pod, sales, marketing, support"
    assert (accounts["first_tier"][0], accounts["second_tier"][0]) == ("silver", "web")
    assert dict(zip(people["person_id"], people["change"], strict=True)) == {"m1": "pods"}
    assert pods["difference"].sum() == pytest.approx(comparison.tables["terms"]["difference"][-1], abs=0.01)
    assert comparison.same_input


def test_tables_are_the_declared_ones(comparison: Comparison) -> None:
    """Names and columns as declared; key figures beside each other."""
    for name, columns in COMPARISON_TABLES.items():
        assert list(comparison.tables[name].columns) == [column.name for column in columns]
    kpis = comparison.tables["kpis"]
    row = kpis["name"].tolist().index("accounts_direct")
    assert (kpis["first"][row], kpis["second"][row], kpis["difference"][row]) == (1, 2, 1)


def test_a_plan_and_itself_do_not_differ(tmp_path: Path) -> None:
    """No account, no person, no pod, no tier."""
    folder = write_plan(make_report(result()), tmp_path / "plan")
    tables = compare(folder, folder).tables
    assert [name for name in ("accounts", "people", "pods", "tiers") if len(tables[name])] == []


def test_who_follows_a_pod_elsewhere_has_not_become_its_leader(tmp_path: Path) -> None:
    """Everybody moves from one pod to another: only its leader and its coach change what they lead and coach."""
    folders = [write_plan(make_report(result()), tmp_path / name) for name in ("first", "second")]
    people = folders[1] / "people_plan.csv"
    people.write_text(people.read_text(encoding="utf-8").replace('"D"', '"E"'), encoding="utf-8")
    told = compare(*folders).tables["people"]
    changes = dict(zip(told["person_id"], told["change"], strict=True))
    assert (changes.pop("l1"), changes.pop("s1")) == ("pods, leader", "pods, coach")
    assert set(changes.values()) == {"pods"}


def test_what_is_no_plan_cannot_be_compared(tmp_path: Path) -> None:
    """A folder without summary.json is refused."""
    folder = write_plan(make_report(result()), tmp_path / "plan")
    with pytest.raises(UnreadableInput):
        compare(folder, tmp_path)
    folder.joinpath("accounts_plan.csv").unlink()
    with pytest.raises(UnreadableInput):
        compare(folder, folder)
