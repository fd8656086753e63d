"""A roster as values of the staffing model's integer columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.draft import Draft
    from solvers.fast.roster import Roster


def fixed_by(draft: Draft, roster: Roster) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Model columns that a roster decides, and their values.

    ``draft`` must have a seat for each placement: it is the model in which every pod stands for itself.
    """
    crews, pods = draft.crews, len(draft.instance.pods)
    crew = crews.of[roster.person]
    key = crew * pods + roster.pod
    seat_key = crews.seat_crew * pods + crews.seat_pod
    heads = np.array([(key == k).sum() for k in seat_key], dtype=float)
    share = np.array([roster.share[key == k].sum() for k in seat_key], dtype=float)
    shared = draft.steps != NOBODY
    staffed = np.zeros(pods)
    staffed[roster.pod] = 1.0
    used = np.array([len(np.unique(roster.person[crew == g])) for g in range(len(crews))], dtype=float)
    has, opens = draft.staffed != NOBODY, draft.open != NOBODY
    opened = np.maximum(staffed, draft.instance.pods.keep_open)
    parts = [
        (draft.heads, heads),
        (draft.steps[shared], np.rint(share[shared] / crews.step[crews.seat_crew[shared]])),
        (draft.used, used),
        (draft.staffed[has], staffed[has]),
        (draft.open[opens & has], opened[opens & has]),
    ]
    return np.concatenate([column for column, _ in parts]), np.concatenate([value for _, value in parts])
