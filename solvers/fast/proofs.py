"""What is proven beside the search, on threads of its own: the whole model, or its sites where it is too large.

Of a company of lone reps it is also proven which pods open, with whole loads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solvers.fast.loads import loads_of
from solvers.fast.openings import Openings
from solvers.fast.plan_values import staffing_values
from solvers.fast.pricing import Pricing
from solvers.fast.proof import PROOF_NODES, Proof, worth_proving_near
from solvers.fast.restriction import Whole
from solvers.fast.roster import Roster

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from numpy.typing import NDArray

    from solvers.engine import Limits
    from solvers.fast.budget import Budget, Clock
    from solvers.fast.master import Master
    from solvers.fast.pricing import Sites
    from solvers.fast.search import Staffing


@dataclass
class Proofs:
    """The proofs of one run: of the whole, with or without that of whole loads, or of the sites.

    Parameters
    ----------
    master
        The whole staffing model, None before there is one and where it is not worth a proof.
    price
        Of each row of it in the relaxation, None without.
    sites
        The model cut into its sites, None where these are not worth pricing.
    """

    pool: ThreadPoolExecutor
    limits: Limits
    clock: Clock
    master: Master | None = None
    price: NDArray[np.float64] | None = None
    sites: Sites | None = None
    proof: Proof | None = None
    pricing: Pricing | None = None
    openings: Openings | None = None

    @property
    def may_prove(self) -> bool:
        """Whether the whole model is worth a proof."""
        return self.master is not None

    @property
    def may_prove_near(self) -> bool:
        """Whether it is beside the search near a plan as well."""
        return self.master is not None and worth_proving_near(self.master)

    def begin_proof(self, start: Staffing | Roster | None, *, is_race: bool = False) -> None:
        """Prove the whole, if that is worth it; better than a start is all that a proof need look at.

        Parameters
        ----------
        start
            A staffing of the whole model, or who sits where.
        is_race
            Whether two ways may race, where the search waits for it: not under a work limit, as the first one decides.
        """
        if self.master is None or self.proof is not None:
            return
        nodes = None if self.limits.work_limit is None else PROOF_NODES * self.clock.work()
        if isinstance(start, Roster):
            values = self._staffed(self.master, start)
        else:
            values = None if start is None else start.values
        is_race = is_race and self.limits.work_limit is None and self.limits.workers > 1
        left = self.clock.left()
        self.proof = Proof(self.pool, self.master, self.limits, values, time_limit_s=left, nodes=nodes, is_race=is_race)
        loads = None if self.price is None else loads_of(self.master)
        if self.price is not None and loads is not None:
            known, most = self.price[self.master.draft.choice], None if nodes is None else self.clock.work()
            self.openings = Openings(self.pool, loads, known, most=most, left=self.clock.left)

    def wait(self, budget: Budget, hoped: float) -> None:
        """Let the search wait for a proof: until that or the budget ends, or what is hoped for in a race is near."""
        if self.proof is not None and self.limits.work_limit is None:
            self.proof.wait(budget, hoped)

    @property
    def is_race(self) -> bool:
        """Whether two ways to prove began together."""
        return self.proof is not None and self.proof.is_race

    def _staffed(self, master: Master, roster: Roster) -> NDArray[np.float64] | None:
        """Values with accounts where they are worth most with everybody where they are."""
        return staffing_values(master, Whole(master.arrays), roster, None, time_limit_s=self.clock.left())

    def begin_pricing(self) -> None:
        """Price the sites of a model too large for a proof, if that is worth it."""
        if self.sites is not None and self.pricing is None:
            most = None if self.limits.work_limit is None else self.clock.work()
            self.pricing = Pricing(self.pool, self.sites, most=most, left=self.clock.left)

    @property
    def bound(self) -> float:
        """Proven so far, ``inf`` without."""
        return min((each.bound for each in self._begun()), default=np.inf)

    def working(self) -> bool:
        """Whether a proof is under way."""
        return not all(each.finished() for each in self._begun())

    def ended(self) -> bool:
        """Whether there is an answer of the whole to look at; under a work limit that waits for the end."""
        return self.limits.work_limit is None and self.proof is not None and self.proof.finished()

    def succeeded(self) -> bool:
        """Whether it has found the best staffing there is."""
        return self.proof is not None and self.ended() and self.proof.succeeded()

    def stop(self) -> None:
        """End soon, with what there is."""
        for each in self._begun():
            each.stop()

    def join(self) -> None:
        """Until what lowers the bound alone has ended; raises what went wrong."""
        for each in (self.pricing, self.openings):
            if each is not None:
                each.wait()

    def _begun(self) -> list[Proof | Pricing | Openings]:
        return [each for each in (self.proof, self.pricing, self.openings) if each is not None]
