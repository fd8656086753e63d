"""What the planner's rules mean for naming: who must, who may not, who goes with whom, and which books are limited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.vocabulary import NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance, Rule
    from solvers.fast.draft import Draft


@dataclass(frozen=True, kw_only=True)
class Naming:
    """The rules of naming.

    Parameters
    ----------
    banned
        (account, person) that a hard ``forbid`` names.
    must
        (account, function) -> person that a hard ``pin`` names.
    wish
        (account, person) -> money that a soft ``pin`` (or, negative, ``forbid``) makes the person worth.
    same, different
        (account, other account, function) of hard ``together`` and ``apart`` rules with a role.
    limits
        Hard ``limit`` rules over books.
    """

    instance: Instance
    banned: frozenset[tuple[int, int]]
    must: dict[tuple[int, int], int]
    wish: dict[tuple[int, int], float]
    same: tuple[tuple[int, int, int], ...]
    different: tuple[tuple[int, int, int], ...]
    limits: tuple[Rule, ...]

    @classmethod
    def of(cls, instance: Instance) -> Naming:
        """Read the rules of an instance."""
        role = instance.people.role
        named = [rule for rule in instance.rules if rule.account != NOBODY and rule.person != NOBODY]
        hard = [rule for rule in instance.rules if rule.soft_cost is None]
        pairs = {
            kind: tuple(
                (rule.account, rule.other_account, rule.role)
                for rule in hard
                if rule.kind == kind and rule.role != NOBODY and rule.account != NOBODY
            )
            for kind in ("together", "apart")
        }
        return cls(
            instance=instance,
            banned=frozenset((r.account, r.person) for r in named if r.kind == "forbid" and r.soft_cost is None),
            must={(r.account, int(role[r.person])): r.person for r in named if r.kind == "pin" and r.soft_cost is None},
            wish={
                (r.account, r.person): r.soft_cost if r.kind == "pin" else -r.soft_cost
                for r in named
                if r.soft_cost is not None
            },
            same=pairs["together"],
            different=pairs["apart"],
            limits=tuple(r for r in hard if r.kind == "limit" and (r.person != NOBODY or r.role != NOBODY)),
        )

    @property
    def binds_books(self) -> bool:
        """Whether a rule ties different accounts' owners to one another."""
        policy = self.instance.policy
        balanced = policy.balance_workload is not None or policy.balance_potential is not None
        return bool(balanced or self.same or self.different or self.limits)

    def allowed(self, draft: Draft) -> NDArray[np.bool_]:
        """Account columns that hard pins and forbids leave."""
        columns = draft.columns
        allowed = np.ones(len(columns), bool)
        for rule in self.instance.rules:
            places = rule.tier != NOBODY or rule.pod != NOBODY
            if rule.soft_cost is not None or rule.account == NOBODY or not places or rule.kind not in ("pin", "forbid"):
                continue
            mine = columns.of_account(rule.account)
            fits = np.ones(len(mine), bool)
            if rule.tier != NOBODY:
                fits &= columns.tier[mine] == rule.tier
            if rule.pod != NOBODY:
                fits &= columns.pod[mine] == rule.pod
            if rule.kind == "pin":
                allowed[mine] &= fits
            elif rule.person == NOBODY:
                allowed[mine] &= ~fits
        return allowed
