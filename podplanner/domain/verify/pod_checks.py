"""Checks of pods as teams: size, leader, coach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.verify.findings import Violation, exceeds, falls_short
from podplanner.domain.vocabulary import LEADER, LOCAL, NOBODY, ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike

    from podplanner.domain.verify.recount import Recount


def check_people_per_pod(recount: Recount) -> Iterator[Violation]:
    """A staffed pod has neither too few nor too many heads."""
    pods, heads = recount.instance.pods, recount.heads
    least = np.where(heads > 0, pods.min_people, 0.0)
    yield from _outside(recount, "people_per_pod", heads, (least, pods.max_people), "people")


def check_accounts_per_pod(recount: Recount) -> Iterator[Violation]:
    """A pod has not too many accounts, a staffed one not too few."""
    pods = recount.instance.pods
    least = np.where(recount.heads > 0, pods.min_accounts, 0.0)
    yield from _outside(recount, "accounts_per_pod", recount.accounts_in, (least, pods.max_accounts), "accounts")


def _outside(
    recount: Recount, code: str, count: ArrayLike, limits: tuple[ArrayLike, ArrayLike], words: str
) -> Iterator[Violation]:
    number = np.asarray(count, float)
    low, high = (np.asarray(limit, float) for limit in limits)
    for p in np.flatnonzero(falls_short(number, low) | exceeds(number, high)):
        pod = recount.instance.pods.ids[p]
        message = f"pod {pod} has {number[p]:.0f} {words}, must have {low[p]:.0f} to {high[p]:.0f}"
        yield Violation(code, (pod,), float(max(low[p] - number[p], number[p] - high[p])), message)


def check_role_minimum(recount: Recount) -> Iterator[Violation]:
    """A staffed pod has enough of each role, by shares."""
    instance, plan = recount.instance, recount.plan
    key = plan.placed_pod.astype(np.int64) * len(ROLES) + recount.placed_role
    shares = np.bincount(key, weights=plan.share, minlength=len(instance.pods) * len(ROLES)).reshape(-1, len(ROLES))
    least = instance.roles.min_per_pod[None, :]
    for p, r in np.argwhere(falls_short(shares, least) & (recount.heads > 0)[:, None]):
        pod, short = instance.pods.ids[p], float(least[0, r] - shares[p, r])
        message = f"pod {pod} has {shares[p, r]:g} of {ROLES[r]}, must have {least[0, r]:g}"
        yield Violation("role_minimum", (pod, ROLES[r]), short, message)


def check_leader(recount: Recount) -> Iterator[Violation]:
    """Each staffed pod has one leader, of that role and in it; who leads a local pod leads no other; leaders lead."""
    instance, plan = recount.instance, recount.plan
    leader = plan.leader
    named = leader != NOBODY
    pods = np.arange(len(leader), dtype=np.int32)
    inside = recount.placement(leader, pods) != NOBODY
    for bad, words in (
        ((recount.heads > 0) & ~named, "has people, but no leader"),
        (named & ~recount.is_of_role(leader, LEADER), "is led by {person}, who is of another role"),
        (named & ~inside, "is led by {person}, who is not in it"),
    ):
        for p in np.flatnonzero(bad):
            pod, person = instance.pods.ids[p], instance.people.ids[leader[p]] if named[p] else ""
            subjects = (pod, person) if person else (pod,)
            yield Violation("leader", subjects, 1.0, f"pod {pod} {words.format(person=person)}")
    led = np.append(np.bincount(leader[named], minlength=len(instance.people)), 0)
    for p in np.flatnonzero(named & (instance.pods.coverage == LOCAL) & (led[leader] > 1)):
        pod, person = instance.pods.ids[p], instance.people.ids[leader[p]]
        message = f"{person} leads local pod {pod} and {led[leader[p]] - 1} more"
        yield Violation("leader", (pod, person), float(led[leader[p]] - 1), message)
    for n in np.flatnonzero((recount.placed_role == LEADER) & (leader[plan.placed_pod] != plan.placed_person)):
        pod, person = instance.pods.ids[plan.placed_pod[n]], instance.people.ids[plan.placed_person[n]]
        yield Violation("leader", (pod, person), 1.0, f"leader {person} is in pod {pod}, but does not lead it")


def check_coach(recount: Recount) -> Iterator[Violation]:
    """A coach is a rep of the pod who can, and only where coaching is required; the lack of one is paid for."""
    instance, plan = recount.instance, recount.plan
    named = plan.coach != NOBODY
    pods = np.arange(len(plan.coach), dtype=np.int32)
    inside = recount.placement(plan.coach, pods) != NOBODY
    for bad, words in (
        (named & ~recount.wants_coach, "needs no coach"),
        (named & ~recount.may_coach(plan.coach), "has a coach who cannot coach"),
        (named & ~inside, "has a coach who is not in it"),
    ):
        for p in np.flatnonzero(bad):
            pod, person = instance.pods.ids[p], instance.people.ids[plan.coach[p]]
            yield Violation("coach", (pod, person), 1.0, f"pod {pod} {words}: {person}")
