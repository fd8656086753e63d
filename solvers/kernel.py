"""Compiled loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of arrays and numbers on its first call, and keep it for later processes.

    It runs without the interpreter's lock, so that two threads use two cores. Sums stay in the order in which they are
    written (no fast-math): the same input gives the same bits.
    """
    return cast("Callable[P, R]", njit(cache=True, nogil=True)(function))


def lean_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """A kernel that makes no arrays: compiled without counting references to those it is given.

    The count costs some nanoseconds for every array that passes from one function to the next, which is a hundred times
    the work of a small function on a state of forty arrays.
    """
    options: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
    return cast("Callable[P, R]", njit(**options)(function))
