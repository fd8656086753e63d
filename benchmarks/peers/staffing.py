"""What the peers take from the engine's room: its staffing model and its columns. Nothing else here knows that room."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solvers.fast.columns import make_columns
from solvers.fast.master import build_master
from solvers.fast.sites import site_of_pods

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance
    from solvers.fast.columns import Columns
    from solvers.highs import Arrays


@dataclass(frozen=True)
class Options:
    """Where accounts may go.

    Parameters
    ----------
    columns
        One for each (account, pod, tier); a pod stands for all of its site.
    site
        The pod that stands for each pod (P): numbered copies of a virtual pod are alike.
    """

    columns: Columns
    site: NDArray[np.int64]


def staffing_model(instance: Instance) -> Arrays:
    """The staffing model with whole accounts, to be maximised."""
    master = build_master(instance, site_of_pods(instance))
    whole = master.arrays.integer.copy()
    whole[master.draft.place] = True
    return replace(master.arrays, integer=whole)


def account_options(instance: Instance) -> Options:
    """Where accounts may go, for an instance without families."""
    site = site_of_pods(instance)
    return Options(make_columns(instance, np.bincount(site, minlength=len(site)) > 0), site)
