"""How parts of a staffing model are solved, and in which order kinds of neighbourhoods are tried."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

LEAST_SITES, MOST_SITES = 2, 6
"""Sites of a neighbourhood, at first and at last."""

TOGETHER, MANY_TOGETHER = 2, 6
"""Parts solved at a time, however many workers there are: the answer must not depend on them; and of a large model,
whose parts take very different time, so that two threads are seldom idle.
"""

LENDERS = 8
"""Staffed sites around a neighbourhood that may change people with it, at most."""

FEW_UNITS = 100
"""Units that may move for each site where a plan is mended: less than half as long for 95 % of the gain."""


WHOLE_SITES, WHOLE_PLACES, WHOLE_GAP = (4, 5, 6), 400, 1e-6
"""Sites of a neighbourhood with whole units; its places, those of least regret; how exactly it is solved. Three sites
are often at their best together, two nearly always."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a part is solved.

    Parameters
    ----------
    nodes
        Of branch and bound at most: repeatable.
    gap
        Relative to what the part is worth, whatever the rest is.
    units, sites
        Units that may move for each site, and sites that count for that at most.
    keeps_whole
        Whether only fractions of people and openings are decided.
    lenders
        Staffed sites around it that may change people with it, and keep their units.
    whole_places
        Places of units that are looked at where everybody stays and units are whole; None where people may change and
        units may be split.
    """

    nodes: int
    gap: float = 5e-5
    units: int = 250
    sites: int = MOST_SITES
    keeps_whole: bool = False
    lenders: int = 0
    whole_places: int | None = None


IMPROVING = Way(nodes=40)
OPENING = Way(nodes=40, units=FEW_UNITS, lenders=LENDERS)
SETTLING = (Way(nodes=400, sites=LEAST_SITES, keeps_whole=True), Way(nodes=400), Way(nodes=400))


@dataclass(frozen=True, eq=False)
class Stage:
    """One kind of neighbourhood: how many sites, by which ties they go together (P x P), and how it is solved."""

    size: int
    ties: NDArray[np.float64]
    way: Way
    opens: bool = False
    """Whether only sites with nobody are looked at."""


def stages_by(rivals: NDArray[np.float64], allies: NDArray[np.float64], *, alone: bool) -> list[Stage]:
    """Kinds of neighbourhoods, small ones first: by units, by people too, and with the people around (each P x P).

    Parameters
    ----------
    alone
        Whether each site is staffed by itself first: of many sites, not all of which get their turn in pairs, that
        earns most for its time.
    """
    lending = replace(IMPROVING, lenders=LENDERS)
    first = [Stage(1, rivals, IMPROVING)] if alone else []
    return first + [
        Stage(size, ties, way)
        for size in range(LEAST_SITES, MOST_SITES + 1)
        for ties, way in ((rivals, IMPROVING), (allies, IMPROVING), (allies, lending))
    ]


def whole_stages(rivals: NDArray[np.float64]) -> list[Stage]:
    """Kinds of neighbourhoods that make units whole: by units alone (P x P), as everybody stays."""
    way = Way(nodes=50, gap=WHOLE_GAP, whole_places=WHOLE_PLACES)
    return [Stage(size, rivals, way) for size in WHOLE_SITES]


def mending_stages(stages: list[Stage]) -> list[Stage]:
    """The same with few units, and before them each site with nobody by itself, staffed by the people around.

    What opens needs a leader and a rep who are elsewhere; their pods keep their accounts, so that it is soon known.
    """
    few = [replace(stage, way=replace(stage.way, units=FEW_UNITS)) for stage in stages]
    return [Stage(1, stages[0].ties, OPENING, opens=True), *few]
