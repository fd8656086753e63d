"""Rules that pass or fail a plan: a key figure held against a number, or against a share of today's.

A rule is said as ``FIGURE >= NUMBER`` or ``FIGURE <= NUMBER``, the number plain, in per cent, or in per cent of
today's: ``contribution >= 99% of today``, ``moved_revenue <= 3%``, ``hires <= 2``, ``gap <= 1%``.
"""

from __future__ import annotations

import difflib
import operator
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from podplanner.report.kpis import KPIS
from podplanner.whatif.words import UnknownWords

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIGURES = (*(kpi.name for kpi in KPIS), "gap")
_RULE = re.compile(r"(\w+)\s*(>=|<=)\s*(-?\d+(?:\.\d+)?)\s*(%)?\s*(of today)?", re.IGNORECASE)
_HOLDS = {">=": operator.ge, "<=": operator.le}


@dataclass(frozen=True)
class Rule:
    """One rule; ``number`` is a share of today's figure where ``of_today``."""

    words: str
    figure: str
    sign: str
    number: float
    of_today: bool


@dataclass(frozen=True)
class Judged:
    """A rule held against a plan: its figure, the limit, and whether it holds; a figure that is unknown does not."""

    rule: str
    value: float | None
    limit: float | None
    passed: bool


def read_rule(words: str) -> Rule:
    """A rule in words.

    Raises
    ------
    UnknownWords
        With what to say instead.
    """
    match = _RULE.fullmatch(words.strip())
    if match is None:
        raise UnknownWords(f"{words!r} is no rule. Say 'contribution >= 99% of today' or 'moved_revenue <= 3%'.")
    figure = match[1].casefold()
    if figure not in FIGURES:
        near = difflib.get_close_matches(figure, FIGURES) or FIGURES
        raise UnknownWords(f"{words!r}: there is no key figure {match[1]!r}; there are {', '.join(near)}.")
    number = float(match[3]) / (100 if match[4] else 1)
    return Rule(words.strip(), figure, match[2], number, match[5] is not None)


def judge(rules: Sequence[Rule], summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each rule with the plan's figure, as ``summary.json`` tells it under ``acceptance``."""
    return [asdict(_judged(rule, summary)) for rule in rules]


def _judged(rule: Rule, summary: Mapping[str, Any]) -> Judged:
    value = summary["gap"] if rule.figure == "gap" else (summary["kpis"] or {}).get(rule.figure)
    today = ((summary["baseline"] or {}).get("kpis") or {}).get(rule.figure)
    # Of a loss, 99 % would be more than all of it: the share is taken of its size.
    share_of_today = None if today is None else today - abs(today) * (1 - rule.number)
    limit = share_of_today if rule.of_today else rule.number
    passed = value is not None and limit is not None and bool(_HOLDS[rule.sign](value, limit))
    return Judged(rule.words, value, limit, passed)
