"""Sheet ``Pods`` (P&L of every open pod) and a printable page with the charter of each of the largest pods."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.domain.vocabulary import FUNCTIONS, LEADER, LOCAL, NOBODY, ROLES, VIRTUAL
from podplanner.report.styles import A4

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from podplanner.domain.tables import Table
    from podplanner.report.canvas import Canvas, Cell
    from podplanner.report.ledger import Ledger

MOST_PAGES = 40
MOST_ACCOUNTS = 30
"""Accounts on a pod's page; the others are in accounts_plan."""

WEEK_HOURS = 40.0
P_AND_L = (
    ("Margin", ("margin",)),
    ("Pay", ("people_cost",)),
    ("Hiring, relocation, release, moves", ("hire_cost", "relocation_cost", "release_cost", "move_cost")),
    ("Travel", ("travel_cost",)),
    ("Base", ("fixed_cost",)),
    ("Cost per account", ("direct_cost",)),
    ("Handovers", ("handover_cost",)),
    ("Soft rules", ("soft_cost",)),
)
"""Lines of a pod's P&L: label and the columns of pods_plan that it sums; all but the first are costs."""

SUBTITLE = (
    "Costs are shown as what they take away, and the last line adds up to the plan's. Who shares their time among "
    "pods counts as one of the people of each."
)
PAGE_WIDTHS = (24, 24, 18, 13, 13, 13, 14)


def paged_pods(ledger: Ledger) -> NDArray[np.int64]:
    """Open local and virtual pods that get a page: the largest by expected revenue, then in input order."""
    pods = ledger.instance.pods
    revenue = np.bincount(ledger.plan.pod, weights=ledger.expected, minlength=len(pods))
    rows = np.flatnonzero(ledger.facts.staffed & np.isin(pods.coverage, (LOCAL, VIRTUAL)))
    largest = rows[np.argsort(-revenue[rows], kind="stable")][:MOST_PAGES]
    return np.sort(largest)


def fill_pods(canvas: Canvas, table: Table, pages: Mapping[str, str]) -> None:
    """P&L of every open pod, what belongs to none, and the sums, which are the summary's.

    Parameters
    ----------
    table
        pods_plan.
    pages
        Name of the sheet with a pod's page, by pod id.
    """
    heads = ["Pod", "Name", "Coverage", "Leader", "Coach", "People", "Accounts", "Expected revenue"]
    heads += [label for label, _ in P_AND_L] + ["Contribution"]
    kinds = ["id", "text", "id", "id", "id", "count", "count", "money", *["money"] * (len(P_AND_L) + 1)]
    canvas.put(0, 0, "Pods: each a business within the business", "title")
    canvas.put(1, 0, SUBTITLE, "subtitle")
    canvas.put_row(3, 0, heads, "head", kinds)
    rows = [row for row in range(len(table)) if table["open"][row] or row == len(table) - 1]
    money = _lines(table)
    for place, row in enumerate(rows, start=4):
        names = [str(table[name][row]) for name in ("pod_id", "name", "coverage", "leader_id", "coach_id")]
        counts = [int(table[name][row]) for name in ("people", "accounts")]
        values = [float(table["expected_revenue"][row]), *(float(line[row]) for line in money)]
        canvas.put_row(place, 0, [*names, *counts, *values], "cell", kinds)
        if names[0] in pages:
            canvas.link(place, 0, names[0], pages[names[0]])
    sums = [float(line.sum()) for line in (table["expected_revenue"], *money)]
    people, accounts = (int(table[name][rows].sum()) for name in ("people", "accounts"))
    canvas.put_row(4 + len(rows), 0, ["All", "", "", "", "", people, accounts, *sums], "total", kinds)
    for column, width in enumerate((14, 26, 10, 12, 12, 8, 9, *[13] * (len(P_AND_L) + 2))):
        canvas.sheet.set_column(column, column, width)
    canvas.sheet.freeze_panes(4, 2)
    canvas.sheet.set_landscape()
    canvas.sheet.set_paper(A4)
    canvas.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    canvas.sheet.fit_to_pages(1, 0)
    canvas.sheet.repeat_rows(3)


def _in_header(text: str) -> str:
    """Text of a page header: & starts a command there, and the format allows 255 letters in all."""
    return text[:60].replace("&", "&&")


def _lines(table: Table) -> list[NDArray[np.float64]]:
    """The lines of `P_AND_L` and the contribution, for every row of pods_plan."""
    signed = [np.sum([table[name] for name in names], axis=0) for _, names in P_AND_L]
    return [signed[0], *(0.0 - line for line in signed[1:]), table["contribution"]]


@dataclass(frozen=True)
class PodPages:
    """Composes pod pages from the tables that the plan writes."""

    ledger: Ledger
    tables: Mapping[str, Table]

    @cached_property
    def _pod_rows(self) -> Mapping[str, int]:
        return {pod: row for row, pod in enumerate(self.tables["pods_plan"]["pod_id"].tolist())}

    def fill(self, canvas: Canvas, pod: int) -> None:
        """One page: charter, team, leader's week, P&L, accounts with their named teams."""
        instance, plan = self.ledger.instance, self.ledger.plan
        pod_id, name = str(instance.pods.ids[pod]), str(instance.pods.names[pod])
        row = self._pod_rows[pod_id]
        coverage = str(self.tables["pods_plan"]["coverage"][row])
        canvas.put(0, 0, name or pod_id, "title")
        canvas.put(1, 0, f"Charter of pod {pod_id}, {coverage}", "subtitle")
        self._tiles(canvas, pod, row)
        canvas.section(6, 0, "Who leads", len(PAGE_WIDTHS))
        coach = plan.coach[pod]
        words = "owns the pod's P&L and all its functions"
        canvas.put_row(7, 0, ["Leader", self._name(plan.leader[pod]), words], "plain", ("text",) * 3)
        canvas.put_row(8, 0, ["Coach", self._name(coach) or "-", self._coach_words(pod)], "plain", ("text",) * 3)
        after = self._team(canvas, pod, 10)
        after = self._week_and_result(canvas, pod, row, after + 1)
        self._accounts(canvas, pod, after + 1)
        for column, width in enumerate(PAGE_WIDTHS):
            canvas.sheet.set_column(column, column, width)
        canvas.sheet.fit_to_pages(1, 0)
        canvas.sheet.set_paper(A4)
        canvas.sheet.set_header(f"&L{_in_header(name or pod_id)}&R{_in_header(pod_id)}")
        canvas.sheet.set_footer("&LPlan of pods, tiers and named teams&RPage &P of &N")

    def _name(self, person: int) -> str:
        if person == NOBODY:
            return ""
        people = self.ledger.instance.people
        return str(people.names[person] or people.ids[person])

    def _coach_words(self, pod: int) -> str:
        """What the coach does, or why there is none."""
        instance = self.ledger.instance
        if self.ledger.plan.coach[pod] != NOBODY:
            return "is the peer who coaches the other reps"
        if instance.pods.coverage[pod] != LOCAL:
            return "only local pods have one"
        if self.ledger.facts.reps[pod] < 2:
            return "needed from two reps on"
        return "is missing, which is paid for" if instance.policy.coach_required else "is not required"

    def _tiles(self, canvas: Canvas, pod: int, row: int) -> None:
        table, facts = self.tables["pods_plan"], self.ledger.facts
        goal = self.ledger.instance.policy.company_target
        target = float(table["target"][row])
        tiles: list[tuple[int, str, Cell, str]] = [
            (0, "Target: expected revenue", target, "money"),
            (1, "Contribution", float(table["contribution"][row]), "money"),
            (2, "Accounts", int(facts.accounts[pod]), "count"),
            (3, "People", int(facts.heads[pod]), "count"),
            (4, "Of company's target", "none set" if not goal else target / goal, "share"),
        ]
        for column, label, value, kind in tiles:
            canvas.put(3, column, label, "tile_label")
            canvas.put(4, column, value, "tile", kind)

    def _team(self, canvas: Canvas, pod: int, row: int) -> int:
        """Who is accountable for what; returns the row after it."""
        ledger, plan, people = self.ledger, self.ledger.plan, self.ledger.instance.people
        hours = ledger.placement_hours
        used = hours["accounts"] + hours["travel"] + hours["coaching"] + hours["leading"]
        targets, counts = ledger.book_sum(ledger.expected), ledger.book_sum(np.ones(len(plan.pod)))
        members = np.flatnonzero(plan.placed_pod == pod)
        members = members[np.argsort((people.role[plan.placed_person[members]] + 1) % len(ROLES), kind="stable")]
        canvas.section(row, 0, "Who is accountable for what", len(PAGE_WIDTHS))
        kinds = ("text", "text", "text", "count", "money", "hours", "share")
        heads: list[Cell] = ["Function", "Named owner", "Dotted line to", "Accounts", "Target", "Hours", "Of time here"]
        canvas.put_row(row + 1, 0, heads, "head", kinds)
        for place, member in enumerate(members.tolist(), start=row + 2):
            person = int(plan.placed_person[member])
            role = int(people.role[person])
            available = float(hours["available"][member])
            values: list[Cell] = [
                ROLES[role],
                self._name(person),
                str(ledger.instance.roles.centre_of_excellence[role]) if role != LEADER else "",
                round(counts[member]),
                float(targets[member]),
                float(used[member]),
                float(used[member]) / available if available > 0 else None,
            ]
            canvas.put_row(place, 0, values, "cell", kinds)
        return row + 2 + len(members)

    def _week_and_result(self, canvas: Canvas, pod: int, row: int, top: int) -> int:
        """Leader's week beside the pod's P&L; returns the row after both."""
        table = self.tables["pods_plan"]
        canvas.section(top, 0, "The leader's week", 2)
        canvas.section(top, 3, "P&L of the pod, a year", len(PAGE_WIDTHS) - 3)
        week = self._week(pod)
        for place, (label, value) in enumerate(week, start=top + 1):
            canvas.put_row(place, 0, [label, value], "cell", ("text", "hours"))
        canvas.put_row(
            top + 1 + len(week), 0, ["Hours a week", sum(value for _, value in week)], "total", ("text", "hours")
        )
        if week:
            bars = {"type": "data_bar", "bar_color": "#9CC5E3", "min_type": "num", "min_value": 0}
            canvas.sheet.conditional_format(
                top + 1, 1, top + len(week), 1, {**bars, "max_type": "num", "max_value": WEEK_HOURS}
            )
        values = [float(line[row]) for line in _lines(table)]
        for place, ((label, _), value) in enumerate(zip(P_AND_L, values, strict=False), start=top + 1):
            canvas.put_row(place, 3, [label, None, None, value], "cell", ("text", "text", "text", "money"))
        canvas.put_row(
            top + 1 + len(P_AND_L), 3, ["Contribution", None, None, values[-1]], "total", ("text",) * 3 + ("money",)
        )
        return top + 2 + max(len(week) + 1, len(P_AND_L) + 1)

    def _week(self, pod: int) -> Sequence[tuple[str, float]]:
        """Hours of a 40-hour week: this pod's leading by cause, other pods', what is not plannable, and the rest."""
        ledger, policy, leader = self.ledger, self.ledger.instance.policy, int(self.ledger.plan.leader[pod])
        if leader == NOBODY:
            return []
        derived, people = ledger.instance.derived, ledger.instance.people
        year = float(people.annual_hours[leader] * derived.presence[leader])
        if year <= 0:
            return []
        leads = ledger.plan.leader == leader
        other = float(ledger.leading_hours[leads].sum() - ledger.leading_hours[pod])
        members = max(int(ledger.facts.heads[pod]) - 1, 0)
        accounts = int(ledger.facts.accounts[pod])
        parts = [
            ("Leading the pod", policy.leader_hours_base),
            (f"{members} members", policy.leader_hours_per_member * members),
            (f"{accounts} key accounts", policy.leader_hours_per_account * accounts),
            ("Other pods", other),
            ("Not plannable", year - float(derived.plannable[leader])),
        ]
        parts.append(("Free", year - sum(hours for _, hours in parts)))
        return [(label, hours / year * WEEK_HOURS) for label, hours in parts]

    def _accounts(self, canvas: Canvas, pod: int, top: int) -> None:
        ledger, plan, accounts = self.ledger, self.ledger.plan, self.ledger.instance.accounts
        rows = np.flatnonzero(plan.pod == pod)
        rows = rows[np.argsort(-ledger.expected[rows], kind="stable")]
        title = "Accounts and their named teams"
        if len(rows) > MOST_ACCOUNTS:
            title += f": the largest {MOST_ACCOUNTS} of {len(rows):,}, the others are in accounts_plan"
        canvas.section(top, 0, title, len(PAGE_WIDTHS))
        heads: list[Cell] = ["Account", *(f"{function.capitalize()}" for function in FUNCTIONS), "Tier", "Target"]
        kinds = ("text",) * 6 + ("money",)
        canvas.put_row(top + 1, 0, heads, "head", kinds)
        for place, account in enumerate(rows[:MOST_ACCOUNTS].tolist(), start=top + 2):
            values: list[Any] = [
                str(accounts.names[account] or accounts.ids[account]),
                *(self._name(int(owner)) for owner in plan.owner[account]),
                str(ledger.instance.tiers.ids[plan.tier[account]]),
                float(ledger.expected[account]),
            ]
            canvas.put_row(place, 0, values, "cell", kinds)
