"""Companies drawn by seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from datasets import from_tables, read
from datasets.generator import generate, write_tables
from podplanner.domain.baseline import baseline
from podplanner.domain.build import build_instance
from podplanner.domain.geography import great_circle_km


def test_the_size_classes_are_as_published() -> None:
    """1,000 accounts come with 10 bases and 80 people; others are given or in between."""
    small = generate(1_000, seed=1)
    assert {name: len(table) for name, table in small.items()} == {"accounts": 1_000, "people": 80, "pods": 10}
    middle = generate(3_000, seed=1, bases=7, people=50)
    assert (len(middle["people"]), len(middle["pods"])) == (50, 7)
    between = generate(3_000, seed=1)
    assert 10 < len(between["pods"]) < 60
    assert 80 < len(between["people"]) < 770


@pytest.mark.parametrize("with_books", [False, True])
def test_the_same_seed_gives_the_same_tables(with_books: bool) -> None:
    """And another seed others."""
    first, again, other = (generate(200, seed=seed, with_books=with_books) for seed in (5, 5, 6))
    for name, table in first.items():
        pd.testing.assert_frame_equal(table, again[name])
    assert not first["accounts"].equals(other["accounts"])


def test_accounts_are_sound() -> None:
    """Unique ids, potentials no lower than revenue, some that buy nothing, US places."""
    accounts = generate(500, seed=2)["accounts"]
    assert accounts["account_id"].is_unique
    assert (accounts["potential"] >= accounts["revenue"]).all()
    assert (accounts["potential"] > 0).all()
    assert 0.1 < (accounts["revenue"] == 0).mean() < 0.3
    assert accounts["margin"].between(0.25, 0.45).all()
    assert accounts["latitude"].between(18, 72).all()
    assert accounts["postal_code"].str.fullmatch(r"\d{5}").all()
    assert set(accounts["segment"]) == {"small", "middle", "large"}


def test_people_are_paid_and_live_around_the_bases() -> None:
    """All five roles; nine in ten within the commute of a base."""
    tables = generate(1_000, seed=3)
    people, pods = tables["people"], tables["pods"]
    assert set(people["role"]) == {"sales", "marketing", "support", "operations", "leader"}
    assert people["annual_cost"].between(20_000, 600_000).all()
    km = great_circle_km(
        people["latitude"].to_numpy()[:, None], people["longitude"].to_numpy()[:, None],
        pods["latitude"].to_numpy()[None, :], pods["longitude"].to_numpy()[None, :],
    )  # fmt: skip
    assert (km.min(axis=1) < 60).mean() > 0.85
    assert "pod_id" not in people


def test_books_name_people_of_the_function() -> None:
    """One owner an account and function; a few have left."""
    tables = generate(1_000, seed=4, with_books=True)
    books, people = tables["books"], tables["people"].set_index("person_id")
    assert not books.duplicated(["account_id", "role"]).any()
    assert set(books["account_id"]) <= set(tables["accounts"]["account_id"])
    gone = books["person_id"].str.startswith("left-")
    assert 0.005 < gone.mean() < 0.06
    assert (people.loc[books["person_id"][~gone], "role"].to_numpy() == books["role"][~gone].to_numpy()).all()
    assert set(people["pod_id"]) - {""} <= set(tables["pods"]["pod_id"])


@pytest.mark.parametrize(("accounts", "sold"), [(1_000, 0.8), (3_000, 0.5)])
def test_a_company_could_have_the_books(accounts: int, sold: float) -> None:
    """Most accounts are sold, within nearly all hours and in reach, by teams of one pod; travel is little."""
    tables = generate(accounts, seed=1, with_books=True)
    instance = build_instance(from_tables({name: columns_of(table) for name, table in tables.items()}))
    found = baseline(instance)
    assert found is not None
    owner, hours = found.plan.owner, found.instance.derived.hours[np.arange(accounts), found.plan.tier]
    assert (owner[:, 0] >= 0).mean() > sold
    for role in range(4):
        named = owner[:, role] >= 0
        team = (instance.people.role == role) & ~instance.people.is_hire
        book = np.bincount(owner[named, role], weights=hours[named, role], minlength=len(team))
        filled = (book / np.maximum(found.instance.derived.plannable, 1.0))[team]
        assert filled.max() < 1.3
        assert (filled <= 1.1).mean() >= 0.9
        assert 0.25 < filled.mean() < 1.0
    assert -found.terms["travel_cost"] < 0.02 * -found.terms["people_cost"]
    assert sum(found.broken.values()) < 0.03 * accounts
    assert sum(found.broken.values()) == found.broken["named_team"]


def columns_of(table: pd.DataFrame) -> dict[str, list[Any]]:
    """Columns of plain cells."""
    return {str(name): [str(cell) if name == "since" else cell for cell in table[name].tolist()] for name in table}


def test_the_smallest_company_has_one_of_each() -> None:
    """One account, one base, five people."""
    tables = generate(1, seed=0, with_books=True)
    assert sorted(tables["people"]["role"]) == ["leader", "marketing", "operations", "sales", "support"]
    assert (len(tables["accounts"]), len(tables["pods"])) == (1, 1)


@pytest.mark.parametrize("wrong", [{"accounts": 0}, {"accounts": 5, "bases": 0}, {"accounts": 5, "people": 4}])
def test_too_small_is_refused(wrong: dict[str, Any]) -> None:
    """The message says what is needed."""
    with pytest.raises(ValueError, match="needs at least 1 account, 1 base and 5 people"):
        generate(seed=0, **wrong)


def test_written_tables_read_back(tmp_path: Path) -> None:
    """One CSV a table; a valid input, in which leading zeros stay."""
    tables = generate(50, seed=0, with_books=True)
    write_tables(tables, tmp_path / "made")
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == sorted(f"{name}.csv" for name in tables)
    assert len(read(tmp_path / "made")["people"]) == len(tables["people"])
    back = pd.read_csv(tmp_path / "made" / "accounts.csv", dtype={"postal_code": str})
    assert back["postal_code"].tolist() == tables["accounts"]["postal_code"].tolist()
