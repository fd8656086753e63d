"""Scenarios: near their parent, the same again, and the parent itself where nothing changes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from podplanner.cli import ExitCode, main
from podplanner.domain.direct import all_direct_plan
from podplanner.domain.result import Limit, Reason
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import NOBODY
from podplanner.report.files import PLAN_FILES, RUN
from podplanner.whatif.differences import differing_accounts, groups, priced, settled, taken_back
from podplanner.whatif.facts import Facts
from podplanner.whatif.near import Effort, plan_near
from podplanner.whatif.parent import Parent, read_parent
from podplanner.whatif.scenario import Answer, Scenario, answer, told, write_answer
from podplanner.whatif.words import rows_of
from solvers.engine import Progress
from solvers.fast.master import build_master
from solvers.fast.sites import site_of_pods

if TYPE_CHECKING:
    from pathlib import Path

    from podplanner.domain.plan import Plan

EFFORT = Effort(work_limit=1, gap=1.0 - 1e-9)


@pytest.fixture(scope="module")
def company(company_folder: Path) -> Parent:
    """The drawn company's plan."""
    return read_parent(company_folder)


def ask(parent: Parent, *words: str) -> Answer:
    """The answer to a scenario in words."""
    facts = Facts(parent.given, parent.instance, parent.plan)
    changes = [row for said in words for row in rows_of(said, facts)]
    return answer(parent, Scenario(name="asked", words=words, changes=changes), EFFORT)


def summary(folder: Path) -> dict[str, Any]:
    """What a folder tells."""
    content: dict[str, Any] = json.loads(folder.joinpath("summary.json").read_text(encoding="utf-8"))
    return content


class Stopped(Progress):
    """Somebody wants it to end at once."""

    def stop_asked(self) -> bool:
        """Yes."""
        return True


def test_a_stop_ends_both_searches(company: Parent) -> None:
    """The search without regard to the parent ends with the one near it, whatever work it might still do."""
    endless = Effort(work_limit=10**9, gap=0.0, engine="fast")
    result = plan_near(company.instance, company.plan, endless, Stopped())
    assert result.outcome.termination.limit is Limit.CANCELLED


def test_the_search_ends_where_the_plan_is_as_good_as_its_parent(company: Parent) -> None:
    """What the parent could have had as well is no answer to a change: nothing moves, however much work is left."""
    poor = with_one_sent_away(company)
    bound = float(company.summary["bound"])
    gap = 1 - score(company.instance, poor).contribution / bound
    parent = replace(company, plan=poor, summary={**company.summary, "gap": gap})
    name = company.instance.accounts.ids[int(np.argmin(company.instance.accounts.potential))]
    changes = rows_of(f"potential of {name} +1%", Facts(parent.given, parent.instance, parent.plan))
    enough = Effort(work_limit=20, gap=gap)
    found = answer(parent, Scenario(changes=changes), enough)
    assert found.result is not None
    assert found.result.outcome.termination.reason is Reason.GAP_REACHED
    assert not differing_accounts(found.plan, found.before).any()
    thorough = answer(parent, Scenario(changes=changes), replace(enough, thorough=True))
    assert thorough.result is not None
    assert thorough.result.contribution > found.result.contribution


def with_one_sent_away(company: Parent) -> Plan:
    """The plan with the first account that has a pod sent away from it, for nothing."""
    away = all_direct_plan(company.instance)
    assert away is not None
    account = int(np.argmax(company.plan.pod != away.pod))
    pod, tier, owner = company.plan.pod.copy(), company.plan.tier.copy(), company.plan.owner.copy()
    pod[account], tier[account], owner[account] = away.pod[account], away.tier[account], NOBODY
    return replace(company.plan, pod=pod, tier=tier, owner=owner)


def test_no_change_is_the_same_plan(tiny_folder: Path, tmp_path: Path) -> None:
    """The same tables byte for byte, and nothing is solved."""
    out = tmp_path / "same"
    assert main(["scenario", str(tiny_folder), "-o", str(out)]) == ExitCode.DONE
    for name in PLAN_FILES - {RUN, "summary.json"}:
        if tiny_folder.joinpath(name).exists():
            assert out.joinpath(name).read_bytes() == tiny_folder.joinpath(name).read_bytes(), name
    part = summary(out)["scenario"]
    assert part["unchanged"]
    assert part["plan_id"] == part["parent_id"]


def test_a_scenario_is_named_tagged_and_planned_again(tiny_folder: Path, tmp_path: Path) -> None:
    """Its folder is enough for that, and the start of another one, whose origin is the first plan."""
    out, again, next_out = tmp_path / "lean", tmp_path / "again", tmp_path / "next"
    words = ["lose S2", "--name", "lean", "--tag", "board", "--work-limit", "1000"]
    assert main(["scenario", str(tiny_folder), *words, "-o", str(out)]) == ExitCode.DONE
    assert main(["scenario", "--again", str(out), "-o", str(again)]) == ExitCode.DONE
    for name in ("summary.json", "accounts_plan.csv", "moved.csv", "input.zip", "plan.xlsx"):
        assert again.joinpath(name).read_bytes() == out.joinpath(name).read_bytes(), name
    part = summary(out)["scenario"]
    assert (part["name"], part["tags"], part["words"]) == ("lean", ["board"], ["lose S2"])
    assert part["difference"] == round(summary(out)["contribution"] - summary(tiny_folder)["contribution"], 2)
    assert main(["scenario", str(out), "A1 direct", "--work-limit", "1000", "-o", str(next_out)]) == ExitCode.DONE
    line = summary(next_out)["scenario"]
    assert (line["parent_id"], line["origin_id"]) == (part["plan_id"], part["origin_id"])
    assert main(["check", str(next_out / "input.zip"), str(next_out)]) == ExitCode.DONE


def test_changes_may_come_in_a_file(tiny_folder: Path, tmp_path: Path) -> None:
    """The file that a scenario leaves, or one typed by hand."""
    file = tmp_path / "mine.csv"
    file.write_text("table,id,column,value\npolicy,move_cost,value,5\n", encoding="utf-8")
    out = tmp_path / "out"
    assert main(["scenario", str(tiny_folder), "--changes", str(file), "-o", str(out)]) == ExitCode.DONE
    assert "policy,move_cost,value,5" in out.joinpath("changes.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words",
    [["lose nobody"], ["A1 to"], ["--changes", "nowhere.csv"], ["--again", "nowhere"], ["set people S9 annual_cost 1"]],
)
def test_what_cannot_be_asked_is_the_callers_to_mend(tiny_folder: Path, tmp_path: Path, words: list[str]) -> None:
    """Exit code 2, and nothing is written."""
    assert main(["scenario", str(tiny_folder), *words, "-o", str(tmp_path / "out")]) == ExitCode.INPUT
    assert not tmp_path.joinpath("out").exists()


def test_a_plan_with_hidden_pay_starts_nothing(tmp_path: Path) -> None:
    """Its folder has no input, which would tell every single person's pay."""
    out = tmp_path / "hidden"
    assert main(["plan", "tiny", "-o", str(out), "--work-limit", "1", "--hide-pay"]) == ExitCode.DONE
    assert main(["scenario", str(out), "-o", str(tmp_path / "next")]) == ExitCode.INPUT


def test_a_wish_moves_little(company: Parent) -> None:
    """One account goes to another rep of its pod: the rest of the company stays where it is."""
    plan, people = company.plan, company.instance.people
    account = next(a for a in range(len(plan.pod)) if plan.owner[a, 0] != NOBODY and _other_rep(company, a) != NOBODY)
    name, rep = company.instance.accounts.ids[account], people.ids[_other_rep(company, account)]
    found = ask(company, f"{name} to {rep}")
    assert found.plan.owner[account, 0] == found.instance.person_index[rep]
    assert differing_accounts(found.plan, found.before).sum() <= 6
    assert not verify(found.instance, found.plan).violations


def _other_rep(parent: Parent, account: int) -> int:
    plan = parent.plan
    reps = plan.placed_person[
        (plan.placed_pod == plan.pod[account]) & (parent.instance.people.role[plan.placed_person] == 0)
    ]
    return next((int(rep) for rep in reps if rep != plan.owner[account, 0]), NOBODY)


def test_who_leaves_is_replaced_near_by(company: Parent, tmp_path: Path) -> None:
    """The plan holds all rules, is written, and passes the check; what moved adds up to the groups told."""
    rep = company.instance.people.ids[company.plan.owner[company.plan.owner[:, 0] != NOBODY, 0][0]]
    found = ask(company, f"lose {rep}")
    assert rep not in found.instance.people.ids
    write_answer(found, tmp_path / "out")
    assert main(["check", str(tmp_path / "out" / "input.zip"), str(tmp_path / "out")]) == ExitCode.DONE
    counted = sum(len(each.group.accounts) for each in priced(found.instance, found.plan, found.before))
    assert counted == differing_accounts(found.plan, found.before).sum()


def test_what_could_be_had_anyway_is_not_the_changes(company: Parent) -> None:
    """To a plan without pods nearly all is a gain that losing somebody has not brought; no change has none."""
    rep = company.instance.people.ids[company.plan.owner[company.plan.owner[:, 0] != NOBODY, 0][0]]
    found = ask(company, f"lose {rep}")
    direct, nowhere = all_direct_plan(company.instance), all_direct_plan(found.instance)
    assert direct is not None
    assert nowhere is not None
    contribution = score(company.instance, direct).contribution
    poor = replace(company, plan=direct, summary={**company.summary, "contribution": contribution})
    anyway = told(replace(found, parent=poor, before=nowhere))["without_change"]
    assert anyway > 0.9 * (score(found.instance, found.plan).contribution - contribution)
    assert told(replace(found, result=None))["without_change"] is None


def test_only_a_region_is_a_small_problem(company: Parent) -> None:
    """Each account outside has one place in the model, and stays there; the plan is no worse."""
    facts = Facts(company.given, company.instance, company.plan)
    region = facts.regions[0]
    inside = facts.inside(region)
    found = ask(company, f"only re-plan {region}")
    columns = build_master(found.instance, site_of_pods(found.instance)).draft.columns
    places = np.diff(columns.start)[columns.unit_of]
    assert inside.any()
    assert (places[~inside] == 1).all()
    assert (places[inside] > 1).any()
    assert not differing_accounts(found.plan, found.before)[~inside].any()
    assert score(found.instance, found.plan).contribution >= score(company.instance, company.plan).contribution - 0.01


def test_what_does_not_pay_is_taken_back(company: Parent) -> None:
    """An account sent away for nothing comes back; and all of a group is taken back at once."""
    instance, before = company.instance, company.plan
    worse = with_one_sent_away(company)
    account = int(np.argmax(worse.pod != before.pod))
    (group,) = groups(instance, worse, before)
    assert group.accounts == (account,)
    assert groups(instance, taken_back(worse, before, group), before) == ()
    assert groups(instance, settled(instance, worse, before), before) == ()
    assert groups(instance, before, before) == ()
