"""Checks of where accounts are, who owns them, and what families share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.verify.findings import ROUNDING, Violation, exceeds, falls_short
from podplanner.domain.vocabulary import BAND_HOURS, COVERAGES, FUNCTIONS, LEADER, LOCAL, NOBODY, VIRTUAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from podplanner.domain.instance import Instance
    from podplanner.domain.verify.recount import Bools, Indices, Recount


def check_one_place(recount: Recount) -> Iterator[Violation]:
    """Each account is at a tier of its pod's coverage."""
    instance, plan = recount.instance, recount.plan
    wrong = instance.pods.coverage[plan.pod] != instance.tiers.coverage[plan.tier]
    for a in np.flatnonzero(wrong):
        account, pod, tier = instance.accounts.ids[a], instance.pods.ids[plan.pod[a]], instance.tiers.ids[plan.tier[a]]
        coverage = COVERAGES[instance.pods.coverage[plan.pod[a]]]
        message = f"account {account} is in {coverage} pod {pod} at tier {tier}, which is no {coverage} tier"
        yield Violation("one_place", (account, pod, tier), 1.0, message)


def check_account_place(recount: Recount) -> Iterator[Violation]:
    """Each account is near enough to its local pod, or in the band of its virtual one."""
    instance, plan = recount.instance, recount.plan
    coverage, limit = instance.pods.coverage[plan.pod], instance.policy.max_local_km
    for a in np.flatnonzero((coverage == LOCAL) & (~recount.placed_account | exceeds(recount.km, limit))):
        account, pod = instance.accounts.ids[a], instance.pods.ids[plan.pod[a]]
        if not recount.placed_account[a]:
            message = f"account {account} has no place, but is in local pod {pod}"
            yield Violation("account_place", (account, pod), 1.0, message)
        else:
            message = f"account {account} is {recount.km[a]:.1f} km from local pod {pod}, more than {limit:.1f} km"
            yield Violation("account_place", (account, pod), float(recount.km[a] - limit), message)
    for a in np.flatnonzero((coverage == VIRTUAL) & ~_in_band(instance, plan.pod)):
        account, pod = instance.accounts.ids[a], instance.pods.ids[plan.pod[a]]
        message = f"account {account} lies outside the time-zone band of virtual pod {pod}"
        yield Violation("account_place", (account, pod), 1.0, message)


def _in_band(instance: Instance, pod: Indices) -> Bools:
    """Whether each account may be in its pod by time zone, were the pod virtual (A)."""
    zone, band = instance.accounts.utc_offset, instance.pods.utc_offset
    bands = np.unique(band[(instance.pods.coverage == VIRTUAL) & ~np.isnan(band)])
    homeless = ~(np.abs(zone[:, None] - bands[None, :]) <= BAND_HOURS).any(axis=1)
    return np.where(np.isnan(band[pod]), homeless, np.abs(zone - band[pod]) <= BAND_HOURS)


def check_tier_limits(recount: Recount) -> Iterator[Violation]:
    """Each account (or sharing family) is large enough for its tier, and no tier has too many."""
    instance, plan = recount.instance, recount.plan
    potential, kin = instance.accounts.potential.copy(), recount.kin
    inside = kin.family != NOBODY
    potential[inside] = np.bincount(kin.family[inside], weights=potential[inside])[kin.family[inside]]
    least = instance.tiers.min_potential[plan.tier]
    for a in np.flatnonzero(falls_short(potential, least)):
        account, tier = instance.accounts.ids[a], instance.tiers.ids[plan.tier[a]]
        message = f"account {account} has a potential of {potential[a]:.2f}, tier {tier} takes {least[a]:.2f} and more"
        yield Violation("tier_limits", (account, tier), float(least[a] - potential[a]), message)
    count, most = np.bincount(plan.tier, minlength=len(instance.tiers)), instance.tiers.max_accounts
    for t in np.flatnonzero(exceeds(count, most)):
        message = f"tier {instance.tiers.ids[t]} has {count[t]} accounts, more than {most[t]:.0f}"
        yield Violation("tier_limits", (instance.tiers.ids[t],), float(count[t] - most[t]), message)


def check_named_team(recount: Recount) -> Iterator[Violation]:
    """Each served function has an owner of that role in the account's pod; the others have none."""
    instance, plan = recount.instance, recount.plan
    for r, function in enumerate(FUNCTIONS):
        owner, served = plan.owner[:, r], recount.served[:, r]
        named = owner != NOBODY
        wrong_role = named & ~recount.is_of_role(owner, r)
        for bad, words in (
            (served & ~named, "has no owner for {function}"),
            (~served & named, "has {person} for {function}, which its tier does not serve"),
            (served & wrong_role, "has {person} for {function}, who is of another role"),
            (
                served & named & ~wrong_role & (recount.owner_placement[:, r] == NOBODY),
                "has {person} for {function}, who is not in its pod {pod}",
            ),
        ):
            for a in np.flatnonzero(bad):
                account, pod = instance.accounts.ids[a], instance.pods.ids[plan.pod[a]]
                person = instance.people.ids[owner[a]] if named[a] else ""
                message = f"account {account} " + words.format(function=function, person=person, pod=pod)
                subjects = (account, function, pod, *([person] if person else []))
                yield Violation("named_team", subjects, 1.0, message)


def check_skills(recount: Recount) -> Iterator[Violation]:
    """Each owner holds what the account needs of the function."""
    instance, plan, sets = recount.instance, recount.plan, recount.instance.skill_sets
    for r, function in enumerate(FUNCTIONS):
        needed = [frozenset(skill for skill in needs if skill.startswith(f"{function}:")) for needs in sets]
        asks = np.array([bool(skills) for skills in needed], bool)[instance.accounts.skill_set]
        account = np.flatnonzero((plan.owner[:, r] != NOBODY) & asks)
        needs, has = instance.accounts.skill_set[account], instance.people.skill_set[plan.owner[account, r]]
        pairs, pair = np.unique(needs.astype(np.int64) * len(sets) + has, return_inverse=True)
        lacking = [needed[key // len(sets)] - sets[key % len(sets)] for key in pairs.tolist()]
        for i in np.flatnonzero(np.array([bool(skills) for skills in lacking], bool)[pair]):
            name, owner = instance.accounts.ids[account[i]], instance.people.ids[plan.owner[account[i], r]]
            words = ", ".join(sorted(lacking[pair[i]]))
            message = f"account {name} needs {words}, which {owner} does not have"
            yield Violation("skills", (name, owner), float(len(lacking[pair[i]])), message)


def check_families(recount: Recount) -> Iterator[Violation]:
    """Members of a sharing family share pod and tier, or the coverage."""
    instance, plan = recount.instance, recount.plan
    kin = recount.kin
    apart = _apart(recount)
    for f in np.unique(kin.family[apart]):
        members = np.flatnonzero(apart & (kin.family == f))
        shared = "pod and tier" if kin.one_pod[f] else "coverage"
        first = instance.accounts.ids[kin.first[f]]
        others = [str(name) for name in instance.accounts.ids[members]]
        place = instance.pods.ids[plan.pod[kin.first[f]]]
        message = f"the family of {first} (in pod {place}) is to share {shared}, but is spread: {', '.join(others)}"
        yield Violation("families", (first, *others), float(len(others)), message)


def _apart(recount: Recount) -> Bools:
    """Members who are not where the first of their family is (A)."""
    instance, plan, kin = recount.instance, recount.plan, recount.kin
    spot = plan.pod.astype(np.int64) * len(instance.tiers) + plan.tier
    coverage = instance.pods.coverage[plan.pod]
    inside = np.flatnonzero(kin.family != NOBODY)
    family = kin.family[inside]
    first = kin.first[family]
    result = np.zeros(len(spot), bool)
    result[inside] = np.where(kin.one_pod[family], spot[inside] != spot[first], coverage[inside] != coverage[first])
    return result


def check_family_owner(recount: Recount) -> Iterator[Violation]:
    """A family in one place has one owner where half a person's hours are enough for all of it."""
    instance, plan = recount.instance, recount.plan
    kin = recount.kin
    spread = np.zeros(len(kin.first), bool)
    spread[kin.family[_apart(recount)]] = True
    whole = kin.one_pod & ~spread
    inside = np.flatnonzero((kin.family != NOBODY) & whole[kin.family]) if len(whole) else np.zeros(0, np.int64)
    family = kin.family[inside]
    first = kin.first[family]
    half_week = 0.5 * instance.roles.annual_hours * instance.roles.utilisation
    for r, function in enumerate(FUNCTIONS[:LEADER]):
        total = np.bincount(family, weights=recount.hours[inside, r], minlength=len(whole))
        binds = (total <= half_week[r] + ROUNDING)[family] & recount.served[inside, r]
        differs = binds & (plan.owner[inside, r] != plan.owner[first, r])
        for a, lead in zip(inside[differs].tolist(), first[differs].tolist(), strict=True):
            subjects = (instance.accounts.ids[a], instance.accounts.ids[lead], function)
            message = f"{subjects[0]} and {subjects[1]} are one family, but have different owners for {function}"
            yield Violation("family_owner", subjects, 1.0, message)
