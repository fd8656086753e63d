"""Engines by name, imported only when chosen."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from pathlib import Path

    from podplanner.domain.instance import Instance
    from solvers.engine import Engine

_ENGINES = {"reference": "solvers.reference.engine", "staged": "solvers.staged.engine"}

ENGINE_NAMES = tuple(_ENGINES)


def get_engine(name: str) -> Engine:
    """The engine of that name; raises KeyError for an unknown one."""
    return cast("Engine", import_module(_ENGINES[name]).ENGINE)


class _ModelWriter(Protocol):
    def write_model(self, instance: Instance, path: Path) -> None: ...


def write_model(instance: Instance, path: Path) -> None:
    """Write the whole model of an instance as ``.lp`` or ``.mps``, by the file's name."""
    cast("_ModelWriter", get_engine("reference")).write_model(instance, path)
