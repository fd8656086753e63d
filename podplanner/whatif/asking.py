"""A cell with a decision, typed over: the wish that it is, or why it cannot be one."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from podplanner.domain.vocabulary import COVERAGES, ROLES
from podplanner.report.reading import OWNERS
from podplanner.whatif import sentences
from podplanner.whatif.challenge import Wish
from podplanner.whatif.facts import Facts
from podplanner.whatif.words import meant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from podplanner.whatif.facts import Row
    from podplanner.whatif.parent import Parent

KINDS = {"accounts_plan": "ACCOUNT", "people_plan": "PERSON", "pods_plan": "POD"}


class Asking:
    """Turns typed decisions into wishes about a plan."""

    def __init__(self, parent: Parent) -> None:
        self.facts = Facts(parent.given, parent.instance, parent.plan)
        self._ids: dict[str, _Ids] = {}

    def known(self, sheet: str, typed: str) -> str:
        """Id of a row's key, as the input writes it; what was typed where there is no such id."""
        if typed in self._hires:
            return typed
        found = self._of(KINDS[sheet]).found(typed)
        return typed if found is None else found

    def ask(self, sheet: str, key: str, column: str, was: str, typed: str) -> Wish | str:
        """The wish that a typed cell is, or why it is none."""
        if not typed:
            hint = f" To take the account from {was}, write: take {key} from {was}" if column in OWNERS and was else ""
            return (
                f"The cell is blank, or holds an error: name what it should be.{hint and f'{hint}, in a sheet wishes.'}"
            )
        if key in self._hires:
            return f"{key} is a position that the plan adds: only people of the input can be bound."
        if column == "tier":
            return self._tier(key, typed)
        if column in OWNERS:
            return self._owner(key, column, typed)
        pod = self._of("POD").found(typed)
        if pod is None:
            return self._of("POD").unknown("pod", typed)
        bind = sentences.account_to_pod if sheet == "accounts_plan" else sentences.person_to_pod
        return self._wish(bind, key, pod)

    def _tier(self, key: str, typed: str) -> Wish | str:
        tier = _Ids(self.facts.tiers).found(typed)
        if tier is not None:
            return self._wish(sentences.account_tier, key, tier, middle="at")
        if typed.casefold() in COVERAGES:
            return self._wish(sentences.account_coverage, key, typed.casefold(), middle="")
        return _Ids(self.facts.tiers).unknown("tier", typed)

    def _owner(self, key: str, column: str, typed: str) -> Wish | str:
        if typed in self._hires:
            return f"{typed} is a position that the plan adds: only people of the input can be bound."
        person = self._of("PERSON").found(typed)
        if person is None:
            return self._of("PERSON").unknown("person", typed)
        instance = self.facts.instance
        role = ROLES[int(instance.people.role[instance.person_index[person]])]
        if f"owner_{role}" != column:
            return f"{person} is in the role {role}: {column} is another."
        return self._wish(sentences.account_to_person, key, person)

    def _wish(self, bind: Callable[..., Iterator[Row]], key: str, value: str, *, middle: str = "to") -> Wish:
        words = " ".join(filter(None, (key, middle, value)))
        return Wish(words, changes=tuple(bind(self.facts, words, key, value)))

    def _of(self, kind: str) -> _Ids:
        if kind not in self._ids:
            self._ids[kind] = _Ids(*self.facts.names(kind))
        return self._ids[kind]

    @cached_property
    def _hires(self) -> frozenset[str]:
        people = self.facts.instance.people
        return frozenset(str(each) for each in people.ids[people.is_hire])


class _Ids:
    """Finds an id by what was typed: itself, in another case, with its leading zeros lost, or by a name of its own."""

    def __init__(self, ids: Sequence[str], names: Sequence[str] = ()) -> None:
        self.every = (*ids, *filter(None, names))
        self._ids = frozenset(ids)
        self._ways: tuple[dict[str, set[str]], ...] = ({}, {}, {})
        for each in ids:
            self._ways[0].setdefault(each.casefold(), set()).add(each)
            self._ways[1].setdefault(_number(each), set()).add(each)
        for each, name in zip(ids, names, strict=False):
            self._ways[2].setdefault(name.casefold(), set()).add(each)

    def found(self, typed: str) -> str | None:
        """The id, None where there is none or more than one."""
        if typed in self._ids:
            return typed
        for way, text in zip(self._ways, (typed.casefold(), _number(typed), typed.casefold()), strict=True):
            if text and len(way.get(text, ())) == 1:
                return next(iter(way[text]))
        return None

    def unknown(self, kind: str, typed: str) -> str:
        """Words for what was not found."""
        return f"There is no {kind} {typed!r}, or more than one{meant(typed, self.every)}."


def _number(text: str) -> str:
    """Digits without the zeros before them, as a spreadsheet keeps a number; "" for anything else."""
    return (text.lstrip("0") or "0") if text.isascii() and text.isdigit() else ""
