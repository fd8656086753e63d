"""Public benchmark instances: JSON files of the families gap, sscflp and cpmp, read as core problems.

Such a folder has a sub-folder for each family; the files are not part of podplanner, the caller names the folder.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.domain.core import CoreProblem
from podplanner.domain.errors import UnreadableInput

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FAMILIES = ("gap", "sscflp", "cpmp")
"""Generalised assignment, single-source capacitated facility location, capacitated p-median."""

SUFFIXES = (".json", ".json.gz")


@dataclass(frozen=True, kw_only=True, eq=False)
class PublicInstance:
    """One published instance.

    Parameters
    ----------
    best_known
        Cost of the best published solution.
    is_optimal
        Whether that is proven optimal.
    """

    family: str
    name: str
    problem: CoreProblem
    best_known: float
    is_optimal: bool


def public_files(folder: Path, families: tuple[str, ...]) -> list[Path]:
    """Instance files of these families below the folder, by family and name.

    Raises
    ------
    UnreadableInput
        Where there is none.
    """
    found = [
        path
        for family in families
        for path in sorted((folder / family).glob("*"))
        if path.name.endswith(SUFFIXES) and path.is_file()
    ]
    if not found:
        raise UnreadableInput(f"{folder} has no instance files in a folder named {' or '.join(families)}")
    return found


def read_public(path: Path) -> PublicInstance:
    """Read one instance file.

    Raises
    ------
    UnreadableInput
        Where the file is no instance of a known family.
    """
    try:
        raw = path.read_bytes()
        data = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
        return PublicInstance(
            family=data["family"],
            name=data["name"],
            problem=_PROBLEM_OF[data["family"]](data),
            best_known=float(data["best_known"]),
            is_optimal=data["best_known_status"] == "optimal",
        )
    except (ValueError, KeyError, TypeError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableInput(f"{path} is no instance of {', '.join(FAMILIES)}: {error!r}") from error


def _gap(data: dict[str, Any]) -> CoreProblem:
    cost = _array(data["costs"])
    return CoreProblem(
        cost=cost,
        use=_array(data["demands"]),
        capacity=_array(data["capacities"]),
        opening=np.zeros(len(cost)),
    )


def _sscflp(data: dict[str, Any]) -> CoreProblem:
    cost = _array(data["costs"])
    return CoreProblem(
        cost=cost,
        use=_same_in_each_pod(data["demands"], len(cost)),
        capacity=_array(data["capacities"]),
        opening=_array(data["fixed_costs"]),
    )


def _cpmp(data: dict[str, Any]) -> CoreProblem:
    cost = _distances(data)
    return CoreProblem(
        cost=cost,
        use=_same_in_each_pod(data["demands"], len(cost)),
        capacity=_array(data["capacities"]),
        opening=np.zeros(len(cost)),
        open_pods=int(data["p"]),
        home=np.arange(len(cost)),
    )


_PROBLEM_OF = {"gap": _gap, "sscflp": _sscflp, "cpmp": _cpmp}


def _distances(data: dict[str, Any]) -> NDArray[np.float64]:
    """Given costs, or distances by the instance's own rule: sets differ in rounding them."""
    if data.get("costs") is not None:
        return _array(data["costs"])
    places = _array(data["coordinates"])
    exact = np.sqrt(((places[:, None, :] - places[None, :, :]) ** 2).sum(axis=2))
    by_rule: dict[str, NDArray[np.float64]] = {"euclid_floor": np.floor(exact), "euclid_float": exact}
    return by_rule[data["distance_rule_code"]]


def _same_in_each_pod(demands: list[float], pods: int) -> NDArray[np.float64]:
    return np.tile(_array(demands), (pods, 1))


def _array(values: list[Any]) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)
