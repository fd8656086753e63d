"""Free memory goes back to the system."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np

from solvers.memory import give_back

SMALL, MANY = 64 * 1_024, 2_000


def _held() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE


def test_small_arrays_that_are_gone_are_given_back() -> None:
    """2,000 arrays of 64 KB, 131 MB, go, but the last: the heap shrinks only when it is told to."""
    arrays = [np.ones(SMALL // 8) for _ in range(MANY)]
    del arrays[:-1]
    before = _held()
    give_back()
    assert before - _held() > MANY * SMALL // 2
    assert arrays[0].sum() == SMALL // 8
