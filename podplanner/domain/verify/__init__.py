"""The independent verifier: every rule checked and every term recomputed from the raw columns, by code of its own.

It shares the types of input and plan with the rest of the program (`Instance`, `Plan`, the vocabulary, the catalogue of
rules) and no arithmetic: neither `podplanner.domain.score` nor what that builds on is imported here.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from podplanner.domain.errors import PlanRejected
from podplanner.domain.rules import RULE_CODES
from podplanner.domain.verify import account_checks, cap_checks, people_checks, pod_checks, wish_checks
from podplanner.domain.verify.findings import Verification, Violation, require_agreement
from podplanner.domain.verify.recount import Recount
from podplanner.domain.verify.terms import terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan

__all__ = ["CHECKS", "Verification", "Violation", "require_agreement", "verify"]

_ROOMS = (account_checks, people_checks, pod_checks, wish_checks, cap_checks)

CHECKS: Mapping[str, Callable[[Recount], Iterable[Violation]]] = MappingProxyType(
    {code: getattr(room, f"check_{code}") for code in RULE_CODES for room in _ROOMS if hasattr(room, f"check_{code}")}
)
"""The check of each rule, by its code, in the order of the catalogue."""


def verify(instance: Instance, plan: Plan) -> Verification:
    """Check a plan against every rule and recompute its terms.

    Parameters
    ----------
    instance, plan
        The plan may come from anywhere, also from a workbook edited by hand.

    Returns
    -------
    Verification
        All violations of hard rules, and the objective's terms (nan where a number cannot be known, such as the way
        from an account without a place to a local pod).

    Raises
    ------
    PlanRejected
        If the plan names accounts, people, pods or tiers that the instance does not have.
    """
    if not plan.fits(instance):
        raise PlanRejected("the plan names accounts, people, pods or tiers that the input does not have")
    recount = Recount(instance, plan)
    violations = [violation for check in CHECKS.values() for violation in check(recount)]
    return Verification(tuple(violations), MappingProxyType(dict(terms(recount))))
