"""Skills: what accounts need (``role:skill``) and what people have (``skill``)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import FUNCTIONS, ROLES


def parts_of(text: str) -> list[str]:
    """The non-blank parts between semicolons, in lower case."""
    if not text:
        return []
    return [part for part in (piece.strip().casefold() for piece in text.split(";")) if part]


def need_of(part: str) -> tuple[str, str] | None:
    """``role:skill`` in two, or None where it is none."""
    role, colon, skill = (piece.strip() for piece in part.partition(":"))
    return (role, skill) if colon and role in FUNCTIONS and skill and ":" not in skill else None


def skill_of(part: str, role: str) -> str | None:
    """The skill of a person; a prefix of the own role is welcome. None where it is none."""
    prefix, colon, skill = (piece.strip() for piece in part.partition(":"))
    if not colon:
        return part
    known = role or (prefix if prefix in ROLES else "")
    return skill if prefix == known and skill and ":" not in skill else None


def plain_needs(column: NDArray[Any]) -> NDArray[Any]:
    """Needs in one spelling: lower case, sorted, no blanks."""
    result = np.full(len(column), "", object)
    for index in np.flatnonzero(column != ""):
        needs = {":".join(need) for part in parts_of(column[index]) if (need := need_of(part))}
        result[index] = ";".join(sorted(needs))
    return result


def plain_skills(column: NDArray[Any], roles: NDArray[Any]) -> NDArray[Any]:
    """Skills in one spelling: lower case, sorted, no prefix."""
    result = np.full(len(column), "", object)
    for index in np.flatnonzero(column != ""):
        skills = {skill for part in parts_of(column[index]) if (skill := skill_of(part, roles[index]))}
        result[index] = ";".join(sorted(skills))
    return result
