"""Candidate pods for the coverages that the planner gave none for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.bases import Crew, Points, Reach, find_bases
from podplanner.domain.tables import Column, Table
from podplanner.domain.vocabulary import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

FIXED_COST: Mapping[str, float] = {"local": 60_000.0, "virtual": 5_000.0, "direct": 0.0}
"""USD a year while open: a small rented office; software seats; nothing (assumed)."""
VIRTUAL_MAX_PEOPLE = 30
"""People of a default virtual pod (the contract)."""
BAND_SPACING_HOURS = 3.0
"""Bands stand on multiples of this, so every zone is within 1.5 hours of one and inside its two hours."""
SPACING_PART_OF_COMMUTE = 0.5
"""Bases keep at least half a commute between them (assumed): whoever lives between two may join either."""

GIVEN, DEFAULT = "given", "default"
NO_WORDS = frozenset({"false", "no", "0"})
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def default_pods(
    accounts: Table, people: Table, pods: Table, tiers: Table, service: Table, roles: Table, policy: Mapping[str, str]
) -> Table:
    """Add candidate pods for each coverage that has a tier and no row of origin "given" or "default".

    Local bases
        The places that would cover most potential with the people who can get there (see `bases.find_bases`): at most
        10 for 1,000 placed accounts, 63 for 10,000, 398 for 100,000, never more than 1,000; at least half of
        ``commute_km`` apart; reaching ``max_local_km``. Where sales people work on site, a base needs one within
        ``commute_km``, or relocatable ones or sales hires; likewise for leaders. Pods made from ``people.pod_id`` count
        as bases that are there already. ``local-001`` takes most.
    Virtual pods
        For the accounts' zones, bands on multiples of three hours (``virtual-utc-6-1``: the first pod of the band six
        hours behind UTC), and ``virtual-any-1`` for accounts without a zone, at least one. Each in as many numbered
        copies as its accounts need, were all served at the virtual tier of highest ``capture``: heads by function (30 a
        pod, its leader included) and the leaders' hours.
    Direct
        One uncapped pod ``direct``, unless ``policy.direct`` is false.

    Parameters
    ----------
    accounts, people, tiers, service, roles
        Completed tables; ``roles.max_hires`` may still be nan: hires as needed (for sales none, if there are any sales
        people).
    pods
        Rows of origin "given" and "people", and those that an earlier plan's defaults have added (origin "default").
    policy
        Completed; ``max_local_km``, ``commute_km``, ``road_factor``, ``leader_hours_*``, ``direct`` and ``usd_rate``
        are read.

    Returns
    -------
    Table
        The rows of `pods`, then the default rows (origin "default"), with the columns of `pods` (unknown ones blank)
        and all columns of the contract. It does not depend on the order of accounts or people.
    """
    rows_of_coverage = pods["coverage"][np.isin(pods["origin"], (GIVEN, DEFAULT))] if len(pods) else ()
    suppressed = set(map(str, rows_of_coverage))
    wanted = [coverage for coverage in dict.fromkeys(tiers["coverage"].tolist()) if coverage not in suppressed]
    rows: list[dict[str, object]] = []
    if "local" in wanted:
        rows += _local_rows(accounts, people, pods, roles, policy)
    if "virtual" in wanted:
        rows += _virtual_rows(accounts, tiers, service, roles, policy)
    if "direct" in wanted and policy["direct"].strip().casefold() not in NO_WORDS:
        rows.append(_row("direct", "Direct", "direct"))
    usd_rate = float(policy["usd_rate"] or 1)
    for row in rows:
        row["fixed_cost"] = FIXED_COST[str(row["coverage"])] * usd_rate
    return _appended(pods, rows)


def _row(pod_id: str, name: str, coverage: str, **cells: object) -> dict[str, object]:
    """A default row without its price."""
    base: dict[str, object] = {
        "pod_id": pod_id,
        "name": name,
        "coverage": coverage,
        "latitude": math.nan,
        "longitude": math.nan,
        "utc_offset": math.nan,
        "fixed_cost": math.nan,
        "min_people": 0.0,
        "max_people": math.inf,
        "min_accounts": 0.0,
        "max_accounts": math.inf,
        "keep_open": 0,
        "origin": DEFAULT,
    }
    return base | cells


def _appended(pods: Table, rows: list[dict[str, object]]) -> Table:
    """Put the rows after the table's own, blank in unknown columns, their ids kept apart from those in use."""
    used = set(pods["pod_id"].tolist()) if len(pods) else set()
    for row in rows:
        while row["pod_id"] in used:
            row["pod_id"] = f"{row['pod_id']}-default"
    template = _row("", "", "direct")
    names = [*template, *(name for name in pods.columns if name not in template)]
    columns: dict[str, Column] = {}
    for name in names:
        given = pods.columns.get(name)
        dtype = given.dtype if given is not None else _dtype_of(template[name])
        added = np.empty(len(rows), dtype=dtype)
        added[:] = [row.get(name, _blank(dtype)) for row in rows]
        columns[name] = added if given is None else np.concatenate([given, added])
    return Table(columns)


def _dtype_of(value: object) -> np.dtype[np.generic]:
    if isinstance(value, str):
        return np.dtype(object)
    return np.dtype(np.int8) if isinstance(value, int) else np.dtype(np.float64)


def _blank(dtype: np.dtype[np.generic]) -> object:
    """How an unknown column, text or numbers, holds a blank."""
    return "" if dtype.kind == "O" else math.nan


def _local_rows(
    accounts: Table, people: Table, pods: Table, roles: Table, policy: Mapping[str, str]
) -> list[dict[str, object]]:
    road_factor = float(policy["road_factor"])
    commute_km = float(policy["commute_km"]) / road_factor
    reach = Reach(
        accounts_km=float(policy["max_local_km"]) / road_factor,
        commute_km=commute_km,
        spacing_km=SPACING_PART_OF_COMMUTE * commute_km,
    )
    placed = _placed(accounts)
    standing = _placed(pods) & (pods["coverage"] == "local") if len(pods) else np.zeros(0, dtype=bool)
    existing = _points(pods, standing) if len(pods) else Points(np.zeros(0), np.zeros(0), np.zeros(0))
    customers = _points(accounts, placed, accounts["potential"])
    latitude, longitude = find_bases(customers, _crew(people, roles), reach, existing)
    digits = max(3, len(str(len(latitude))))
    return [
        _row(
            f"local-{rank:0{digits}d}",
            f"Local base {rank}",
            "local",
            latitude=float(y),
            longitude=float(x),
        )
        for rank, (y, x) in enumerate(zip(latitude, longitude, strict=True), start=1)
    ]


def _crew(people: Table, roles: Table) -> Crew:
    sales, leaders = (people["role"] == role for role in ("sales", "leader"))
    sales_hires, leader_hires = (float(_of_role(roles, "max_hires", role)) for role in ("sales", "leader"))
    if math.isnan(sales_hires):
        sales_hires = 0.0 if sales.any() else math.inf
    placed = _placed(people)
    willing = placed & (people["relocatable"] == 1)
    bound = _of_role(roles, "on_site", "sales") == 1
    mobile = sales_hires + int((willing & sales).sum() if bound else (placed & sales).sum())
    return Crew(
        sales=_points(people, placed & sales),
        leaders=_points(people, placed & leaders),
        mobile_sales=None if math.isinf(mobile) else int(mobile),
        leaders_anywhere=(
            leader_hires != 0
            or bool((willing & leaders).any())
            or (_of_role(roles, "on_site", "leader") != 1 and bool((placed & leaders).any()))
        ),
    )


def _placed(table: Table) -> Mask:
    return np.asarray(~(np.isnan(table["latitude"]) | np.isnan(table["longitude"])))


def _points(table: Table, rows: Mask, weight: Column | None = None) -> Points:
    weights = np.ones(int(rows.sum())) if weight is None else weight[rows]
    return Points(table["latitude"][rows], table["longitude"][rows], weights)


def _of_role(roles: Table, column: str, role: str) -> float:
    return float(roles[column][roles["role"] == role][0])


def _virtual_rows(
    accounts: Table, tiers: Table, service: Table, roles: Table, policy: Mapping[str, str]
) -> list[dict[str, object]]:
    """Bands from west to east, then `virtual-any`."""
    hours = _hours_at_top_virtual(accounts, tiers, service)
    zone = accounts["utc_offset"]
    centre = BAND_SPACING_HOURS * np.round(zone / BAND_SPACING_HOURS)
    rows: list[dict[str, object]] = []
    for band in np.unique(centre[~np.isnan(centre)]).tolist():
        copies = _virtual_copies(hours[centre == band], roles, policy)
        rows += _numbered(f"virtual-utc{band:+.0f}", f"Virtual UTC{band:+.0f}", copies, band)
    copies = _virtual_copies(hours[np.isnan(centre)], roles, policy)
    return rows + _numbered("virtual-any", "Virtual, any zone", copies, math.nan)


def _numbered(stem: str, name: str, copies: int, band: float) -> list[dict[str, object]]:
    return [
        _row(f"{stem}-{copy}", f"{name}, {copy}", "virtual", utc_offset=band, max_people=float(VIRTUAL_MAX_PEOPLE))
        for copy in range(1, copies + 1)
    ]


def _hours_at_top_virtual(accounts: Table, tiers: Table, service: Table) -> Floats:
    """Hours of each account by function at the virtual tier of highest capture (given hours where they are more)."""
    virtual = np.flatnonzero(tiers["coverage"] == "virtual")
    top = tiers["tier"][virtual[np.argmax(tiers["capture"][virtual])]]
    hours = np.zeros((len(accounts), len(FUNCTIONS)))
    for column, role in enumerate(FUNCTIONS):
        row = int(np.flatnonzero((service["tier"] == top) & (service["role"] == role))[0])
        if service["served"][row] == 1:
            computed = (
                service["hours_per_account"][row] + service["hours_per_million"][row] * accounts["potential"] / 1e6
            )
            needed = np.fmax(computed, accounts[f"hours_{role}"])
            hours[:, column] = np.minimum(np.maximum(needed, service["min_hours"][row]), service["max_hours"][row])
    return hours


def _virtual_copies(hours: Floats, roles: Table, policy: Mapping[str, str]) -> int:
    """Pods that so many accounts need; at least one."""
    heads = 0
    for column, role in enumerate(FUNCTIONS):
        # Summed exactly: the number of pods must not hang on the order of the rows.
        heads += math.ceil(math.fsum(hours[:, column].tolist()) / _plannable(roles, role))
    by_people = math.ceil(heads / (VIRTUAL_MAX_PEOPLE - 1))
    led = float(policy["leader_hours_per_member"]) * heads + float(policy["leader_hours_per_account"]) * len(hours)
    left = _plannable(roles, "leader") - float(policy["leader_hours_base"])
    # A leader with no hours beyond the base leads nobody, in however many pods.
    by_leaders = math.ceil(led / left) if left > 0 else 0
    return max(1, by_people, by_leaders)


def _plannable(roles: Table, role: str) -> float:
    return _of_role(roles, "annual_hours", role) * _of_role(roles, "utilisation", role)
