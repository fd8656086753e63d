"""Named owners that matter before naming: today's (a handover costs) and pinned ones.

Everybody is charged all handovers first; an owner who stays gives the price back. The link ``own <= heads`` of the
owner's pod is what keeps accounts and their people together in the staffing model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import FUNCTIONS, LEADER, NOBODY, SALES
from solvers.fast.crews import holds

if TYPE_CHECKING:
    from solvers.fast.draft import Draft

Own = dict[tuple[int, int], list[int]]
"""Model columns of (account, person): one for each pod where the person may own the account."""


def add_owners(draft: Draft) -> Own:
    """Variables and rows of today's and pinned owners. Returns the columns by (account, person)."""
    instance = draft.instance
    today, price = instance.owner_today, instance.derived.handover_price
    draft.model.offset -= float(price[today != NOBODY].sum())
    moved_capped = np.isfinite([instance.policy.max_moved_revenue, instance.policy.max_moved_accounts]).any()
    # A book may name somebody of another role; nobody of the wrong role can stay an owner.
    able = (today >= 0) & (instance.people.role[today] == np.arange(len(FUNCTIONS))[None, :])
    counts = able & ((price > 0) | (moved_capped & (np.arange(len(FUNCTIONS)) == SALES)[None, :]))
    wanted = {(int(a), int(today[a, r])): float(price[a, r]) for a, r in zip(*np.nonzero(counts), strict=True)}
    for rule in instance.rules:
        if rule.kind == "pin" and rule.account != NOBODY and rule.person != NOBODY:
            wanted.setdefault((rule.account, rule.person), 0.0)
    own: Own = {}
    uses: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for (account, person), value in wanted.items():
        own[account, person] = _add_owner(draft, account, person, value, uses)
    _capacity(draft, uses)
    _one_owner(draft, own)
    _moved(draft, own)
    return own


def _add_owner(
    draft: Draft, account: int, person: int, value: float, uses: dict[tuple[int, int], list[tuple[int, float]]]
) -> list[int]:
    instance, columns, model = draft.instance, draft.columns, draft.model
    function = int(instance.people.role[person])
    if function == LEADER:
        return []
    need = instance.skill_sets[instance.accounts.skill_set[account]]
    if not instance.derived.has_duties[person] or not holds(instance, person, need, FUNCTIONS[function]):
        return []
    mine = columns.of_account(account)
    mine = mine[instance.tiers.served[columns.tier[mine], function]]
    added = []
    for pod in np.unique(columns.pod[mine]).tolist():
        seat = draft.seat(person, pod)
        if seat == NOBODY:
            continue
        there = mine[columns.pod[mine] == pod]
        column = int(model.add_columns(1, cost=value, upper=1.0)[0])
        row = model.add_row(column, 1.0, upper=0.0)
        model.add_entries(row, draft.place[there], -1.0)
        row = model.add_row(column, 1.0, upper=0.0)
        model.add_entries(row, draft.heads[seat], -1.0)
        least = float(instance.derived.hours[account, columns.tier[there], function].min())
        uses.setdefault((person, pod), []).append((column, least))
        added.append(column)
    return added


def _capacity(draft: Draft, uses: dict[tuple[int, int], list[tuple[int, float]]]) -> None:
    """What a person keeps in a pod fits their time there."""
    for (person, pod), kept in uses.items():
        seat = draft.seat(person, pod)
        column, weight = draft.share(np.array([seat]))
        row = draft.model.add_row([c for c, _ in kept], [hours for _, hours in kept], upper=0.0)
        draft.model.add_entries(row, column, -weight * draft.crews.plannable[draft.crews.seat_crew[seat]])


def _one_owner(draft: Draft, own: Own) -> None:
    """At most one of the people who matter owns an account in a function."""
    role = draft.instance.people.role
    groups: dict[tuple[int, int], list[int]] = {}
    people: dict[tuple[int, int], int] = {}
    for (account, person), columns in own.items():
        groups.setdefault((account, int(role[person])), []).extend(columns)
        people[account, int(role[person])] = people.get((account, int(role[person])), 0) + 1
    for key, columns in groups.items():
        if people[key] > 1:
            draft.model.add_row(columns, 1.0, upper=1.0)


def _moved(draft: Draft, own: Own) -> None:
    """Caps on revenue and accounts that change their sales owner."""
    instance, model = draft.instance, draft.model
    today = instance.owner_today[:, SALES]
    owned = np.flatnonzero(today >= 0)
    revenue = instance.accounts.revenue
    policy = instance.policy
    total = float(revenue[owned].sum())
    caps = (
        ("max_moved_revenue", policy.max_moved_revenue * total, revenue, policy.max_moved_revenue),
        ("max_moved_accounts", policy.max_moved_accounts, np.ones(len(revenue)), policy.max_moved_accounts),
    )
    for name, most, weight, given in caps:
        if np.isfinite(given):
            row = model.add_row([], [], lower=float(weight[owned].sum()) - most)
            for account in owned.tolist():
                model.add_entries(
                    row, np.array(own.get((account, int(today[account])), []), int), float(weight[account])
                )
            draft.clause(f"policy {name} = {given:g}", row)
