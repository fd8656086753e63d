"""The judge of all engines: every plan of a tiny instance, by the verifier and the score alone.

Nothing is left out but what breaks a rule at sight: a function served by nobody in the pod, people without a leader.
"""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.plan import Plan
from podplanner.domain.score import score
from podplanner.domain.verify import CHECKS
from podplanner.domain.verify.recount import Recount
from podplanner.domain.vocabulary import FUNCTIONS, LEADER, LOCAL, NOBODY, SALES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from podplanner.domain.instance import Instance

MOST = 8_000
"""Plans above which the judge refuses."""

Place = tuple[int, int]
Shares = tuple[tuple[int, float], ...]


class TooManyPlans(Exception):
    """The instance is not tiny enough."""


def is_valid(instance: Instance, plan: Plan) -> bool:
    """Whether the verifier finds nothing; it is asked rule by rule, and no further than the first breach."""
    recount = Recount(instance, plan)
    return not any(True for check in CHECKS.values() for _ in check(recount))


def best_plan(instance: Instance) -> tuple[float, Plan] | None:
    """The best valid plan and its contribution; None where no plan is valid."""
    ranked = []
    for number, plan in enumerate(all_plans(instance)):
        if number == MOST:
            raise TooManyPlans(f"more than {MOST} plans")
        value = score(instance, plan).contribution
        if not math.isnan(value):  # an account without a place in a local pod: the way there cannot be known
            ranked.append((value, number, plan))
    ranked.sort(key=lambda entry: (-entry[0], entry[1]))
    return next(((value, plan) for value, _, plan in ranked if is_valid(instance, plan)), None)


def all_plans(instance: Instance) -> Iterator[Plan]:
    """Every plan, but those that break a rule at sight."""
    for shares in product(*(list(_shares(instance, s)) for s in range(len(instance.people)))):
        placed = [(s, p, share) for s, pods in enumerate(shares) for p, share in pods]
        team = [[s for s, pod, _ in placed if pod == p] for p in range(len(instance.pods))]
        leads = [next((s for s in members if instance.people.role[s] == LEADER), NOBODY) for members in team]
        if any(members and leader == NOBODY for members, leader in zip(team, leads, strict=True)):
            continue
        for teams in product(list(_named(instance, team)), repeat=len(instance.accounts)):
            for coach in product(*(_coaches(instance, p, members) for p, members in enumerate(team))):
                yield _plan(teams, placed, leads, coach)


def _plan(
    teams: tuple[tuple[Place, tuple[int, ...]], ...],
    placed: list[tuple[int, int, float]],
    leads: list[int],
    coach: tuple[int, ...],
) -> Plan:
    return Plan(
        pod=np.array([pod for (pod, _), _ in teams], np.int32),
        tier=np.array([tier for (_, tier), _ in teams], np.int32),
        owner=np.array([owners for _, owners in teams], np.int32).reshape(-1, len(FUNCTIONS)),
        placed_person=np.array([s for s, _, _ in placed], np.int32),
        placed_pod=np.array([p for _, p, _ in placed], np.int32),
        share=np.array([share for _, _, share in placed], float),
        leader=np.array(leads, np.int32),
        coach=np.array(coach, np.int32),
    )


def _shares(instance: Instance, person: int) -> Iterator[Shares]:
    """Ways to share one person among the pods, in whole steps; the first is not at all."""
    alone = instance.people.max_pods[person] <= 1
    step = 1.0 if alone else float(instance.roles.share_step[instance.people.role[person]])
    whole = round(1 / step)
    for steps in product(range(whole + 1), repeat=len(instance.pods)):
        pods = tuple((p, step * count) for p, count in enumerate(steps) if count)
        if sum(steps) <= whole and len(pods) <= instance.people.max_pods[person]:
            yield pods


def _named(instance: Instance, team: list[list[int]]) -> Iterator[tuple[Place, tuple[int, ...]]]:
    """Places of an account, any account, with the named teams that it could have there."""
    tiers, role = instance.tiers, instance.people.role
    for p, t in product(range(len(instance.pods)), range(len(tiers))):
        if tiers.coverage[t] == instance.pods.coverage[p]:
            able = [
                [s for s in team[p] if role[s] == r] if tiers.served[t, r] else [NOBODY] for r in range(len(FUNCTIONS))
            ]
            for owners in product(*able):
                yield (p, t), owners


def _coaches(instance: Instance, pod: int, members: list[int]) -> list[int]:
    reps = [s for s in members if instance.people.role[s] == SALES]
    wanted = instance.policy.coach_required and instance.pods.coverage[pod] == LOCAL and len(reps) > 1
    return [NOBODY, *reps] if wanted else [NOBODY]
