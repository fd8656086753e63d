"""All cases, in the order in which they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.plans import PLAN_CASES
from benchmarks.speed import SPEED_CASES

if TYPE_CHECKING:
    from benchmarks.figures import Case

CASES: tuple[Case, ...] = (*SPEED_CASES, *PLAN_CASES)
