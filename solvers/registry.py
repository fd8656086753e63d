"""Engines by name, imported only when chosen."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from podplanner.domain.core import CoreAnswer, CoreProblem
    from solvers.engine import Engine, Limits, ModelWriter, Progress

_ENGINES = {
    "reference": ("solvers.reference.engine", "ENGINE"),
    "reference-cbc": ("solvers.reference.engine", "CBC_ENGINE"),
    "fast": ("solvers.fast.engine", "ENGINE"),
}

ENGINE_NAMES = tuple(_ENGINES)


def get_engine(name: str) -> Engine:
    """The engine of that name; raises KeyError for an unknown one."""
    module, attribute = _ENGINES[name]
    return cast("Engine", getattr(import_module(module), attribute))


def get_model_writer() -> ModelWriter:
    """What writes the whole model of an instance."""
    return cast("ModelWriter", get_engine("reference"))


def get_core_solver() -> Callable[[CoreProblem, Limits, Progress], CoreAnswer]:
    """What solves the core problem, accounts to pods within one capacity."""
    return cast("Callable[[CoreProblem, Limits, Progress], CoreAnswer]", import_module("solvers.core.solve").solve)
