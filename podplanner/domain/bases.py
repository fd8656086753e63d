"""Local bases found from where accounts and people are: greedy weighted covering on a grid.

The maximal covering location problem (Church & ReVelle 1974, "The maximal covering location problem", Papers of the
Regional Science Association 32, section 3: greedy adding), with these changes: farther accounts count less (the
gradual covering of Berman & Krass 2002, "The generalized maximal covering location problem", Computers & Operations
Research 29); a base takes no more than its share, so that dense places get several; what it takes is limited by the
people who could work there; and bases keep a distance. All weights are whole numbers, so that sums do not depend on the
order of rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.geography import EARTH_RADIUS_KM, great_circle_km, least_cosine, unit_vectors

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PARTS = 10**12
"""The accounts' whole potential in whole parts."""
CELL_DEGREES = 0.25
"""Accounts of one cell (about 25 km) are covered together."""
CELLS_PER_RADIUS = 6
"""A cell is no smaller than this part of the radius, so that far-reaching bases stay cheap to find."""
KM_PER_DEGREE = math.pi * EARTH_RADIUS_KM / 180
BASES_PER_1000_ACCOUNTS = 10
BASES_EXPONENT = 0.8
"""10 bases for 1,000 accounts, 63 for 10,000, 398 for 100,000 (assumed: more accounts, larger pods)."""
FEWEST_AT_MOST, MOST_BASES = 3, 1000
"""Bounds of that number: a handful of accounts may have 3 bases."""
SMALLEST_PART_OF_SHARE = 20
"""The search ends when the best base left would take less than a twentieth of its share (assumed)."""
STEPS = 4
"""An account in the nearest quarter of the radius counts whole, in the farthest a quarter (assumed)."""
_CHUNK = 64
_BELT_SLACK = 1e-3
"""Degrees, more than `least_cosine` has at any distance."""


@dataclass(frozen=True)
class Points:
    """Points on the globe, each with a weight.

    Parameters
    ----------
    latitude, longitude
        Degrees, no nan.
    weight
        Potential of accounts (any unit, at least 0); number of people.
    """

    latitude: Floats
    longitude: Floats
    weight: Floats

    def __len__(self) -> int:
        return len(self.latitude)


@dataclass(frozen=True)
class Reach:
    """How far a base reaches, in great-circle km.

    Parameters
    ----------
    accounts_km
        Farthest account of a base.
    commute_km
        Farthest home of the people who work on site.
    spacing_km
        Least distance between two bases.
    """

    accounts_km: float
    commute_km: float
    spacing_km: float


@dataclass(frozen=True)
class Crew:
    """Who could work at a base.

    Parameters
    ----------
    sales
        Homes of the sales people, weight 1 each.
    leaders
        Homes of the leaders, weight 1 each.
    mobile_sales
        Sales people who may work anywhere: relocatable ones and hires; None: any number.
    leaders_anywhere
        Whether a leader can be had at any base (hired, relocated or not bound to the site).
    """

    sales: Points
    leaders: Points
    mobile_sales: int | None
    leaders_anywhere: bool


@dataclass(frozen=True)
class _Near:
    """Pairs (row, column) within a distance, by row and then by distance; ``step`` falls to 1 with it."""

    start: Ints
    column: Ints
    step: Ints

    def of(self, row: int) -> slice:
        """The row's pairs."""
        return slice(self.start[row], self.start[row + 1])

    def turned(self, columns: int) -> _Near:
        """The same pairs by column."""
        rows = np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))
        order = np.argsort(self.column, kind="stable")
        return _Near(_starts(self.column, columns), rows[order], self.step[order])

    def sums(self, weight: Ints) -> Ints:
        """Sum of the columns' weights by row, in steps."""
        total = np.concatenate(([0], np.cumsum(weight[self.column] * self.step)))
        return np.asarray(total[self.start[1:]] - total[self.start[:-1]])


def find_bases(accounts: Points, crew: Crew, reach: Reach, existing: Points) -> tuple[Floats, Floats]:
    """Positions of new bases, the one that takes most first.

    Each of at most `most_bases` rounds picks the grid cell whose base would take most of the potential that is left:
    what lies within reach (counting less with the distance), but no more than an equal share of the whole, and no more
    than the sales people left within commuting distance (and the mobile ones) can carry at the company's average. Ties
    go to the larger potential within reach, then from south-west to north-east. A base stands at the mean position of
    its cell's accounts and sales people, each group weighing the same in total. Existing bases take their part first.

    Parameters
    ----------
    accounts
        Placed accounts, weighted by potential (all alike if it is 0 everywhere).
    crew, reach
        Who could work there, and how far a base reaches.
    existing
        Bases that are there already; weights do not matter.

    Returns
    -------
    latitude, longitude
        Degrees. The same whatever the order of the rows.
    """
    if not len(accounts):
        return np.zeros(0), np.zeros(0)
    cover = _Cover(accounts, crew, reach)
    for latitude, longitude in sorted(zip(existing.latitude.tolist(), existing.longitude.tolist(), strict=True)):
        cover.take_existing(latitude, longitude)
    picked: list[int] = []
    while len(picked) < most_bases(len(accounts)) and (site := cover.best()) is not None:
        cover.take(site)
        picked.append(site)
    return cover.sites.latitude[picked], cover.sites.longitude[picked]


def most_bases(accounts: int) -> int:
    """How many default bases a company of so many placed accounts has at most."""
    grown = math.ceil(BASES_PER_1000_ACCOUNTS * (accounts / 1000) ** BASES_EXPONENT)
    return min(max(int(grown), FEWEST_AT_MOST), MOST_BASES)


class _Cover:
    """What is left to cover while bases are picked."""

    def __init__(self, accounts: Points, crew: Crew, reach: Reach) -> None:
        parts, sales = _parts(accounts.weight), _sorted(crew.sales)
        self.reach = reach
        self.sites, self.demand = _sites(accounts, parts, sales, reach)
        self.units = unit_vectors(self.sites.latitude, self.sites.longitude)
        self.share = int(self.demand.sum()) // most_bases(len(accounts))
        self.mobile = crew.mobile_sales
        heads = len(sales) + (crew.mobile_sales or 0)
        self.parts_per_head = max(1, int(self.demand.sum()) // max(1, heads))
        self.heads = np.ones(len(sales), dtype=np.int64)
        self.near = _near(self.sites, self.sites, reach.accounts_km, STEPS)
        self.near_turned = self.near.turned(len(self.sites))
        self.homes = _near(self.sites, sales, reach.commute_km, 1)
        self.homes_turned = self.homes.turned(len(sales))
        self.within_reach = self.near.sums(self.demand)
        self.crew = self.homes.sums(self.heads)
        led = np.diff(_near(self.sites, crew.leaders, reach.commute_km, 1).start) > 0
        self.free = led | crew.leaders_anywhere

    def gains(self) -> Ints:
        """What a base at each site would take."""
        gains = np.minimum(self.within_reach // STEPS, self.share)
        if self.mobile is not None:
            gains = np.minimum(gains, (self.crew + self.mobile) * self.parts_per_head)
        return gains

    def best(self) -> int | None:
        """The free site that would take most; None where that is too little."""
        gains = np.where(self.free, self.gains(), 0)
        most = int(gains.max())
        if most == 0 or most * SMALLEST_PART_OF_SHARE < self.share:
            return None
        tied = np.flatnonzero(gains == most)
        return int(tied[np.argmax(self.within_reach[tied])])

    def take_existing(self, latitude: float, longitude: float) -> None:
        """Let an existing base take its part, as if it stood at the nearest site."""
        km = great_circle_km(self.sites.latitude, self.sites.longitude, latitude, longitude)
        site = int(np.argmin(km))
        if km[site] <= self.reach.accounts_km:
            self.take(site)
        self._keep_distance(latitude, longitude)

    def take(self, site: int) -> None:
        """Give the site the nearest accounts and sales people, and keep others at a distance."""
        amount = int(self.gains()[site])
        _take(amount, self.near.column[self.near.of(site)], self.demand, self.near_turned, self.within_reach)
        heads = -(-amount // self.parts_per_head)
        _take(heads, self.homes.column[self.homes.of(site)], self.heads, self.homes_turned, self.crew)
        self._keep_distance(float(self.sites.latitude[site]), float(self.sites.longitude[site]))
        self.free[site] = False

    def _keep_distance(self, latitude: float, longitude: float) -> None:
        dots = self.units @ unit_vectors(latitude, longitude)
        close = np.flatnonzero(dots >= least_cosine(self.reach.spacing_km))
        km = great_circle_km(self.sites.latitude[close], self.sites.longitude[close], latitude, longitude)
        self.free[close] &= km >= self.reach.spacing_km


def _take(amount: int, columns: Ints, left: Ints, turned: _Near, sums: Ints) -> None:
    """Take an amount from what is left in the columns, in their order, and from the sums of all rows that see them."""
    total = np.minimum(np.cumsum(left[columns]), amount)
    taken = np.diff(total, prepend=0)
    left[columns] -= taken
    for column, part in zip(columns[taken > 0].tolist(), taken[taken > 0].tolist(), strict=True):
        pairs = turned.of(column)
        sums[turned.column[pairs]] -= part * turned.step[pairs]


def _parts(weight: Floats) -> Ints:
    """Weights as whole parts of their exact sum; all alike where they are all 0."""
    total = math.fsum(weight.tolist())
    share = weight / total if total > 0 else np.full(len(weight), 1 / len(weight))
    return np.rint(share * PARTS).astype(np.int64)


def _sorted(points: Points) -> Points:
    order = np.lexsort((points.longitude, points.latitude))
    return Points(points.latitude[order], points.longitude[order], points.weight[order])


def _sites(accounts: Points, parts: Ints, sales: Points, reach: Reach) -> tuple[Points, Ints]:
    """Cells with accounts or sales people: their mean positions, and the parts of the accounts in them."""
    person = PARTS // max(1, len(sales))
    latitude = np.concatenate([accounts.latitude, sales.latitude])
    longitude = np.concatenate([accounts.longitude, sales.longitude])
    demand = np.concatenate([parts, np.zeros(len(sales), dtype=np.int64)])
    # A part more for everybody: a cell of worthless accounts has a position, too.
    mass = np.concatenate([parts + 1, np.full(len(sales), person + 1, dtype=np.int64)])
    size = max(CELL_DEGREES, reach.accounts_km / CELLS_PER_RADIUS / KM_PER_DEGREE)
    cell = np.floor((latitude + 90) / size).astype(np.int64) * 10_000 + np.floor((longitude + 180) / size).astype(
        np.int64
    )
    order = np.lexsort((demand, mass, longitude, latitude, cell))
    latitude, longitude, demand, mass, cell = (column[order] for column in (latitude, longitude, demand, mass, cell))
    cells, inverse = np.unique(cell, return_inverse=True)
    total = np.bincount(inverse, weights=mass)
    mean_latitude = np.bincount(inverse, weights=latitude * mass) / total
    mean_longitude = np.bincount(inverse, weights=longitude * mass) / total
    in_cell = np.zeros(len(cells), dtype=np.int64)
    np.add.at(in_cell, inverse, demand)
    return Points(mean_latitude, mean_longitude, total.astype(np.float64)), in_cell


def _near(rows: Points, columns: Points, limit_km: float, steps: int) -> _Near:
    """Pairs within the limit. Rows come from south to north: a chunk of them looks at a belt of columns only."""
    least, belt = least_cosine(limit_km), limit_km / KM_PER_DEGREE + _BELT_SLACK
    left, right = (unit_vectors(points.latitude, points.longitude) for points in (rows, columns))
    rows_found, columns_found, dots_found = [], [], []
    for start in range(0, len(rows), _CHUNK):
        latitude = rows.latitude[start : start + _CHUNK]
        south, north = latitude.min() - belt, latitude.max() + belt
        inside = np.flatnonzero((columns.latitude >= south) & (columns.latitude <= north))
        dots = left[start : start + _CHUNK] @ right[inside].T
        row, column = np.nonzero(dots >= least)
        rows_found.append(row + start)
        columns_found.append(inside[column])
        # Rounded, so that equally far columns keep their own order on any machine (the sort is stable).
        dots_found.append(np.round(dots[row, column], 12))
    row, column, dot = np.concatenate(rows_found), np.concatenate(columns_found), np.concatenate(dots_found)
    order = np.lexsort((-dot, row))
    km = EARTH_RADIUS_KM * np.arccos(np.clip(dot[order], -1, 1))
    step = steps - np.floor(steps * km / max(limit_km, 1e-9)).astype(np.int64)
    return _Near(_starts(row, len(rows)), column[order], np.maximum(step, 1))


def _starts(rows: Ints, number: int) -> Ints:
    return np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=number)))).astype(np.int64)
