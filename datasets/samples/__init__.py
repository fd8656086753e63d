"""Samples shipped with podplanner; each folder is a valid input and says in SOURCE.md where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

HERE = Path(__file__).parent

_DESCRIPTIONS = {
    "adventureworks": "701 bicycle stores of a fictional company in six countries, with today's sales owners.",
    "fortune500": "500 head offices in the US as accounts of an imaginary supplier, all else by default.",
    "tiny": "Six accounts and six people with one local base, small enough to plan by hand.",
}


def sample_names() -> tuple[str, ...]:
    """Names of the shipped samples, in alphabetical order."""
    return tuple(sorted(source.parent.name for source in HERE.glob("*/SOURCE.md")))


def sample_descriptions() -> Mapping[str, str]:
    """One sentence for each shipped sample, in order of their names."""
    return MappingProxyType({name: _DESCRIPTIONS[name] for name in sample_names()})


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
