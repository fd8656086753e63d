"""Files of public instances become core problems."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from datasets.public import FAMILIES, public_files, read_public
from podplanner.domain.errors import UnreadableInput

if TYPE_CHECKING:
    from pathlib import Path

GAP: dict[str, Any] = {
    "family": "gap",
    "name": "three",
    "costs": [[1, 2, 3], [6, 6, 9]],
    "demands": [[4, 4, 4], [2, 3, 4]],
    "capacities": [9, 9],
    "best_known": 10,
    "best_known_status": "optimal",
}
SSCFLP = GAP | {"family": "sscflp", "demands": [4, 4, 1], "fixed_costs": [5, 7], "best_known_status": "best-known"}
CPMP: dict[str, Any] = {
    "family": "cpmp",
    "name": "triangle",
    "costs": None,
    "coordinates": [[0, 0], [1, 1], [0, 3]],
    "distance_rule_code": "euclid_floor",
    "demands": [1, 2, 3],
    "capacities": [4, 4, 4],
    "p": 2,
    "best_known": 1,
    "best_known_status": "optimal",
}


def written(folder: Path, data: dict[str, Any]) -> Path:
    """The instance in its family's folder."""
    path: Path = folder / data["family"] / f"{data['name']}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_an_assignment_problem(tmp_path: Path) -> None:
    """Costs and demands by agent; opening is free."""
    read = read_public(written(tmp_path, GAP))
    assert (read.family, read.name, read.best_known, read.is_optimal) == ("gap", "three", 10.0, True)
    assert read.problem.use.tolist() == GAP["demands"]
    assert read.problem.opening.tolist() == [0, 0]
    assert read.problem.open_pods is None


def test_a_location_problem(tmp_path: Path) -> None:
    """A customer's demand is the same everywhere, facilities have a price."""
    read = read_public(written(tmp_path, SSCFLP))
    assert not read.is_optimal
    assert read.problem.use.tolist() == [[4, 4, 1], [4, 4, 1]]
    assert read.problem.opening.tolist() == [5, 7]


@pytest.mark.parametrize(("rule", "first"), [("euclid_floor", 1.0), ("euclid_float", 2**0.5)])
def test_a_median_problem(tmp_path: Path, rule: str, first: float) -> None:
    """Distances by the instance's own rule; each point may be one of p medians, and then serves itself."""
    problem = read_public(written(tmp_path, CPMP | {"distance_rule_code": rule})).problem
    assert problem.cost[0, 1] == first
    assert problem.open_pods == 2
    assert problem.home is not None
    assert np.array_equal(problem.home, [0, 1, 2])


def test_files_may_be_compressed(tmp_path: Path) -> None:
    """By their name's end."""
    path = written(tmp_path, GAP)
    packed = path.with_suffix(".json.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_public(packed).problem.cost.tolist() == GAP["costs"]


def test_files_of_a_folder(tmp_path: Path) -> None:
    """By family and name; other files and families stay out."""
    for data in (CPMP, GAP, GAP | {"name": "again"}):
        written(tmp_path, data)
    (tmp_path / "gap" / "notes.txt").write_text("", encoding="utf-8")
    assert [path.name for path in public_files(tmp_path, FAMILIES)] == ["again.json", "three.json", "triangle.json"]
    assert [path.name for path in public_files(tmp_path, ("cpmp",))] == ["triangle.json"]
    with pytest.raises(UnreadableInput, match="no instance files in a folder named sscflp"):
        public_files(tmp_path, ("sscflp",))


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", json.dumps(GAP | {"capacities": [9]}), json.dumps(GAP | {"family": "tsp"})]
)
def test_what_is_no_instance_is_told(tmp_path: Path, text: str) -> None:
    """With the file's name."""
    path = tmp_path / "odd.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableInput, match=r"odd\.json is no instance"):
        read_public(path)


def test_damaged_compression_is_told(tmp_path: Path) -> None:
    """A truncated file is not an empty one."""
    path = tmp_path / "odd.json.gz"
    path.write_bytes(gzip.compress(json.dumps(GAP).encode())[:-9])
    with pytest.raises(UnreadableInput, match="is no instance"):
        read_public(path)
