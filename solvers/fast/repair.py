"""Places for units that naming left over, and better places while there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from solvers.fast.desk import Desk

LEAST_GAIN = 0.01
"""Money a year below which a change of place is not worth making."""


def place_leftovers(desk: Desk, units: Sequence[int], allowed: NDArray[np.bool_]) -> list[int]:
    """Put units at their best column where a named team has room, dearest first. Returns those with no place at all."""
    columns = desk.draft.columns
    homeless = []
    best = np.full(len(columns.size), -np.inf)
    np.maximum.at(best, columns.unit[allowed], columns.value[allowed])
    for unit in sorted(units, key=lambda u: (-best[u], u)):
        found = _best_place(desk, unit, allowed, floor=-np.inf)
        if found is None:
            homeless.append(unit)
        else:
            desk.put(*found)
    return homeless


def improve_places(desk: Desk, allowed: NDArray[np.bool_], movable: NDArray[np.bool_]) -> int:
    """Move units to better columns while a named team there has room. Returns how many moved in all passes."""
    columns = desk.draft.columns
    best = np.full(len(columns.size), -np.inf)
    np.maximum.at(best, columns.unit[allowed], columns.value[allowed])
    moves = 0
    while True:
        now = columns.value[desk.place]
        order = [u for u in np.lexsort((np.arange(len(best)), now - best)).tolist() if movable[u]]
        moved = sum(_improve(desk, unit, allowed) for unit in order)
        moves += moved
        if not moved:
            return moves


def _improve(desk: Desk, unit: int, allowed: NDArray[np.bool_]) -> bool:
    if not desk.may_leave(unit):
        return False
    column, named, worth = int(desk.place[unit]), desk.team_now(unit), desk.worth_now(unit)
    desk.take(unit)
    found = _best_place(desk, unit, allowed, floor=worth + LEAST_GAIN)
    desk.put(*(found or (column, named)))
    return found is not None


def _best_place(
    desk: Desk, unit: int, allowed: NDArray[np.bool_], *, floor: float
) -> tuple[int, dict[tuple[int, int], int]] | None:
    """The best column with a named team that is worth more than the floor."""
    columns = desk.draft.columns
    mine = np.arange(*np.searchsorted(columns.unit, [unit, unit + 1]))
    mine = mine[allowed[mine]]
    best: tuple[int, dict[tuple[int, int], int]] | None = None
    for column in mine[np.lexsort((mine, -columns.value[mine]))].tolist():
        if columns.value[column] - desk.least_handover(unit) <= floor:
            break  # columns are in falling order, and no team loses less than this
        named = desk.team(column)
        if named is not None and desk.worth(column, named) > floor:
            best, floor = (column, named), desk.worth(column, named)
    return best
