"""A bound below the relaxation's: at the prices of what pods share, each pod is solved with whole people.

Where only rows that tie pods to each other are priced (a unit's one place, a crew's time, a budget), the staffing model
falls into one problem a pod. The sum of their limits is proven, whatever the prices, and below that of the relaxation,
in which people of every pod may be split (Geoffrion 1974, "Lagrangean relaxation for integer programming", section 4).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY
from solvers.fast.ascent import Ascent, as_ascent, as_forest, known_point, no_motion
from solvers.fast.ascent_kernels import decide, move, subgradient
from solvers.fast.ascent_model import relaxed
from solvers.highs import Arrays, solve
from solvers.sparse import spans

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from solvers.fast.ascent_kernels import Point
    from solvers.fast.ascent_model import Relaxation
    from solvers.fast.master import Master
    from solvers.sparse import Floats, Ints

NODES = 30
"""Branch-and-bound nodes of one pod: repeatable."""

GAP = 1e-5

PLACES = 300
"""Places of a pod that are tried in any case, the best first."""

LENGTH, SHRINK = 2e-3, 0.93
"""Length of the first price step, in typical prices, and of each further one in that of the one before."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PodPrices:
    """What pricing the pods gave.

    Parameters
    ----------
    prices
        With which the bound was proven; its bound is the one proven here.
    values
        Values of the model's columns as the pods want them, 0 for what no pod decides; pods may want the same people.
    """

    prices: Ascent
    values: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class _Pod:
    """One pod's part of the model.

    Parameters
    ----------
    label
        The pod.
    column
        Columns, as the relaxation counts them.
    model
        Its rows and limits; the objective is filled in at the prices.
    place
        Which columns are places.
    behind
        Place that each owner is behind, the column itself for others; both within the pod.
    """

    label: int
    column: Ints
    model: Arrays
    place: NDArray[np.bool_]
    behind: Ints


def price_pods(
    master: Master,
    start: Ascent,
    *,
    rounds: int,
    workers: int = 1,
    left: Callable[[], float | None] = lambda: None,
    stop_asked: Callable[[], bool] = lambda: False,
    on_bound: Callable[[float], None] = lambda _: None,
) -> PodPrices:
    """Price all pods, and move the prices by what they want; repeatable unless time or somebody stops it.

    Parameters
    ----------
    start
        Prices of an ascent.
    rounds
        How often; the first proves at the ascent's own prices.
    workers
        Threads; the answer does not depend on them.
    """
    relaxation = relaxed(master)
    forest, point, motion = as_forest(relaxation), known_point(relaxation, start), no_motion(relaxation)
    label = _labels(master, relaxation)
    pods, row_label = _pods(master, relaxation, label)
    linked = row_label[relaxation.row] == NOBODY
    best = PodPrices(prices=start, values=np.zeros(len(label)))
    length = LENGTH
    with ThreadPoolExecutor(max(workers, 1)) as pool:
        for turn in range(rounds):
            rest = left()
            if stop_asked() or (rest is not None and rest <= 0):
                break
            bound = decide(forest, point, 0.0) + relaxation.offset
            worth, earned = _linked_worth(relaxation, point, linked), _earned(relaxation, point, label, row_label)
            task = partial(_price, relaxation, point, worth, earned, left=left, stop_asked=stop_asked)
            answers = list(pool.map(task, pods))
            for pod, (gain, wanted) in zip(pods, answers, strict=True):
                bound -= gain
                point.value[pod.column] = wanted
            if bound < best.prices.bound:
                best = PodPrices(
                    prices=as_ascent(relaxation, point, bound), values=_in_model(relaxation, label, point.value)
                )
                on_bound(bound)
            _settle_units(relaxation, point, label)
            subgradient(forest, point)
            point.rest[~linked] = 0.0
            move(forest, point, motion, length, turn + 1)
            length *= SHRINK
    return best


def _price(
    relaxation: Relaxation,
    point: Point,
    worth: Floats,
    earned: Floats,
    pod: _Pod,
    *,
    left: Callable[[], float | None],
    stop_asked: Callable[[], bool],
) -> tuple[float, Floats]:
    """By how much a pod's proven limit is below that of the relaxation, and what the pod wants.

    Places that the relaxation finds too bad are left out: a plan that uses one of them is worth at most the
    relaxation's limit less what the place lacks, so that the larger of that and the rest's limit is proven.
    """
    column, most = pod.column, float(earned[pod.label])
    wanted = point.value[column].copy()
    if not wanted.any() and not (pod.model.lower > 0).any():
        return 0.0, wanted
    lacks = np.where(pod.place, np.minimum(point.first[column], 0.0), 0.0)
    of_places = np.sort(lacks[pod.place])[::-1]
    floor = of_places[min(PLACES, len(of_places)) - 1] if len(of_places) else 0.0
    tried = (lacks >= floor)[pod.behind]
    left_out = float(lacks[~tried & pod.place].max(initial=-np.inf))
    answer = solve(
        _part(pod.model, tried, worth[column]), nodes=NODES, gap=GAP, time_limit_s=left(), stop_asked=stop_asked
    )
    if answer.values is not None:
        wanted[:] = 0.0
        wanted[tried] = answer.values
    return max(0.0, most - max(answer.bound, most + left_out)), wanted


def _part(model: Arrays, tried: NDArray[np.bool_], worth: Floats) -> Arrays:
    """Some columns of a pod's model, at the prices."""
    start, index, value = model.matrix
    entry = np.flatnonzero(tried[index])
    number = np.cumsum(tried) - 1
    before = np.concatenate(([0], np.cumsum(tried[index])))
    return replace(
        model,
        cost=worth[tried],
        lower=model.lower[tried],
        upper=model.upper[tried],
        integer=model.integer[tried],
        matrix=(before[start], number[index[entry]].astype(np.int32), value[entry]),
    )


def _labels(master: Master, relaxation: Relaxation) -> Ints:
    """Pod of each column as the relaxation counts them, `NOBODY` where it is of no single pod (N).

    Places without a gate stand by themselves: those that need nobody, must be taken, or are in a site of several pods,
    where most are equally good. A column that no map knows belongs to the pod of all columns that it shares a row with,
    if that is one.
    """
    arrays, draft = master.arrays, master.draft
    label = np.full(len(arrays.cost), NOBODY, np.int64)
    label[draft.place] = draft.columns.pod
    label[draft.own.column] = draft.own.pod
    label[draft.heads] = draft.crews.seat_pod
    shared = draft.steps != NOBODY
    label[draft.steps[shared]] = draft.crews.seat_pod[shared]
    for column in (draft.staffed, draft.open, draft.missing_coach):
        label[column[column != NOBODY]] = np.flatnonzero(column != NOBODY)
    start, index, _ = arrays.matrix
    row = np.repeat(np.arange(len(start) - 1), np.diff(start))
    low, high = _ends(len(start) - 1, row, label[index])
    loose = np.flatnonzero(label[index] == NOBODY)
    first, last = _ends(
        len(label), np.concatenate([index[loose]] * 2), np.concatenate([low[row[loose]], high[row[loose]]])
    )
    adopted = (label == NOBODY) & (first == last) & (first != NOBODY)
    label[adopted] = first[adopted]
    label = label[relaxation.column]
    alone = relaxation.open_place
    label[alone] = NOBODY
    owners = slice(0, relaxation.owners)
    label[owners] = np.where(alone[relaxation.parent[owners]], NOBODY, label[owners])
    return label


def _ends(size: int, group: Ints, label: Ints) -> tuple[Ints, Ints]:
    """Lowest and highest label of each group, `NOBODY` not counted; `NOBODY` where there is none."""
    known = label != NOBODY
    low, high = np.full(size, np.iinfo(np.int64).max), np.full(size, NOBODY, np.int64)
    np.minimum.at(low, group[known], label[known])
    np.maximum.at(high, group[known], label[known])
    return np.where(high == NOBODY, NOBODY, low), high


def _pods(master: Master, relaxation: Relaxation, label: Ints) -> tuple[list[_Pod], Ints]:
    """The pods' parts of the model, and the pod of each of its rows, `NOBODY` for those that tie pods (rows)."""
    arrays, draft = master.arrays, master.draft
    start, index, value = arrays.matrix
    position = np.empty(len(label), np.int64)
    position[relaxation.column] = np.arange(len(label))
    of_entry = label[position[index]]
    filled = np.flatnonzero(np.diff(start) > 0)
    row_label = np.full(len(start) - 1, NOBODY, np.int64)
    lowest, highest = np.minimum.reduceat(of_entry, start[filled]), np.maximum.reduceat(of_entry, start[filled])
    row_label[filled] = np.where(lowest == highest, lowest, NOBODY)
    row_label[draft.choice] = NOBODY
    count = len(draft.serves)
    order, rows = np.argsort(label, kind="stable"), np.argsort(row_label, kind="stable")
    column_of, row_of = (
        np.searchsorted(label[order], np.arange(count + 1)),
        np.searchsorted(row_label[rows], np.arange(count + 1)),
    )
    within = np.empty(len(label), np.int64)
    pods = []
    for pod in range(count):
        column, row = order[column_of[pod] : column_of[pod + 1]], rows[row_of[pod] : row_of[pod + 1]]
        if not len(column) or relaxation.parent[column].max() < 0:
            continue
        within[column] = np.arange(len(column))
        entry, _ = spans(start[row], start[row + 1])
        owner = column < relaxation.owners
        model = Arrays(
            cost=relaxation.cost[column],
            lower=relaxation.lower[column],
            upper=relaxation.upper[column],
            integer=arrays.integer[relaxation.column[column]],
            row_lower=arrays.row_lower[row],
            row_upper=arrays.row_upper[row],
            matrix=(
                np.concatenate(([0], np.cumsum(np.diff(start)[row]))),
                within[position[index[entry]]].astype(np.int32),
                value[entry],
            ),
            offset=0.0,
        )
        place = ~owner & (column < relaxation.owners + relaxation.places)
        behind = within[np.where(owner, relaxation.parent[column], column)]
        pods.append(_Pod(label=pod, column=column, model=model, place=place, behind=behind))
    return pods, row_label


def _settle_units(relaxation: Relaxation, point: Point, label: Ints) -> None:
    """What a unit has not in pods is in its best place that stands by itself, if that is worth the unit's price."""
    place = slice(relaxation.owners, relaxation.owners + relaxation.places)
    first, value = point.first[place], point.value[place]
    alone = (label[place] == NOBODY) & (relaxation.upper[place] > 0)
    value[label[place] == NOBODY] = 0.0
    start = relaxation.unit_start - relaxation.owners
    unit = np.repeat(np.arange(len(start) - 1), np.diff(start))
    point.unit_rest[:] = 1.0 - np.add.reduceat(value, start[:-1])
    best = np.flatnonzero(alone & (first >= 0))
    last = np.full(len(start) - 1, NOBODY, np.int64)
    last[unit[best]] = best
    filled = np.flatnonzero((last != NOBODY) & (point.unit_rest > 0))
    value[last[filled]] = point.unit_rest[filled]


def _linked_worth(relaxation: Relaxation, point: Point, linked: NDArray[np.bool_]) -> Floats:
    """What each column earns at the prices of the rows that tie pods, its unit's included (N)."""
    size = np.diff(relaxation.column_start)
    column = np.repeat(np.arange(len(size)), size)
    price = np.where(linked, point.row, 0.0)
    worth = relaxation.cost - np.bincount(
        column, weights=price[relaxation.entry_row] * relaxation.entry_value, minlength=len(size)
    )
    place = slice(relaxation.owners, relaxation.owners + relaxation.places)
    worth[place] -= np.repeat(point.unit, np.diff(relaxation.unit_start))
    return worth


def _earned(relaxation: Relaxation, point: Point, label: Ints, row_label: Ints) -> Floats:
    """What each pod earns in the relaxation, for its columns and the prices of its rows (P, and one for no pod)."""
    root = (relaxation.parent == NOBODY) & ~relaxation.open_place
    single = np.minimum(point.value, 1.0)
    worth = np.where(root, point.first * single + point.more * np.maximum(point.value - 1.0, 0.0), 0.0)
    limit = np.where(point.row > 0, relaxation.row_upper, relaxation.row_lower)
    paid = np.where(point.row != 0, point.row * np.where(point.row != 0, limit, 0.0), 0.0)
    of_row = row_label[relaxation.row]
    size = int(max(label.max(initial=0), of_row.max(initial=0))) + 2
    earned = np.zeros(size)
    np.add.at(earned, label + 1, worth)
    np.add.at(earned, of_row + 1, paid)
    return earned[1:]


def _in_model(relaxation: Relaxation, label: Ints, value: Floats) -> Floats:
    values = np.zeros(len(value))
    values[relaxation.column] = np.where(label != NOBODY, value, 0.0)
    return values
