"""The staffing model as a relaxation whose rows have prices: what the kernels of the ascent walk through.

Every unit's choice of one place is relaxed by the unit's worth, every other row by its price, but for the gates
``child <= factor x parent``: they stay, and make the columns a forest that can be decided from the leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY
from solvers.fast.ascent_kernels import PARTS, Forest
from solvers.fast.ascent_steps import row_steps, unit_steps
from solvers.kernel import kernel
from solvers.sparse import by_column, distinct, some_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.draft import Draft
    from solvers.fast.master import Master
    from solvers.highs import Arrays
    from solvers.sparse import Floats, Ints, Places

MOST_KEPT = 0.6
"""Part of the columns beyond which leaving out the others takes more memory than it saves time."""

DEEPEST = 8
"""Gates on the way from a leaf to its root at most: owner, place, staffed, open are four."""

REACH = 2.0
"""Typical prices by which a column's worth may change until it is looked again who matters, in lengths of a step."""

BORDER, MANY = 0.1, 8_000
"""Width of the border within which a column is taken in part, in typical prices of all that it takes; and units from
which on it narrows as they become more: what many units take of a row is even by itself, and a border costs bound."""


@dataclass(frozen=True, kw_only=True)
class Relaxation:
    """A staffing model in the order in which a kernel decides it: owners, then places by unit, then children first.

    Parameters
    ----------
    column
        The model's column of each column here (N).
    owners, places
        Columns ``0 .. owners`` are children of places, in the order of these; the next ``places`` are places.
    cost, lower, upper
        (N).
    parent, factor
        Column that gates each column, `NOBODY` at roots, and how much of this one a unit of it allows (N).
    gates, place_gate
        Columns that gate places (G), and which of these gates each place; unused where none does (places).
    unit_start
        First place of each unit, as a column here, and the end of the last (U + 1).
    open_place
        Whether a place has no gate: its unit may be there at any price (N, False for other columns).
    row
        The model's row of each priced row (M).
    takes
        What a column takes of all rows at their typical prices, in money (N).
    column_start, entry_row, entry_value
        Priced rows by column.
    row_lower, row_upper
        (M).
    step, unit_step
        Typical price of a row (M) and of a unit's place (U), in money: the size of the first steps.
    choice
        The model's row of each unit (U).
    rows, offset
        Rows of the model; constant part of its objective.
    """

    column: Ints
    owners: int
    places: int
    cost: Floats
    lower: Floats
    upper: Floats
    parent: Places
    factor: Floats
    gates: Ints
    place_gate: Places
    unit_start: Ints
    open_place: NDArray[np.bool_]
    takes: Floats
    row: Ints
    column_start: Ints
    entry_row: Places
    entry_value: Floats
    row_lower: Floats
    row_upper: Floats
    step: Floats
    unit_step: Floats
    choice: Ints
    rows: int
    offset: float

    @property
    def border(self) -> Floats:
        """By how much a column's worth may be off at a step of length 1, in money (N)."""
        return BORDER * min(1.0, MANY / max(len(self.choice), 1)) * self.takes


def relaxed(master: Master) -> Relaxation:
    """The relaxation of a staffing model.

    Raises
    ------
    ValueError
        Where a column has no finite limits: no price could bound it.
    """
    arrays, draft = master.arrays, master.draft
    lower, upper, single = _limits(arrays)
    if not np.isfinite(np.stack([lower, upper])).all():
        raise ValueError("every column of a staffing model needs finite limits")
    _close_pinned_units(draft, lower, upper)
    gate, parent, factor = _forest(master, lower, upper)
    column, owners = _order(draft, parent)
    position = np.empty(len(column), np.int64)
    position[column] = np.arange(len(column))
    priced = ~gate & ~single
    priced[draft.choice] = False
    priced &= np.diff(arrays.matrix[0]) > 0
    row = np.flatnonzero(priced)
    number = np.where(priced, np.cumsum(priced) - 1, NOBODY).astype(np.int32)
    start, entry_row, value = by_column(*arrays.matrix, position.astype(np.int32), number, len(column))
    within = np.flatnonzero(parent[column] != NOBODY)
    placed = np.zeros(len(column), bool)
    placed[draft.place] = True
    step = row_steps(draft, arrays)[row]
    above = _scattered(len(column), within, position[parent[column][within]])
    gates, place_gate = _gates(above, owners, len(draft.place))
    return Relaxation(
        column=column,
        owners=owners,
        places=len(draft.place),
        cost=arrays.cost[column],
        lower=lower[column],
        upper=upper[column],
        parent=above,
        factor=factor[column],
        gates=gates,
        place_gate=place_gate,
        unit_start=owners + draft.columns.start,
        open_place=(placed & (parent == NOBODY))[column],
        takes=_takes(start, entry_row, value, step),
        row=row,
        column_start=start,
        entry_row=entry_row,
        entry_value=value,
        row_lower=arrays.row_lower[row],
        row_upper=arrays.row_upper[row],
        step=step,
        unit_step=unit_steps(draft, arrays),
        choice=draft.choice,
        rows=len(arrays.row_lower),
        offset=arrays.offset,
    )


@dataclass(frozen=True, kw_only=True)
class Near:
    """A relaxation with those columns only that matter at about some prices, or all where most do, and which."""

    relaxation: Relaxation
    column: Ints


def near(relaxation: Relaxation, first: Floats, length: float, ahead: float) -> Near:
    """Leave out columns that the next steps will not make worth what they take, and what they gate.

    Parameters
    ----------
    first
        What each column earns with what it opens, for places less their unit's price (N).
    length, ahead
        Of the next step, and by how much those of units are longer.
    """
    kept = _matter(relaxation, first, length, ahead)
    if np.count_nonzero(kept) > MOST_KEPT * len(kept):
        return Near(relaxation=relaxation, column=np.arange(len(kept)))
    inside = np.flatnonzero(kept)
    return Near(relaxation=_narrowed(relaxation, kept, inside), column=inside)


def _matter(relaxation: Relaxation, first: Floats, length: float, ahead: float) -> NDArray[np.bool_]:
    """Which columns may be worth what they take, those that open them included (N)."""
    owners, others, parent = relaxation.owners, relaxation.owners + relaxation.places, relaxation.parent
    kept: NDArray[np.bool_] = relaxation.open_place | (parent == NOBODY)
    reach = -REACH * length
    _mark_worthy(kept, first, relaxation.takes, relaxation.unit_start, ahead * relaxation.unit_step, reach)
    for beside in (slice(None, owners), slice(others, None)):
        kept[beside] |= first[beside] >= reach * relaxation.takes[beside]
    gates = relaxation.gates
    while len(gates):
        kept[gates] = True
        gates = parent[gates].astype(np.int64)
        gates = distinct(gates[gates != NOBODY])
    for _ in range(DEEPEST):
        above = parent[others:]
        kept[others:] &= (above == NOBODY) | kept[above]
    kept[:owners] &= kept[parent[:owners]]
    return kept


@kernel
def _mark_worthy(
    kept: NDArray[np.bool_], first: Floats, takes: Floats, unit_start: Ints, unit_step: Floats, reach: float
) -> None:
    """Mark places that the next steps may make worth what they take, and what their unit costs."""
    for unit in range(len(unit_step)):
        for place in range(unit_start[unit], unit_start[unit + 1]):
            if first[place] >= reach * (takes[place] + unit_step[unit]):
                kept[place] = True


def _narrowed(relaxation: Relaxation, kept: NDArray[np.bool_], inside: Ints) -> Relaxation:
    """Only some columns; a gate stays with any column behind it."""
    before = np.concatenate(([0], np.cumsum(kept)))
    parent = relaxation.parent[inside]
    owners, others = before[relaxation.owners], before[relaxation.owners + relaxation.places]
    start, entry_row, value = some_of(relaxation.column_start, relaxation.entry_row, relaxation.entry_value, inside)
    return replace(
        relaxation,
        column=relaxation.column[inside],
        owners=int(owners),
        places=int(others - owners),
        **{
            name: getattr(relaxation, name)[inside]
            for name in ("cost", "lower", "upper", "factor", "open_place", "takes")
        },
        parent=np.where(parent == NOBODY, NOBODY, before[parent]).astype(np.int32),
        gates=before[relaxation.gates],
        place_gate=relaxation.place_gate[inside[owners:others] - relaxation.owners],
        unit_start=before[relaxation.unit_start],
        column_start=start,
        entry_row=entry_row,
        entry_value=value,
    )


def as_forest(relaxation: Relaxation, live_rows: Ints | None = None) -> Forest:
    """A relaxation as the kernels want it, cut into parts of about the same work; all rows may have prices, or some."""
    owners, others = relaxation.owners, relaxation.owners + relaxation.places
    start, unit_start = relaxation.column_start, relaxation.unit_start
    owner_start = np.searchsorted(relaxation.parent[:owners], unit_start)
    work = start + np.arange(len(start))
    rows = np.arange(len(relaxation.row)) if live_rows is None else live_rows
    return Forest(
        **{name: getattr(relaxation, name) for name in Forest._fields if hasattr(relaxation, name)},
        owner_start=owner_start,
        live_rows=rows,
        unit_part=_parts(work[unit_start] + work[owner_start]),
        other_part=others + _parts(work[others:]),
        row_part=_parts(np.arange(len(rows) + 1)),
    )


def live(relaxation: Relaxation, price: Floats) -> Ints:
    """Rows that have a price, and those that may get one: columns can break them, as far as their limits let them."""
    least, most = _ends(
        relaxation.column_start,
        relaxation.entry_row,
        relaxation.entry_value,
        relaxation.lower,
        relaxation.upper,
        len(relaxation.row),
    )
    return np.flatnonzero((most > relaxation.row_upper) | (least < relaxation.row_lower) | (price != 0))


def _parts(work: Ints) -> Ints:
    """First thing of each part and the end, by the work that is before each thing, and before the end."""
    share = np.linspace(work[0], work[-1], PARTS + 1)
    ends = np.searchsorted(work, share)
    ends[0], ends[-1] = 0, len(work) - 1
    return ends


def _gates(parent: Places, owners: int, places: int) -> tuple[Ints, Places]:
    """Columns that gate places, and which of these gates each place."""
    gate = parent[owners : owners + places]
    number = np.zeros(len(parent), np.int32)
    number[gate[gate != NOBODY]] = 1
    gates = np.flatnonzero(number)
    number[gates] = np.arange(len(gates))
    return gates, number[gate]


def _scattered(size: int, place: Ints, value: Ints) -> Places:
    result = np.full(size, NOBODY, np.int32)
    result[place] = value
    return result


def _limits(arrays: Arrays) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Limits of columns, those by rows of one column included; and which rows are such."""
    start, index, value = arrays.matrix
    single = np.diff(start) == 1
    row = np.flatnonzero(single)
    column, a = index[start[row]], value[start[row]]
    low = np.where(a > 0, arrays.row_lower[row], arrays.row_upper[row]) / a
    high = np.where(a > 0, arrays.row_upper[row], arrays.row_lower[row]) / a
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    np.maximum.at(lower, column, low)
    np.minimum.at(upper, column, high)
    # Where nothing is left the model has no solution: HiGHS says so, a bound may be anything.
    return lower, np.maximum(lower, upper), single


def _close_pinned_units(draft: Draft, lower: Floats, upper: Floats) -> None:
    """Where a unit must be in one place, it is in no other."""
    held = np.zeros(len(draft.columns.size), bool)
    held[draft.columns.unit[lower[draft.place] >= 1]] = True
    other = held[draft.columns.unit] & (lower[draft.place] < 1)
    upper[draft.place[other]] = np.maximum(lower[draft.place[other]], 0.0)


def _forest(master: Master, lower: Floats, upper: Floats) -> tuple[NDArray[np.bool_], Ints, Floats]:
    """Rows that stay as gates, and each column's parent and factor.

    A place in a site of several open pods has no gate: the row holds nothing in practice (such a site is open) and is
    dropped. Nor has a column that must be something, or whose own limit bends its worth behind the gate anywhere but
    at one unit of its parent: the row is priced.
    """
    arrays, draft = master.arrays, master.draft
    start, index, value = arrays.matrix
    gate = np.zeros(len(arrays.row_lower), bool)
    parent, factor = np.full(len(arrays.cost), NOBODY, np.int64), np.ones(len(arrays.cost))
    rows = np.concatenate([np.zeros(0, np.int64), *draft.gates])
    rows = rows[np.diff(start)[rows] == 2]
    first, second = start[rows], start[rows] + 1
    turned = value[first] < 0
    child, above = index[np.where(turned, second, first)], index[np.where(turned, first, second)]
    a, b = value[np.where(turned, second, first)], -value[np.where(turned, first, second)]
    place = np.zeros(len(arrays.cost), bool)
    place[draft.place] = True
    loose = place[child] & (upper[above] > 1)
    straight = (upper[above] <= 1) | (upper[child] <= b / a) | (upper[child] >= b / a * upper[above])
    kept = (lower[child] <= 0) & straight & ~loose
    gate[rows[kept | loose]] = True
    parent[child[kept]], factor[child[kept]] = above[kept], (b / a)[kept]
    return gate, parent, factor


def _order(draft: Draft, parent: Ints) -> tuple[Ints, int]:
    """Columns in the kernels' order, and how many are children of places."""
    kind = np.full(len(parent), 2, np.int64)
    kind[draft.place] = 1
    owner = np.flatnonzero(parent != NOBODY)
    owner = owner[kind[parent[owner]] == 1]
    kind[owner] = 0
    rank = np.arange(len(parent))
    rank[owner] = parent[owner]
    depth = np.zeros(len(parent), np.int64)
    above = parent
    for _ in range(DEEPEST):
        inside = above != NOBODY
        if not inside.any():
            break
        depth += inside
        above = np.where(inside, parent[above], NOBODY)
    depth[kind == 1] = 0
    depth[kind == 0] = 0
    return np.lexsort((rank, -depth, kind)).astype(np.int64), len(owner)


@kernel
def _takes(start: Ints, row: Places, value: Floats, step: Floats) -> Floats:
    """What each column takes of all rows at their typical prices."""
    total = np.zeros(len(start) - 1)
    for column in range(len(total)):
        for entry in range(start[column], start[column + 1]):
            total[column] += step[row[entry]] * abs(value[entry])
    return total


@kernel
def _ends(start: Ints, row: Places, value: Floats, lower: Floats, upper: Floats, rows: int) -> tuple[Floats, Floats]:
    """Least and most that the columns can make of each row, as far as their limits let them."""
    least, most = np.zeros(rows), np.zeros(rows)
    for column in range(len(lower)):
        for entry in range(start[column], start[column + 1]):
            low, high = value[entry] * lower[column], value[entry] * upper[column]
            least[row[entry]] += min(low, high)
            most[row[entry]] += max(low, high)
    return least, most
