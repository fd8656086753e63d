"""Checks of what people are asked to do, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.verify.findings import RELATIVE, Violation, exceeds, falls_short
from podplanner.domain.verify.recount import BY_RELOCATION, NOT_ALLOWED
from podplanner.domain.vocabulary import LEADER, LOCAL, NOBODY, ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from podplanner.domain.verify.recount import Bools, Floats, Recount


def _person(recount: Recount, placement: int) -> str:
    return str(recount.instance.people.ids[recount.plan.placed_person[placement]])


def _pod(recount: Recount, placement: int) -> str:
    return str(recount.instance.pods.ids[recount.plan.placed_pod[placement]])


def check_hours(recount: Recount) -> Iterator[Violation]:
    """Book, travel and coaching fit the person's hours in the pod (leading is `check_leader_week`)."""
    work, hours = recount.book_hours + recount.coaching_hours, recount.placed_hours
    for n in np.flatnonzero(exceeds(work, hours) & (recount.placed_role != LEADER)).tolist():
        person, pod = _person(recount, n), _pod(recount, n)
        message = f"{person} has {work[n]:.1f} hours of work in pod {pod}, but {hours[n]:.1f} hours for it"
        yield Violation("hours", (person, pod), float(work[n] - hours[n]), message)


def check_leader_week(recount: Recount) -> Iterator[Violation]:
    """Leading fits the leader's hours in the pod."""
    instance, plan, policy = recount.instance, recount.plan, recount.instance.policy
    pod = np.flatnonzero(plan.leader != NOBODY)
    n = recount.placement(plan.leader[pod], pod.astype(np.int32))
    pod, n = pod[n != NOBODY], n[n != NOBODY]
    leading = (
        policy.leader_hours_base
        + policy.leader_hours_per_member * (recount.heads[pod] - 1)
        + policy.leader_hours_per_account * recount.accounts_in[pod]
    )
    hours = recount.placed_hours[n]
    for i in np.flatnonzero(exceeds(leading, hours)):
        leader, name = instance.people.ids[plan.leader[pod[i]]], instance.pods.ids[pod[i]]
        message = f"leading pod {name} takes {leading[i]:.1f} hours, but {leader} has {hours[i]:.1f} for it"
        yield Violation("leader_week", (leader, name), float(leading[i] - hours[i]), message)


def check_shares(recount: Recount) -> Iterator[Violation]:
    """Shares are whole steps (whole, of the dedicated), add up to at most one, in few enough pods, each named once."""
    instance, plan = recount.instance, recount.plan
    alone = instance.people.max_pods[plan.placed_person] <= 1
    steps = plan.share / np.where(alone, 1.0, instance.roles.share_step[recount.placed_role])
    off_step = np.abs(steps - np.maximum(1.0, np.round(steps)))
    for n in np.flatnonzero(~(off_step <= RELATIVE)).tolist():
        message = f"{_person(recount, n)} has a share of {plan.share[n]:g} in pod {_pod(recount, n)}: no whole steps"
        yield Violation("shares", (_person(recount, n), _pod(recount, n)), float(off_step[n]), message)
    again = (np.diff(plan.placed_person) == 0) & (np.diff(plan.placed_pod) == 0)
    for n in np.flatnonzero(again).tolist():
        message = f"{_person(recount, n)} is placed in pod {_pod(recount, n)} twice"
        yield Violation("shares", (_person(recount, n), _pod(recount, n)), 1.0, message)
    total = np.bincount(plan.placed_person, weights=plan.share, minlength=len(instance.people))
    for s in np.flatnonzero(exceeds(total, 1.0)):
        person = instance.people.ids[s]
        yield Violation("shares", (person,), float(total[s] - 1), f"the shares of {person} add up to {total[s]:g}")
    pods = np.bincount(plan.placed_person, minlength=len(instance.people))
    for s in np.flatnonzero(pods > instance.people.max_pods):
        person, most = instance.people.ids[s], int(instance.people.max_pods[s])
        message = f"{person} is in {pods[s]} pods, more than {most}"
        yield Violation("shares", (person,), float(pods[s] - most), message)


def check_person_place(recount: Recount) -> Iterator[Violation]:
    """Each placement is one the person may have: home, today's pod, relocation, time zone."""
    instance, plan = recount.instance, recount.plan
    for n in np.flatnonzero(recount.how_placed == NOT_ALLOWED).tolist():
        person, pod = _person(recount, n), _pod(recount, n)
        message = f"{person} may not be in pod {pod}: too far, without a place, or of another time zone"
        yield Violation("person_place", (person, pod), 1.0, message)
    pods = np.bincount(plan.placed_person, minlength=len(instance.people))
    for n in np.flatnonzero((recount.how_placed == BY_RELOCATION) & (pods[plan.placed_person] > 1)).tolist():
        person, pod = _person(recount, n), _pod(recount, n)
        message = f"{person} is relocated to pod {pod}, but is in other pods too"
        yield Violation("person_place", (person, pod), 1.0, message)
    bound = (
        instance.people.is_hire[plan.placed_person]
        & instance.roles.on_site[recount.placed_role]
        & (instance.pods.coverage[plan.placed_pod] == LOCAL)
    )
    bases = np.bincount(plan.placed_person[bound], minlength=len(instance.people))
    for s in np.flatnonzero(bases > 1):
        hire = instance.people.ids[s]
        yield Violation("person_place", (hire,), float(bases[s] - 1), f"{hire} lives at {bases[s]} bases")


def check_leavers(recount: Recount) -> Iterator[Violation]:
    """Who is absent is not placed, and who leaves has no duty unless ``leavers_own``."""
    instance, plan = recount.instance, recount.plan
    absent = ~(recount.presence > 0)
    for n in np.flatnonzero(absent[plan.placed_person]).tolist():
        person, pod = _person(recount, n), _pod(recount, n)
        message = f"{person} is placed in pod {pod}, but is absent all period"
        yield Violation("leavers", (person, pod), 1.0, message)
    barred = absent | (recount.leaves & (not instance.policy.leavers_own))
    owns = np.bincount(plan.owner[plan.owner != NOBODY], minlength=len(barred))
    leads = np.bincount(plan.leader[plan.leader != NOBODY], minlength=len(barred))
    coaches = np.bincount(plan.coach[plan.coach != NOBODY], minlength=len(barred))
    for count, words in ((owns, "owns accounts"), (leads, "leads"), (coaches, "coaches")):
        for s in np.flatnonzero(barred & (count > 0)):
            person = instance.people.ids[s]
            message = f"{person} {words}, but leaves inside the period or is absent"
            yield Violation("leavers", (person,), float(count[s]), message)


def check_idle(recount: Recount) -> Iterator[Violation]:
    """Nobody is in a pod without a duty there, but for what minima and pins ask; nobody leads a pod without owners."""
    instance, plan = recount.instance, recount.plan
    coaches = plan.coach[plan.placed_pod] == plan.placed_person
    pod, role = plan.placed_pod, recount.placed_role
    key = pod.astype(np.int64) * len(ROLES) + role
    shares = np.bincount(key, weights=plan.share, minlength=len(instance.pods) * len(ROLES))[key]
    at_least = recount.heads[pod] <= instance.pods.min_people[pod]
    needed = falls_short(shares, instance.roles.min_per_pod[role] + instance.roles.share_step[role])
    pinned = _pinned(recount)
    excused = at_least | needed | pinned
    for n in np.flatnonzero((recount.book_size == 0) & ~coaches & (role != LEADER) & ~excused).tolist():
        person, name = _person(recount, n), _pod(recount, n)
        yield Violation("idle", (person, name), 1.0, f"{person} is in pod {name} without a book or a coach's duty")
    busy = np.bincount(pod, weights=(recount.book_size > 0) | pinned, minlength=len(instance.pods)) > 0
    for p in np.flatnonzero((recount.heads > 0) & ~busy).tolist():
        people, name = instance.people.ids[plan.placed_person[pod == p]].tolist(), str(instance.pods.ids[p])
        message = f"pod {name} has people ({', '.join(people)}), but none of them owns an account there"
        yield Violation("idle", (name, *people), 1.0, message)


def _pinned(recount: Recount) -> Bools:
    """Placements that a planner's pin asks for (N)."""
    pins = [(rule.person, rule.pod) for rule in recount.instance.rules if rule.kind == "pin" and rule.account == NOBODY]
    person, pod = (np.array(column, np.int32) for column in (zip(*pins, strict=True) if pins else ((), ())))
    result = np.zeros(len(recount.plan.share), bool)
    found = recount.placement(person, pod)
    result[found[found != NOBODY]] = True
    return result


def check_balance(recount: Recount) -> Iterator[Violation]:
    """In a pod, the loads of the non-empty books of a role lie near each other, by hours and by potential."""
    instance, policy = recount.instance, recount.instance.policy
    if policy.balance_workload is not None:
        load = _per(recount.book_hours, recount.placed_hours)
        yield from _unbalanced(recount, load, policy.balance_workload, "workload")
    if policy.balance_potential is not None:
        potential = np.broadcast_to(instance.accounts.potential[:, None], recount.hours.shape)
        load = _per(recount.sum_by_placement(potential), recount.plan.share)
        yield from _unbalanced(recount, load, policy.balance_potential, "potential")


def _per(work: Floats, room: Floats) -> Floats:
    """Work over room; no room for some work is an endless load."""
    endless = np.where(work > 0, np.inf, 0.0)
    return np.divide(work, room, out=endless, where=room > 0)


def _unbalanced(recount: Recount, load: Floats, allowed: float, words: str) -> Iterator[Violation]:
    instance, plan = recount.instance, recount.plan
    busy = np.flatnonzero(recount.book_size > 0)
    key = plan.placed_pod[busy].astype(np.int64) * len(ROLES) + recount.placed_role[busy]
    groups, group = np.unique(key, return_inverse=True)
    least, most = np.full(len(groups), np.inf), np.zeros(len(groups))
    np.minimum.at(least, group, load[busy])
    np.maximum.at(most, group, load[busy])
    for g in np.flatnonzero(exceeds((1 - allowed) * most, (1 + allowed) * least)):
        pod, role = instance.pods.ids[groups[g] // len(ROLES)], ROLES[groups[g] % len(ROLES)]
        apart = f"between {least[g]:.3f} and {most[g]:.3f}, more apart than {allowed:g}"
        message = f"in pod {pod}, the {words} of {role} lies {apart}"
        yield Violation("balance", (pod, role), float((1 - allowed) * most[g] - (1 + allowed) * least[g]), message)
