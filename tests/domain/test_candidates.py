"""Default pods: local bases, virtual bands, the direct pod."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podplanner.domain.bases import most_bases
from podplanner.domain.candidates import FIXED_COST, default_pods
from podplanner.domain.geography import great_circle_km
from podplanner.domain.tables import Table

NEW_YORK, BOSTON, DENVER, NOWHERE = (40.71, -74.01), (42.36, -71.06), (39.74, -104.98), (np.nan, np.nan)
FUNCTIONS = ("sales", "marketing", "support", "operations")
POLICY = {
    "max_local_km": "130", "commute_km": "65", "road_factor": "1.3", "leader_hours_base": "300", "usd_rate": "1",
    "leader_hours_per_member": "45", "leader_hours_per_account": "2", "direct": "true",
}  # fmt: skip
PODS = Table(
    {name: np.array([], dtype=kind) for name, kind in
     {"pod_id": object, "name": object, "coverage": object, "latitude": float, "longitude": float, "utc_offset": float,
      "fixed_cost": float, "min_people": float, "max_people": float, "min_accounts": float, "max_accounts": float,
      "keep_open": np.int8, "origin": object}.items()}
)  # fmt: skip
TIERS = Table(
    {
        "tier": np.array(["local", "virtual", "direct"], object),
        "coverage": np.array(["local", "virtual", "direct"], object),
        "capture": np.array([0.2, 0.12, 0.03]),
    }
)
Place = tuple[float, float]


def accounts(*rows: tuple[Place, float, float]) -> Table:
    """Accounts of (place, potential, utc_offset)."""
    places = np.array([row[0] for row in rows], float).reshape(-1, 2)
    blank = np.full(len(rows), np.nan)
    return Table(
        {"account_id": np.array([f"A{n}" for n in range(len(rows))], object), "latitude": places[:, 0].copy(),
         "longitude": places[:, 1].copy(), "utc_offset": np.array([row[2] for row in rows], float),
         "potential": np.array([row[1] for row in rows], float),
         **{f"hours_{role}": blank.copy() for role in FUNCTIONS}}
    )  # fmt: skip


def people(*rows: tuple[str, Place], relocatable: int = 0) -> Table:
    """People of (role, place)."""
    places = np.array([row[1] for row in rows], float).reshape(-1, 2)
    return Table(
        {"role": np.array([row[0] for row in rows], object), "latitude": places[:, 0].copy(),
         "longitude": places[:, 1].copy(), "relocatable": np.full(len(rows), relocatable, np.int8)}
    )  # fmt: skip


def service(hours: float = 10.0) -> Table:
    """The same hours for each account and function at local and virtual tiers; direct is not served."""
    tier, role = (np.array(x, object) for x in zip(*[(t, r) for t in TIERS["tier"] for r in FUNCTIONS], strict=True))
    size = len(tier)
    return Table(
        {"tier": tier, "role": role, "hours_per_account": np.full(size, hours), "hours_per_million": np.zeros(size),
         "min_hours": np.ones(size), "max_hours": np.full(size, 675.0), "served": (tier != "direct").astype(np.int8)}
    )  # fmt: skip


def roles(sales_hires: float = 0.0, leader_hires: float = np.nan) -> Table:
    """Five roles of 1,000 plannable hours."""
    return Table(
        {"role": np.array([*FUNCTIONS, "leader"], object), "annual_hours": np.full(5, 2000.0),
         "utilisation": np.full(5, 0.5), "max_hires": np.array([sales_hires, 9, 9, 9, leader_hires]),
         "on_site": np.array([1, 0, 0, 0, 1], np.int8)}
    )  # fmt: skip


def pods_for(customers: Table, staff: Table, pods: Table = PODS, **changed: Any) -> Table:
    """Default pods with this file's tables unless changed."""
    tables: dict[str, Any] = {"tiers": TIERS, "service": service(), "roles": roles(), "policy": POLICY} | changed
    return default_pods(customers, staff, pods, **tables)


def ids(table: Table, coverage: str) -> list[str]:
    """Pod ids of one coverage."""
    found: list[str] = table["pod_id"][table["coverage"] == coverage].tolist()
    return found


def spread(count: int, seed: int = 0) -> Table:
    """Accounts around the three cities, with unequal potentials."""
    random = np.random.default_rng(seed)
    city = np.array([NEW_YORK, BOSTON, DENVER])[random.integers(3, size=count)]
    places = city + random.normal(0, 0.6, (count, 2))
    sizes = random.lognormal(12, 1, count)
    return accounts(*(((y, x), size, -5.0) for (y, x), size in zip(places.tolist(), sizes.tolist(), strict=True)))


SALES_TEAM = people(*[("sales", NEW_YORK)] * 4, *[("sales", BOSTON)] * 3, *[("sales", DENVER)] * 3)


def test_a_base_for_each_place_with_accounts_and_sales_people() -> None:
    """Two cities with both; the one with more potential comes first and stands between its accounts and people."""
    table = pods_for(
        accounts((BOSTON, 1e6, -5), (DENVER, 3e6, -7), (NEW_YORK, 9e6, -5)),
        people(("sales", BOSTON), ("sales", DENVER)),
    )
    local = table["coverage"] == "local"
    assert ids(table, "local") == ["local-001", "local-002"]
    assert table["latitude"][local].tolist() == pytest.approx([DENVER[0], BOSTON[0]])
    assert table["fixed_cost"][local].tolist() == [FIXED_COST["local"]] * 2
    assert set(table["origin"]) == {"default"}


@pytest.mark.parametrize(
    ("staff", "changed", "bases"),
    [
        (people(("sales", DENVER)), {}, 0),
        (people(("sales", DENVER), relocatable=1), {}, 1),
        (people(("sales", DENVER)), {"roles": roles(sales_hires=2)}, 1),
        (people(), {"roles": roles(sales_hires=np.nan)}, 1),
        (people(("sales", NOWHERE)), {"roles": roles(sales_hires=np.nan)}, 0),
        (people(("sales", BOSTON), ("leader", DENVER)), {"roles": roles(leader_hires=0)}, 0),
        (people(("sales", BOSTON), ("leader", BOSTON)), {"roles": roles(leader_hires=0)}, 1),
    ],
)
def test_no_base_that_nobody_could_staff(staff: Table, changed: dict[str, Any], bases: int) -> None:
    """Without sales people or leaders in commuting distance, mobile ones or hires, a base is not proposed."""
    assert len(ids(pods_for(accounts((BOSTON, 1e6, -5)), staff, **changed), "local")) == bases


def test_few_people_carry_few_bases() -> None:
    """One sales person among three in the east covers a third: the west's two come first though it has less."""
    table = pods_for(
        accounts((BOSTON, 8e6, -5), (DENVER, 5e6, -7)), people(("sales", BOSTON), ("sales", DENVER), ("sales", DENVER))
    )
    assert table["latitude"][:2].tolist() == pytest.approx([BOSTON[0], DENVER[0]])


def test_bases_keep_half_a_commute_apart() -> None:
    """However dense the accounts."""
    table = pods_for(spread(900), SALES_TEAM)
    local = table["coverage"] == "local"
    y, x = table["latitude"][local], table["longitude"][local]
    km = great_circle_km(y[:, None], x[:, None], y[None, :], x[None, :])
    assert local.sum() >= 4
    assert km[~np.eye(len(km), dtype=bool)].min() >= 25


def test_each_base_can_be_reached_by_a_sales_person() -> None:
    """Every default base lies within the commute of somebody who sells."""
    table = pods_for(spread(900), SALES_TEAM)
    local = table["coverage"] == "local"
    km = great_circle_km(
        table["latitude"][local][:, None],
        table["longitude"][local][:, None],
        SALES_TEAM["latitude"],
        SALES_TEAM["longitude"],
    )
    assert (km.min(axis=1) * 1.3 <= 65).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10), st.integers(1, 80), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(seed: int, count: int, random: Any) -> None:
    """Shuffled accounts and people give the same pods to the last bit."""
    customers = spread(count, seed)
    order = list(range(count))
    random.shuffle(order)
    shuffled = Table({name: column[order] for name, column in customers.columns.items()})
    turned = Table({name: column[::-1].copy() for name, column in SALES_TEAM.columns.items()})
    first, second = pods_for(customers, SALES_TEAM), pods_for(shuffled, turned)
    for name in first.columns:
        np.testing.assert_array_equal(first[name], second[name])


@pytest.mark.parametrize(("count", "most"), [(1, 3), (1_000, 10), (10_000, 64), (100_000, 399), (10**6, 1000)])
def test_how_many_bases_at_most(count: int, most: int) -> None:
    """The number grows slower than the accounts, and ends at 1,000."""
    assert most_bases(count) == most


def test_a_given_row_suppresses_its_coverage_and_a_peoples_pod_does_not() -> None:
    """The given rows come first; unknown columns are blank in the defaults; ids in use are kept apart."""
    rows = {
        "pod_id": ["local-001", "virtual-any-1"], "name": ["", ""], "coverage": ["local", "virtual"],
        "latitude": [BOSTON[0], np.nan], "longitude": [BOSTON[1], np.nan], "utc_offset": [-5.0, np.nan],
        "fixed_cost": [1.0, 2.0], "min_people": [0.0, 0], "max_people": [9.0, 9], "min_accounts": [0.0, 0],
        "max_accounts": [9.0, 9], "keep_open": [0, 0], "origin": ["given", "people"], "colour": ["red", "blue"],
        "area": [1.0, 2.0],
    }  # fmt: skip
    unknown = {"colour": np.dtype(object), "area": np.dtype(float)}
    dtypes = {name: column.dtype for name, column in PODS.columns.items()} | unknown
    given_pods = Table({name: np.array(cells, dtypes[name]) for name, cells in rows.items()})
    table = pods_for(accounts((DENVER, 1e6, -7)), SALES_TEAM, given_pods)
    assert table["pod_id"].tolist() == [
        "local-001", "virtual-any-1", "virtual-utc-6-1", "virtual-any-1-default", "direct",
    ]  # fmt: skip
    assert table["colour"].tolist() == ["red", "blue", "", "", ""]
    np.testing.assert_equal(table["area"], [1, 2, np.nan, np.nan, np.nan])


def test_an_existing_base_takes_its_part_first() -> None:
    """No default base beside a pod made from people; the next city still gets one."""
    row = {name: np.array([0], column.dtype) for name, column in PODS.columns.items()} | {
        "pod_id": np.array(["HQ"], object), "name": np.array(["HQ"], object), "coverage": np.array(["local"], object),
        "latitude": np.array([BOSTON[0]]), "longitude": np.array([BOSTON[1]]), "origin": np.array(["people"], object),
    }  # fmt: skip
    customers = accounts((BOSTON, 1e6, -5), (DENVER, 1e6, -7))
    table = pods_for(customers, people(("sales", BOSTON), ("sales", DENVER)), Table(row))
    assert ids(table, "local") == ["HQ", "local-001"]
    assert table["latitude"][1] == pytest.approx(DENVER[0])


def test_bands_reach_every_zone() -> None:
    """Each zone is within an hour and a half of a band; accounts without a zone get virtual-any."""
    zones = [-10, -8, -7, -5, -3.5, 0, 1, 5.5, 5.75, 9, 12.75]
    table = pods_for(accounts(*((NOWHERE, 1e5, zone) for zone in [*zones, np.nan])), people())
    virtual = table["coverage"] == "virtual"
    bands = table["utc_offset"][virtual]
    assert all(np.nanmin(np.abs(bands - zone)) <= 1.5 for zone in zones)
    assert set(np.mod(bands[~np.isnan(bands)], 3)) == {0}
    assert ids(table, "virtual")[:2] == ["virtual-utc-9-1", "virtual-utc-6-1"]
    assert "virtual-utc+0-1" in ids(table, "virtual")
    assert ids(table, "virtual")[-1] == "virtual-any-1"
    assert table["max_people"][virtual].tolist() == [30] * virtual.sum()


def test_virtual_pods_are_numbered_as_need_grows() -> None:
    """As many copies as people and leaders' hours take, whichever is more."""
    # 1,000 accounts x 10 h are 10 heads of each function, 40 in all: 2 pods by people (29 beside the leader).
    # A leader has 1,000 - 300 h for 40 x 45 + 1,000 x 2 = 3,800 h: 6 pods.
    table = pods_for(accounts(*[(NOWHERE, 1e5, -5.0)] * 1000), people())
    assert Counter(pod.rsplit("-", 1)[0] for pod in ids(table, "virtual")) == {"virtual-utc-6": 6, "virtual-any": 1}


def test_no_direct_pod_when_the_policy_says_so() -> None:
    """`direct=false` leaves accounts to people."""
    assert ids(pods_for(accounts(), people(), policy=POLICY | {"direct": "false"}), "direct") == []
    assert ids(pods_for(accounts(), people()), "direct") == ["direct"]


def test_no_pods_for_a_coverage_without_tiers() -> None:
    """A pod at whose coverage nothing can be served is no candidate."""
    only_direct = Table({name: column[2:].copy() for name, column in TIERS.columns.items()})
    assert pods_for(spread(9), SALES_TEAM, tiers=only_direct)["pod_id"].tolist() == ["direct"]


def test_prices_follow_the_currency() -> None:
    """Defaults are in USD and converted."""
    table = pods_for(accounts((BOSTON, 1e6, -5)), SALES_TEAM, policy=POLICY | {"usd_rate": "0.5"})
    assert table["fixed_cost"][0] == FIXED_COST["local"] / 2
