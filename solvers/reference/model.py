"""The model as a whole: variables, rules, objective."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pulp

from podplanner.domain.place import count_allowed
from podplanner.domain.vocabulary import FUNCTIONS
from solvers.reference.constraints import Constraints
from solvers.reference.terms import Terms
from solvers.reference.variables import Choices, Var, Variables

if TYPE_CHECKING:
    from pathlib import Path

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan


class ReferenceModel:
    """One instance as a PuLP problem.

    Parameters
    ----------
    pruned
        False only for the search for clashing rules; see `solvers.reference.variables.Choices`.
    """

    def __init__(self, instance: Instance, *, pruned: bool = True) -> None:
        self.instance = instance
        self.problem = pulp.LpProblem("podplanner", pulp.LpMaximize)
        self.variables = Variables(instance, self.problem, pruned=pruned)
        self.terms = Terms(self.variables)
        self.constraints = Constraints(self.variables, self.terms)
        self.constraints.add_constraints()
        self.terms.add_soft_rules(self.constraints.broken)
        self.problem += self.terms.objective(), "contribution"

    def write(self, path: Path) -> None:
        """Write the model as ``.lp`` or ``.mps``, by the file's name."""
        if path.suffix == ".lp":
            self.problem.writeLP(str(path))
        elif path.suffix == ".mps":
            self.problem.writeMPS(str(path), with_objsense=True)
        else:
            raise ValueError(f"{path.name} not understood, a model is written as .lp or .mps")

    def values_of(self, plan: Plan) -> dict[Var, float]:
        """The decisions of a plan as values of variables; what they mean for the others is left to the solver.

        Decisions that the model has no variable for (a rule forbids them) are left out.
        """
        v = self.variables
        chosen: set[Var] = set()
        for a, (p, t) in enumerate(zip(plan.pod.tolist(), plan.tier.tolist(), strict=True)):
            chosen |= {v.x[a, p, t]} if (a, p, t) in v.x else set()
            for s in plan.owner[a].tolist():
                chosen |= {v.own[a, s, p, t]} if (a, s, p, t) in v.own else set()
        values = {variable: 0.0 for group in (v.x, v.own, v.head, v.steps, v.coach) for variable in group.values()}
        placements = zip(plan.placed_person.tolist(), plan.placed_pod.tolist(), plan.share.tolist(), strict=True)
        for s, p, share in placements:
            chosen |= {v.head[s, p]} if (s, p) in v.head else set()
            if (s, p) in v.steps:
                values[v.steps[s, p]] = float(round(share / self.instance.derived.share_step[s]))
        for p, s in enumerate(plan.coach.tolist()):
            chosen |= {v.coach[s, p]} if (s, p) in v.coach else set()
        return values | dict.fromkeys(chosen, 1.0)


def estimated_columns(instance: Instance) -> int:
    """About how many columns the model would have, without building it: places, heads and owners."""
    choices = Choices(instance, pruned=True)
    tiers, pods = instance.tiers, instance.pods
    accounts_in = count_allowed(instance)
    columns = int(choices.may_be.sum()) * 3
    for coverage in np.unique(pods.coverage):
        mine, of = tiers.coverage == coverage, np.flatnonzero(pods.coverage == coverage)
        columns += int(accounts_in[of].sum()) * int(mine.sum())
        for r in range(len(FUNCTIONS)):
            able = choices.may_be & ((instance.people.role == r) & instance.derived.has_duties)[:, None]
            columns += int((able.sum(axis=0)[of] * accounts_in[of]).sum()) * int(tiers.served[mine, r].sum())
    return columns
