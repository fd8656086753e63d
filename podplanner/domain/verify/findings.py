"""What the verifier finds, and how near to a limit counts as within it.

Tolerances (the only ones of the verifier):

- A *limit* (hours, shares, sums, money against a cap) holds when it is passed by at most `RELATIVE` of itself, or of
  one unit where it is smaller: solvers work with numbers rounded like that.
- A *condition* that makes a rule bind (a family within reach, hours within half a week) is judged to `ROUNDING`.
- Two computations of one term agree within `MONEY`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from podplanner.domain.errors import PlanRejected

RELATIVE = 1e-6
ROUNDING = 1e-9
MONEY = 0.01


@dataclass(frozen=True)
class Violation:
    """One breach of one rule.

    Parameters
    ----------
    code
        One of `podplanner.domain.rules.RULE_CODES`.
    subjects
        Ids of the accounts, people, pods, tiers, roles or planner's rules concerned.
    amount
        By how much, in the rule's own unit (hours, km, heads, accounts, money, cases); nan where the plan's number is
        none.
    message
        What is wrong, in the planner's words.
    """

    code: str
    subjects: tuple[str, ...]
    amount: float
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@dataclass(frozen=True)
class Verification:
    """What the verifier found out about a plan.

    Parameters
    ----------
    violations
        All breaches of hard rules, in the order of the catalogue of rules; empty for a plan that may leave the program.
    terms
        The objective term by term, costs negative, under the names of `podplanner.domain.score.TERMS`.
    """

    violations: tuple[Violation, ...]
    terms: Mapping[str, float]

    @property
    def contribution(self) -> float:
        """Sum of the terms, money a year."""
        return sum(self.terms.values())


def exceeds(value: ArrayLike, limit: ArrayLike) -> NDArray[Any]:
    """Whether a value lies above its upper limit by more than the tolerance; nan does."""
    value, limit = np.asarray(value, float), np.asarray(limit, float)
    return np.asarray(~(value <= limit + RELATIVE * np.maximum(1.0, np.abs(limit))))


def falls_short(value: ArrayLike, limit: ArrayLike) -> NDArray[Any]:
    """Whether a value lies below its lower limit by more than the tolerance; nan does."""
    return exceeds(-np.asarray(value, float), -np.asarray(limit, float))


def require_agreement(recomputed: Mapping[str, float], scored: Mapping[str, float]) -> None:
    """Hold the verifier's terms against the score's.

    Parameters
    ----------
    recomputed, scored
        `Verification.terms` and ``Score.terms``.

    Raises
    ------
    PlanRejected
        If a term is missing on one side, is not a number, or differs by more than `MONEY`.
    """
    if set(recomputed) != set(scored):
        raise PlanRejected(f"terms differ: recomputed {sorted(recomputed)}, scored {sorted(scored)}")
    differing = [
        f"{name}: recomputed {recomputed[name]:.4f}, scored {scored[name]:.4f}"
        for name in scored
        if not abs(recomputed[name] - scored[name]) <= MONEY
    ]
    if differing:
        raise PlanRejected("the verifier and the score disagree: " + "; ".join(differing))
