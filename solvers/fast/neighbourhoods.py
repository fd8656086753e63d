"""Parts of a staffing model: which sites go together, and which were tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import NOBODY
from solvers.sparse import distinct

if TYPE_CHECKING:
    from solvers.fast.draft import Draft

WHOLE = 1e-6

LEAST_STRAIN = 0.05
"""Of a site whose hours are worth what they should be: it is looked at now and then all the same."""

TEAMS = 1.0
"""What people in common count beside units in common, among allies."""


@dataclass(frozen=True)
class Known:
    """Neighbourhoods that were tried, so that none is again before one of its sites has changed.

    Parameters
    ----------
    changes
        How often each site was staffed anew (P).
    tried
        The changes of its sites at which a neighbourhood was tried, by its sites and its lenders.
    """

    changes: NDArray[np.int64]
    tried: dict[tuple[bytes, int], bytes]

    @classmethod
    def nothing(cls, sites: int) -> Self:
        """Before the first try."""
        return cls(np.zeros(sites, np.int64), {})

    def is_new(self, sites: NDArray[np.bool_], lenders: int) -> bool:
        """Whether it may bring something."""
        return self.tried.get((sites.tobytes(), lenders)) != self.changes[sites].tobytes()

    def remember(self, sites: NDArray[np.bool_], lenders: int) -> None:
        """It is being tried."""
        self.tried[sites.tobytes(), lenders] = self.changes[sites].tobytes()


def doubt_of(draft: Draft, regret: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much less than its best each unit's second best column is worth (U)."""
    unit = draft.columns.unit
    order = np.lexsort((regret, unit))
    first = np.searchsorted(unit[order], np.arange(len(draft.columns.size)))
    second = np.minimum(first + 1, len(order) - 1)
    return np.where(unit[order][second] == np.arange(len(first)), regret[order][second], np.inf)


def fractional(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which values are not whole."""
    return np.asarray(np.abs(values - np.rint(values)) > WHOLE)


def rivals_of(draft: Draft, near: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Units that two sites could both take (P x P)."""
    columns = draft.columns
    serving = near & (draft.serves & (draft.copies > 0))[columns.pod]
    return in_common(columns.unit[serving], columns.pod[serving], len(draft.copies))


def people_of(draft: Draft) -> NDArray[np.float64]:
    """Crews that two sites could both have people of (P x P)."""
    return in_common(draft.crews.seat_crew, draft.crews.seat_pod, len(draft.copies))


def allies_of(rivals: NDArray[np.float64], people: NDArray[np.float64]) -> NDArray[np.float64]:
    """How often two sites should be staffed together (P x P): as rivals for units, and `TEAMS` of that for people.

    One leader for two small sites with no unit in common opens both, and staffing either of them again opens none.
    """
    share = TEAMS * np.maximum(rivals.sum(axis=1), 1.0) / np.maximum(people.sum(axis=1), 1.0)
    return np.asarray(rivals + share[:, None] * people)


def in_common(item: NDArray[np.int64], pod: NDArray[np.int64], pods: int) -> NDArray[np.float64]:
    """Items that both of two sites have (P x P)."""
    key = distinct(item * pods + pod)
    item, pod = key // pods, key % pods
    shared = np.zeros((pods, pods))
    apart = 1
    while apart < len(key):
        same = item[apart:] == item[:-apart]
        if not same.any():
            break
        np.add.at(shared, (pod[apart:][same], pod[:-apart][same]), 1.0)
        apart += 1
    return shared + shared.T


def lenders_of(
    people: NDArray[np.float64], staffed: NDArray[np.bool_], sites: NDArray[np.bool_], most: int
) -> NDArray[np.bool_]:
    """The staffed sites that could share most people (P x P) with these (each P)."""
    common = np.where(staffed & ~sites, people[sites].sum(axis=0), 0.0)
    chosen = np.zeros(len(sites), bool)
    chosen[np.argsort(-common, kind="stable")[:most]] = True
    return chosen & (common > 0)


def places_of_least_regret(
    unit: NDArray[np.int64], regret: NDArray[np.float64], taken: NDArray[np.bool_], most: int
) -> NDArray[np.int64]:
    """Of some places those taken, and the next best at the prices of the units that take one; which they are.

    Parameters
    ----------
    unit, regret, taken
        Of each place: how much less it is worth than its unit's best, and whether it is taken.
    most
        Places beside those taken.
    """
    chosen = np.flatnonzero(np.isin(unit, unit[taken]))
    _, of = np.unique(unit[chosen], return_inverse=True)
    best = np.full(int(of.max(initial=-1)) + 1, np.inf)
    np.minimum.at(best, of, regret[chosen])
    order = np.argsort(regret[chosen] - best[of], kind="stable")
    return np.union1d(np.flatnonzero(taken), chosen[order[:most]])


def strained(draft: Draft, values: NDArray[np.float64], dual: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each site's hours are from worth what they should be, 1 on average: too few or too many work there (P).

    Parameters
    ----------
    values
        Of a staffing (N).
    dual
        What one more unit of each row's limit earns there, less what it earns in the relaxation (M).
    """
    columns, pods = draft.columns, len(draft.copies)
    money = np.zeros(pods)
    for function, rows in enumerate(draft.hours_row.T):
        hours = np.bincount(columns.pod, values[draft.place] * columns.hours[:, function], minlength=pods)
        money += np.where(rows == NOBODY, 0.0, np.abs(dual[rows])) * hours
    mean = money[money > 0].mean() if money.any() else 1.0
    return np.maximum(money / mean, LEAST_STRAIN)


def drawn_neighbourhood(
    ties: NDArray[np.float64], centre: int, size: int, random: np.random.Generator
) -> NDArray[np.bool_]:
    """The centre and some others, drawn by what they have in common with it."""
    chosen = np.zeros(len(ties), bool)
    chosen[centre] = True
    total = ties.sum()
    if total > 0:
        count = min(size - 1, int((ties > 0).sum()))
        chosen[random.choice(len(ties), size=count, replace=False, p=ties / total)] = True
    return chosen
