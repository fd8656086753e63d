"""``python -m benchmarks.peers.alns INPUT TRACE ...``: plain adaptive large neighbourhood search on whole plans.

After Ropke & Pisinger (2006), "An adaptive large neighborhood search heuristic for the pickup and delivery problem with
time windows", Transportation Science 40(4), 455-472: in each round a few accounts or a pod are taken out and put back
by operators drawn by their past success, and simulated annealing decides whether the plan stays. Each plan is scored by
the one objective, and the best is verified. It proves nothing.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import datasets
from benchmarks.peers.alns_operators import Operators
from benchmarks.peers.alns_state import State
from benchmarks.peers.alns_ways import Ways
from benchmarks.peers.options import peer_options
from benchmarks.peers.staffing import account_options
from benchmarks.trace import Teller
from podplanner.domain.build import build_instance
from podplanner.domain.score import score
from podplanner.domain.verify import require_agreement, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance

    Operator = Callable[..., NDArray[np.int64]]

FIRST_WORSE, LAST_WORSE = 2e-4, 1e-7
"""Share of the contribution that a plan may be worse, accepted one time in e, at first and at last."""
DECAY = 0.95
"""What is left of an operator's weight after a round in which it had its turn; the rest is the round's reward."""
BEST, BETTER, ACCEPTED = 10.0, 4.0, 1.0
"""Rewards."""


class Alternatives:
    """Operators drawn by weights that follow their success."""

    def __init__(self, operators: Sequence[Operator], random: np.random.Generator) -> None:
        self._operators, self._random = operators, random
        self._weight = np.ones(len(operators))
        self._drawn = 0

    def draw(self) -> Operator:
        """The operator of this round."""
        self._drawn = int(self._random.choice(len(self._operators), p=self._weight / self._weight.sum()))
        return self._operators[self._drawn]

    def reward(self, amount: float) -> None:
        """What the round was worth."""
        self._weight[self._drawn] = max(0.1, DECAY * self._weight[self._drawn] + (1 - DECAY) * amount)


@dataclass
class Clock:
    """Time that is left."""

    begin: float
    limit_s: float

    @property
    def passed(self) -> float:
        """Share of the time that has passed, 1 at the end."""
        return min(1.0, (time.monotonic() - self.begin) / self.limit_s) if self.limit_s > 0 else 1.0


def start(operators: Operators, clock: Clock, teller: Teller) -> float:
    """Open pods while that gains, those that would take most first. Returns the contribution."""
    ways = operators.state.ways
    worth = np.array([ways.best_gain[ways.accounts_of(pod)].sum() for pod in ways.staffable.tolist()])
    best = _contribution(operators.state)
    for pod in ways.staffable[np.argsort(-worth, kind="stable")].tolist():
        if clock.passed >= 1:
            break
        before = operators.state.copy()
        if not operators.state.open(pod):
            continue
        operators.put_back(operators.coming(pod))
        now = _contribution(operators.state)
        if now > best:
            best = now
            teller.tell(best, None)
        else:
            operators.state = before
    return best


def search(operators: Operators, clock: Clock, teller: Teller) -> State:
    """Rounds until the time is over. Returns the best plan."""
    taking = Alternatives(
        (operators.anywhere, operators.nearby, operators.least, operators.closed, operators.opened, operators.replaced),
        operators.random,
    )
    putting = Alternatives((operators.by_rate, operators.by_gain, operators.by_noise), operators.random)
    current = most = start(operators, clock, teller)
    best = operators.state.copy()
    while (passed := clock.passed) < 1:
        before = operators.state.copy()
        out = taking.draw()
        order = putting.draw()
        operators.put_back(order(out()))
        now = _contribution(operators.state)
        reward = BEST if now > most else BETTER if now > current else 0.0
        worse = abs(most) * FIRST_WORSE * (LAST_WORSE / FIRST_WORSE) ** passed
        if now > current or operators.random.random() < math.exp((now - current) / worse):
            reward, current = max(reward, ACCEPTED), now
        else:
            operators.state = before
        if now > most:
            most, best = now, operators.state.copy()
            teller.tell(most, None)
        taking.reward(reward)
        putting.reward(reward)
    return best


def refusal(instance: Instance) -> str | None:
    """What the search does not know, None where the instance has nothing of it."""
    policy, pods = instance.policy, instance.pods
    caps = (
        policy.budget,
        policy.max_headcount,
        policy.max_hires,
        policy.max_open_pods,
        policy.max_moved_revenue,
        policy.max_moved_accounts,
        policy.max_moved_people,
    )
    unknown = {
        "rules": len(instance.rules) > 0,
        "families": len(instance.derived.families) > 0,
        "skills": len(instance.skill_sets) > 1,
        "caps": bool(np.isfinite(caps).any() or np.isfinite(pods.max_accounts).any()),
        "minima": bool(
            (pods.min_people > 1).any() or (pods.min_accounts > 0).any() or instance.roles.min_per_pod.any()
        ),
        "flexible head-count": policy.flexible,
        "balance": policy.balance_workload is not None or policy.balance_potential is not None,
    }
    return next((name for name, there in unknown.items() if there), None)


def main() -> None:
    """Search until the time is over, and verify the best plan."""
    asked = peer_options("INPUT")
    instance = build_instance(datasets.read(asked.problem))
    reason = refusal(instance)
    if reason is not None:
        raise SystemExit(f"the local search knows no {reason}")
    clock, teller = Clock(time.monotonic(), asked.time_limit), Teller(asked.trace)
    state = State.empty(Ways(instance, account_options(instance)))
    best = search(Operators(state, np.random.default_rng(asked.seed)), clock, teller).plan()
    verification = verify(instance, best)
    if verification.violations:
        raise SystemExit(f"the local search broke a rule: {verification.violations[0].message}")
    require_agreement(verification.terms, score(instance, best).terms)
    teller.end("time limit")


def _contribution(state: State) -> float:
    return score(state.ways.instance, state.plan()).contribution


if __name__ == "__main__":
    main()
