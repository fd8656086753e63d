"""Which rules clash, where no plan keeps them all: a smallest set that still leaves no plan, in the planner's words.

The rows of the model are grouped, first by business rule, planner's rule and cap, then by whom they bind. Groups are
taken away, half by half, as long as what is left has no plan (U. Junker, QuickXPlain: preferred explanations and
relaxations for over-constrained problems, AAAI 2004, algorithm 1). What cannot be taken away is the answer: without
any one part of it there is a plan.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import highspy

from podplanner.domain.rules import RULES
from podplanner.domain.wording import rule_words
from solvers.reference.model import ReferenceModel
from solvers.reference.native import is_infeasible, loaded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from podplanner.domain.instance import Instance

NODES = 200
"""Most nodes of one question; what is not proven by then counts as possible, so that no rule is accused wrongly."""

LARGEST = 30_000
"""Columns up to which forbidden combinations are modelled too, so that rules of place and skill can be named."""

MOST_NAMED = 10
"""Subjects named for one rule; the rest are counted."""

_HAND_MADE = ("pin", "forbid", "together", "apart", "limit")


UNTOLD = "all rules together leave no plan, but the search for those that clash ended before it could tell them apart"


def clashes(instance: Instance, time_left_s: float | None) -> tuple[str, ...]:
    """One line for each rule that clashes, with whom it binds.

    Parameters
    ----------
    time_left_s
        After it, what has not been taken away stays: the answer is true, but need not be the smallest. None: no limit.
    """
    search = _Search(instance, time_left_s, pruned=_everything(instance) > LARGEST)
    all_codes = sorted({key[0] for key in search.groups})
    if not search.clash_of_codes(all_codes):
        return (UNTOLD,)
    codes = _smallest(all_codes, search.clash_of_codes)
    keys = sorted(key for key in search.groups if key[0] in codes)
    kept = _smallest(keys, search.clash_of_keys)
    return tuple(_lines(instance, kept))


def _everything(instance: Instance) -> int:
    """Columns of the model with nothing left out."""
    accounts, people, pods = len(instance.accounts), len(instance.people), len(instance.pods)
    return accounts * pods * len(instance.tiers) * (1 + people)


class _Search:
    """The unpruned model with its rows switched on and off by group."""

    def __init__(self, instance: Instance, time_left_s: float | None, *, pruned: bool) -> None:
        self.deadline = math.inf if time_left_s is None else time.monotonic() + time_left_s
        model = ReferenceModel(instance, pruned=pruned)
        problem = model.problem
        problem.setObjective(0 * model.variables.one)
        self.highs = loaded(problem, None, {"mip_max_nodes": NODES})
        self.groups: dict[tuple[str, str], list[tuple[int, float, float]]] = defaultdict(list)
        lp = self.highs.getLp()
        for constraint in problem.constraints():
            row, index = model.constraints.origin[constraint.name], constraint.index
            if row.code:
                code = row.subject if row.code in _HAND_MADE else row.code
                self.groups[code, row.subject].append((index, lp.row_lower_[index], lp.row_upper_[index]))

    def clash_of_codes(self, codes: Iterable[str]) -> bool:
        """Whether these rules alone leave no plan."""
        wanted = set(codes)
        return self._clash(lambda key: key[0] in wanted)

    def clash_of_keys(self, keys: Iterable[tuple[str, str]]) -> bool:
        """Whether these groups alone leave no plan."""
        wanted = set(keys)
        return self._clash(wanted.__contains__)

    def _clash(self, chosen: Callable[[tuple[str, str]], bool]) -> bool:
        for key, rows in self.groups.items():
            on = chosen(key)
            for index, low, high in rows:
                bounds = (low, high) if on else (-highspy.kHighsInf, highspy.kHighsInf)
                self.highs.changeRowBounds(index, *bounds)
        return is_infeasible(self.highs, max(0.0, self.deadline - time.monotonic()))


def _smallest(items: Sequence[Any], clash: Callable[[Iterable[Any]], bool]) -> list[Any]:
    """A subset that clashes and none of whose parts can be left out, provided all of them together clash."""

    def needed(base: list[Any], added: bool, rest: list[Any]) -> list[Any]:
        if added and clash(base):
            return []
        if len(rest) == 1:
            return rest
        half = len(rest) // 2
        first, second = rest[:half], rest[half:]
        of_second = needed(base + first, bool(first), second)
        of_first = needed(base + of_second, bool(of_second), first)
        return of_first + of_second

    return needed([], True, list(items)) if items else []


def _lines(instance: Instance, kept: Iterable[tuple[str, str]]) -> Iterable[str]:
    words = {f"rule {rule.rule_id}": rule_words(instance, rule) for rule in instance.rules}
    subjects: dict[str, list[str]] = defaultdict(list)
    for code, subject in sorted(kept):
        subjects[code].append(subject)
    meaning = {rule.code: rule.words for rule in RULES}
    for code, named in subjects.items():
        if code in words:
            yield words[code]
        else:
            more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
            yield f"{code} ({', '.join(named[:MOST_NAMED])}{more}): {meaning[code]}"
