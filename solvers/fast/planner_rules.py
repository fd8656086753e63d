"""The planner's own rules, as far as tier, pod and heads decide them; what needs owners is decided in naming."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.violation import attribute
from podplanner.domain.vocabulary import NOBODY
from podplanner.domain.wording import rule_words
from solvers.fast.columns import is_held

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from podplanner.domain.instance import Rule
    from solvers.fast.draft import Draft


def add_planner_rules(draft: Draft) -> None:
    """Rows of pins, forbids, together, apart and limits; soft ones pay by a penalty column."""
    held = [rule for rule in draft.instance.rules if is_held(rule)]
    _hold(draft, held)
    for rule in draft.instance.rules:
        if is_held(rule):
            continue
        if rule.kind == "pin":
            _pin(draft, rule)
        elif rule.kind == "forbid":
            _forbid(draft, rule)
        elif rule.kind == "together":
            _together(draft, rule)
        elif rule.kind == "apart":
            _apart(draft, rule)
        else:
            _limit(draft, rule)


def _bind(
    draft: Draft,
    rule: Rule,
    column: NDArray[np.int64],
    value: NDArray[np.float64] | float,
    *,
    lower: float = -np.inf,
    upper: float = np.inf,
    penalty: NDArray[np.int64] | None = None,
) -> None:
    """A row of the rule, relaxed by its penalty column where it is soft."""
    row = draft.model.add_row(column, value, lower=lower, upper=upper)
    penalty = draft.penalty(rule) if penalty is None else penalty
    draft.model.add_entries(row, penalty, 1.0 if np.isfinite(lower) else -1.0)
    draft.clause(rule_words(draft.instance, rule), row)


def _where(draft: Draft, rule: Rule, account: int) -> NDArray[np.int64]:
    """Account columns at the rule's tier and pod."""
    columns = draft.columns
    chosen = columns.of_account(account)
    if rule.tier != NOBODY:
        chosen = chosen[columns.tier[chosen] == rule.tier]
    if rule.pod != NOBODY:
        chosen = chosen[columns.pod[chosen] == rule.pod]
    return chosen


def _heads(draft: Draft, person: int, pod: int) -> NDArray[np.int64]:
    seat = draft.seat(person, pod)
    return draft.heads[[seat]] if seat != NOBODY else np.zeros(0, np.int64)


def _hold(draft: Draft, rules: Sequence[Rule]) -> None:
    """Rows of hard pins of accounts, all at once: where only a region is planned, all others are held."""
    bound = [(rule, column) for rule in rules for column in _pinned(draft, rule)]
    rows = draft.model.add_rows(len(bound), lower=1.0)
    column = np.concatenate([np.zeros(0, np.int64), *(column for _, column in bound)])
    draft.model.add_entries(np.repeat(rows, [len(column) for _, column in bound]), column)
    for (rule, _), row in zip(bound, rows.tolist(), strict=True):
        draft.clause(rule_words(draft.instance, rule), row)


def _pinned(draft: Draft, rule: Rule) -> Iterator[NDArray[np.int64]]:
    """Columns of which an account's pin wants one: its places, its owners."""
    if rule.tier != NOBODY or rule.pod != NOBODY:
        yield draft.place[_where(draft, rule, rule.account)]
    if rule.person != NOBODY:
        yield draft.own.of(rule.account, rule.person)


def _pin(draft: Draft, rule: Rule) -> None:
    penalty = draft.penalty(rule)
    if rule.account == NOBODY:
        _bind(draft, rule, _heads(draft, rule.person, rule.pod), 1.0, lower=1.0, penalty=penalty)
        return
    for column in _pinned(draft, rule):
        _bind(draft, rule, column, 1.0, lower=1.0, penalty=penalty)


def _forbid(draft: Draft, rule: Rule) -> None:
    if rule.account == NOBODY:
        _bind(draft, rule, _heads(draft, rule.person, rule.pod), 1.0, upper=0.0)
    elif rule.person == NOBODY:
        _bind(draft, rule, draft.place[_where(draft, rule, rule.account)], 1.0, upper=0.0)


def _by_pod(draft: Draft, account: int, function: int) -> dict[int, NDArray[np.int64]]:
    """Account columns of each pod; with a function, only at tiers that serve it."""
    columns = draft.columns
    mine = columns.of_account(account)
    if function != NOBODY:
        mine = mine[draft.instance.tiers.served[columns.tier[mine], function]]
    return {pod: mine[columns.pod[mine] == pod] for pod in np.unique(columns.pod[mine]).tolist()}


def _together(draft: Draft, rule: Rule) -> None:
    penalty = draft.penalty(rule)
    if rule.person != NOBODY:
        _people_together(draft, rule, penalty)
        return
    one = _by_pod(draft, rule.account, rule.role)
    other = _by_pod(draft, rule.other_account, rule.role)
    nothing = np.zeros(0, np.int64)
    for pod in sorted(one.keys() | other.keys()):
        mine, theirs = draft.place[one.get(pod, nothing)], draft.place[other.get(pod, nothing)]
        column, value = np.concatenate([mine, theirs]), np.concatenate([np.ones(len(mine)), -np.ones(len(theirs))])
        _bind(draft, rule, column, value, upper=0.0, penalty=penalty)
        _bind(draft, rule, column, value, lower=0.0, penalty=penalty)


def _people_together(draft: Draft, rule: Rule, penalty: NDArray[np.int64]) -> None:
    """Who is placed shares at least one pod with the other."""
    pairs = [
        (_heads(draft, rule.person, p), _heads(draft, rule.other_person, p)) for p in range(len(draft.instance.pods))
    ]
    both = [(one, other) for one, other in pairs if len(one) and len(other)]
    shared = draft.model.add_columns(len(both), upper=1.0)
    for column, pair in zip(shared, both, strict=True):
        for heads in pair:
            row = draft.model.add_row(column, 1.0, upper=0.0)
            draft.model.add_entries(row, heads, -1.0)
    for pair in pairs:
        for heads in pair:
            if len(heads):
                column = np.concatenate([shared, heads])
                value = np.concatenate([np.ones(len(shared)), -np.ones(1)])
                _bind(draft, rule, column, value, lower=0.0, penalty=penalty)


def _apart(draft: Draft, rule: Rule) -> None:
    if rule.role != NOBODY:
        return
    penalty = draft.penalty(rule)
    columns, served = draft.columns, np.asarray(draft.instance.tiers.served.any(axis=1))
    accounts = [a for a in (rule.account, rule.other_account) if a != NOBODY]
    both = np.concatenate([np.zeros(0, np.int64), *(columns.of_account(a) for a in accounts)])
    both = both[served[columns.tier[both]]]
    for pod in np.flatnonzero(draft.serves & (draft.copies > 0)).tolist():
        if rule.person != NOBODY:
            column = np.concatenate([_heads(draft, rule.person, pod), _heads(draft, rule.other_person, pod)])
        else:
            column = draft.place[both[columns.pod[both] == pod]]
        _bind(draft, rule, column, 1.0, upper=1.0, penalty=penalty)


def _limit(draft: Draft, rule: Rule) -> None:
    """Limits over pods, tiers and the plan; over books only what their sum in a pod must keep."""
    instance, columns = draft.instance, draft.columns
    value = attribute(instance.accounts, rule.attribute)
    total = np.bincount(columns.unit_of, weights=value, minlength=len(columns.size)).astype(np.float64)
    chosen = np.ones(len(columns), bool)
    if rule.tier != NOBODY:
        chosen &= columns.tier == rule.tier
    if rule.pod != NOBODY:
        chosen &= columns.pod == rule.pod
    if rule.person != NOBODY or rule.role != NOBODY:
        return
    inside = np.flatnonzero(chosen)
    most = float(np.abs(value).sum()) + max(0.0, rule.minimum if np.isfinite(rule.minimum) else 0.0)
    weight = total[columns.unit[inside]]
    if np.isfinite(rule.maximum):
        penalty = draft.penalty(rule, upper=most)
        _bind(draft, rule, draft.place[inside], weight, upper=rule.maximum, penalty=penalty)
    if np.isfinite(rule.minimum):
        penalty = draft.penalty(rule, upper=most)
        if rule.pod == NOBODY:
            _bind(draft, rule, draft.place[inside], weight, lower=rule.minimum, penalty=penalty)
        elif draft.serves[rule.pod]:
            column = np.append(draft.place[inside], draft.staffed[rule.pod])
            _bind(draft, rule, column, np.append(weight, -rule.minimum), lower=0.0, penalty=penalty)
