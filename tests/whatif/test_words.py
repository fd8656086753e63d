"""Changes in words."""

from __future__ import annotations

import pytest

from datasets import read_given, successor, take
from datasets.samples import sample_path
from podplanner.domain.build import build_instance
from podplanner.domain.direct import all_direct_plan
from podplanner.whatif.facts import Facts
from podplanner.whatif.words import GRAMMAR, UnknownWords, rows_of


@pytest.fixture(scope="module")
def facts() -> Facts:
    """The tiny sample, where everything is direct."""
    given = read_given(sample_path("tiny"))
    instance = build_instance(given.tables)
    plan = all_direct_plan(instance)
    assert plan is not None
    return Facts(given, instance, plan)


SAID = (
    "lose S2",
    "lose account A3",
    "add 3 sales at Dallas, TX",
    "hire up to 2 supports",
    "freeze hiring",
    "budget -10%",
    "potential of A1 +20%",
    "keep A1 with S2",
    "A1 to S1",
    "keep A1 in dallas",
    "A1 to virtual",
    "A2 local",
    "A2 at direct",
    "keep S1 in dallas",
    "S1 to dallas",
    "take A1 from S1",
    "close dallas",
    "open dallas",
    "only re-plan dallas",
    "set policy horizon_years value 3",
)


@pytest.mark.parametrize("said", SAID)
def test_every_sentence_makes_a_sound_input(facts: Facts, said: str) -> None:
    """Its rows change the input, and the input takes them."""
    changed = take(successor(facts.given, rows_of(said, facts)))
    assert changed.tables.sha256() != facts.instance.sha256


def test_every_sentence_of_the_grammar_is_tried() -> None:
    """One for each form, in the same order."""
    assert [each.form for each, said in zip(GRAMMAR, SAID, strict=True) if not each.pattern.fullmatch(said)] == []


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("freez hiring", "Say 'freeze hiring'"),
        ("lose S22", "is it S2"),
        ("A1 to X", "there is no person 'X'"),
        ("budget lots", "neither a change such as -10%"),
        ("add 2 cooks at Dallas", "is no role: sales"),
        ("add 2 sales at Nowhereville", "no pod and no city"),
        ("add 0 sales at Dallas", "is no count"),
        ("only re-plan Atlantis", "no account is in 'Atlantis'"),
        ("please improve", "Say 'lose PERSON'"),
    ],
)
def test_what_cannot_be_read_is_answered_by_what_can(facts: Facts, said: str, answer: str) -> None:
    """The sentences there are, and ids that look like the one that was meant."""
    with pytest.raises(UnknownWords, match=r"cannot|not understood") as caught:
        rows_of(said, facts)
    assert answer in str(caught.value)


def test_ids_are_found_by_name_whatever_their_case(facts: Facts) -> None:
    """One that only one thing has; the id where the case differs."""
    assert rows_of("lose sue", facts) == rows_of("lose S2", facts) == rows_of("LOSE s2", facts)


def test_a_budget_is_changed_from_what_is_spent(facts: Facts) -> None:
    """Where there is none, the plan's own cost is cut."""
    assert rows_of("budget -10%", facts)[0]["value"] == str(round(0.9 * facts.spent, 2))
    assert rows_of("budget 1,000", facts)[0]["value"] == "1000.0"
