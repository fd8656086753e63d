"""Where accounts go: places, open pods, families, and what pods and tiers may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import DIRECT, NOBODY

if TYPE_CHECKING:
    from solvers.fast.draft import Draft


def add_coverage(draft: Draft) -> None:
    """Variables and rows of accounts and pods."""
    _places(draft)
    _pods(draft)
    _coverage_families(draft)
    _account_limits(draft)


def _places(draft: Draft) -> None:
    """One place for each unit; accounts stay continuous until people and openings stand."""
    columns, model = draft.columns, draft.model
    draft.place = model.add_columns(len(columns), cost=columns.value, upper=1.0)
    rows = model.add_rows(len(columns.size), lower=1.0, upper=1.0)
    model.add_entries(rows[columns.unit], draft.place)
    draft.spend.append((draft.place, columns.direct_cost + columns.travel_cost))


def _pods(draft: Draft) -> None:
    """Open and staffed pods: an account that needs people needs a staffed pod, the strong way (x <= staffed)."""
    instance, model, columns = draft.instance, draft.model, draft.columns
    pods = instance.pods
    count = len(pods)
    model.offset -= float(pods.fixed_cost[pods.keep_open].sum())
    draft.spend_constant += float(pods.fixed_cost[pods.keep_open].sum())
    cost = np.where(pods.keep_open, 0.0, pods.fixed_cost)
    draft.staffed = np.full(count, NOBODY, np.int64)
    draft.open = np.full(count, NOBODY, np.int64)
    stands = draft.copies > 0
    serving = np.flatnonzero(draft.serves & stands)
    draft.staffed[serving] = model.add_columns(len(serving), upper=draft.copies[serving], integer=True)
    paid = np.flatnonzero(((cost > 0) | (pods.coverage != DIRECT)) & stands)
    draft.open[paid] = model.add_columns(
        len(paid), cost=-cost[paid], lower=pods.keep_open[paid], upper=draft.copies[paid], integer=True
    )
    draft.spend.append((draft.open[paid], cost[paid]))
    both = np.intersect1d(serving, paid)
    rows = model.add_rows(len(both), upper=0.0)
    model.add_entries(rows, draft.staffed[both], 1.0)
    model.add_entries(rows, draft.open[both], -1.0)
    needs_people = instance.tiers.served[columns.tier].any(axis=1)
    for needed, gate in ((needs_people, draft.staffed), (~needs_people, draft.open)):
        chosen = np.flatnonzero(needed & (gate[columns.pod] != NOBODY))
        rows = model.add_rows(len(chosen), upper=0.0)
        model.add_entries(rows, draft.place[chosen], 1.0)
        model.add_entries(rows, gate[columns.pod[chosen]], -1.0)
    if np.isfinite(instance.policy.max_open_pods):
        counted = draft.open[(pods.coverage != DIRECT) & (draft.open != NOBODY)]
        limit = instance.policy.max_open_pods
        draft.clause(f"policy max_open_pods = {limit:g}", model.add_row(counted, upper=limit))


def _coverage_families(draft: Draft) -> None:
    """Members of a family that only shares the coverage: same coverage as its first member."""
    families, columns, model = draft.instance.derived.families, draft.columns, draft.model
    coverage = draft.instance.tiers.coverage[columns.tier]
    for family in np.flatnonzero(~families.shares_pod).tolist():
        first, *others = families.members(family).tolist()
        for other in others:
            for kind in range(DIRECT + 1):
                mine, theirs = (draft.columns.of_account(a) for a in (first, other))
                mine, theirs = mine[coverage[mine] == kind], theirs[coverage[theirs] == kind]
                row = model.add_row(draft.place[mine], 1.0, lower=0.0, upper=0.0)
                model.add_entries(row, draft.place[theirs], -1.0)


def _account_limits(draft: Draft) -> None:
    instance, columns, model = draft.instance, draft.columns, draft.model
    size = draft.columns.size[columns.unit].astype(float)
    pods, tiers = instance.pods, instance.tiers
    stands = draft.copies > 0
    for p in np.flatnonzero(np.isfinite(pods.max_accounts) & stands).tolist():
        inside = np.flatnonzero(columns.pod == p)
        row = model.add_row(draft.place[inside], size[inside], upper=pods.max_accounts[p] * draft.copies[p])
        draft.clause(f"pods {pods.ids[p]}: max_accounts = {pods.max_accounts[p]:g}", row)
    for p in np.flatnonzero((pods.min_accounts > 0) & draft.serves & stands).tolist():
        inside = np.flatnonzero(columns.pod == p)
        row = model.add_row(draft.place[inside], size[inside], lower=0.0)
        model.add_entries(row, draft.staffed[p], -pods.min_accounts[p])
        draft.clause(f"pods {pods.ids[p]}: min_accounts = {pods.min_accounts[p]:g}", row)
    for t in np.flatnonzero(np.isfinite(tiers.max_accounts)).tolist():
        inside = np.flatnonzero(columns.tier == t)
        row = model.add_row(draft.place[inside], size[inside], upper=tiers.max_accounts[t])
        draft.clause(f"tiers {tiers.ids[t]}: max_accounts = {tiers.max_accounts[t]:g}", row)
