"""The shipped samples."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from datasets import read
from datasets.samples import sample_descriptions, sample_names, sample_path
from podplanner.domain.build import build_instance
from podplanner.domain.plan import Plan
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import NOBODY

NORTHWIND = Path(__file__).parent.parent / "data" / "northwind"
FOLDERS = [*(sample_path(name) for name in sample_names()), NORTHWIND]
FUNCTIONS = {"sales", "marketing", "support", "operations"}


def table(folder: Path, name: str) -> pd.DataFrame:
    """Read one table; ids stay text."""
    return pd.read_csv(folder / f"{name}.csv", dtype={"account_id": str, "person_id": str, "postal_code": str})


def test_the_samples_are_there() -> None:
    """Names in order, each a folder."""
    assert sample_names() == ("adventureworks", "fortune500", "tiny")
    assert all(folder.is_dir() for folder in FOLDERS)


def test_every_sample_is_described_in_one_sentence() -> None:
    """What it is, before it is chosen."""
    told = sample_descriptions()
    assert tuple(told) == sample_names()
    assert all(re.fullmatch(r"[A-Z0-9].{20,}[a-z]\.", sentence) for sentence in told.values())


def test_an_unknown_sample_is_named_with_those_there_are() -> None:
    """The message helps."""
    with pytest.raises(ValueError, match="no sample 'acme'; there are adventureworks, fortune500, tiny"):
        sample_path("acme")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_sample_says_where_it_comes_from(folder: Path) -> None:
    """Origin and licence, in words."""
    assert {"MIT", "public domain", "licence"} & set(
        re.findall(r"MIT|public domain|licence", (folder / "SOURCE.md").read_text("utf-8"))
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_accounts_and_people_are_sound(folder: Path) -> None:
    """Ids once, potentials no lower than revenue, everybody is paid and has a role, managers and owners exist."""
    accounts, people = table(folder, "accounts"), table(folder, "people")
    assert accounts["account_id"].is_unique
    assert people["person_id"].is_unique
    assert set(people["role"]) <= FUNCTIONS | {"leader"}
    assert (people["annual_cost"] > 0).all()
    assert (accounts["revenue"] >= 0).all()
    if "potential" in accounts:
        assert (accounts["potential"] >= accounts["revenue"]).all()
    if "manager_id" in people:
        assert set(people["manager_id"].dropna()) <= set(people["person_id"])
    if (folder / "books.csv").exists():
        books = table(folder, "books")
        assert not books.duplicated(["account_id", "role"]).any()
        assert set(books["account_id"]) <= set(accounts["account_id"])
        assert set(books["person_id"]) <= set(people["person_id"])


def test_adventureworks_is_as_it_says() -> None:
    """Counts and sums of the source."""
    folder = sample_path("adventureworks")
    accounts, people = table(folder, "accounts"), table(folder, "people")
    assert len(accounts) == len(table(folder, "books")) == 701
    assert accounts["revenue"].sum() == pytest.approx(36_240_484.53)
    assert accounts["latitude"].isna().sum() == 4
    assert people["role"].value_counts().to_dict() == {"sales": 14, "marketing": 9, "operations": 5, "leader": 3}


def test_fortune500_is_as_it_says() -> None:
    """500 placed offices; about a seventh buys nothing today."""
    folder = sample_path("fortune500")
    accounts, people = table(folder, "accounts"), table(folder, "people")
    assert len(accounts) == 500
    assert accounts["latitude"].notna().all()
    assert accounts["potential"].max() == 10e6
    assert 0.1 < (accounts["revenue"] == 0).mean() < 0.2
    assert people["role"].value_counts().to_dict() == {
        "sales": 48, "support": 24, "operations": 14, "marketing": 12, "leader": 8,
    }  # fmt: skip


def test_tiny_by_hand() -> None:
    """The README's table of contributions by tier, from the sample's own numbers."""
    folder = sample_path("tiny")
    accounts, tiers = table(folder, "accounts").set_index("account_id"), table(folder, "tiers").set_index("tier")
    km = table(folder, "distances").set_index("account_id")["km"]
    policy = table(folder, "policy").set_index("key")["value"]
    rest = accounts["potential"] - accounts["revenue"]
    value = {
        tier: float(policy["margin"]) * (row["retain"] * accounts["revenue"] + row["capture"] * rest)
        - row["cost_per_account"]
        for tier, row in tiers.iterrows()
    }
    value["local"] -= 2 * km * 10 * float(policy["travel_cost_per_km"])
    near = km <= float(policy["max_local_km"])
    assert value["local"][near].tolist() == pytest.approx([69_900, 54_500, 39_700, 2_300])
    assert value["virtual"].tolist() == pytest.approx([58_000, 46_000, 34_000, 22_000, 4_000, 400])
    assert value["direct"].tolist() == pytest.approx([39_000, 31_000, 23_000, 15_000, 3_000, 600])
    best = np.where(near, np.fmax(value["local"], value["direct"]), value["direct"]).sum()
    assert best - 10_000 - 1_000 - table(folder, "people")["annual_cost"].sum() == pytest.approx(71_700)


def test_tiny_plan_by_hand_to_the_cent() -> None:
    """The README's best plan keeps every rule, and scores and recounts as its table of terms says."""
    instance = build_instance(read(sample_path("tiny")))
    assert instance.people.ids.tolist() == ["S1", "S2", "M1", "U1", "O1", "L1"]
    direct = [NOBODY] * 4
    plan = Plan(
        pod=np.array([0, 0, 0, 2, 2, 2], np.int32),
        tier=np.array([0, 0, 0, 2, 2, 2], np.int32),
        owner=np.array([[0, 2, 3, 4], [0, 2, 3, 4], [1, 2, 3, 4], direct, direct, direct], np.int32),
        placed_person=np.arange(6, dtype=np.int32),
        placed_pod=np.zeros(6, np.int32),
        share=np.ones(6),
        leader=np.array([5, NOBODY, NOBODY], np.int32),
        coach=np.array([0, NOBODY, NOBODY], np.int32),
    )
    terms = {
        "margin": 201_600.0, "people_cost": -100_000.0, "fixed_cost": -10_000.0, "direct_cost": -18_000.0,
        "travel_cost": -900.0, "handover_cost": -1_000.0,
    }  # fmt: skip
    checked = verify(instance, plan)
    assert checked.violations == ()
    for found in (score(instance, plan).terms, checked.terms):
        assert {name: round(amount, 2) for name, amount in found.items() if amount} == terms
    assert score(instance, plan).contribution == pytest.approx(71_700)


@pytest.mark.parametrize(
    ("folder", "warned_of"),
    [
        (sample_path("adventureworks"), {("accounts", "unknown_place")}),
        (sample_path("fortune500"), {("books", "no_books")}),
        (sample_path("tiny"), set()),
        (NORTHWIND, None),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_samples_are_valid_inputs(folder: Path, warned_of: set[tuple[str, str]] | None) -> None:
    """They read without errors, and only with the warnings that their SOURCE explains."""
    warned = {(finding.table, finding.rule) for finding in read(folder).warnings}
    if warned_of is not None:
        assert warned == warned_of


@pytest.mark.parametrize("name", ["adventureworks", "fortune500"])
def test_defaults_give_samples_all_three_coverages(name: str) -> None:
    """Local bases, virtual bands for all zones, and the direct pod."""
    pods = read(sample_path(name))["pods"]
    assert set(pods["origin"]) == {"default"}
    assert (pods["coverage"] == "local").sum() >= 6
    assert {"virtual-utc-6-1", "virtual-utc-9-1", "virtual-any-1", "direct"} <= set(pods["pod_id"])
