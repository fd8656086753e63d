"""Where accounts go: places, open pods, families, and what pods and tiers may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import DIRECT, NOBODY
from solvers.sparse import spans

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
    draft.choice = model.add_rows(len(columns.size), lower=1.0, upper=1.0)
    model.add_entries(draft.choice[columns.unit], draft.place)
    draft.spend.append((draft.place, columns.spend))


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
    draft.gate(draft.staffed[both], draft.open[both])
    needs_people = instance.tiers.served[columns.tier].any(axis=1)
    for needed, gate in ((needs_people, draft.staffed), (~needs_people, draft.open)):
        chosen = np.flatnonzero(needed & (gate[columns.pod] != NOBODY))
        draft.gate(draft.place[chosen], gate[columns.pod[chosen]])
    if np.isfinite(instance.policy.max_open_pods):
        counted = draft.open[(pods.coverage != DIRECT) & (draft.open != NOBODY)]
        limit = instance.policy.max_open_pods
        draft.clause(f"policy max_open_pods = {limit:g}", model.add_row(counted, upper=limit))


def _coverage_families(draft: Draft) -> None:
    """Members of a family that only shares the coverage: same coverage as its first member."""
    families, columns, model = draft.instance.derived.families, draft.columns, draft.model
    coverage = draft.instance.tiers.coverage[columns.tier]
    account = np.flatnonzero(families.of != NOBODY)
    account = account[~families.shares_pod[families.of[account]]]
    account = account[np.argsort(families.of[account], kind="stable")]
    first = np.ones(len(account), bool)
    first[1:] = np.diff(families.of[account]) != 0
    leader = account[np.maximum.accumulate(np.where(first, np.arange(len(account)), 0))]
    leader, other = leader[~first], account[~first]
    rows = model.add_rows(len(other) * (DIRECT + 1), lower=0.0, upper=0.0).reshape(-1, DIRECT + 1)
    for sign, members in ((1.0, leader), (-1.0, other)):
        start, end = columns.start[columns.unit_of[members]], columns.start[columns.unit_of[members] + 1]
        inside, of = spans(start, end)
        model.add_entries(rows[of, coverage[inside]], draft.place[inside], sign)


def _account_limits(draft: Draft) -> None:
    instance, columns, model = draft.instance, draft.columns, draft.model
    size = draft.columns.size[columns.unit].astype(float)
    pods, tiers = instance.pods, instance.tiers
    stands = draft.copies > 0
    for p in np.flatnonzero(np.isfinite(pods.max_accounts) & stands).tolist():
        inside = columns.by_pod[p]
        row = model.add_row(draft.place[inside], size[inside], upper=pods.max_accounts[p] * draft.copies[p])
        draft.clause(f"pods {pods.ids[p]}: max_accounts = {pods.max_accounts[p]:g}", row)
    for p in np.flatnonzero((pods.min_accounts > 0) & draft.serves & stands).tolist():
        inside = columns.by_pod[p]
        row = model.add_row(draft.place[inside], size[inside], lower=0.0)
        model.add_entries(row, draft.staffed[p], -pods.min_accounts[p])
        draft.clause(f"pods {pods.ids[p]}: min_accounts = {pods.min_accounts[p]:g}", row)
    for t in np.flatnonzero(np.isfinite(tiers.max_accounts)).tolist():
        inside = np.flatnonzero(columns.tier == t)
        row = model.add_row(draft.place[inside], size[inside], upper=tiers.max_accounts[t])
        draft.clause(f"tiers {tiers.ids[t]}: max_accounts = {tiers.max_accounts[t]:g}", row)
