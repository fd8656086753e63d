"""Which engine solves an instance, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance

SMALL_ACCOUNTS, SMALL_PEOPLE, SMALL_PODS = 12, 12, 6
"""Up to here the whole model is solved to proven optimality in seconds."""


def choose_engine(instance: Instance, wanted: str = "auto") -> tuple[str, str]:
    """Name of the engine and the reason in words.

    Parameters
    ----------
    wanted
        ``auto``, or the name of an engine.
    """
    if wanted != "auto":
        return wanted, "asked for"
    sizes = (len(instance.accounts), len(instance.people), len(instance.pods))
    if all(size <= most for size, most in zip(sizes, (SMALL_ACCOUNTS, SMALL_PEOPLE, SMALL_PODS), strict=True)):
        return (
            "reference",
            f"{sizes[0]} accounts, {sizes[1]} people and {sizes[2]} pods are small enough for the whole model",
        )
    return (
        "fast",
        f"{sizes[0]:,} accounts, {sizes[1]:,} people and {sizes[2]:,} pods are too many for the whole model",
    )
