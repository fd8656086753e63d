"""Challenges: wishes from the field, each answered by its price and by what else would move.

The price is what the best plan without the wish brings more than the best plan with it. Neither is known exactly where
the gap is not closed; so that the price is the wish's effect and not the luck of a search, the plan is searched anew
with the same effort as with each wish, and what either search has found better is taken over into the other plan,
group by group. What the bounds of both leave open is told as an interval.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from podplanner.domain.errors import InputError, NoStart
from podplanner.domain.result import Reason
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.planning.carry import carried
from podplanner.planning.precheck import precheck
from podplanner.whatif.differences import differing_accounts, groups, settled
from podplanner.whatif.facts import Facts, only_forbids
from podplanner.whatif.near import Known, plan_near
from podplanner.whatif.scenario import Answer, Scenario, answer, changed
from podplanner.whatif.words import UnknownWords, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from podplanner.whatif.facts import Row
    from podplanner.whatif.near import Effort
    from podplanner.whatif.parent import Parent
    from solvers.engine import Progress

CENT = 0.01
PRICED, IMPOSSIBLE, UNANSWERED, UNCLEAR = "priced", "impossible", "unanswered", "unclear"
"""What comes of a wish: a price; no plan can grant it; none was found in time; it is not understood."""


@dataclass(frozen=True)
class Wish:
    """One wish: its sentence, who asks for it, and why; and the rows of ``changes`` that it is, if known."""

    words: str
    author: str = ""
    note: str = ""
    changes: tuple[Row, ...] | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a wish costs, or several together.

    Parameters
    ----------
    wishes
        Those that it is about.
    outcome
        One of ``priced``, ``impossible``, ``unanswered``, ``unclear``.
    why
        Rules that clash, or what is not understood; "" with a price.
    price
        Contribution without the wish less that with it, money a year; below 0 where granting it gains; None without.
    low, high
        What the bounds prove about the price; infinite where nothing is proven.
    changes
        Rows of ``changes`` that the wishes become.
    clash
        Of several that cannot be granted together: few of them that cannot either.
    instance, before, plan
        The input with the wishes granted, the plan without them in its indices, and the plan that grants them.
    """

    wishes: tuple[Wish, ...]
    outcome: str
    why: str = ""
    price: float | None = None
    low: float = -float("inf")
    high: float = float("inf")
    changes: tuple[Row, ...] = field(default_factory=tuple)
    clash: tuple[Wish, ...] = ()
    instance: Instance | None = None
    before: Plan | None = None
    plan: Plan | None = None

    @property
    def is_exact(self) -> bool:
        """Whether the bounds leave nothing open."""
        return self.price is not None and self.high - self.low <= CENT


@dataclass(frozen=True)
class Hearing:
    """The answers to a list of wishes.

    Parameters
    ----------
    base
        The plan without any wish, searched with the same effort.
    contribution, bound
        Of the base.
    alone
        Each wish by itself, in order.
    together
        All of those that have a price alone; None where there are fewer than two.
    """

    parent: Parent
    base: Plan
    contribution: float
    bound: float
    alone: tuple[Verdict, ...]
    together: Verdict | None


def hear(parent: Parent, wishes: Sequence[Wish], effort: Effort, progress: Progress | None = None) -> Hearing:
    """Answer wishes, alone and together."""
    facts = Facts(parent.given, parent.instance, parent.plan)
    # Equal work for all: none of them ends before because it is good enough, or goes on because it is not.
    effort = replace(effort, thorough=True, longer_s=None)
    polished = plan_near(parent.instance, parent.plan, effort, progress, Known(duals=parent.duals))
    told = parent.summary["bound"]
    bound = min(polished.outcome.bound, float("inf") if told is None else told)
    base = _better(parent.instance, polished.outcome.plan, parent.plan)
    asked = [_asked(facts, (wish,)) for wish in wishes]
    found = [each if isinstance(each, Verdict) else _searched(parent, each, effort, progress) for each in asked]
    granted = [wish for wish, each in zip(wishes, found, strict=True) if isinstance(each, _Found)]
    both = None
    if len(granted) > 1:
        rows = _asked(facts, tuple(granted))
        both = rows if isinstance(rows, Verdict) else _searched(parent, rows, effort, progress)
        both = _with_clash(parent, facts, both) if isinstance(both, Verdict) else both
    for each in (*found, both):
        if isinstance(each, _Found):
            base = each.lent_to(parent.instance, base)
    contribution = score(parent.instance, base).contribution
    judged = [each.verdict(base, contribution, bound) if isinstance(each, _Found) else each for each in (*found, both)]
    alone, together = [each for each in judged[:-1] if each is not None], judged[-1]
    return Hearing(parent, base, contribution, bound, tuple(alone), together)


@dataclass(frozen=True)
class _Asked:
    """Wishes that are understood, and the rows that they become."""

    wishes: tuple[Wish, ...]
    changes: tuple[Row, ...]
    said: tuple[str, ...]


@dataclass(frozen=True)
class _Found:
    """A plan that grants wishes."""

    asked: _Asked
    answer: Answer
    plan: Plan
    bound: float

    def lent_to(self, instance: Instance, base: Plan) -> Plan:
        """The base with all that this plan has found better, where that does without the wish."""
        if not self.plan.fits(instance) or not self._same_ids(instance) or verify(instance, self.plan).violations:
            return base
        return _better(instance, settled(instance, self.plan, base), base)

    def _same_ids(self, instance: Instance) -> bool:
        own = self.answer.instance
        pairs = ((own.accounts, instance.accounts), (own.people, instance.people), (own.pods, instance.pods))
        return all(len(one.ids) == len(other.ids) and bool((one.ids == other.ids).all()) for one, other in pairs)

    def verdict(self, base: Plan, contribution: float, bound: float) -> Verdict:
        """The price, once the base is as good as it gets."""
        instance, plan = self.answer.instance, self.plan
        before = carried(base, self.answer.parent.instance, instance)
        plan = settled(instance, plan, before)
        now = score(instance, plan).contribution
        forbids = only_forbids(self.answer.parent.instance, self.asked.changes)
        low = contribution - min(self.bound, bound if forbids else float("inf"))
        return Verdict(
            wishes=self.asked.wishes,
            outcome=PRICED,
            price=round(contribution - now, 2),
            low=max(0.0, low) if forbids else low,
            high=bound - now,
            changes=self.asked.changes,
            instance=instance,
            before=before,
            plan=plan,
        )


def _asked(facts: Facts, wishes: tuple[Wish, ...]) -> _Asked | Verdict:
    """The wishes as rows: a pin has a note that says who asked for it, and why."""
    rows: list[Row] = []
    said: list[str] = []
    for wish in wishes:
        try:
            own = rows_of(wish.words, facts) if wish.changes is None else list(wish.changes)
        except UnknownWords as error:
            return Verdict(wishes=wishes, outcome=UNCLEAR, why=str(error))
        rules = dict.fromkeys(row["id"] for row in own if row["op"] == "add" and row["table"] == "rules")
        noted = {"author": wish.author, "note": wish.note or f"wished: {wish.words}"}
        # Two may wish the same: its pin is one, and tells the first of them.
        cells = {(row["id"], row["column"]) for row in rows if row["op"] == "add"}
        rows += [row for row in own if row["op"] != "add" or (row["id"], row["column"]) not in cells]
        cells |= {(row["id"], row["column"]) for row in own}
        rows += [
            {"op": "add", "table": "rules", "id": rule, "column": column, "value": value}
            for rule in rules
            for column, value in noted.items()
            if value and (rule, column) not in cells
        ]
        said += [wish.words] * (len(rows) - len(said))
    return _Asked(wishes, tuple(rows), tuple(said))


def _searched(
    parent: Parent,
    asked: _Asked,
    effort: Effort,
    progress: Progress | None,
    name: str = "",
    known: Plan | None = None,
) -> _Found | Verdict:
    words = tuple(each.words for each in asked.wishes)
    scenario = Scenario(name=name, words=words, changes=asked.changes, said=asked.said)
    try:
        found = answer(parent, scenario, effort, progress, known)
    except InputError as error:
        return Verdict(wishes=asked.wishes, outcome=UNCLEAR, why=_errors(error), changes=asked.changes)
    except NoStart as error:
        return Verdict(wishes=asked.wishes, outcome=UNCLEAR, why=str(error), changes=asked.changes)
    if found.result is None:
        return _Found(asked, found, found.before, float("inf"))
    outcome = found.result.outcome
    if outcome.plan is not None:
        return _Found(asked, found, outcome.plan, outcome.bound)
    is_impossible = outcome.termination.reason is Reason.INFEASIBLE
    why = "; ".join(outcome.clashes) if is_impossible else "no plan was found; search longer"
    return Verdict(
        wishes=asked.wishes,
        outcome=IMPOSSIBLE if is_impossible else UNANSWERED,
        why=why or "no plan can meet all the rules",
        changes=asked.changes,
    )


def grant(
    hearing: Hearing, wishes: Sequence[Wish], name: str, effort: Effort, progress: Progress | None = None
) -> Answer | Verdict:
    """The plan that grants wishes which have a price alone; else why there is none, and which of them clash.

    Where the hearing has found one that grants just these, that is the least.
    """
    parent = hearing.parent
    facts = Facts(parent.given, parent.instance, parent.plan)
    asked = _asked(facts, tuple(wishes))
    heard = (each for each in (*hearing.alone, hearing.together) if each is not None and each.wishes == asked.wishes)
    known = next((each.plan for each in heard), None)
    found = asked if isinstance(asked, Verdict) else _searched(parent, asked, effort, progress, name, known)
    return found.answer if isinstance(found, _Found) else _with_clash(parent, facts, found)


def _with_clash(parent: Parent, facts: Facts, verdict: Verdict) -> Verdict:
    """The verdict on wishes that no plan grants together, with those that clash.

    Wishes are left out as long as the rest is refused before any search. What only a search finds out names them all.
    """
    if verdict.outcome == UNANSWERED:
        return verdict
    clash, why = verdict.wishes, verdict.why
    for wish in verdict.wishes:
        rest = tuple(each for each in clash if each is not wish)
        refusal = _refusal(parent, facts, rest)
        clash, why = (rest, refusal) if refusal else (clash, why)
    words = " and ".join(repr(wish.words) for wish in clash)
    why = f"{words} cannot be granted together: {why}" if len(clash) > 1 else why
    return replace(verdict, outcome=IMPOSSIBLE, why=why, clash=clash)


def _refusal(parent: Parent, facts: Facts, wishes: tuple[Wish, ...]) -> str:
    """Why wishes cannot be granted together, as far as that is known before any search; "" where it is not."""
    asked = _asked(facts, wishes)
    if isinstance(asked, Verdict):
        return asked.why
    try:
        return "; ".join(precheck(changed(parent, asked.changes, asked.said)[1]))
    except InputError as error:
        return _errors(error)


def _errors(error: InputError) -> str:
    return "; ".join(str(finding) for finding in error.findings if finding.is_error)


def _better(instance: Instance, one: Plan | None, other: Plan) -> Plan:
    if one is None:
        return other
    return one if score(instance, one).contribution > score(instance, other).contribution else other


def counted(verdict: Verdict) -> tuple[int, int]:
    """Accounts and people that the plan with the wishes has elsewhere than the one without."""
    if verdict.plan is None or verdict.before is None or verdict.instance is None:
        return 0, 0
    people = sum(len(group.people) for group in groups(verdict.instance, verdict.plan, verdict.before))
    return int(differing_accounts(verdict.plan, verdict.before).sum()), people
