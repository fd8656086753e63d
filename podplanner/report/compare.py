"""Two written plans side by side: key figures, a bridge of terms that adds up, and who and what is elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from podplanner.domain.errors import UnreadableInput
from podplanner.domain.score import TERMS
from podplanner.report.columns import COMPARISON_TABLES, UNASSIGNED, UNUSED
from podplanner.report.kpis import KPIS
from podplanner.report.reading import OWNERS, read_folder
from podplanner.report.shape import make_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from podplanner.domain.tables import Table
    from podplanner.report.reading import Row

NOT_A_NUMBER = float("nan")
DECISIONS = ("accounts_plan", "people_plan", "pods_plan")
TABLES = (*DECISIONS, "handovers", "moves")


@dataclass(frozen=True)
class Comparison:
    """What differs between two plans.

    Parameters
    ----------
    tables
        Every table of ``COMPARISON_TABLES``.
    same_input
        Whether both plans were made from the same tables.
    """

    tables: Mapping[str, Table]
    same_input: bool


@dataclass(frozen=True)
class Written:
    """One written plan: its name, its summary and its rows."""

    name: str
    summary: Mapping[str, Any]
    tables: Mapping[str, Sequence[Row]]

    def by_id(self, table: str, key: str) -> dict[str, list[Row]]:
        """Rows of a table by the id in a column."""
        found: dict[str, list[Row]] = {}
        for row in self.tables[table]:
            found.setdefault(row[key], []).append(row)
        return found


def compare(first: Path, second: Path) -> Comparison:
    """Compare two plan folders; raises `UnreadableInput` where one holds no plan."""
    return compare_written(read_written(first), read_written(second))


def compare_written(first: Written, second: Written) -> Comparison:
    """Compare two plans; differences are the second less the first."""
    reasons = Reasons(first, second)
    tables = {
        "kpis": _kpis(first, second),
        "terms": _terms(first, second),
        "accounts": _accounts(first, second, reasons),
        "people": _people(first, second, reasons),
        "pods": _pods(first, second),
        "tiers": _tiers(first, second),
    }
    same = first.summary["input_sha256"] == second.summary["input_sha256"]
    return Comparison(tables=MappingProxyType(tables), same_input=same)


def read_written(folder: Path) -> Written:
    """Read a plan's folder; raises `UnreadableInput` where it holds no plan."""
    path = folder / "summary.json"
    if not path.is_file():
        raise UnreadableInput(f"{folder} is no folder of a plan: it has no {path.name}.")
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UnreadableInput(f"{path} cannot be read: {error}") from error
    return as_written(summary, read_folder(folder, TABLES), folder.absolute().name)


def as_written(summary: Mapping[str, Any], tables: Mapping[str, Sequence[Row]], name: str) -> Written:
    """A plan from what it told; a scenario goes by its own name. Raises `UnreadableInput` where it is no plan."""
    if not set(DECISIONS) <= set(tables) or summary.get("terms") is None:
        raise UnreadableInput(f"{name} holds no complete plan: the run may have ended without one.")
    own = (summary.get("scenario") or {}).get("name") or name
    return Written(own, summary, {table: tables.get(table, []) for table in TABLES})


class Reasons:
    """Why something is elsewhere in the second plan, as far as the two plans tell: the plainest reason there is."""

    def __init__(self, first: Written, second: Written) -> None:
        self._words = (second.summary.get("scenario") or {}).get("words", [])
        self._people = second.by_id("people_plan", "person_id")
        pods = second.by_id("pods_plan", "pod_id")
        self._open = {pod for pod, rows in pods.items() if _cell(rows[0], "open") == "true"}
        self._knows_pods = bool(pods)
        self._opened = self._open - {row["pod_id"] for row in first.tables["pods_plan"] if row["open"] == "true"}

    def of_account(self, account: str, before: Row | None, after: Row | None) -> str:
        """Why an account's place or team is another one."""
        if before is None or after is None:
            return "only one of the inputs has it"
        asked = self._asked(account)
        return asked or self._of_pod(before["pod_id"], after["pod_id"]) or self._of_team(before, after)

    def of_person(self, person: str, before: Sequence[Row], after: Sequence[Row]) -> str:
        """Why a person is elsewhere."""
        if not before or not after:
            return "only one of the inputs has them"
        was, now = (sorted(row["pod_id"] for row in rows if row["pod_id"]) for rows in (before, after))
        asked = self._asked(person)
        moved = next((self._of_pod(old, "") for old in was if old not in now), "")
        opened = next((f"pod {pod} is opened" for pod in now if pod in self._opened and pod not in was), "")
        return asked or moved or opened or ("the accounts and teams are others" if was == now else "it pays")

    def _asked(self, name: str) -> str:
        said = [words for words in self._words if name in words.replace(":", " ").split()]
        return f"asked for: {said[0]}" if said else ""

    def _of_pod(self, old: str, new: str) -> str:
        if self._knows_pods and old not in self._open and old != new:
            return f"pod {old} is closed"
        return f"pod {new} is opened" if new in self._opened and old != new else ""

    def _of_team(self, before: Row, after: Row) -> str:
        for column in OWNERS:
            old = before[column]
            if old and old != after[column] and old not in self._people:
                return f"{old} is gone"
            if old and old != after[column] and not any(row["pod_id"] for row in self._people[old]):
                return f"{old} has no pod"
        if before["tier"] != after["tier"] or before["pod_id"] != after["pod_id"]:
            return "it pays there"
        return "the team of the pod is dealt out anew"


def _table(name: str, rows: Sequence[Sequence[object]]) -> Table:
    columns = [column.name for column in COMPARISON_TABLES[name]]
    return make_table(name, {column: [row[place] for row in rows] for place, column in enumerate(columns)})


def _kpis(first: Written, second: Written) -> Table:
    rows = []
    for kpi in KPIS:
        one, other = (_known(plan.summary["kpis"][kpi.name]) for plan in (first, second))
        rows.append((kpi.name, kpi.label, kpi.unit, kpi.direction, one, other, other - one))
    return _table("kpis", rows)


def _known(value: float | None) -> float:
    return NOT_A_NUMBER if value is None else float(value)


def _terms(first: Written, second: Written) -> Table:
    """The bridge; in cents, so that it adds up as written."""
    start, end = (plan.summary["contribution"] for plan in (first, second))
    rows: list[tuple[object, ...]] = [("contribution of the first plan", start, NOT_A_NUMBER, NOT_A_NUMBER, start)]
    running = start
    for name in TERMS:
        one, other = first.summary["terms"][name], second.summary["terms"][name]
        difference = round(other - one, 2)
        running = round(running + difference, 2)
        rows.append((name, one, other, difference, running))
    rows.append(("contribution of the second plan", NOT_A_NUMBER, end, round(end - start, 2), end))
    return _table("terms", rows)


def _accounts(first: Written, second: Written, reasons: Reasons) -> Table:
    one, other = (plan.by_id("accounts_plan", "account_id") for plan in (first, second))
    rows = []
    for account in _either(one, other, UNUSED):
        before, after = one.get(account, [None])[0], other.get(account, [None])[0]
        cells = [(_cell(before, name), _cell(after, name)) for name in ("tier", "pod_id", *OWNERS)]
        change = _presence(before, after) or ", ".join(
            name.removeprefix("owner_").removesuffix("_id")
            for name, (was, now) in zip(("tier", "pod_id", *OWNERS), cells, strict=True)
            if was != now
        )
        if change:
            difference = _number(after, "contribution") - _number(before, "contribution")
            why = reasons.of_account(account, before, after)
            rows.append((account, change, *(cell for pair in cells for cell in pair), difference, why))
    return _table("accounts", rows)


def _people(first: Written, second: Written, reasons: Reasons) -> Table:
    one, other = (plan.by_id("people_plan", "person_id") for plan in (first, second))
    rows = []
    for person in _either(one, other, ""):
        before, after = one.get(person, []), other.get(person, [])
        change = _presence(before or None, after or None) or ", ".join(_duties_changed(before, after))
        if change:
            target = sum(_number(row, "target") for row in after) - sum(_number(row, "target") for row in before)
            why = reasons.of_person(person, before, after)
            rows.append((person, change, _pods_of(before), _pods_of(after), target, why))
    return _table("people", rows)


def _pods(first: Written, second: Written) -> Table:
    one, other = (plan.by_id("pods_plan", "pod_id") for plan in (first, second))
    rows = []
    for pod in [*_either(one, other, UNASSIGNED), UNASSIGNED]:
        before, after = one.get(pod, [None])[0], other.get(pod, [None])[0]
        was, now = _cell(before, "open") == "true", _cell(after, "open") == "true"
        if not (was or now or pod == UNASSIGNED):
            continue
        change = "" if was == now else "opened" if now else "closed"
        people, accounts = (round(_number(after, name) - _number(before, name)) for name in ("people", "accounts"))
        values = [_number(row, "contribution") for row in (before, after)]
        leaders = [_cell(row, "leader_id") for row in (before, after)]
        if change or people or accounts or values[0] != values[1] or leaders[0] != leaders[1]:
            rows.append((pod, change, *leaders, people, accounts, *values, values[1] - values[0]))
    return _table("pods", rows)


def _tiers(first: Written, second: Written) -> Table:
    one, other = (plan.by_id("accounts_plan", "tier") for plan in (first, second))
    rows = []
    for tier in _either(one, other, ""):
        before, after = ([row for row in plan.get(tier, []) if row["account_id"] != UNUSED] for plan in (one, other))
        revenue = [sum(_number(row, "expected_revenue") for row in part) for part in (before, after)]
        if len(before) != len(after) or revenue[0] != revenue[1]:
            rows.append((tier, len(before), len(after), len(after) - len(before), *revenue, revenue[1] - revenue[0]))
    return _table("tiers", rows)


def _either(one: Mapping[str, object], other: Mapping[str, object], without: str) -> list[str]:
    """Ids of the first plan in its order, then those that only the second has."""
    return [key for key in {**one, **other} if key != without]


def _presence(before: object, after: object) -> str:
    return "added" if before is None else "removed" if after is None else ""


def _cell(row: Row | None, column: str) -> str:
    return "" if row is None else row[column]


def _number(row: Row | None, column: str) -> float:
    text = _cell(row, column)
    return float(text) if text else 0.0


def _duties_changed(before: Sequence[Row], after: Sequence[Row]) -> Iterator[str]:
    """Which of a person's pods, lead and coaching are not the same."""
    places = [sorted((row["pod_id"], row["share"]) for row in rows) for rows in (before, after)]
    if places[0] != places[1]:
        yield "pods"
    for duty, column in (("leader", "is_leader"), ("coach", "is_coach")):
        was, now = ({row["pod_id"] for row in rows if row[column] == "true"} for rows in (before, after))
        if was != now:
            yield duty


def _pods_of(rows: Sequence[Row]) -> str:
    return "; ".join(f"{row['pod_id']} {float(row['share']):.0%}" for row in rows if row["pod_id"])
