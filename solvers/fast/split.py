"""A site's people dealt out to its pods, so that every pod can stand alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import LEADER, NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.draft import Draft
    from solvers.fast.roster import Entries


def split_people(draft: Draft, values: NDArray[np.float64], entries: Entries) -> Entries:
    """Deal the people of each site with several staffed pods."""
    result: Entries = []
    role = draft.instance.people.role
    by_pod: dict[int, Entries] = {}
    for entry in entries:
        by_pod.setdefault(entry[1], []).append(entry)
    for site, inside in sorted(by_pod.items()):
        pods = staffed_pods(draft, values, site)
        if len(pods) <= 1:
            result.extend(inside)
            continue
        led = _leaders(draft, [entry for entry in inside if role[entry[0]] == LEADER], pods)
        part = _parts(draft, led, pods)
        result.extend(led)
        for function in range(LEADER):
            result.extend(_deal(draft, [entry for entry in inside if role[entry[0]] == function], part))
    return result


def _parts(draft: Draft, led: Entries, pods: list[int]) -> dict[int, float]:
    """Part of the site's work for each pod: by what its leader's week leaves after the base."""
    week = dict.fromkeys(pods, 0.0)
    for person, pod, share in led:
        week[pod] += max(
            0.0, share * float(draft.instance.derived.plannable[person]) - draft.instance.policy.leader_hours_base
        )
    total = sum(week.values())
    return {pod: hours / total if total else 1.0 / len(pods) for pod, hours in week.items()}


def staffed_pods(draft: Draft, values: NDArray[np.float64], site: int) -> list[int]:
    """The pods of a site that the staffing opens, in order of their numbers."""
    count = int(np.rint(values[draft.staffed[site]])) if draft.staffed[site] != NOBODY else 0
    return [int(p) for p in np.flatnonzero(draft.site == site)[:count]]


def _step(draft: Draft, person: int) -> float:
    return float(draft.crews.step[draft.crews.of[person]])


def _leaders(draft: Draft, entries: Entries, pods: list[int]) -> Entries:
    """One leader for each pod; who has the most time for a pod takes the next one too."""
    leads = {person: 1 for person, _, _ in entries}
    share = {person: z for person, _, z in entries}
    while sum(leads.values()) < len(pods):
        leads[max(leads, key=lambda s: (share[s] / leads[s], -s))] += 1
    free = list(pods)
    dealt: Entries = []
    for person, count in leads.items():
        step = _step(draft, person)
        steps = round(share[person] / step)
        for number in range(min(count, len(free))):
            part = steps // count + (number < steps % count)
            dealt.append((person, free.pop(0), part * step))
    return dealt


def _deal(draft: Draft, entries: Entries, part: dict[int, float]) -> Entries:
    """Hours for each pod by its part: whole people to who lacks most, shared people filled in step by step."""
    plannable = draft.instance.derived.plannable
    total = sum(float(plannable[s]) * z for s, _, z in entries)
    lacks = {pod: total * share for pod, share in part.items()}
    dealt: Entries = []
    # Whole people first: what they leave uneven, the steps of shared people even out.
    for person, _, share in sorted(entries, key=lambda e: (_step(draft, e[0]) < 1.0, -plannable[e[0]] * e[2], e[0])):
        step = _step(draft, person)
        left = round(share / step)
        while left:
            pod = max(lacks, key=lambda p: (lacks[p], -p))
            each = step * float(plannable[person])
            given = left if step == 1.0 or not each else min(left, max(1, round(lacks[pod] / each)))
            dealt.append((person, pod, given * step))
            lacks[pod] -= given * each
            left -= given
    return _merged(dealt)


def _merged(entries: Entries) -> Entries:
    total: dict[tuple[int, int], float] = {}
    for person, pod, share in entries:
        total[person, pod] = total.get((person, pod), 0.0) + share
    return [(person, pod, share) for (person, pod), share in total.items()]
