"""bench public: a table of instances, and exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from podplanner.cli import ExitCode
from tests.datasets.test_public import GAP, SSCFLP, written

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An assignment problem whose least cost is 10, and a location problem: 12 + 6 for both accounts of 4 units."""
    written(tmp_path, GAP)
    written(tmp_path, SSCFLP | {"name": "two"})
    return tmp_path


def test_a_table_and_means(folder: Path, call: Call) -> None:
    """A line for each instance, then one for each family."""
    told = call("bench", "public", folder, "--family", "gap", "--time-limit", 600)
    assert told.code == ExitCode.DONE
    head, row, _, mean = told.out.splitlines()
    assert head.split()[:2] == ["family", "instance"]
    assert row.split()[:2] == ["gap", "three"]
    assert row.split()[-1] == "optimal"
    assert mean.startswith("gap     1 instances: mean distance 0.000%, worst 0.000%")


def test_figures_as_json(folder: Path, call: Call) -> None:
    """The same, by name."""
    told = call("bench", "public", folder, "--name", "three", "--json")
    data = json.loads(told.out)
    (row,) = data["instances"]
    assert (row["cost"], row["distance"], row["bound"], row["is_bound_valid"]) == (10.0, 0.0, 10.0, True)
    assert data["families"][0]["wrong_bounds"] == 0


def test_a_bound_on_the_wrong_side_is_a_defect(tmp_path: Path, call: Call) -> None:
    """Here the published value is what is wrong: nothing costs 9."""
    written(tmp_path, GAP | {"best_known": 9})
    told = call("bench", "public", tmp_path)
    assert told.code == ExitCode.OWN_DEFECT
    assert "WRONG BOUND" in told.out


def test_without_time_there_is_no_answer(folder: Path, call: Call) -> None:
    """And no figure for one."""
    told = call("bench", "public", folder, "--time-limit", 0, "--json")
    data = json.loads(told.out)
    assert [row["cost"] for row in data["instances"]] == [None, None]
    assert [family["without_answer"] for family in data["families"]] == [1, 1]


def test_a_folder_without_instances_is_told(tmp_path: Path, call: Call) -> None:
    """As unusable input."""
    told = call("bench", "public", tmp_path)
    assert told.code == ExitCode.INPUT
    assert "no instance files" in told.err
