"""Better assignments by deciding parts of the best one anew, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solvers.core.drafts import Moved
from solvers.core.neighbourhoods import near, paid, wide
from solvers.core.parts import solve_part
from solvers.core.search import weighed
from solvers.highs import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from podplanner.domain.core import CoreProblem
    from solvers.core.ascent import Prices
    from solvers.core.search import Draft

NODES = 60
"""Of a part's branch and bound."""
PART_TIME_S = {"near": 1.0, "wide": 12.0}
"""Most seconds of one part where a time limit is set."""
CHAIN = {"near": 6, "wide": 1}
"""Parts solved one after the other, each from the last one's result."""
COLUMNS = (150.0, 20_000.0)
"""Fewest and most choices of a part."""
GROWTH = {"near": 1.1, "wide": 2.0}
SHRINKAGE = 0.7
"""Of a part's choices after one that was solved, and after one that was not."""
CHOSEN = {"near": near, "wide": wide}


@dataclass(frozen=True, kw_only=True, eq=False)
class Improved:
    """What a chain of parts gave.

    Parameters
    ----------
    moved
        Accounts that changed their pod.
    columns
        Choices of the next part of this kind.
    is_exhausted
        Whether parts were too large to be solved, and gave nothing.
    """

    kind: str
    moved: Moved
    columns: float
    is_exhausted: bool


def improved(
    problem: CoreProblem,
    prices: Prices,
    best: Draft,
    *,
    kind: str,
    columns: float,
    seed: int,
    share_s: Callable[[], float | None],
    is_over: Callable[[], bool],
) -> Improved:
    """Decide parts anew, one after the other."""
    rng = np.random.default_rng(seed)
    reduced = paid(problem, prices)
    draft, before = best, columns
    for number in range(CHAIN[kind]):
        if is_over():
            break
        part = CHOSEN[kind](problem, prices, reduced, draft, rng, columns=int(columns))
        share = share_s()
        solved = solve_part(
            problem,
            part,
            nodes=NODES,
            seed=(seed + number) % 2**31,
            own_search=kind == "wide",
            time_limit_s=None if share is None else min(share, PART_TIME_S[kind]),
            stop_asked=is_over,
        )
        if solved.pod is not None:
            draft = _better(problem, draft, part.accounts, solved.pod)
        factor = GROWTH[kind] if solved.status is Status.OPTIMAL else SHRINKAGE
        columns = min(max(columns * factor, COLUMNS[0]), COLUMNS[1])
    accounts = np.flatnonzero(draft.pod != best.pod)
    return Improved(
        kind=kind,
        moved=Moved(accounts=accounts, pod=draft.pod[accounts]),
        columns=columns,
        is_exhausted=not len(accounts) and columns < before,
    )


def _better(problem: CoreProblem, draft: Draft, accounts: NDArray[np.int64], pod: NDArray[np.int64]) -> Draft:
    place = draft.pod.copy()
    place[accounts] = pod
    other = weighed(problem, place)
    return other if other.beats(draft) else draft
