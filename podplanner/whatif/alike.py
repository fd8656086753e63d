"""Pods that are alike, such as numbered copies of a virtual pod: which of them is which should move nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import VIRTUAL
from podplanner.whatif.differences import LEAST_GAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan

LIKENESS = ("utc_offset", "fixed_cost", "min_people", "max_people", "min_accounts", "max_accounts", "keep_open")
"""Columns of virtual pods in which those alike do not differ."""


def exchanged(instance: Instance, plan: Plan, before: Plan) -> Plan:
    """The plan with pods that are alike exchanged, so that as much as can be is in the pod where it was before."""
    best = score(instance, plan).contribution
    for pods in _alike(instance):
        trial = _with_pods(plan, _matched(plan, before, pods, len(instance.pods)))
        # A rule or somebody's place of today may tell them apart all the same.
        if score(instance, trial).contribution >= best - LEAST_GAIN and not verify(instance, trial).violations:
            plan = trial
    return plan


def _alike(instance: Instance) -> Iterator[NDArray[np.int64]]:
    pods = instance.pods
    found: dict[tuple[str, ...], list[int]] = {}
    for pod in np.flatnonzero(pods.coverage == VIRTUAL).tolist():
        found.setdefault(tuple(str(getattr(pods, name)[pod]) for name in LIKENESS), []).append(pod)
    return (np.array(each) for each in found.values() if len(each) > 1)


def _matched(plan: Plan, before: Plan, pods: NDArray[np.int64], count: int) -> NDArray[np.int32]:
    """For each pod (P) which it is to be: pairs that share most accounts and people first."""
    shared = np.zeros((count, count), np.int64)
    np.add.at(shared, (plan.pod, before.pod), 1)
    now, was = ((each.placed_person, each.placed_pod) for each in (plan, before))
    for person, pod in zip(*now, strict=True):
        np.add.at(shared, (pod, was[1][was[0] == person]), 1)
    result, (left, free) = np.arange(count, dtype=np.int32), (set(pods.tolist()), set(pods.tolist()))
    order = np.argsort(-shared[np.ix_(pods, pods)], axis=None, kind="stable")
    for one, other in zip(*np.unravel_index(order, (len(pods), len(pods))), strict=True):
        pod, name = int(pods[one]), int(pods[other])
        if pod in left and name in free:
            result[pod] = name
            left.discard(pod)
            free.discard(name)
    return result


def _with_pods(plan: Plan, to: NDArray[np.int32]) -> Plan:
    """The plan with each pod under another index."""
    leader, coach = plan.leader.copy(), plan.coach.copy()
    leader[to], coach[to] = plan.leader, plan.coach
    return replace(plan, pod=to[plan.pod], placed_pod=to[plan.placed_pod], leader=leader, coach=coach)
