"""Samples shipped with podplanner; each folder is a valid input and says in SOURCE.md where it comes from."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def sample_names() -> tuple[str, ...]:
    """Names of the shipped samples, in alphabetical order."""
    return tuple(sorted(source.parent.name for source in HERE.glob("*/SOURCE.md")))


def sample_path(name: str) -> Path:
    """Folder of a sample.

    Raises
    ------
    ValueError
        There is no sample of that name.
    """
    if name not in sample_names():
        raise ValueError(f"no sample {name!r}; there are {', '.join(sample_names())}")
    return HERE / name
