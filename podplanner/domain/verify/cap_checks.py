"""Checks of the caps on the whole plan: heads, hires, pods, moves, money."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.verify.findings import Violation, exceeds
from podplanner.domain.verify.terms import CAPPED, terms
from podplanner.domain.vocabulary import ROLES, SALES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from podplanner.domain.verify.recount import Recount


def _cap(code: str, subject: str, value: float, limit: float, words: str) -> Iterator[Violation]:
    if exceeds(value, limit):
        yield Violation(code, (subject,), value - limit, f"{words}: {value:,.2f}, more than {limit:,.2f}")


def check_head_count(recount: Recount) -> Iterator[Violation]:
    """Not too many people are paid."""
    limit = recount.instance.policy.max_headcount
    yield from _cap("head_count", "max_headcount", float(recount.paid.sum()), limit, "people paid")


def check_hires(recount: Recount) -> Iterator[Violation]:
    """Hires stay within their numbers, and nobody is hired where somebody of the role is released."""
    people, roles, policy = recount.instance.people, recount.instance.roles, recount.instance.policy
    hired = np.bincount(people.role[recount.placed & people.is_hire], minlength=len(ROLES))
    released = np.bincount(people.role[recount.released], minlength=len(ROLES))
    for r, role in enumerate(ROLES):
        yield from _cap("hires", role, float(hired[r]), float(roles.max_hires[r]), f"hires of {role}")
        if hired[r] and released[r]:
            message = f"{hired[r]} hired of {role}, while {released[r]} are released"
            yield Violation("hires", (role,), float(min(hired[r], released[r])), message)
    yield from _cap("hires", "max_hires", float(hired.sum()), policy.max_hires, "hires of all roles")


def check_max_open_pods(recount: Recount) -> Iterator[Violation]:
    """Not too many local and virtual pods are open."""
    limit = recount.instance.policy.max_open_pods
    yield from _cap("max_open_pods", "max_open_pods", float(recount.counted_open), limit, "open pods")


def check_moved(recount: Recount) -> Iterator[Violation]:
    """Revenue and accounts that change their sales owner, and people who change pod, stay within their caps."""
    instance, policy = recount.instance, recount.instance.policy
    moved, revenue = recount.account_moved, instance.accounts.revenue
    owned = float(revenue[instance.owner_today[:, SALES] >= 0].sum())
    share = float(revenue[moved].sum()) / owned if owned > 0 else 0.0
    people = float(recount.changed_pod.sum())
    for subject, value, limit, words in (
        ("max_moved_revenue", share, policy.max_moved_revenue, "share of revenue changing its sales owner"),
        ("max_moved_accounts", float(moved.sum()), policy.max_moved_accounts, "accounts changing their sales owner"),
        ("max_moved_people", people, policy.max_moved_people, "people changing pod"),
    ):
        yield from _cap("moved", subject, value, limit, words)


def check_budget(recount: Recount) -> Iterator[Violation]:
    """What the budget caps stays within it."""
    recomputed = terms(recount)
    spent = -sum(recomputed[name] for name in CAPPED)
    yield from _cap("budget", "budget", spent, recount.instance.policy.budget, "cost under the budget")
