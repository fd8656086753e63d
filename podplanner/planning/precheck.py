"""Plain conditions that every plan needs, so that hopeless input is told in a second, in words and with its rows.

What is told here is certain: no input that has a plan is refused. What is not told may still be infeasible; then the
engine finds it out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.violation import attribute
from podplanner.domain.vocabulary import DIRECT, FUNCTIONS, LEADER, NOBODY, SALES
from podplanner.planning.possible import Possible, Step, passes
from podplanner.planning.wishes import Wishes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance, Rule

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

SHOWN = 5
"""Ids named in a message; the rest are counted."""

NO_PLACE = {
    Step.NOWHERE: (
        "no pod is in reach: no local base within max_local_km, no virtual pod of the zone, no direct pod",
        "add a pod, raise policy.max_local_km, or set policy.direct to true",
    ),
    Step.IN_REACH: (
        "the potential is below min_potential of every tier in reach, or these pods and tiers take no accounts",
        "lower min_potential or raise max_accounts, or set policy.direct to true",
    ),
    Step.LARGE_ENOUGH: (
        "no leader can lead any pod in reach: none may join it, or the week is too short for one account",
        "add a leader near it or roles.max_hires for leaders, lower leader_hours_base, or set policy.direct to true",
    ),
    Step.LED: (
        "no pod in reach can be staffed within min_people, max_people, min_accounts and roles.min_per_pod",
        "change these limits, or set policy.direct to true",
    ),
    Step.STAFFED: (
        "nobody who may join a pod in reach could own it: a served function lacks people or the skills needed",
        "add people, skills or roles.max_hires with hire_skills, raise policy.commute_km, or set policy.direct to true",
    ),
    Step.SKILLED: (
        "nobody who could own it has enough hours for it alone, travel included",
        "lower its hours or visits, raise roles.annual_hours, add a nearer base, or set policy.direct to true",
    ),
}


def precheck(instance: Instance) -> tuple[str, ...]:
    """Why the instance can have no plan.

    Returns
    -------
    tuple of str
        One message for each reason, with the rows concerned and the way out; empty where none was found.
    """
    check = _Precheck(instance)
    return (
        *check.accounts_without_place(),
        *check.wishes.clashes(),
        *check.counts(),
        *check.hours(),
        *check.leading(),
        *check.limits(),
        *check.moves(),
        *check.money(),
    )


class _Precheck:
    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.possible = Possible(instance)
        self.wishes = Wishes(instance, self.possible)

    def _accounts(self, chosen: Bools) -> str:
        return _named("account", self.instance.accounts.ids[chosen])

    def accounts_without_place(self) -> Iterator[str]:
        """Accounts that no pod can take at any tier, by how far they get."""
        for step, (reason, way_out) in NO_PLACE.items():
            stuck = self.possible.reached == step
            if stuck.any():
                yield f"{self._accounts(stuck)}: {reason}; {way_out}"

    def counts(self) -> Iterator[str]:
        """Tiers and pods with too little room for those who can go nowhere else; too many open pods."""
        options, instance = self.possible.options, self.instance
        each_tier = np.ones(len(instance.tiers), np.int64)
        for kind, ids, index, most, copies in (
            ("tier", instance.tiers.ids, options.tier, instance.tiers.max_accounts, each_tier),
            ("pod", instance.pods.ids, options.pod, instance.pods.max_accounts, self.possible.copies),
        ):
            # Who can go to one of several pods that are alike can go to the others, too.
            for i in np.flatnonzero(np.isfinite(most) & (copies == 1)).tolist():
                stuck = self.possible.must(index == i)
                if passes(stuck.sum(), most[i]):
                    yield (
                        f"{self._accounts(stuck)} can only go to {kind} {ids[i]}, which takes {most[i]:g} accounts; "
                        "raise its max_accounts, or open them another place"
                    )
            there = np.unique(index)
            total = float((most[there] * copies[there]).sum())
            if passes((self.possible.count > 0).sum(), total):
                accounts = len(self.possible.count)
                yield f"all {kind}s together take {total:g} accounts, there are {accounts}; raise max_accounts"
        yield from self._open_pods()

    def _open_pods(self) -> Iterator[str]:
        pods, most = self.instance.pods, self.instance.policy.max_open_pods
        is_open = pods.keep_open.copy()
        is_open[self.wishes.forced_pods] = True
        is_open &= pods.coverage != DIRECT
        if passes(is_open.sum(), most):
            names = _named("pod", pods.ids[is_open])
            yield f"{names} must be open by keep_open or pin, but max_open_pods is {most:g}; raise it, or drop a pin"
        stuck = self.possible.must(np.asarray(pods.coverage[self.possible.options.pod] != DIRECT))
        if stuck.any() and passes(1, most):
            stay = "can only go to local and virtual pods"
            yield f"max_open_pods is {most:g}, but {self._accounts(stuck)} {stay}; raise it"

    def hours(self) -> Iterator[str]:
        """Functions whose people have too few hours for the accounts that take them wherever they go."""
        people, plannable = self.instance.people, self.instance.derived.plannable
        useful = self.instance.derived.has_duties & self.possible.joins.anywhere
        needed = self.possible.needed_hours()
        for r, function in enumerate(FUNCTIONS):
            has, takes = float(plannable[useful & (people.role == r)].sum()), float(needed[:, r].sum())
            if passes(takes, has):
                yield (
                    f"{self._accounts(needed[:, r] > 0)} take at least {takes:,.0f} hours of {function}, its people "
                    f"and hires have {has:,.0f}; add {function} people or roles.max_hires, or set policy.direct to true"
                )

    def leading(self) -> Iterator[str]:
        """Too few leaders' hours for the accounts that must be in a staffed pod, and the fewest heads that own them."""
        instance, policy = self.instance, self.instance.policy
        staffed = self.possible.must(np.asarray(instance.tiers.served[self.possible.options.tier].any(axis=1)))
        if not staffed.any():
            return
        leads = (instance.people.role == LEADER) & instance.derived.has_duties & self.possible.joins.anywhere
        has = float(instance.derived.plannable[leads].sum())
        members = self._fewest_members()
        takes = (
            policy.leader_hours_base
            + policy.leader_hours_per_member * members
            + policy.leader_hours_per_account * float(staffed.sum())
        )
        if passes(takes, has):
            yield (
                f"{self._accounts(staffed)} need at least {members} people and {takes:,.0f} hours of leaders, who have "
                f"{has:,.0f}; add leaders or roles.max_hires for them, or set policy.direct to true"
            )

    def _fewest_members(self) -> int:
        """Fewest people who have the hours that are needed in any plan: those with most hours first."""
        people, derived = self.instance.people, self.instance.derived
        count = 0
        for r, takes in enumerate(self.possible.needed_hours().sum(axis=0)):
            most_first = np.sort(derived.plannable[derived.has_duties & (people.role == r)])[::-1]
            covered = np.concatenate(([0.0], np.cumsum(most_first)))
            count += min(int(np.searchsorted(covered * (1 + 1e-6), takes - 1e-6)), len(most_first))
        return count

    def limits(self) -> Iterator[str]:
        """Hard limits that the accounts' options break by themselves."""
        for rule in self.instance.rules:
            if rule.kind == "limit" and rule.soft_cost is None:
                value = attribute(self.instance.accounts, rule.attribute)
                of_books = rule.person != NOBODY or rule.role != NOBODY
                yield from self._limit_of_books(rule, value) if of_books else self._limit_of_sum(rule, value)

    def _chosen(self, rule: Rule) -> Bools:
        options = self.possible.options
        chosen = np.ones(len(options.pod), bool)
        if rule.pod != NOBODY:
            chosen &= options.pod == rule.pod
        if rule.tier != NOBODY:
            chosen &= options.tier == rule.tier
        return chosen

    def _limit_of_sum(self, rule: Rule, value: Floats) -> Iterator[str]:
        chosen = self._chosen(rule)
        must, can = self.possible.must(chosen), self.possible.can(chosen)
        if rule.pod == NOBODY and rule.tier == NOBODY:
            must = can = np.ones(len(value), bool)
        low = float(np.where(must, value, np.where(can, np.minimum(value, 0), 0)).sum())
        high = float(np.where(must, value, np.where(can, np.maximum(value, 0), 0)).sum())
        if passes(low, rule.maximum):
            allowed = f"rule {rule.rule_id} allows {rule.maximum:,.10g} of {rule.attribute}"
            yield f"{allowed}, but at least {low:,.10g} is there; {SOFTEN}"
        if rule.pod == NOBODY and passes(-high, -rule.minimum):
            asked = f"rule {rule.rule_id} asks for {rule.minimum:,.10g} of {rule.attribute}"
            yield f"{asked}, but at most {high:,.10g} is there; {SOFTEN}"

    def _limit_of_books(self, rule: Rule, value: Floats) -> Iterator[str]:
        """Accounts that are more than a book may hold, and always are in such a book."""
        options = self.possible.options
        if rule.person != NOBODY or rule.role == LEADER or (value < 0).any():
            return
        served = self.instance.tiers.served[options.tier, rule.role]
        large = value > rule.maximum + 2e-6 * max(1.0, abs(rule.maximum))
        stuck = self.possible.must(self._chosen(rule) & served) & large
        if stuck.any():
            yield (
                f"rule {rule.rule_id} allows each book {rule.maximum:,.10g} of {rule.attribute}, but "
                f"{self._accounts(stuck)} alone has more and must be in one; {SOFTEN}, or open it a direct place"
            )

    def moves(self) -> Iterator[str]:
        """Accounts that leave their sales owner in any plan, against the caps on such moves."""
        accounts, policy, today = self.instance.accounts, self.instance.policy, self.instance.owner_today[:, SALES]
        options = self.possible.options
        if not np.isfinite([policy.max_moved_accounts, policy.max_moved_revenue]).any():
            return
        owner = today[options.account]
        moved = (today >= 0) & (self.possible.count > 0) & ~self.possible.can(self.possible.may_own(owner, SALES))
        owned = float(accounts.revenue[today >= 0].sum())
        lost = float(accounts.revenue[moved].sum())
        for key, value, most in (
            ("max_moved_accounts", float(moved.sum()), policy.max_moved_accounts),
            ("max_moved_revenue", lost, policy.max_moved_revenue * owned),
        ):
            if np.isfinite(most) and passes(value, most):
                yield (
                    f"{self._accounts(moved)} cannot stay with today's sales owner (place, skills, hours, or leaving), "
                    f"more than policy.{key} allows; raise it, or give them a place that the owner can serve"
                )

    def money(self) -> Iterator[str]:
        """A budget and a head-count below what is paid in any case."""
        instance, policy, derived = self.instance, self.instance.policy, self.instance.derived
        people, roles = instance.people, instance.roles
        employed = (derived.employed > 0) & ~people.is_hire
        kept = employed & (derived.leaver | (not policy.flexible))
        if passes(kept.sum(), policy.max_headcount):
            yield (
                f"{int(kept.sum())} people are paid in any case, but policy.max_headcount is {policy.max_headcount:g}; "
                f"raise it{FLEXIBLE if not policy.flexible else ''}"
            )
        pay = people.annual_cost * derived.employed
        release = roles.release_cost[people.role] * people.annual_cost / policy.horizon_years
        least_pay = float(np.where(kept, pay, np.where(employed, np.minimum(pay, release), 0)).sum())
        fixed = float(instance.pods.fixed_cost[self._surely_open()].sum())
        if passes(least_pay + fixed, policy.budget):
            words = "pay" if not policy.flexible else "pay or release"
            more = f" and {fixed:,.0f} for pods that must be open" if fixed else ""
            yield (
                f"{words} of today's people costs at least {least_pay:,.0f}{more}, but policy.budget is "
                f"{policy.budget:,.0f}; raise it{FLEXIBLE if not policy.flexible else ''}"
            )

    def _surely_open(self) -> Bools:
        result = self.instance.pods.keep_open.copy()
        result[self.wishes.forced_pods] = True
        return result


SOFTEN = "change the rule, or give it a soft_cost"
FLEXIBLE = ", or set policy.headcount to flexible, so that only those who are placed are paid"


def _named(word: str, ids: Iterable[str]) -> str:
    names = [str(name) for name in ids]
    shown = ", ".join(names[:SHOWN])
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return f"{word} {shown}" if len(names) == 1 else f"{word}s {shown}{more}"
