"""Consecutive runs of indices, one after the other: how rows of unequal length are read at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def spans(first: NDArray[Any], number: NDArray[Any]) -> NDArray[np.intp]:
    """Indices of the runs that start at ``first`` and count ``number``: ``spans([7, 2], [2, 3])`` is 7, 8, 2, 3, 4."""
    ends = np.cumsum(number, dtype=np.intp)
    within = np.arange(ends[-1] if len(ends) else 0, dtype=np.intp) - np.repeat(ends - number, number)
    result: NDArray[np.intp] = np.repeat(np.asarray(first, np.intp), number) + within
    return result
