"""A search where every pod stands for itself, though its site has several that differ in nothing but their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.fast.master import build_master
from solvers.fast.search import Search
from solvers.fast.sites import apart_regret

if TYPE_CHECKING:
    from solvers.fast.draft import Draft

MOST_APART = 60_000
"""Account columns up to which a search goes on pod by pod."""


def too_many_apart(draft: Draft) -> bool:
    """Whether pods would have too many columns for a search pod by pod."""
    return bool((draft.copies > 1).any() and draft.copies[draft.columns.pod].sum() > MOST_APART)


def pod_by_pod(search: Search) -> Search | None:
    """The same search pod by pod: itself where all sites are pods, None where pods would have too many columns."""
    draft = search.master.draft
    if (draft.copies <= 1).all():
        return search
    if too_many_apart(draft):
        return None
    master = build_master(draft.instance, np.arange(len(draft.site)))
    return Search(master, apart_regret(draft, search.regret, master.draft.columns))
