"""Which column each unit should have: the staffing's shares made whole, with the units that rules tie together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.vocabulary import LEADER, NOBODY

if TYPE_CHECKING:
    from podplanner.domain.instance import Rule
    from podplanner.domain.plan import Plan
    from solvers.fast.draft import Draft
    from solvers.fast.naming_rules import Naming

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def allowed_columns(draft: Draft, rules: Naming) -> Flags:
    """Account columns that hard pins and forbids leave; who must own has to be served (K)."""
    allowed = rules.allowed(draft)
    for account, function in rules.must:
        if function < LEADER:
            mine = draft.columns.of_account(account)
            allowed[mine] &= draft.instance.tiers.served[draft.columns.tier[mine], function]
    return allowed


def tied_units(draft: Draft) -> Flags:
    """Units that rules tie to one another's pod: they stay where the staffing put them (U)."""
    tied = np.zeros(len(draft.columns.size), bool)
    for rule in _ties(draft):
        tied[draft.columns.unit_of[[rule.account, rule.other_account]]] = True
    return tied


def _ties(draft: Draft) -> list[Rule]:
    return [rule for rule in draft.instance.rules if rule.kind in ("together", "apart") and rule.account != NOBODY]


def columns_of_plan(draft: Draft, plan: Plan) -> Ints:
    """Column of each unit in a plan, `NOBODY` where it has none any more (U)."""
    columns = draft.columns
    first = np.zeros(len(columns.size), np.int64)
    first[columns.unit_of[::-1]] = np.arange(len(columns.unit_of))[::-1]
    key = (columns.unit * columns.pods + columns.pod) * len(draft.instance.tiers) + columns.tier
    wanted = (np.arange(len(first)) * columns.pods + draft.site[plan.pod[first]]) * len(draft.instance.tiers)
    wanted += plan.tier[first]
    place = np.minimum(np.searchsorted(key, wanted), max(0, len(key) - 1))
    return np.where(key[place] == wanted, place, NOBODY)


def wanted_columns(draft: Draft, shares: Floats, allowed: Flags) -> Ints:
    """The allowed column of most share for each unit; ties by value, then number (U)."""
    columns = draft.columns
    shares = np.where(allowed, shares, -1.0)
    wanted = _most(draft, shares)
    for units in _coverage_families(draft):
        _share_coverage(draft, shares, units, wanted)
    for rule in _ties(draft):
        _tie(draft, shares, rule, wanted)
    return np.where(columns.start[1:] > columns.start[:-1], wanted, NOBODY)


def _most(draft: Draft, shares: Floats) -> Ints:
    columns = draft.columns
    order = np.lexsort((np.arange(len(shares)), -columns.value, -np.round(shares, 6), columns.unit))
    return order[np.minimum(columns.start[:-1], max(0, len(order) - 1))]


def _coverage_families(draft: Draft) -> list[Ints]:
    """Units of each family that only shares the coverage."""
    families, unit_of = draft.instance.derived.families, draft.columns.unit_of
    inside = np.flatnonzero(families.of >= 0)
    inside = inside[~families.shares_pod[families.of[inside]]]
    inside = inside[np.argsort(families.of[inside], kind="stable")]
    parts = np.flatnonzero(np.diff(families.of[inside])) + 1
    return [unit_of[part] for part in np.split(inside, parts)] if len(inside) else []


def _share_coverage(draft: Draft, shares: Floats, units: Ints, wanted: Ints) -> None:
    """The coverage of most share for all; where all members can have it."""
    columns = draft.columns
    coverage = draft.instance.tiers.coverage[columns.tier]
    mine = [np.arange(columns.start[unit], columns.start[unit + 1]) for unit in units]
    total = {
        kind: sum(float(shares[some[coverage[some] == kind]].clip(0.0).sum()) for some in mine)
        for kind in np.unique(coverage[wanted[units]]).tolist()
        if all((shares[some[coverage[some] == kind]] >= 0).any() for some in mine)
    }
    if total:
        kind = max(total, key=lambda k: (total[k], k))
        for unit, some in zip(units, mine, strict=True):
            fits = some[coverage[some] == kind]
            wanted[unit] = fits[np.argmax(shares[fits])]


def _tie(draft: Draft, shares: Floats, rule: Rule, wanted: Ints) -> None:
    """Two units in one pod, or in two; as much of the staffing's shares as may be."""
    columns = draft.columns
    one, other = columns.unit_of[[rule.account, rule.other_account]].tolist()
    if one == other or rule.role != NOBODY or rule.soft_cost is not None:
        return
    first, second = (np.arange(columns.start[u], columns.start[u + 1]) for u in (one, other))
    same = columns.pod[first][:, None] == columns.pod[second][None, :]
    apart = ~same | ~draft.serves[columns.pod[first]][:, None]
    fits = same if rule.kind == "together" else apart
    fits = fits & (shares[first] >= 0)[:, None] & (shares[second] >= 0)[None, :]
    if fits.any():
        both = np.where(fits, shares[first][:, None] + shares[second][None, :], -np.inf)
        best = np.unravel_index(int(np.argmax(both)), both.shape)
        wanted[one], wanted[other] = first[best[0]], second[best[1]]
