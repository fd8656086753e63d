"""Challenges: prices, what bounds prove about them, and what becomes of those accepted."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

from podplanner.cli import ExitCode, main
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import NOBODY, SALES
from podplanner.whatif.challenge import IMPOSSIBLE, PRICED, UNCLEAR, Hearing, Wish, counted, hear
from podplanner.whatif.hearing_files import answers, knock_on
from podplanner.whatif.near import Effort
from podplanner.whatif.parent import read_parent

if TYPE_CHECKING:
    from pathlib import Path

WISHES = ("A4 to S1", "A1 direct", "A9 to X", "S1 to virtual")


@pytest.fixture(scope="module")
def exact(tiny_folder: Path) -> Hearing:
    """Wishes about the tiny sample, where every plan is proven optimal."""
    return hear(read_parent(tiny_folder), [Wish(words, "Ann") for words in WISHES], Effort(work_limit=1000, gap=0.0))


def test_prices_are_exact_where_plans_are_optimal(exact: Hearing) -> None:
    """Optimum without the wish less optimum with it; together at least as much as the dearest alone."""
    priced = [each for each in exact.alone if each.outcome == PRICED]
    assert len(priced) == 3
    assert all(each.is_exact and each.price is not None and each.price >= 0 for each in priced)
    assert exact.together is not None
    assert exact.together.price is not None
    assert exact.together.price >= max(each.price or 0.0 for each in priced)


def test_what_is_not_understood_is_an_answer_too(exact: Hearing) -> None:
    """With what is wrong; the other wishes are answered all the same."""
    assert exact.alone[2].outcome == UNCLEAR
    assert "there is no account 'A9'" in exact.alone[2].why


def test_what_no_plan_can_grant_is_told(tiny_folder: Path) -> None:
    """Local and direct at once: the rules that clash, by name."""
    parent = read_parent(tiny_folder)
    hearing = hear(parent, [Wish("A1 direct"), Wish("A1 local")], Effort(work_limit=1000, gap=0.0))
    assert hearing.together is not None
    assert hearing.together.outcome == IMPOSSIBLE
    assert "A1 direct" in hearing.together.why


def test_an_open_gap_leaves_an_interval(company_folder: Path) -> None:
    """Around the price; the base is no worse than the plan, and the plan with the wish keeps it and all rules."""
    parent = read_parent(company_folder)
    plan, instance = parent.plan, parent.instance
    account = int((plan.owner[:, SALES] != NOBODY).argmax())
    name, owner = instance.accounts.ids[account], instance.people.ids[plan.owner[account, SALES]]
    wishes = [Wish(f"take {name} from {owner}"), Wish(f"{name} to {owner}")]
    hearing = hear(parent, wishes, Effort(work_limit=1, gap=1.0 - 1e-9))
    assert hearing.contribution >= parent.summary["contribution"] - 0.01
    for verdict in hearing.alone:
        assert verdict.price is not None
        assert 0.0 <= verdict.low <= verdict.price + 0.01 <= verdict.high + 0.02
        assert verdict.plan is not None
        assert verdict.instance is not None
        assert not verify(verdict.instance, verdict.plan).violations
    # The plan has it so already: the wish costs nothing and moves nothing.
    assert hearing.alone[1].price == 0
    assert answers(hearing, [])["accounts_moved"][1] == 0


def test_accepted_wishes_become_pins_with_author_and_note(tiny_folder: Path, tmp_path: Path) -> None:
    """Those below the price or named: rows of changes, a plan that grants them, and a line each in the log."""
    wishes, out = tmp_path / "wishes.csv", tmp_path / "heard"
    wishes.write_text(
        "wish,author,note\nA4 to S1,Ann,her friend\nA1 direct,Bob,\nS1 to virtual,Eve,\n", encoding="utf-8"
    )
    words = ["challenge", str(tiny_folder), "--list", str(wishes), "--work-limit", "1000", "-o", str(out)]
    assert main([*words, "--accept", "1", "--accept-below", "8200"]) == ExitCode.DONE
    with out.joinpath("challenges.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["accepted"] for row in rows] == ["true", "false", "true", "false"]
    accepted = out.joinpath("accepted.csv").read_text(encoding="utf-8")
    assert "add,rules,A4 to S1,author,Ann" in accepted
    assert "add,rules,A4 to S1,note,her friend" in accepted
    assert main(["check", str(out / "plan" / "input.zip"), str(out / "plan")]) == ExitCode.DONE
    assert main(words) == ExitCode.DONE
    assert not out.joinpath("plan").exists(), "of the earlier hearing"
    log = [json.loads(line) for line in out.joinpath("log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["accepted"] for line in log] == [True, False, True, False, False, False]
    assert log[0]["author"] == "Ann"


CLASHES = [("A4 to S1", "A4 to S2"), ("lose S1", "A4 to S1")]
"""Rules that exclude each other; a rule about somebody who is gone."""


@pytest.mark.parametrize("pair", CLASHES)
def test_accepted_wishes_that_clash_grant_nothing(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], pair: tuple[str, str]
) -> None:
    """The two that clash are named, the third is not; the answers lie there, and nothing counts as accepted."""
    asked = ["challenge", str(tiny_folder), pair[0], "A2 to S2", pair[1], "--accept-below", "1e6"]
    out = tmp_path / "heard"
    assert main([*asked, "--work-limit", "1000", "-o", str(out)]) == ExitCode.INFEASIBLE
    told = capsys.readouterr().out.splitlines()
    assert told[-2].startswith(f"nothing is granted: {pair[0]!r} and {pair[1]!r} cannot be granted together: ")
    assert "changes row" not in told[-2]
    assert told[-1] == str(out / "challenges.csv")
    with out.joinpath("challenges.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["outcome"] for row in rows] == [*[PRICED] * 3, IMPOSSIBLE]
    assert {row["accepted"] for row in rows} == {"false"}
    assert len(out.joinpath("accepted.csv").read_text(encoding="utf-8").splitlines()) == 1
    log = out.joinpath("log.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["accepted"] for line in log] == [False] * 3
    assert not out.joinpath("plan").exists()


def test_a_wish_without_a_price_is_not_accepted(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said why, and the others are not granted without it."""
    asked = ["challenge", str(tiny_folder), "A1 direct", "A9 to X", "--accept", "1", "--accept", "2"]
    assert main([*asked, "--work-limit", "1000", "-o", str(tmp_path / "heard")]) == ExitCode.INPUT
    assert "nothing is granted: 2. 'A9 to X' is unclear\n" in capsys.readouterr().out
    assert not tmp_path.joinpath("heard", "plan").exists()


def test_a_hearing_overwrites_nothing_that_is_needed(tiny_folder: Path, tmp_path: Path) -> None:
    """An answered workbook that may have been typed into, a plan in force."""
    for name in ("answered.xlsx", "plan/in_force.json"):
        path = tmp_path / name[:4] / name
        path.parent.mkdir(parents=True)
        path.write_text("", encoding="utf-8")
        asked = ["challenge", str(tiny_folder), "A1 direct", "-o", str(tmp_path / name[:4])]
        assert main(asked) == ExitCode.INPUT
        assert path.exists()


@pytest.mark.parametrize("words", [[], ["--list", "nowhere.csv"], ["A1 direct", "--accept", "2"]])
def test_what_cannot_be_heard(tiny_folder: Path, tmp_path: Path, words: list[str]) -> None:
    """No wish, no file, a number without a wish."""
    asked = ["challenge", str(tiny_folder), *words, "--work-limit", "1", "-o", str(tmp_path / "out")]
    assert main(asked) == ExitCode.INPUT


def test_a_wish_that_somebody_leaves_is_told_by_who_is_left(tiny_folder: Path) -> None:
    """What moves is counted from the plan without the wish, by ids: nobody is taken for somebody else."""
    hearing = hear(read_parent(tiny_folder), [Wish("lose S1")], Effort(work_limit=1000, gap=0.0))
    (verdict,) = hearing.alone
    assert verdict.instance is not None
    people = set(verdict.instance.people.ids.tolist())
    told = knock_on(hearing).columns
    named = {str(name) for kind, name in zip(told["kind"], told["id"], strict=True) if kind == "person"}
    assert named <= people
    assert counted(verdict)[1] == len(named)
