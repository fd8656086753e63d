"""The benchmark cases: each prepares its input at a size and returns the work to be timed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.tables import TABLE_NAMES, Table, Tables

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Case:
    """One thing worth timing.

    Parameters
    ----------
    name
        As it stands in the results.
    small, full
        Sizes of a smoke run and of a measurement, in accounts.
    prepare
        Size -> the work to be timed; what it does itself is not timed.
    """

    name: str
    small: int
    full: int
    prepare: Callable[[int], Callable[[], object]]


def _input_hash(accounts: int) -> Callable[[], object]:
    table = Table(
        {
            "account_id": np.array([f"A{index:07d}" for index in range(accounts)], dtype=object),
            "revenue": np.arange(accounts, dtype=np.float64),
        }
    )
    tables = Tables({name: table if name == "accounts" else Table({}) for name in TABLE_NAMES})
    return tables.sha256


CASES = (Case("input hash", small=1_000, full=100_000, prepare=_input_hash),)
