"""Every default of the contract, each by a tiny input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import datasets
from datasets.schema import POLICY_KEYS, TABLES
from podplanner.domain.errors import InputError
from podplanner.domain.tables import TABLE_NAMES, Tables

DALLAS = {"latitude": 32.8, "longitude": -96.8}
BOSTON = {"latitude": 42.36, "longitude": -71.06}
SALES = {"person_id": "p1", "role": "sales", "annual_cost": 90000}


def completed(**tables: Any) -> Tables:
    """The canonical tables of an input; accounts and people are added where the test does not give them."""
    return datasets.from_tables(
        {"accounts": [{"account_id": "a1", "revenue": 100}], "people": [{**SALES, **DALLAS}], **tables}
    )


def policy(tables: Tables) -> dict[str, str]:
    """The completed policy."""
    return dict(zip(tables["policy"]["key"], tables["policy"]["value"], strict=True))


def row(tables: Tables, name: str, **key: str) -> dict[str, Any]:
    """The one row of a completed table that has these cells."""
    table = tables[name]
    hits = [i for i in range(len(table)) if all(table[column][i] == cell for column, cell in key.items())]
    assert len(hits) == 1
    return {column: table[column][hits[0]] for column in table.columns}


def test_two_tables_of_required_columns_are_enough() -> None:
    """Every canonical table is there, with the columns of the contract, in their order, and no blank default."""
    tables = completed()
    assert tuple(tables.tables) == TABLE_NAMES
    for name in TABLE_NAMES:
        canonical = [column.name for column in TABLES[name].columns if column.canonical]
        columns = [title for title in tables[name].columns if title not in ("utc_offset", "origin")]
        assert columns[: len(canonical)] == canonical
    assert tables["policy"]["key"].tolist() == list(POLICY_KEYS)
    assert len(tables["service"]) == 12
    assert tables["tiers"]["tier"].tolist() == ["local", "virtual", "direct"]
    assert tables["roles"]["role"].tolist() == ["sales", "marketing", "support", "operations", "leader"]


def test_every_default_used_is_told() -> None:
    """Each has one line, with its source or the word assumed."""
    assumed = completed().assumed
    assert len(set(assumed)) == len(assumed)
    assert "policy margin: 0.35 (assumed)" in assumed
    assert any(line.startswith("roles.annual_cost: marketing 102388") and "BLS OEWS" in line for line in assumed)
    assert not any(line.startswith("policy margin") for line in completed(policy={"margin": 0.5}).assumed)


def test_revenue_is_zero_or_from_potential() -> None:
    """A blank is 0 where the column has a value, and potential / potential_factor where it has none."""
    given = [{"account_id": "a1", "potential": 300}, {"account_id": "a2", "potential": 600, "revenue": 50}]
    assert completed(accounts=given)["accounts"]["revenue"].tolist() == [0, 50]
    given = [{"account_id": "a1", "potential": 300}, {"account_id": "a2", "potential": 600, "revenue": None}]
    assert completed(accounts=given)["accounts"]["revenue"].tolist() == [200, 400]


def test_potential_is_at_least_half_the_segments_median() -> None:
    """Usual potentials of segment S are 150, 1500, 15000: their median's half, 750, lifts the first only."""
    given = [
        {"account_id": "a1", "segment": "S", "revenue": 100},
        {"account_id": "a2", "segment": "S", "revenue": 1000},
        {"account_id": "a3", "segment": "S", "revenue": 10000},
        {"account_id": "a4", "segment": "S", "revenue": 0},
        {"account_id": "a5", "segment": "", "revenue": 10},
        {"account_id": "a6", "segment": "S", "revenue": 10, "potential": 11},
    ]
    # With a6 the usual values of S are 15, 150, 1500, 15000: median 825, half 412.5.
    potential = completed(accounts=given)["accounts"]["potential"].tolist()
    assert potential == [412.5, 1500, 15000, 0, 15, 11]


def test_unknown_parents_are_blanked() -> None:
    """An account under an unknown parent heads its own family."""
    tables = completed(accounts=[{"account_id": "a1", "revenue": 1, "parent_id": "x"}])
    assert tables["accounts"]["parent_id"].tolist() == [""]
    assert "unknown_parent" in {finding.rule for finding in tables.warnings}


def test_places_and_zones() -> None:
    """Coordinates win, then the place's text; the zone given wins over the place's; standard time in hours."""
    given = [
        {"account_id": "a1", "revenue": 1, **DALLAS},
        {"account_id": "a2", "revenue": 1, "city": "Dallas", "region": "TX", "time_zone": "America/New_York"},
        {"account_id": "a3", "revenue": 1, "time_zone": "Europe/Berlin"},
    ]
    accounts = completed(accounts=given)["accounts"]
    assert accounts["latitude"][:2] == pytest.approx([32.8, 32.8], abs=0.2)
    assert np.isnan(accounts["latitude"][2])
    assert accounts["utc_offset"].tolist() == [-6, -5, 1]
    assert accounts["city"].tolist() == ["", "Dallas", ""]


def test_coaches() -> None:
    """Everybody of sales where no row of sales says yes; else those who do."""
    people = [{**SALES}, {**SALES, "person_id": "p2"}, {**SALES, "person_id": "m1", "role": "marketing"}]
    assert completed(people=people)["people"]["can_coach"].tolist() == [1, 1, 0]
    people[1]["can_coach"] = "yes"
    assert completed(people=people)["people"]["can_coach"].tolist() == [0, 1, 0]


def test_skills_have_one_spelling() -> None:
    """Lower case, sorted, people's without the prefix of their own role."""
    tables = completed(
        accounts=[{"account_id": "a1", "revenue": 1, "skills": "Support:Aviation; sales:German"}],
        people=[{**SALES, "skills": " Sales:German ;french"}],
        roles=[{"role": "support", "hire_skills": "aviation"}],
    )
    assert tables["accounts"]["skills"].tolist() == ["sales:german;support:aviation"]
    assert tables["people"]["skills"].tolist() == ["french;german"]
    assert "nobody_can_serve" not in {finding.rule for finding in tables.warnings}


def test_pay_of_hires_is_the_median_or_the_shipped_wage() -> None:
    """The median of the role in people, else the loaded wage; hire_cost is 0.3 of it."""
    people = [{**SALES, "person_id": f"p{pay}", "annual_cost": pay} for pay in (80000, 90000, 130000)]
    tables = completed(people=people)
    assert row(tables, "roles", role="sales")["annual_cost"] == 90000
    assert row(tables, "roles", role="sales")["hire_cost"] == pytest.approx(27000)
    assert row(tables, "roles", role="leader")["annual_cost"] == pytest.approx(148270 * 1.3)


def test_hires_are_as_many_as_the_hours_need() -> None:
    """Support: 100 accounts of 20 + 20 x 5 = 120 hours are 12,000; 1,350 a head make 9, of whom 2 are there."""
    accounts = [{"account_id": f"a{n}", "potential": 5e6} for n in range(100)]
    people = [{**SALES, "person_id": f"s{n}", "role": "support"} for n in range(2)]
    people += [{**SALES, "person_id": "gone", "role": "support", "end_date": "2023-12-31", "start_date": "2023-01-01"}]
    tables = completed(accounts=accounts, people=people, policy={"period_start": "2024-01-01"})
    assert row(tables, "roles", role="support")["max_hires"] == 7
    # Sales: nobody is there, so hires are as many as the hours need: 40 + 40 x 5 = 240 each.
    assert row(tables, "roles", role="sales")["max_hires"] == 18
    led = np.isin(tables["pods"]["coverage"].astype(str), ("local", "virtual")).sum()
    assert row(tables, "roles", role="leader")["max_hires"] == led
    assert row(completed(), "roles", role="sales")["max_hires"] == 0
    assert row(completed(roles=[{"role": "sales", "max_hires": 4}]), "roles", role="sales")["max_hires"] == 4


def test_given_hours_of_accounts_count_for_hires() -> None:
    """An account's own hours stand before the service table's, capped by max_hours."""
    accounts = [{"account_id": "a1", "revenue": 1, "hours_marketing": 99999}]
    roles = [{"role": "marketing", "annual_hours": 1000, "utilisation": 0.5}]
    # Capped at half of 500 hours: one head is enough.
    assert row(completed(accounts=accounts, roles=roles), "roles", role="marketing")["max_hires"] == 1


def test_own_tiers_get_the_coverages_service() -> None:
    """A tier without service rows, or with blank cells, takes its coverage's defaults; missing coverages get a tier."""
    tables = completed(
        tiers=[{"tier": "gold", "coverage": "local", "retain": 0.98, "capture": 0.3}],
        service=[{"tier": "gold", "role": "sales", "hours_per_account": 55}],
    )
    assert tables["tiers"]["tier"].tolist() == ["gold", "virtual", "direct"]
    assert row(tables, "service", tier="gold", role="sales")["hours_per_account"] == 55
    assert row(tables, "service", tier="gold", role="sales")["hours_per_million"] == 40
    assert row(tables, "service", tier="gold", role="support")["hours_per_account"] == 20
    assert row(tables, "service", tier="gold", role="sales")["max_hours"] == 675
    assert row(tables, "service", tier="direct", role="sales")["served"] == 0


def test_a_direct_tier_is_served_where_it_has_hours() -> None:
    """Giving hours for a function at a direct tier asks for an owner."""
    tables = completed(service=[{"tier": "direct", "role": "support", "hours_per_account": 2}])
    assert row(tables, "service", tier="direct", role="support")["served"] == 1
    assert row(tables, "service", tier="direct", role="marketing")["served"] == 0


def test_a_default_tier_does_not_take_a_name_in_use() -> None:
    """Where a virtual tier is called direct, the direct one gets another name."""
    tables = completed(tiers=[{"tier": "direct", "coverage": "virtual", "retain": 0.9, "capture": 0.1}])
    assert tables["tiers"]["tier"].tolist() == ["direct", "local", "direct-default"]


def test_pods_of_today() -> None:
    """A pod_id without a row is local where half its people live near their middle, else virtual; both are existing."""
    near = [{**SALES, **DALLAS, "person_id": f"d{n}", "pod_id": "DAL"} for n in range(2)]
    spread = [
        {**SALES, **place, "person_id": f"s{n}", "pod_id": "SPREAD"}
        for n, place in enumerate((DALLAS, BOSTON, {"latitude": 47.6, "longitude": -122.3}, {}))
    ]
    tables = completed(people=near + spread)
    assert tables["pods"]["origin"].tolist()[:2] == ["people", "people"]
    assert row(tables, "pods", pod_id="DAL")["coverage"] == "local"
    assert row(tables, "pods", pod_id="DAL")["latitude"] == pytest.approx(32.8)
    assert row(tables, "pods", pod_id="DAL")["utc_offset"] == -6
    assert row(tables, "pods", pod_id="SPREAD")["coverage"] == "virtual"
    assert row(tables, "pods", pod_id="SPREAD")["utc_offset"] == -6
    assert row(tables, "pods", pod_id="SPREAD")["max_people"] == 30
    assert {"virtual", "direct"} <= set(tables["pods"]["coverage"][2:])


def test_given_pods_come_first_and_keep_defaults_of_their_coverage_away() -> None:
    """Given rows, then those of people, then defaults for other coverages; unknown columns stay."""
    pods = [{"pod_id": "V", "coverage": "virtual", "colour": "red"}]
    tables = completed(pods=pods, people=[{**SALES, **DALLAS, "pod_id": "DAL"}], policy={"direct": "no"})
    assert tables["pods"]["origin"].tolist()[:2] == ["given", "people"]
    assert tables["pods"]["pod_id"].tolist()[:2] == ["V", "DAL"]
    assert tables["pods"]["colour"].tolist()[:2] == ["red", ""]
    assert "direct" not in tables["pods"]["coverage"]
    assert row(tables, "pods", pod_id="V")["fixed_cost"] == 5000


def test_rules_may_name_default_pods() -> None:
    """References are held against the completed pods and tiers."""
    rules = [{"rule_id": "r1", "rule": "pin", "account_id": "a1", "pod_id": "direct"}]
    tables = completed(rules=rules)
    assert (tables["rules"]["minimum"][0], tables["rules"]["maximum"][0]) == (-np.inf, np.inf)
    assert np.isnan(tables["rules"]["soft_cost"][0])


@pytest.mark.parametrize(
    ("given", "start", "end"),
    [
        ({}, "", ""),
        ({"period_start": "2024-02-29"}, "2024-02-29", "2025-02-28"),
        ({"period_end": "2025-12-31"}, "2025-01-01", "2025-12-31"),
        ({"period_start": "2025-01-01", "period_end": "2025-06-30"}, "2025-01-01", "2025-06-30"),
    ],
)
def test_period(given: dict[str, str], start: str, end: str) -> None:
    """A year from its start, or to its end; none without dates."""
    texts = policy(completed(policy=given))
    assert (texts["period_start"], texts["period_end"]) == (start, end)


def test_period_starts_after_the_latest_date() -> None:
    """1 January after the latest since or start_date; end dates and years from 2100 on are not looked at."""
    tables = completed(
        people=[{**SALES, "start_date": "2024-01-01", "end_date": "2030-01-01"}],
        books=[
            {"account_id": "a1", "role": "sales", "person_id": "p1", "since": "2024-06-30"},
            {"account_id": "a1", "role": "support", "person_id": "x", "since": "2100-01-01"},
        ],
    )
    assert policy(tables)["period_start"] == "2025-01-01"
    assert policy(tables)["period_end"] == "2025-12-31"
    assert np.isnat(tables["books"]["since"][1])


def test_another_currency_scales_the_money_defaults() -> None:
    """One dollar is 0.5 of the currency: money halves, hours per million double."""
    tables = completed(policy={"currency": "xxx", "usd_rate": 0.5})
    assert policy(tables)["currency"] == "XXX"
    assert policy(tables)["move_cost"] == "500"
    assert policy(tables)["travel_cost_per_km"] == "0.225"
    assert row(tables, "tiers", tier="direct")["cost_per_account"] == 150
    assert row(tables, "roles", role="leader")["annual_cost"] == pytest.approx(148270 * 1.3 / 2)
    assert row(tables, "service", tier="local", role="sales")["hours_per_million"] == 80
    virtual = tables["pods"]["coverage"] == "virtual"
    assert set(tables["pods"]["fixed_cost"][virtual]) == {2500}


def test_policy_is_text_in_one_spelling() -> None:
    """Numbers, flags and choices have one canonical text."""
    tables = completed(
        policy={"margin": "0.350", "direct": "YES", "headcount": "Flexible", "max_hires": 3.0, "budget": None}
    )
    texts = policy(tables)
    assert [texts[key] for key in ("margin", "direct", "headcount", "max_hires", "budget")] == [
        "0.35", "true", "flexible", "3", "",
    ]  # fmt: skip


def test_handover_loss_is_held_against_retain_also_where_only_tiers_are_given() -> None:
    """The default losses are 0.08 together; a tier that retains 0.05 breaks the rule."""
    with pytest.raises(InputError) as caught:
        completed(tiers=[{"tier": "web", "coverage": "direct", "retain": 0.05, "capture": 0}])
    assert [(f.rule, f.table, f.row) for f in caught.value.findings if f.is_error] == [
        ("handover_loss_too_high", "tiers", 2)
    ]


def test_the_input_is_not_kept_alive_by_order() -> None:
    """Tables are read-only, and reading twice gives the same hash."""
    first, second = completed(), completed()
    assert first.sha256() == second.sha256()
    with pytest.raises(ValueError, match="read-only"):
        first["accounts"]["revenue"][0] = 1


def test_another_currency_needs_a_rate_only_where_a_money_default_is_used() -> None:
    """An input that gives every amount itself plans in any currency."""
    money = ("move_cost", "relocation_cost", "travel_cost_per_km", "missing_coach_cost")
    tables = completed(
        policy={"currency": "EUR", **dict.fromkeys(money, 1)},
        roles=[{"role": name, "annual_cost": 1} for name in ("marketing", "support", "operations", "leader")],
        tiers=[
            {"tier": name, "coverage": name, "retain": 0.9, "capture": 0.1, "cost_per_account": 1}
            for name in ("local", "virtual", "direct")
        ],
        pods=[
            {"pod_id": "L", "coverage": "local", "fixed_cost": 1, **DALLAS},
            {"pod_id": "V", "coverage": "virtual", "fixed_cost": 1},
        ],
    )
    assert policy(tables)["usd_rate"] == ""
    assert row(tables, "pods", pod_id="direct")["origin"] == "default"
