"""What the reference engine promises beside its optimum: honest endings, bounds, clashes, files, repeatability."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import highspy
import numpy as np
import pytest

from podplanner.domain.errors import EngineError
from podplanner.domain.result import Limit, Reason
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import DIRECT, VIRTUAL
from solvers.engine import Limits, Progress
from solvers.highs import Status
from solvers.reference import engine as engine_module
from solvers.reference.clashes import clashes
from solvers.reference.engine import ENGINE, ReferenceEngine
from solvers.reference.model import ReferenceModel, estimated_columns
from solvers.reference.names import labels
from solvers.reference.native import run_highs
from solvers.reference.plans import assign, plan_of, scored
from solvers.reference.status import native_status, termination
from tests.domain.builders import pods, policy, rule, tiny, tiny_plan
from tests.solvers.bruteforce import best_plan
from tests.solvers.shop import LOCAL_ONLY, accounts, hours_of, people, roles, shop, two_bases

if TYPE_CHECKING:
    from pathlib import Path

    from podplanner.domain.instance import Instance
    from podplanner.domain.result import Outcome

TINY_OPTIMUM = 867_222.0122994161
"""Of `tests.domain.builders.tiny`, found by HiGHS and by CBC alike."""


def solve(instance: Instance, limits: Limits | None = None, progress: Progress | None = None) -> Outcome:
    """Solve by HiGHS."""
    return ENGINE.solve(instance, limits or Limits(gap=0), hint=None, progress=progress or Progress())


def mixed() -> Instance:
    """A company with enough to decide that the search takes more than a moment."""
    draw = np.random.default_rng(0)
    potential, revenue = draw.uniform(2e5, 6e5, 4).round(), draw.uniform(5e4, 2e5, 4).round()
    many = accounts(4, potential=potential, revenue=revenue)
    fair = policy(balance_workload=0.1, balance_potential=0.05)
    return shop(accounts=many, people=people(reps=3, leaders=2), pods=two_bases(), tiers=hours_of(300), policy=fair)


class Asked(Progress):
    """Records what it is told, and asks to stop or cancels."""

    def __init__(self, *, stop: bool = False, cancel: bool = False) -> None:
        self.told: list[tuple[str, float | None, float | None]] = []
        self.stop, self.cancel = stop, cancel

    def update(self, *, step: str, best: float | None, bound: float | None) -> None:
        """Record."""
        self.told.append((step, best, bound))

    def stop_asked(self) -> bool:
        """As told to."""
        return self.stop

    def cancelled(self) -> bool:
        """As told to."""
        return self.cancel


def test_optimum_of_the_tiny_company() -> None:
    """The named value, proven, verified."""
    instance = tiny()
    outcome = solve(instance)
    assert outcome.termination.reason is Reason.OPTIMAL
    assert outcome.plan is not None
    assert score(instance, outcome.plan).contribution == pytest.approx(TINY_OPTIMUM)
    assert outcome.bound == pytest.approx(TINY_OPTIMUM)
    assert verify(instance, outcome.plan).violations == ()


def test_cbc_equals_highs() -> None:
    """Another solver finds and proves the same."""
    for instance in (tiny(), mixed()):
        by_highs = solve(instance)
        by_cbc = ReferenceEngine("cbc").solve(instance, Limits(), hint=None, progress=Progress())
        assert by_cbc.termination.reason is Reason.OPTIMAL
        assert by_cbc.plan is not None
        assert by_cbc.bound == pytest.approx(by_highs.bound)
        assert score(instance, by_cbc.plan).contribution == pytest.approx(by_highs.bound)
        assert verify(instance, by_cbc.plan).violations == ()


def test_unknown_solver() -> None:
    """Only the two solvers are known."""
    with pytest.raises(ValueError, match="solver = glpk not understood"):
        ReferenceEngine("glpk")


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_zero_time(solver: str) -> None:
    """No time: no plan, no bound, and the reason says so."""
    outcome = ReferenceEngine(solver).solve(tiny(), Limits(time_limit_s=0), hint=None, progress=Progress())
    assert (outcome.termination.reason, outcome.termination.limit) == (Reason.NO_SOLUTION, Limit.TIME)
    assert outcome.plan is None
    assert outcome.bound == np.inf


def test_zero_work() -> None:
    """No node of the tree: no plan, and work is what stopped it."""
    outcome = solve(mixed(), Limits(work_limit=0))
    assert (outcome.termination.reason, outcome.termination.limit) == (Reason.NO_SOLUTION, Limit.WORK)
    assert outcome.plan is None


def test_cancelled() -> None:
    """Cancelled: nothing is kept."""
    outcome = solve(tiny(), progress=Asked(cancel=True))
    assert (outcome.termination.reason, outcome.termination.limit) == (Reason.CANCELLED, Limit.CANCELLED)
    assert outcome.plan is None


def test_stopped() -> None:
    """Asked to stop before there is a plan: no solution found."""
    outcome = solve(tiny(), progress=Asked(stop=True))
    assert (outcome.termination.reason, outcome.termination.limit) == (Reason.NO_SOLUTION, Limit.CANCELLED)


class StopsOnceFound(Asked):
    """Asks to stop as soon as there is a plan."""

    def update(self, *, step: str, best: float | None, bound: float | None) -> None:
        """Record, and stop from the first plan on."""
        super().update(step=step, best=best, bound=bound)
        self.stop = self.stop or best is not None


def test_stopped_with_a_plan() -> None:
    """Asked to stop once there is a plan: it is kept, with a bound that holds."""
    instance = mixed()
    outcome = solve(instance, progress=StopsOnceFound())
    assert (outcome.termination.reason, outcome.termination.limit) == (Reason.FEASIBLE, Limit.CANCELLED)
    assert outcome.plan is not None
    assert verify(instance, outcome.plan).violations == ()
    assert score(instance, outcome.plan).contribution <= solve(instance).bound <= outcome.bound + 1e-3


def test_gap_reached() -> None:
    """A wide gap ends the search early, and the gap that is told is within it."""
    instance = mixed()
    outcome = solve(instance, Limits(gap=0.9))
    assert outcome.plan is not None
    found = score(instance, outcome.plan).contribution
    assert outcome.termination.reason is (Reason.OPTIMAL if outcome.bound - found < 1e-3 else Reason.GAP_REACHED)
    assert outcome.bound - found <= 0.9 * abs(outcome.bound)


def test_progress_is_told() -> None:
    """Steps in their order, and the last word is the outcome's."""
    progress = Asked()
    outcome = solve(mixed(), progress=progress)
    steps = [step for step, _, _ in progress.told]
    assert steps[0] == "build"
    assert set(steps[1:]) == {"solve"}
    assert progress.told[-1][2] == outcome.bound


def test_hint_is_taken() -> None:
    """A valid plan given as hint is the first that the search knows."""
    instance, progress = tiny(), Asked()
    hint = tiny_plan(instance)
    ENGINE.solve(instance, Limits(gap=0), hint=hint, progress=progress)
    known = [best for _, best, _ in progress.told if best is not None]
    assert known[0] >= score(instance, hint).contribution - 1e-3


def test_hint_that_is_no_plan() -> None:
    """A hint that breaks rules, or is of another instance, changes nothing."""
    instance = tiny()
    broken = tiny_plan(instance, leader={}, coach={})
    other = best_plan(shop())
    assert other is not None
    for hint in (broken, other[1]):
        outcome = ENGINE.solve(instance, Limits(gap=0), hint=hint, progress=Progress())
        assert outcome.bound == pytest.approx(TINY_OPTIMUM)


def test_clash_is_told_by_rules_and_rows() -> None:
    """A pin and a forbid that cannot both hold: the two rows, and the rule between them, nothing else."""
    rows = (rule("pin", account=0, pod=0), rule("forbid", account=0, person=0, rule_id="R2"))
    outcome = solve(shop(rules=rows))
    assert outcome.termination.reason is Reason.INFEASIBLE
    assert outcome.plan is None
    told = [line.split(":")[0] for line in outcome.clashes]
    assert told == ["named_team (account acme sales)", "rule R1", "rule R2"]
    assert outcome.clashes[1] == "rule R1: pin account_id acme, pod_id base"


@pytest.mark.parametrize(
    ("instance", "codes"),
    [
        (shop(policy=policy(budget=1.0)), {"budget (budget = 1)"}),
        (
            shop(people=people(longitude=[1.0, 0.0]), rules=(rule("pin", account=0, pod=0),)),
            {"named_team (account acme sales)", "person_place (person ann)", "rule R1"},
        ),
        (
            shop(
                accounts=accounts(skill_set=1),
                skill_sets=(frozenset(), frozenset({"sales:german"})),
                rules=(rule("pin", account=0, pod=0),),
            ),
            {"named_team (account acme sales)", "skills (account acme sales)", "rule R1"},
        ),
        (
            shop(accounts=accounts(2, longitude=1.0), rules=(rule("pin", account=1, pod=0),)),
            {"account_place (account bolt)", "rule R1"},
        ),
        (
            shop(rules=(rule("limit", attribute="potential", tier=0, minimum=4e5),)),
            {"one_place (account acme)", "rule R1"},
        ),
    ],
    ids=["budget", "commute", "skills", "distance", "limit"],
)
def test_clashes(instance: Instance, codes: set[str]) -> None:
    """Of all the rules, those that clash, with whom they bind."""
    found = {line.split(":")[0] for line in solve(instance).clashes}
    assert found == codes or found == codes - {"one_place (account acme)"}


def test_equal_pods_and_hires_are_used_in_order() -> None:
    """Virtual: 0.5 x (90,000 + 0.25 x 200,000) = 70,000, less 20,000 pay and 5,000 to hire, in the first of each."""
    alike = pods(["v-1", "v-2", "web"], coverage=[VIRTUAL, VIRTUAL, DIRECT], utc_offset=[0.0, 0.0, np.nan])
    slots = roles(max_hires=[2, 0, 0, 0, 0])
    instance = shop(pods=alike, people=people(reps=0, hires=2), roles=slots)
    outcome = solve(instance)
    assert outcome.bound == pytest.approx(45_000.0)
    assert outcome.plan is not None
    assert outcome.plan.pod.tolist() == [0]
    assert outcome.plan.owner[0].tolist() == [instance.person_index["hire-sales-1"], -1, -1, -1]


def test_clash_that_takes_too_long() -> None:
    """Without time to tell the rules apart, that is what is said."""
    (line,) = clashes(shop(policy=policy(budget=1.0)), 0.0)
    assert line.startswith("all rules together leave no plan")


def test_every_native_status_is_understood() -> None:
    """Each status of HiGHS has a meaning, or is an error of the engine."""
    understood = {}
    for name in highspy.HighsModelStatus.__members__:
        try:
            understood[name] = native_status(name)
        except EngineError:
            continue
    assert understood["kOptimal"] is Status.OPTIMAL
    assert {understood[name] for name in ("kInfeasible", "kUnboundedOrInfeasible")} == {Status.INFEASIBLE}
    assert {understood[name] for name in ("kTimeLimit", "kSolutionLimit", "kInterrupt")} == {
        Status.TIME,
        Status.WORK,
        Status.INTERRUPTED,
    }
    assert "kUnbounded" not in understood
    assert "kSolveError" not in understood


def test_reason_comes_from_status_and_solution() -> None:
    """A limit with a solution is feasible, without one no solution; optimal without one is a lie."""
    assert termination(Status.TIME, "", 1.0, 2.0).reason is Reason.FEASIBLE
    assert termination(Status.WORK, "", None, 2.0).reason is Reason.NO_SOLUTION
    assert termination(Status.INTERRUPTED, "", 1.0, 2.0).limit is Limit.CANCELLED
    assert termination(Status.OPTIMAL, "", 1.0, 1.0).reason is Reason.OPTIMAL
    assert termination(Status.OPTIMAL, "", 1.0, 2.0).reason is Reason.GAP_REACHED
    with pytest.raises(EngineError):
        termination(Status.OPTIMAL, "", None, 1.0)


def test_refused_when_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many columns: refused with the figure and the way out, and not tried."""
    monkeypatch.setattr(engine_module, "LARGEST", 10)
    refusal = ENGINE.refusal(tiny())
    assert refusal is not None
    assert "choose another engine" in refusal
    with pytest.raises(EngineError, match="columns"):
        solve(tiny())


def test_size_is_estimated_without_building() -> None:
    """The estimate is near the number of columns."""
    for instance in (tiny(), mixed()):
        columns = len(ReferenceModel(instance).problem.variables())
        assert 0.5 * columns <= estimated_columns(instance) <= 2 * columns


def test_written_model_is_the_model(tmp_path: Path) -> None:
    """HiGHS reads the file back and finds the same optimum, constants included; names tell what is what."""
    for suffix in (".lp", ".mps"):
        path = tmp_path / f"plan{suffix}"
        ENGINE.write_model(tiny(), path)
        text = path.read_text(encoding="utf-8")
        assert "x(near,base,local)" in text
        assert "named_team(near,base,local,sales)" in text
        highs = highspy.Highs()
        highs.silent()
        highs.readModel(str(path))
        highs.run()
        assert abs(highs.getObjectiveValue()) == pytest.approx(TINY_OPTIMUM, rel=1e-9)
    with pytest.raises(ValueError, match="not understood"):
        ENGINE.write_model(tiny(), tmp_path / "plan.txt")


def test_labels_are_plain_and_different() -> None:
    """Ids of any kind become names that files can carry."""
    odd = ["A 1", "A-1", "A_1", "", "", "ÄÖ", "x" * 50, "x" * 49 + "y"]
    found = labels(odd)
    assert len(set(found)) == len(odd)
    assert all(len(label) <= 20 and label.isascii() and " " not in label for label in found)


def test_odd_ids_do_not_collide() -> None:
    """Accounts whose ids differ by a sign only are two accounts in the model too."""
    twins = replace(accounts(2), ids=np.array(["A 1", "A-1"], object))
    assert len({*ReferenceModel(shop(accounts=twins)).variables.account}) == 2


def test_same_answer_in_any_process(tmp_path: Path) -> None:
    """Model text and plan do not depend on the process or its hash seed."""
    code = (
        "import hashlib, sys; from pathlib import Path\n"
        "from tests.solvers.test_reference import fingerprint\n"
        "print(fingerprint(Path(sys.argv[1])))"
    )
    told = set()
    for seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", code, str(tmp_path / f"{seed}.lp")]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        told.add(done.stdout)
    assert len(told) == 1


def fingerprint(path: Path) -> str:
    """Of the model's text and of the plan, under a work limit."""
    instance = mixed()
    ENGINE.write_model(instance, path)
    plan = solve(instance, Limits(work_limit=1)).plan
    assert plan is not None
    parts = [path.read_bytes(), plan.pod.tobytes(), plan.owner.tobytes(), plan.share.tobytes(), plan.coach.tobytes()]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def test_every_judged_plan_is_a_solution_of_the_model() -> None:
    """Given as fixed values, the judge's plan fits all constraints and costs what the score says."""
    instance = shop(accounts=accounts(2), people=people(reps=2, leaders=2), tiers=hours_of(600))
    judged = best_plan(instance)
    assert judged is not None
    model = ReferenceModel(instance)
    for variable, value in model.values_of(judged[1]).items():
        variable.bounds(value, value)
    assert fixed_optimum(model) == pytest.approx(judged[0])


def fixed_optimum(model: ReferenceModel) -> float:
    """Optimum of what the fixed decisions leave open."""
    answer = run_highs(model.problem, Limits(gap=0), None, {}, Progress())
    assert answer.values is not None
    return answer.bound


def test_made_up_solution_is_refused() -> None:
    """A fraction of a decision is no solution, and a model that disagrees with the score is an error of ours."""
    model = ReferenceModel(shop())
    with pytest.raises(EngineError, match="a solution"):
        assign(model, {variable.name: 0.4 for variable in model.problem.variables()})
    answer = run_highs(model.problem, Limits(gap=0), None, {}, Progress())
    assert answer.values is not None
    assign(model, answer.values)
    plan = plan_of(model)
    assert scored(model, plan).contribution == pytest.approx(LOCAL_ONLY)
    model.terms.cost["fixed_cost"] += 1.0
    with pytest.raises(EngineError, match="fixed_cost"):
        scored(model, plan)
