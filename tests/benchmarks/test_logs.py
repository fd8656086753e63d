"""Logs of solvers that are followed from outside."""

from __future__ import annotations

import pytest

from benchmarks.peers.cbc import LOG as CBC
from benchmarks.peers.cp_sat import LOG as CP_SAT

CBC_LINES = [
    ("Continuous objective value is -1.12171e+07 - 5.29 seconds", None, None),
    ("Cbc0012I Integer solution of -3177995.1 found by feasibility pump after 0 iterations", -3177995.1, None),
    ("Cbc0010I After 0 nodes, 1 on tree, 1e+50 best solution, best possible -11217081 (7.1 seconds)", None, -11217081),
    ("Cbc0005I Partial search - best objective -12.5 (best possible -13), took 0 iterations", -12.5, -13),
    ("Objective value:                -3177995.14000000", -3177995.14, None),
    ("Lower bound:                    -11217081.257", None, -11217081.257),
]
CP_SAT_LINES = [
    ("#Bound   1.39s best:inf   next:[-255273964,6048506.35] initial_domain", None, -255273964),
    ("#1       1.48s best:0     next:[-255273964,-5.96046448e-08] fj_restart(batch:1)", 0, -255273964),
    ("#3       3.95s best:-11077826.6 next:[-11372462.8,-11077826.6] default_lp", -11077826.6, -11372462.8),
    ("#Model   1.40s var:10008/10008 constraints:839/839", None, None),
    ("objective: -11077826.63804041", -11077826.63804041, None),
    ("objective: NA", None, None),
    ("best_bound: -11372462.75876162", None, -11372462.75876162),
]


@pytest.mark.parametrize(("line", "best", "bound"), CBC_LINES)
def test_figures_of_cbc(line: str, best: float | None, bound: float | None) -> None:
    """Rounded relaxations are no bounds, and 1e50 is no solution."""
    assert (CBC.figure(CBC.best, line), CBC.figure(CBC.bound, line)) == (best, bound)


@pytest.mark.parametrize(("line", "best", "bound"), CP_SAT_LINES)
def test_figures_of_cp_sat(line: str, best: float | None, bound: float | None) -> None:
    """The bound is the lower end of what is still possible."""
    assert (CP_SAT.figure(CP_SAT.best, line), CP_SAT.figure(CP_SAT.bound, line)) == (best, bound)
