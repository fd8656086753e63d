"""The canonical tables: what the planner gave, typed, completed with defaults, valid by existing.

`datasets` makes them (reading, validating, completing); `podplanner.domain.build` turns them into an
`Instance`. Their hash is the plan's ``input_sha256``.

Kinds of column and how a blank is held:

=========  =========================  ==================
kind       numpy dtype                blank
=========  =========================  ==================
text       object (``str``)           ``""``
number     float64                    ``nan``
flag       int8                       ``-1`` (0 no, 1 yes)
date       datetime64[D]              ``NaT``
=========  =========================  ==================

A *completed* table holds no blank except where the contract gives a blank a meaning:

accounts
    ``account_id name parent_id industry segment latitude longitude utc_offset revenue potential margin skills
    hours_sales hours_marketing hours_support hours_operations``. ``latitude``/``longitude`` are resolved (nan: no
    place); ``utc_offset`` is in hours (standard time; nan: no zone) and replaces ``time_zone``; ``revenue``,
    ``potential`` and ``margin`` are never blank; ``hours_*`` nan where the service table decides.
people
    ``person_id name role latitude longitude utc_offset annual_cost annual_hours skills can_coach pod_id manager_id
    start_date end_date ramp_months relocatable max_pods``; ``can_coach`` is 0/1; ``pod_id`` may be "".
books
    ``account_id role person_id since``.
pods
    ``pod_id name coverage latitude longitude utc_offset fixed_cost min_people max_people min_accounts max_accounts
    keep_open origin``; given rows, rows made from ``people.pod_id``, and default candidates, in this order;
    ``origin`` is ``given``, ``people`` or ``default``; maxima are ``inf`` where there is none. A virtual pod's
    ``utc_offset`` is its band (nan: takes accounts without a zone or whose zone has no band).
tiers
    ``tier coverage retain capture cost_per_account min_potential max_accounts`` (``inf``: no maximum).
service
    ``tier role hours_per_account hours_per_million min_hours max_hours visits served``; exactly one row for each
    (tier, function).
roles
    ``role annual_hours utilisation annual_cost hire_cost release_cost max_hires hire_start hire_ramp_months
    hire_skills on_site max_pods share_step min_per_pod handover_loss centre_of_excellence``; exactly five rows;
    ``max_hires`` is a whole number; ``hire_start`` may be NaT (the period's start).
response
    ``account_id tier expected_revenue hours_sales hours_marketing hours_support hours_operations`` (nan: as computed).
distances
    ``account_id pod_id km hours`` (nan: as computed).
rules
    ``rule_id rule account_id person_id pod_id tier role other_id attribute minimum maximum soft_cost note``
    (``soft_cost`` nan: hard; ``minimum`` -inf, ``maximum`` inf where blank).
policy
    ``key value``: every key of the contract once, as text.

Unknown columns are kept after the known ones, as text or numbers, and handed through.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from podplanner.domain.findings import Finding

Column = np.ndarray[Any, np.dtype[Any]]

TABLE_NAMES = (
    "accounts",
    "people",
    "books",
    "pods",
    "tiers",
    "service",
    "roles",
    "response",
    "distances",
    "rules",
    "policy",
)


@dataclass(frozen=True)
class Table:
    """Columns of equal length under their names, in order.

    Parameters
    ----------
    columns
        Name -> one-dimensional array, all of one length; made read-only.
    """

    columns: Mapping[str, Column]

    def __post_init__(self) -> None:
        lengths = {name: len(column) for name, column in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns of unequal length: {lengths}")
        for column in self.columns.values():
            column.setflags(write=False)
        object.__setattr__(self, "columns", MappingProxyType(dict(self.columns)))

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def __reduce__(self) -> tuple[Any, ...]:
        return Table, (dict(self.columns),)


@dataclass(frozen=True)
class Tables:
    """All canonical tables, completed, and how they came to be.

    Parameters
    ----------
    tables
        One `Table` for each of `TABLE_NAMES`.
    assumed
        One line for each default that was used, in the planner's words, with its source or "assumed".
    warnings
        Findings of severity "warning".
    """

    tables: Mapping[str, Table]
    assumed: tuple[str, ...] = ()
    warnings: tuple[Finding, ...] = field(default=())

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def sha256(self) -> str:
        """Hash of the tables' names, columns and cells; independent of file format, process and platform."""
        digest = hashlib.sha256()
        for name in TABLE_NAMES:
            for column_name, column in self.tables[name].columns.items():
                digest.update(f"{name}.{column_name}:{len(column)}\n".encode())
                digest.update(_canonical_bytes(column))
        return digest.hexdigest()


def _canonical_bytes(column: Column) -> bytes:
    if column.dtype == object:
        return json.dumps(column.tolist(), ensure_ascii=False).encode()
    if column.dtype.kind == "M":
        return column.astype("datetime64[D]").astype("<i8").tobytes()
    return column.astype(np.dtype(column.dtype).newbyteorder("<")).tobytes()
