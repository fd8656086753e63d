"""Named owners that matter before naming: today's (a handover costs) and pinned ones.

Everybody is charged all handovers first; an owner who stays gives the price back. The link ``own <= heads`` of the
owner's pod is what keeps accounts and their people together in the staffing model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import FUNCTIONS, LEADER, NOBODY, SALES
from solvers.fast.crews import may_serve
from solvers.fast.draft import Own
from solvers.fast.kept_books import add_kept_books
from solvers.sparse import spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.draft import Draft


MOST_ALONE = 400_000
"""Owners of accounts who are told one by one at most, those who save most: others are told by their books, as a million
accounts would have thirty million columns of owners. By books alone a bound is up to 0.05 % looser, and whole people
made out of averages 0.1 % worse."""


def add_owners(draft: Draft) -> None:
    """Variables and rows of today's and pinned owners."""
    instance = draft.instance
    today, price = instance.owner_today, instance.derived.handover_price
    draft.model.offset -= float(price[today != NOBODY].sum())
    account, person, value = _wanted(draft)
    able = (instance.people.role[person] != LEADER) & instance.derived.has_duties[person]
    able &= may_serve(instance, account, person)
    account, person, value = account[able], person[able], value[able]
    alone = _told_alone(draft, account, person, value)
    _add_own(draft, account[alone], person[alone], value[alone])
    add_kept_books(draft, account[~alone], person[~alone], value[~alone])
    _capacity(draft)
    _one_owner(draft)
    _moved(draft)


def _wanted(draft: Draft) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Accounts and people whose staying counts, and the handover price that it saves."""
    instance = draft.instance
    today, price = instance.owner_today, instance.derived.handover_price
    moved_capped = np.isfinite([instance.policy.max_moved_revenue, instance.policy.max_moved_accounts]).any()
    # A book may name somebody of another role; nobody of the wrong role can stay an owner.
    able = (today >= 0) & (instance.people.role[today] == np.arange(len(FUNCTIONS))[None, :])
    counts = able & ((price > 0) | (moved_capped & (np.arange(len(FUNCTIONS)) == SALES)[None, :]))
    account, function = np.nonzero(counts)
    person, value = today[counts].astype(np.int64), price[account, function]
    pinned = [
        (rule.account, rule.person)
        for rule in instance.rules
        if rule.kind == "pin"
        and rule.account != NOBODY
        and rule.person != NOBODY
        and not (counts[rule.account] & (today[rule.account] == rule.person)).any()
    ]
    more = np.array(sorted(set(pinned)), np.int64).reshape(-1, 2)
    return (
        np.concatenate([account, more[:, 0]]),
        np.concatenate([person, more[:, 1]]),
        np.concatenate([value, np.zeros(len(more))]),
    )


def _told_alone(
    draft: Draft, account: NDArray[np.int64], person: NDArray[np.int64], value: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Who is told account by account: where a rule or a cap speaks of it, or most is saved; others by their books."""
    instance = draft.instance
    pinned = [rule.account for rule in instance.rules if rule.kind == "pin" and rule.person != NOBODY]
    alone = (value <= 0) | np.isin(account, pinned)
    if np.isfinite([instance.policy.max_moved_revenue, instance.policy.max_moved_accounts]).any():
        alone |= instance.people.role[person] == SALES
    alone[np.argsort(-value, kind="stable")[:MOST_ALONE]] = True
    return alone


def _add_own(draft: Draft, account: NDArray[np.int64], person: NDArray[np.int64], value: NDArray[np.float64]) -> None:
    """One column for each (account, person, pod) where the account may go and the person may join."""
    instance, columns, model = draft.instance, draft.columns, draft.model
    unit = columns.unit_of[account]
    inside, pair = spans(columns.start[unit], columns.start[unit + 1])
    function = instance.people.role[person[pair]]
    seat = draft.find_seats(draft.crews.of[person[pair]], columns.pod[inside])
    kept = instance.tiers.served[columns.tier[inside], function] & (seat != NOBODY)
    inside, pair, function, seat = inside[kept], pair[kept], function[kept], seat[kept]
    pod = columns.pod[inside]
    # Tiers of one pod follow each other.
    new = np.ones(len(pair), bool)
    new[1:] = (np.diff(pair) != 0) | (np.diff(pod) != 0)
    first, of = np.flatnonzero(new), np.cumsum(new) - 1
    own = model.add_columns(len(first), cost=value[pair[first]], upper=1.0)
    hours = instance.derived.hours[account[pair], columns.tier[inside], function]
    draft.own = Own(
        account=account[pair[first]],
        person=person[pair[first]],
        pod=pod[first],
        seat=seat[first],
        column=own,
        least_hours=np.minimum.reduceat(hours, first) if len(first) else np.zeros(0),
    )
    single = np.bincount(of, minlength=len(first)) == 1
    draft.gate(own[single], draft.place[inside[first[single]]])
    heads = draft.heads[seat[first]]
    draft.gate(own[~single], heads[~single])
    rows = model.add_rows(int(single.sum()), upper=0.0)
    model.add_entries(rows, own[single], 1.0)
    model.add_entries(rows, heads[single], -1.0)
    several = ~single[of]
    rows = model.add_rows(int((~single).sum()), upper=0.0)
    model.add_entries(rows, own[~single], 1.0)
    model.add_entries(rows[(np.cumsum(~single) - 1)[of[several]]], draft.place[inside[several]], -1.0)


def _capacity(draft: Draft) -> None:
    """What a person keeps in a pod fits their time there."""
    own, crews, model = draft.own, draft.crews, draft.model
    seat, of = np.unique(own.seat, return_inverse=True)
    rows = model.add_rows(len(seat), upper=0.0)
    model.add_entries(rows[of], own.column, own.least_hours)
    column, weight = draft.share(seat)
    model.add_entries(rows, column, -weight * crews.plannable[crews.seat_crew[seat]])


def _one_owner(draft: Draft) -> None:
    """At most one of the people who matter owns an account in a function."""
    own = draft.own
    pair = np.unique(np.stack([own.account, own.person], axis=1), axis=0)
    key, people = np.unique(pair[:, 0] * LEADER + draft.instance.people.role[pair[:, 1]], return_counts=True)
    shared = key[people > 1]
    rows = draft.model.add_rows(len(shared), upper=1.0)
    mine = own.account * LEADER + draft.instance.people.role[own.person]
    inside = np.flatnonzero(np.isin(mine, shared))
    draft.model.add_entries(rows[np.searchsorted(shared, mine[inside])], own.column[inside], 1.0)


def _moved(draft: Draft) -> None:
    """Caps on revenue and accounts that change their sales owner."""
    instance, model, own = draft.instance, draft.model, draft.own
    today = instance.owner_today[:, SALES]
    owned = np.flatnonzero(today >= 0)
    stays = np.flatnonzero(today[own.account] == own.person)
    revenue = instance.accounts.revenue
    policy = instance.policy
    total = float(revenue[owned].sum())
    caps = (
        ("max_moved_revenue", policy.max_moved_revenue * total, revenue, policy.max_moved_revenue),
        ("max_moved_accounts", policy.max_moved_accounts, np.ones(len(revenue)), policy.max_moved_accounts),
    )
    for name, most, weight, given in caps:
        if np.isfinite(given):
            row = model.add_row(own.column[stays], weight[own.account[stays]], lower=float(weight[owned].sum()) - most)
            draft.clause(f"policy {name} = {given:g}", row)
