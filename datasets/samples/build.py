"""Builds the samples `adventureworks` and `fortune500`, and the tests' `northwind`, from their sources.

::

    python -m datasets.samples.build SOURCE_FOLDER TARGET_FOLDER NORTHWIND_FOLDER

The same sources give the same bytes. What is assumed is said beside each number here and in each SOURCE.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from datasets.geo.wages import metro_wages
from datasets.tablefiles import write_tables
from podplanner.domain.geography import great_circle_km

FUNCTIONS = ("sales", "marketing", "support", "operations")
LOADING = 1.3
"""Benefits, employer taxes and overhead on top of pay (assumed)."""
YEARS = ("revenue_2011_usd", "revenue_2012_usd", "revenue_2013_usd", "revenue_last12m_usd")
PEER_QUANTILE = 0.75
"""A store could buy what a good peer bought in its best year (assumed) ..."""
OWN_GROWTH = 1.1
"""... or a tenth more than in its own best year (assumed)."""
ORDER_DESK = frozenset({"Master Scheduler", "Scheduling Assistant"})
"""The operations staff who turn orders into deliveries; the rest of the 42 run factory, stores and buildings."""
TERRITORY_ZONES = {"285": "Australia/Sydney", "287": "Europe/Berlin"}
"""The Pacific and European managers live near Seattle, and work in their territory's hours (assumed)."""
WILLING_TO_MOVE = frozenset({"276", "277"})
"""Reps in Nevada, Utah and Duluth, far from most of their stores, would relocate (assumed)."""

FORTUNE_SEED = 500
POTENTIAL_SHARE, POTENTIAL_CAP = 0.0002, 10e6
"""What a head office could buy: 0.02 % of its revenue, at most 10 M$ a year (assumed)."""
NEW_SHARE = 0.15
"""Share of the head offices that buy nothing today (assumed)."""
FORTUNE_TEAM = {"sales": 48, "marketing": 12, "support": 24, "operations": 14, "leader": 8}
METRO_KM = 80.0


def main(source: Path, target: Path, northwind_target: Path) -> None:
    """Write all three."""
    write_tables(adventureworks(source / "adventureworks"), target / "adventureworks")
    write_tables(fortune500(source / "fortune"), target / "fortune500")
    write_tables(northwind(source / "northwind"), northwind_target)


def adventureworks(source: Path) -> dict[str, pd.DataFrame]:
    """Stores, sales people, marketers and order desk of Microsoft's sample company; see its SOURCE.md."""
    stores = pd.read_csv(source / "accounts.csv", dtype={"account_id": str, "postal_code": str})
    owners = pd.read_csv(source / "current_assignments.csv", dtype=str)
    number = stores.set_index("account_id")["account_number"]
    books = pd.DataFrame(
        {
            "account_id": owners["account_id"].map(number),
            "role": "sales",
            "person_id": "E" + owners["salesperson_id"],
        }
    )
    return {
        "accounts": _stores(stores),
        "people": _staff(source),
        "books": books.sort_values("account_id"),
        "tiers": _stated_tiers(),
        "service": _stated_service(),
        "roles": _stated_roles(),
        "policy": pd.DataFrame(
            [("margin", "0.35"), ("leader_hours_per_account", "1"), ("company_target", "40000000")],
            columns=["key", "value"],
        ),
    }


def _stores(stores: pd.DataFrame) -> pd.DataFrame:
    revenue = stores["revenue_last12m_usd"].fillna(0.0)
    best = stores[list(YEARS)].max(axis=1)
    peers = best.groupby([stores["business_type"], stores["store_annual_sales_usd"]]).transform(
        "quantile", PEER_QUANTILE
    )
    potential = np.fmax(np.fmax(OWN_GROWTH * best, peers), revenue)
    return pd.DataFrame(
        {
            "account_id": stores["account_number"],
            "name": stores["name"],
            "industry": "Bicycle retail",
            "segment": stores["business_type"],
            "latitude": stores["lat"],
            "longitude": stores["lon"],
            "postal_code": stores["postal_code"],
            "city": stores["city"],
            "region": stores["state_name"],
            "country": stores["country"],
            "revenue": revenue.round(2),
            "potential": potential.round(2),
            "territory": stores["territory"],
            "square_feet": stores["square_feet"],
        }
    ).sort_values("account_id")


def _staff(source: Path) -> pd.DataFrame:
    staff = pd.read_csv(source / "staff.csv", dtype={"employee_id": str, "manager_id": str})
    staff["manager_id"] = staff["manager_id"].str.replace(".0", "", regex=False)
    sellers = pd.read_csv(source / "salespeople.csv", dtype={"employee_id": str}).set_index("employee_id")
    role = staff["role_group"].map({"sales_rep": "sales", "sales_manager": "leader", "marketing": "marketing"})
    role = role.where(~staff["job_title"].isin(ORDER_DESK), "operations")
    # The vice president of sales leads the leaders, and no pod.
    staff = staff.assign(role=role.where(staff["job_title"] != "Vice President of Sales")).dropna(subset="role")
    earned = sellers["bonus_usd"] + sellers["commission_pct"] * sellers["sales_ytd_usd"]
    pay = staff["annual_pay_2080h_usd"] + staff["employee_id"].map(earned).fillna(0.0)
    known = set(staff["employee_id"])
    return pd.DataFrame(
        {
            "person_id": "E" + staff["employee_id"],
            "name": staff["name"],
            "role": staff["role"],
            "latitude": staff["lat"],
            "longitude": staff["lon"],
            "city": staff["city"],
            "region": staff["state_code"],
            "country": staff["country"],
            "time_zone": staff["employee_id"].map(TERRITORY_ZONES),
            "annual_cost": (LOADING * pay).round(2),
            "manager_id": ("E" + staff["manager_id"]).where(staff["manager_id"].isin(known)),
            "start_date": staff["hire_date"],
            "relocatable": np.where(staff["employee_id"].isin(WILLING_TO_MOVE), "true", "false"),
            "job_title": staff["job_title"],
        }
    )


def _stated_tiers() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("local", "local", 0.97, 0.35, 0),
            ("virtual", "virtual", 0.92, 0.15, 0),
            ("direct", "direct", 0.85, 0.03, 100),
        ],
        columns=["tier", "coverage", "retain", "capture", "cost_per_account"],
    )


def _stated_service() -> pd.DataFrame:
    """Hours of small accounts: about 41 hours of sales locally and 28 virtually, so a rep carries 30 to 50 stores."""
    base = {"local": (28, 5, 10, 6), "virtual": (18, 4, 6, 4)}
    per_million = {"local": (90, 20, 20, 10), "virtual": (70, 10, 15, 8)}
    return pd.DataFrame(
        [
            (tier, role, base[tier][at], per_million[tier][at], 4 if (tier, role) == ("local", "sales") else 0)
            for tier in ("local", "virtual")
            for at, role in enumerate(FUNCTIONS)
        ],
        columns=["tier", "role", "hours_per_account", "hours_per_million", "visits"],
    )


def _stated_roles() -> pd.DataFrame:
    """Nobody in support today: paid like the order desk. Marketers and order desk are near Seattle: two hires each."""
    return pd.DataFrame(
        [
            ("sales", 4, None),
            ("marketing", 2, None),
            ("support", None, round(LOADING * 33280, 2)),
            ("operations", 2, None),
        ],
        columns=["role", "max_hires", "annual_cost"],
    ).astype({"max_hires": "Int64"})


def fortune500(source: Path) -> dict[str, pd.DataFrame]:
    """Head offices as accounts, and a team drawn by seed from the wages of the metros where they are."""
    offices = pd.read_csv(source / "accounts_f500_hq.csv", dtype={"zip": str})
    random = np.random.default_rng(FORTUNE_SEED)
    potential = np.minimum(POTENTIAL_SHARE * 1e6 * offices["revenue_musd"], POTENTIAL_CAP).round(-3)
    bought = random.beta(3, 3, len(offices)) * (random.random(len(offices)) >= NEW_SHARE)
    accounts = pd.DataFrame(
        {
            "account_id": offices["account_id"],
            "name": offices["name"],
            "industry": offices["sector_from_f1000"],
            "latitude": offices["lat"],
            "longitude": offices["lon"],
            "postal_code": offices["zip"].str.zfill(5),
            "city": offices["city"].str.title(),
            "region": offices["state"],
            "country": "US",
            "revenue": (potential * bought).round(-3),
            "potential": potential,
            "employees": offices["employees"],
        }
    )
    return {"accounts": accounts, "people": _drawn_team(accounts, random)}


def _drawn_team(accounts: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """People in metros, each metro drawn by the potential around it, pay between the wages' quartiles."""
    wages = metro_wages()
    rows = []
    for role, count in FORTUNE_TEAM.items():
        metros = wages[wages["role"] == role].reset_index(drop=True)
        km = great_circle_km(
            metros["latitude"].to_numpy()[:, None],
            metros["longitude"].to_numpy()[:, None],
            accounts["latitude"].to_numpy()[None, :],
            accounts["longitude"].to_numpy()[None, :],
        )
        nearest = np.bincount(km.argmin(axis=0), weights=accounts["potential"] * (km.min(axis=0) <= METRO_KM))
        weight = np.pad(nearest, (0, len(metros) - len(nearest)))
        for number, at in enumerate(sorted(random.choice(len(metros), count, p=weight / weight.sum())), start=1):
            metro = metros.iloc[at]
            city = metro["metro"].split(",")[0].split("-")[0]
            pay = random.uniform(metro["low"], metro["high"])
            name = f"{role.title()} {number:02d}, {city}"
            place = (metro["latitude"], metro["longitude"], city)
            rows.append((f"{role[:2].upper()}{number:02d}", name, role, *place, round(LOADING * pay)))
    return pd.DataFrame(
        rows, columns=["person_id", "name", "role", "latitude", "longitude", "city", "annual_cost"]
    ).assign(country="US")


def northwind(source: Path) -> dict[str, pd.DataFrame]:
    """Customers and employees of Microsoft's smaller sample company; all pay is assumed."""
    customers = pd.read_csv(source / "accounts.csv", dtype=str)
    staff = pd.read_csv(source / "staff.csv", dtype=str)
    owners = pd.read_csv(source / "current_assignments.csv", dtype=str)
    accounts = customers[["account_id", "name", "city", "region", "postal_code"]].assign(
        country=customers["country_iso"],
        latitude=customers["lat"],
        longitude=customers["lon"],
        revenue=pd.to_numeric(customers["revenue_1997_usd"]).fillna(0.0),
    )
    pay = {"Sales Representative": 40000, "Inside Sales Coordinator": 35000, "Sales Manager": 60000}
    people = pd.DataFrame(
        {
            "person_id": "N" + staff["employee_id"],
            "name": staff["name"],
            "role": np.where(staff["title"].isin(["Sales Manager", "Vice President, Sales"]), "leader", "sales"),
            "city": staff["city"],
            "country": staff["country_iso"],
            "latitude": staff["lat"],
            "longitude": staff["lon"],
            "annual_cost": staff["title"].map(pay).fillna(80000).astype(int),
            "manager_id": ("N" + staff["manager_id"].str.replace(".0", "", regex=False)),
        }
    )
    books = owners[["account_id"]].assign(role="sales", person_id="N" + owners["main_employee_id"])
    return {"accounts": accounts, "people": people, "books": books}


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
