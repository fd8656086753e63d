"""Output tables: names, sums and meanings."""

from __future__ import annotations

import numpy as np
import pytest

from podplanner.domain.result import Prices
from podplanner.domain.score import TERMS
from podplanner.domain.tables import Table
from podplanner.report.columns import KINDS, OUTPUT_TABLES, UNASSIGNED, UNUSED
from podplanner.report.ledger import Ledger
from podplanner.report.tables import output_tables
from tests.report.builders import instance, plan, result

CONTRACT = {
    "accounts_plan": (
        "account_id, tier, pod_id, owner_sales, owner_marketing, owner_support, owner_operations, leader_id, "
        "expected_revenue, hours_sales, hours_marketing, hours_support, hours_operations, cost_to_serve, contribution, "
        "next_best_pod_id, next_best_loss"
    ),
    "people_plan": (
        "person_id, role, pod_id, share, is_leader, is_coach, is_hire, dotted_line_to, hours_available, "
        "hours_accounts, hours_travel, hours_coaching, hours_leading, accounts, potential, target, moved"
    ),
    "pods_plan": (
        "pod_id, coverage, leader_id, coach_id, people, accounts, expected_revenue, margin, people_cost, hire_cost, "
        "travel_cost, fixed_cost, direct_cost, relocation_cost, release_cost, move_cost, handover_cost, soft_cost, "
        "contribution, leader_hours, target"
    ),
    "targets": "level, id, role, expected_revenue, ramped, share_of_company_target, attainable",
    "moves": "person_id, from_pod_id, to_pod_id, cost, reason",
    "handovers": "account_id, role, from_person_id, to_person_id, cost, reason",
    "hires": "hire_id, role, pod_id, annual_cost",
    "tier_curve": "",
    "prices": "kind, pod_id, role, limit, price",
    "warnings": "",
}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    """Hours and money of the small company's plan."""
    run = result()
    assert run.score is not None
    return Ledger(run.instance, run.plan, run.score)


@pytest.fixture(scope="module")
def tables(ledger: Ledger) -> dict[str, Table]:
    """All output tables of that plan, at mean pay."""
    return dict(output_tables(ledger))


def row_of(table: Table, key: str) -> int:
    """Row whose first column is this id."""
    first = next(iter(table.columns.values()))
    return int(np.flatnonzero(first == key)[0])


def test_columns_are_those_of_the_contract(tables: dict[str, Table]) -> None:
    """Every table begins with the contract's columns, in its order; others follow and are declared as extra."""
    assert list(tables) == list(CONTRACT)
    for name, words in CONTRACT.items():
        wanted = words.split(", ") if words else []
        assert list(tables[name].columns)[: len(wanted)] == wanted
        if wanted:
            assert [column.name for column in OUTPUT_TABLES[name] if not column.extra] == wanted


def test_every_column_is_of_a_known_kind() -> None:
    """Writers know how to show each declared column."""
    assert {column.kind for columns in OUTPUT_TABLES.values() for column in columns} <= set(KINDS)


def test_accounts_add_up_to_the_contribution(ledger: Ledger, tables: dict[str, Table]) -> None:
    """Row by row: contribution = margin - cost_to_serve - handovers; over all rows, each column is its term."""
    accounts, terms = tables["accounts_plan"], ledger.score.terms
    assert accounts["contribution"].sum() == pytest.approx(ledger.score.contribution, abs=1e-4)
    for name in ("margin", "people_cost", "direct_cost", "travel_cost", "handover_cost"):
        assert accounts[name].sum() == pytest.approx(abs(terms[name]), abs=1e-4)
    left = accounts["margin"] - accounts["cost_to_serve"] - accounts["handover_cost"]
    np.testing.assert_allclose(accounts["contribution"], left, atol=1e-4)
    assert accounts["account_id"][-1] == UNUSED


def test_pods_add_up_to_every_term(ledger: Ledger, tables: dict[str, Table]) -> None:
    """Each cost column of the P&L sums to the summary's term, with what belongs to no pod in the last row."""
    pods = tables["pods_plan"]
    for name in TERMS:
        assert pods[name].sum() == pytest.approx(abs(ledger.score.terms[name]), abs=1e-4)
    assert pods["contribution"].sum() == pytest.approx(ledger.score.contribution, abs=1e-4)
    assert pods["pod_id"].tolist() == ["D", "C", "V", "W", "B", UNASSIGNED]
    assert pods["open"].tolist() == [True, True, True, True, False, False]


def test_what_no_pod_takes_is_unassigned(ledger: Ledger, tables: dict[str, Table]) -> None:
    """Unassigned pay: a quarter of m1 and of m2, three of the hire's four, and s5 until they leave; r3 names no pod."""
    pods, employed = tables["pods_plan"], ledger.instance.derived.employed[ledger.instance.person_index["s5"]]
    pay = 0.25 * 80_000 + 0.25 * 82_000 + 0.75 * 81_000 + employed * 95_000
    assert pods["people_cost"][-1] == pytest.approx(pay)
    assert pods["soft_cost"].tolist() == [700, 0, 0, 0, 0, 300]


def test_pay_of_an_account_is_that_of_its_hours(ledger: Ledger, tables: dict[str, Table]) -> None:
    """Pod V: two accounts share s4, m2, u1 by hours, and l3's 500 hours: 10 each, 480 by hours 198 : 195."""
    hour = 1900 * 0.8
    team = 66 * (90_000 + 82_000 + 60_000) / hour
    leading = (10 + 480 * 198 / 393) * 140_000 / hour
    accounts = tables["accounts_plan"]
    assert accounts["people_cost"][row_of(accounts, "A7")] == pytest.approx(team + leading, abs=1e-5)


def test_people_have_a_row_for_each_pod(tables: dict[str, Table]) -> None:
    """m2 shares time between two pods; s5 is unplaced; the unused part of a hire is no row."""
    people = tables["people_plan"]
    rows = [
        (person, pod, share)
        for person, pod, share in zip(people["person_id"], people["pod_id"], people["share"], strict=True)
        if person in ("m2", "s5", "hire-marketing-1")
    ]
    assert rows == [("s5", "", 0.0), ("m2", "C", 0.5), ("m2", "V", 0.25), ("hire-marketing-1", "D", 0.25)]
    coach = row_of(people, "s1")
    assert (people["is_coach"][coach], people["hours_coaching"][coach]) == (True, 80.0)
    assert people["moved"][row_of(people, "s2")]
    assert people["dotted_line_to"][coach] == "CoE sales"
    assert people["bonus"][coach] == 10.0


def test_next_best_place_is_priced(ledger: Ledger) -> None:
    """With sales at 100 an hour and all else free, A7 would lose its virtual tier's gain less 66 hours."""
    hour = np.zeros((5, 5))
    hour[:, 0] = 100.0
    accounts = output_tables(ledger, Prices(hour=hour))["accounts_plan"]
    row = row_of(accounts, "A7")
    # Virtual: 0.3 x (0.9 x 150,000 + 0.3 x 150,000) - 800 - 6,600 = 46,600; direct: 0.3 x (120,000 + 15,000) - 50 =
    # 40,450, and its rep s4 loses it: 0.05 x 0.3 x 150,000 = 2,250.
    assert (accounts["next_best_pod_id"][row], accounts["next_best_tier"][row]) == ("W", "web")
    assert accounts["next_best_loss"][row] == pytest.approx(46_600 - 38_200)


def test_prices_name_their_kind(ledger: Ledger) -> None:
    """A known marginal value is an hour's price; where it is missing, mean pay stands in under another name."""
    hour = np.full((5, 5), np.nan)
    hour[0, 0] = 12.0
    prices = output_tables(ledger, Prices(hour=hour, limit={"budget": 0.5}))["prices"]
    kinds = list(zip(prices["kind"], prices["pod_id"], prices["role"], prices["limit"], strict=True))
    assert kinds[0] == ("hour", "D", "sales", "")
    assert kinds[1] == ("average_hour", "D", "marketing", "")
    assert kinds[-1] == ("limit", "", "", "budget")
    assert prices["price"][[0, -1]].tolist() == [12.0, 0.5]


def test_targets_add_up_from_below(tables: dict[str, Table]) -> None:
    """The pods' targets sum to the company's, and each book is its accounts' expected revenue."""
    targets = tables["targets"]
    level = targets["level"]
    assert targets["expected_revenue"][level == "pod"].sum() == targets["expected_revenue"][level == "company"][0]
    assert targets["share_of_company_target"][-1] == pytest.approx(5_079_000 / 6_000_000)
    sales = targets["expected_revenue"][targets["role"] == "sales"].sum()
    assert sales == targets["expected_revenue"][-1] - 19_000  # nobody owns the direct account
    assert targets["attainable"].all()


def test_tier_curve_ends_at_the_contribution(ledger: Ledger, tables: dict[str, Table]) -> None:
    """Accounts come best first, and both running sums close with the row of what no account uses."""
    curve = tables["tier_curve"]
    assert (np.diff(curve["priced_contribution"][:-1]) <= 0).all()
    for name in ("cumulative_priced", "cumulative_contribution"):
        assert curve[name][-1] == pytest.approx(ledger.score.contribution, abs=1e-4)


def test_changes_have_reasons_and_prices(ledger: Ledger, tables: dict[str, Table]) -> None:
    """Moves and handovers sum to their terms; a vacancy, an unserved function and another pod are told apart."""
    moves, handovers, hires = tables["moves"], tables["handovers"], tables["hires"]
    terms = ledger.score.terms
    assert moves["cost"].sum() == pytest.approx(-terms["move_cost"] - terms["relocation_cost"])
    assert handovers["cost"].sum() == pytest.approx(-terms["handover_cost"], abs=1e-4)
    assert hires["hire_cost"].sum() == pytest.approx(-terms["hire_cost"])
    reasons = {
        (account, role): reason
        for account, role, reason in zip(handovers["account_id"], handovers["role"], handovers["reason"], strict=True)
    }
    assert reasons["003", "sales"].startswith("vacancy")
    assert reasons["A8", "operations"] == "tier silver names no owner for operations"
    assert reasons["A,5", "sales"] == "the account goes to pod C, s2 works in D"
    assert moves["reason"][0] == "the plan gains more there than in pod C; is named on 2 accounts, target 1,455,000"


def test_a_company_without_books_hands_nothing_over() -> None:
    """Without today's owners there are no handovers, and the sums hold."""
    run = result(instance(with_books=False))
    assert run.score is not None
    made = output_tables(Ledger(run.instance, run.plan, run.score))
    assert len(made["handovers"]) == 0
    assert made["accounts_plan"]["contribution"].sum() == pytest.approx(run.contribution, abs=1e-4)


def test_a_flexible_company_adds_up_too() -> None:
    """Released people's cost belongs to no pod."""
    run = result(instance(headcount="flexible"))
    assert run.score is not None
    made = output_tables(Ledger(run.instance, run.plan, run.score))
    assert made["pods_plan"]["contribution"].sum() == pytest.approx(run.contribution, abs=1e-4)
    assert made["accounts_plan"]["contribution"].sum() == pytest.approx(run.contribution, abs=1e-4)


def test_the_plan_of_the_builders_keeps_the_hours() -> None:
    """The example is a company that could exist: shares add up to at most one."""
    given = instance()
    made = plan(given)
    assert np.bincount(made.placed_person, weights=made.share).max() <= 1.0
