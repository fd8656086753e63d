"""Common changes in words: one small grammar, whose sentences become rows of the table ``changes``.

Words in capitals stand for what the sentence is about. Ids are found whatever their case, accounts, people and pods
also by a name that only one of them has. What cannot be read is answered by the sentences there are, and by ids that
look like the one that was meant.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from podplanner.domain.errors import PodplannerError
from podplanner.domain.vocabulary import COVERAGES, ROLES
from podplanner.whatif import sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from podplanner.whatif.facts import Facts, Row

NEAR = 3
"""Ids that are offered where one is not known."""


class UnknownWords(PodplannerError):
    """A sentence that the grammar does not know, or that names what is not there."""

    code = "unknown_words"


@dataclass(frozen=True)
class Sentence:
    """One sentence of the grammar.

    Parameters
    ----------
    form
        Its words; those in capitals are parts to be filled in.
    meaning
        What it does, in one sentence.
    rows
        The rows of ``changes`` that it becomes, from the facts of the plan, the sentence as said, and its parts.
    """

    form: str
    meaning: str
    rows: Callable[..., Iterator[Row]]

    @property
    def parts(self) -> tuple[str, ...]:
        """Words in capitals, in order."""
        return tuple(word for word in self.form.split() if word.isupper())

    @property
    def literals(self) -> tuple[str, ...]:
        """The other words."""
        return tuple(word for word in self.form.split() if not word.isupper())

    @property
    def pattern(self) -> re.Pattern[str]:
        """The sentence with anything in its parts."""
        words = ("(.+?)" if word.isupper() else re.escape(word) for word in self.form.split())
        return re.compile(r"\s+".join(words), re.IGNORECASE)


GRAMMAR = tuple(
    Sentence(*entry)
    for entry in (
        ("lose PERSON", "The person leaves; their books become vacancies.", sentences.lose),
        ("lose account ACCOUNT", "The customer is gone.", sentences.lose_account),
        ("add COUNT ROLE at PLACE", "People of the role join, at a pod's base or in a city.", sentences.add_people),
        ("hire up to COUNT ROLE", "The plan may add so many positions of the role.", sentences.hire),
        ("freeze hiring", "The plan adds no position.", sentences.freeze_hiring),
        (
            "budget CHANGE",
            "The budget, else what is spent, by -10% or to an amount.",
            sentences.budget,
        ),
        ("potential of ACCOUNT CHANGE", "The account's potential, by +20% or to an amount.", sentences.potential),
        ("keep ACCOUNT with PERSON", "The person is the account's owner.", sentences.account_to_person),
        ("ACCOUNT to PERSON", "The same.", sentences.account_to_person),
        ("keep ACCOUNT in POD", "The account is in the pod.", sentences.account_to_pod),
        ("ACCOUNT to POD", "The same.", sentences.account_to_pod),
        ("ACCOUNT COVERAGE", "The account is covered so: local, virtual or direct.", sentences.account_coverage),
        ("ACCOUNT at TIER", "The account is at the tier.", sentences.account_tier),
        ("keep PERSON in POD", "The person is in the pod.", sentences.person_to_pod),
        ("PERSON to POD", "The same.", sentences.person_to_pod),
        ("take ACCOUNT from PERSON", "The person is not the account's owner.", sentences.account_from_person),
        ("close POD", "Nobody works in the pod, and it has no accounts.", sentences.close),
        ("open POD", "The pod is open, and paid for.", sentences.open_pod),
        ("only re-plan REGION", "All but the accounts of a region, country, city or pod stays.", sentences.only),
        ("set TABLE ID COLUMN VALUE", "Any cell of the input.", sentences.set_cell),
    )
)


def rows_of(said: str, facts: Facts) -> list[Row]:
    """Rows of ``changes`` for one sentence.

    Parameters
    ----------
    facts
        What the plan and its input hold.

    Raises
    ------
    UnknownWords
        With what to say instead.
    """
    text = " ".join(said.split())
    missed: list[str] = []
    for sentence in GRAMMAR:
        match = sentence.pattern.fullmatch(text)
        if match is None:
            continue
        found = [_Kinds(facts).part(kind, word) for kind, word in zip(sentence.parts, match.groups(), strict=True)]
        if all(isinstance(each, Found) for each in found):
            return list(sentence.rows(facts, text, *(each.value for each in found if isinstance(each, Found))))
        if sentence.literals or any(isinstance(each, Found) for each in found):
            missed.append(f"as {sentence.form!r}: " + "; ".join(each for each in found if isinstance(each, str)))
    raise _unknown(said, text, missed)


def all_rows_of(said: Iterable[str], facts: Facts) -> tuple[list[Row], list[str]]:
    """Rows of several sentences, and the sentence behind each row; raises `UnknownWords` as `rows_of` does."""
    told = [(row, words) for words in said for row in rows_of(words, facts)]
    return [row for row, _ in told], [words for _, words in told]


def require_known(said: str) -> None:
    """Judge a sentence as far as that can be done without knowing the plan.

    Raises
    ------
    UnknownWords
        It is none of the grammar, whatever the plan holds; with what to say instead.
    """
    text = " ".join(said.split())
    missed: list[str] = []
    for sentence in GRAMMAR:
        match = sentence.pattern.fullmatch(text)
        if match is None:
            continue
        found = [_plain(kind, word) for kind, word in zip(sentence.parts, match.groups(), strict=True)]
        wrong = [each for each in found if isinstance(each, str)]
        if not wrong:
            return
        if sentence.literals or any(isinstance(each, Found) for each in found):
            missed.append(f"as {sentence.form!r}: " + "; ".join(wrong))
    raise _unknown(said, text, missed)


def _unknown(said: str, text: str, missed: Sequence[str]) -> UnknownWords:
    if missed:
        return UnknownWords(f"{said!r} cannot be carried out: " + ". Or ".join(missed) + ".")
    return UnknownWords(f"{said!r} is not understood. {_alternatives(text)}")


def _alternatives(text: str) -> str:
    first = text.split(" ", maxsplit=1)[0].casefold()
    forms = [sentence.form for sentence in GRAMMAR]
    near = [form for form in forms if form.split()[0].casefold() == first]
    near = near or [
        form for form in forms if difflib.get_close_matches(first, [form.split()[0].casefold()], cutoff=0.75)
    ]
    return "Say " + ", ".join(repr(form) for form in near or forms) + "."


@dataclass(frozen=True)
class Found:
    """What a part of a sentence stands for."""

    value: object


def _plain(kind: str, word: str) -> Found | str | None:
    """A part that means the same in every plan; None for any other."""
    if kind == "ROLE":
        return _one_of(kind, word, (*ROLES, *(f"{role}s" for role in ROLES)))
    if kind == "COVERAGE":
        return _one_of(kind, word, COVERAGES)
    if kind == "COUNT":
        return Found(int(word)) if word.isdigit() and 0 < int(word) < 1000 else f"{word!r} is no count"
    if kind == "CHANGE":
        change = sentences.change_of(word)
        return f"{word!r} is neither a change such as -10% nor an amount" if change is None else Found(change)
    return None


def _one_of(kind: str, word: str, choices: Sequence[str]) -> Found | str:
    known = {each.casefold(): each for each in choices}
    value = known.get(word.casefold())
    if value is None:
        return f"{word!r} is no {kind.casefold()}: {', '.join(choices)}"
    return Found(value.removesuffix("s") if kind == "ROLE" and value not in ROLES else value)


class _Kinds:
    """Reads the parts of a sentence; words for what is wrong instead of a `Found` where one cannot be read."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def part(self, kind: str, word: str) -> Found | str:
        """One part."""
        plain = _plain(kind, word)
        if plain is not None:
            return plain
        facts = self.facts
        if kind in ("ACCOUNT", "PERSON", "POD"):
            return self._named(kind, word, *facts.names(kind))
        if kind == "TIER":
            return _one_of(kind, word, facts.tiers)
        if kind == "PLACE":
            place = facts.place(word)
            return f"there is no pod and no city {word!r}" if place is None else Found(place)
        if kind == "REGION":
            inside = facts.inside(word)
            return Found(inside) if inside.any() else f"no account is in {word!r}{meant(word, facts.regions)}"
        return Found(word)

    def _named(self, kind: str, word: str, ids: Sequence[str], names: Sequence[str]) -> Found | str:
        if word in ids:
            return Found(word)
        folded = word.casefold()
        same = [each for each in ids if each.casefold() == folded]
        same = same or [each for each, name in zip(ids, names, strict=True) if name.casefold() == folded]
        if len(same) == 1:
            return Found(same[0])
        if same:
            return f"{word!r} may be {', '.join(same[:NEAR])}: give the id"
        return f"there is no {kind.casefold()} {word!r}{meant(word, [*ids, *names])}"


def meant(word: str, known: Sequence[str]) -> str:
    """What a word that is not known may have been meant for, in brackets; "" where nothing is near."""
    folded = {each.casefold(): each for each in known if each}
    near = difflib.get_close_matches(word.casefold(), list(folded), NEAR)
    return f" (is it {' or '.join(folded[each] for each in near)}?)" if near else ""
