"""Names that are one slip of the finger away from each other."""

from __future__ import annotations


def one_edit_away(name: str, other: str) -> bool:
    """Whether one letter added, dropped, changed, or swapped with its neighbour makes one name the other."""
    if name == other or abs(len(name) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(name), len(other)) and name[start] == other[start]:
        start += 1
    rest, other_rest = name[start:], other[start:]
    return (
        rest[1:] == other_rest[1:]
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or (rest[:2] == other_rest[:2][::-1] and rest[2:] == other_rest[2:])
    )


def looks_like(name: str, column: str) -> bool:
    """Whether a name may stand for the column: by one slip, or as ``person`` or ``id`` for ``person_id``."""
    return one_edit_away(name, column) or (column.endswith("_id") and name in (column.removesuffix("_id"), "id"))
