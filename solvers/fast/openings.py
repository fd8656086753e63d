"""Which pods open, decided by branching on them with the bound of whole loads: the proof for a company of lone reps.

Best first: of all nodes that are left the one with the highest bound is branched on, by the pod of which its prices
tell least. Where they tell all, what is left of the bound is not about openings, and the proof ends.
"""

from __future__ import annotations

import heapq
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from podplanner.domain.vocabulary import NOBODY
from solvers.fast.beside import Beside
from solvers.fast.loads import MAYBE, OPEN, SHUT, Priced, priced, usual_worth

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ThreadPoolExecutor

    from numpy.typing import NDArray

    from solvers.fast.loads import Loads

FIRST, LAST, STEPS = 0.01, 3e-4, 120
"""Lengths of the first and the last step of the prices, in what an account is worth, and their number: from those of
the relaxation, and once a pod is decided."""

FINE, FINE_LAST, FINE_STEPS = 2e-3, 1e-5, 600
"""The same where nothing is left to decide."""

SURE = 0.02
"""Part of the steps in which a pod opened, or did not, up to which prices tell whether it does."""

ROUNDING = 1e-9
"""Error of a bound at most, relative to what all its parts are."""


class _Node(NamedTuple):
    """A part of all plans; nodes are in the order of their bounds, the highest one first."""

    lower: float
    number: int
    decided: NDArray[np.int8]
    found: Priced
    is_fine: bool


class Openings(Beside):
    """The proof, on a thread of its own.

    Parameters
    ----------
    pool
        Threads to run on.
    known
        Price of each account in the relaxation (U).
    most
        Nodes at most (repeatable), None: until nothing is left to branch on.
    left
        Seconds left, None without limit.
    """

    def __init__(
        self,
        pool: ThreadPoolExecutor,
        loads: Loads,
        known: NDArray[np.float64],
        *,
        most: int | None,
        left: Callable[[], float | None],
    ) -> None:
        self.loads, self.most, self.left = loads, most, left
        self.nodes = 0
        super().__init__(pool, partial(self._run, known))

    def _run(self, known: NDArray[np.float64]) -> None:
        price, usual = np.maximum(known, self.loads.direct), usual_worth(self.loads)
        decided = np.full(len(self.loads.room), MAYBE, np.int8)
        steps, fine = usual * np.geomspace(FIRST, LAST, STEPS), usual * np.geomspace(FINE, FINE_LAST, FINE_STEPS)
        nodes = [self._node(decided, price, steps, np.inf)]
        while True:
            node = heapq.heappop(nodes)
            self.bound = min(self.bound, -node.lower)
            pod = _doubtful(node)
            is_last = self.most is not None and self.nodes >= self.most
            if is_last or self._is_over() or (pod == NOBODY and node.is_fine):
                return
            after = [_decided(node.decided, pod, how) for how in (OPEN, SHUT)] if pod != NOBODY else [node.decided]
            for each in after:
                lengths = steps if pod != NOBODY else fine
                heapq.heappush(nodes, self._node(each, node.found.unit, lengths, -node.lower, is_fine=pod == NOBODY))
                if self._is_over():
                    return

    def _node(
        self,
        decided: NDArray[np.int8],
        price: NDArray[np.float64],
        lengths: NDArray[np.float64],
        bound: float,
        *,
        is_fine: bool = False,
    ) -> _Node:
        """Price what is decided; a part of a node is worth no more than all of it."""
        self.nodes += 1
        found = priced(self.loads, decided, price, lengths, self._is_over)
        size = abs(self.loads.offset) + abs(found.bound - self.loads.offset)
        bound = min(bound, found.bound + ROUNDING * size)
        return _Node(-bound, self.nodes, decided, found, is_fine)

    def _is_over(self) -> bool:
        left = self.left()
        return self.is_stopped() or (left is not None and left <= 0)


def _decided(decided: NDArray[np.int8], pod: int, how: int) -> NDArray[np.int8]:
    result = decided.copy()
    result[pod] = how
    return result


def _doubtful(node: _Node) -> int:
    """The pod of which the prices tell least whether it opens, `NOBODY` where they tell that of all."""
    often = node.found.often
    doubt = np.where(node.decided == MAYBE, np.minimum(often, 1.0 - often), 0.0)
    pod = int(np.argmax(doubt))
    return pod if doubt[pod] > SURE else NOBODY
