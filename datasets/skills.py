"""Skills: what accounts need (``role:skill``) and what people have (``skill``)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import FUNCTIONS, ROLES


def parts_of(text: str) -> list[str]:
    """The non-blank parts between semicolons, in lower case."""
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
    return _mapped(column, lambda text, _: ";".join(sorted({":".join(n) for p in parts_of(text) if (n := need_of(p))})))


def plain_skills(column: NDArray[Any], roles: NDArray[Any]) -> NDArray[Any]:
    """Skills in one spelling: lower case, sorted, no prefix."""
    return _mapped(
        column, lambda text, role: ";".join(sorted({s for p in parts_of(text) if (s := skill_of(p, role))})), roles
    )


def _mapped(column: NDArray[Any], plain: Any, roles: NDArray[Any] | None = None) -> NDArray[Any]:
    result = np.full(len(column), "", object)
    for index in np.flatnonzero(column != ""):
        result[index] = plain(column[index], "" if roles is None else roles[index])
    return result
