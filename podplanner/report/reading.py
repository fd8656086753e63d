"""A written plan back into a `Plan`: a folder of CSV files, or a workbook, edited by hand or not.

Decisions are read from accounts_plan (pod, tier, owners), people_plan (pod, share) and pods_plan (leader, coach);
figures are no part of a plan, they follow from the decisions. All that is wrong is told at once.
"""

from __future__ import annotations

import csv
import io
import math
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from python_calamine import CalamineError, CalamineWorkbook

from podplanner.domain.errors import InputError, UnreadableInput
from podplanner.domain.findings import Finding
from podplanner.domain.plan import Plan
from podplanner.domain.vocabulary import FUNCTIONS, NOBODY
from podplanner.report.columns import UNASSIGNED, UNUSED
from podplanner.report.csv_text import unguarded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance

OWNERS = tuple(f"owner_{role}" for role in FUNCTIONS)
NEEDED = {
    "accounts_plan": ("account_id", "tier", "pod_id", *OWNERS),
    "people_plan": ("person_id", "pod_id", "share"),
    "pods_plan": ("pod_id", "leader_id", "coach_id"),
}
FLAGS = {"is_leader": "leader_id", "is_coach": "coach_id"}
"""Columns of people_plan that say again what a column of pods_plan says; where they are present they must agree."""

LARGEST_WORKBOOK_BYTES = 2 * 1024**3
"""Unpacked: plenty for ten sheets of 200,000 rows; more is no plan."""

TRUE, FALSE = ("true", "1", "yes"), ("false", "0", "no", "")
SHOWN = 5


@dataclass(frozen=True)
class Row:
    """One row of a written table: its number as a spreadsheet counts it, and its cells as text by column."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def read_plan(path: Path, instance: Instance) -> Plan:
    """Read a plan folder or workbook against its instance; raises what `read_tables` and `to_plan` raise."""
    return to_plan(read_tables(path), instance)


def read_tables(path: Path) -> dict[str, list[Row]]:
    """Rows of the tables that hold decisions, of a folder or workbook; raises `UnreadableInput` where it has none."""
    return _read_workbook(path) if path.is_file() else read_folder(path, NEEDED)


def to_plan(tables: Mapping[str, list[Row]], instance: Instance) -> Plan:
    """The plan that these tables tell.

    Raises
    ------
    InputError
        With every unknown id, missing account, contradiction and unreadable number.
    """
    return _Reader(instance, tables).plan()


def written_contribution(tables: Mapping[str, list[Row]]) -> float | None:
    """Sum of the contributions in pods_plan, None where a row tells none: a plan made elsewhere has no figures."""
    try:
        return math.fsum(float(row["contribution"]) for row in tables["pods_plan"])
    except ValueError:
        return None


def read_folder(folder: Path, names: Iterable[str]) -> dict[str, list[Row]]:
    """Rows of those of the named tables that the folder has; raises `UnreadableInput` where it has none."""
    tables = {}
    for name in names:
        path = folder / f"{name}.csv"
        if path.is_file():
            tables[name] = read_rows(path.read_bytes(), path.name)
    if not tables:
        raise UnreadableInput(f"{folder} holds no plan: {', '.join(f'{name}.csv' for name in names)} are missing.")
    return tables


def read_rows(content: bytes, name: str) -> list[Row]:
    """Rows of the content of a written CSV file; raises `UnreadableInput`, with its name, where it is none."""
    try:
        text = io.StringIO(content.decode("utf-8-sig"), newline="")
        return _rows([[unguarded(cell) for cell in line] for line in csv.reader(text)])
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableInput(f"{name} cannot be read as UTF-8 CSV: {error}") from error


def read_sheets(path: Path, names: Iterable[str] | None = None) -> Mapping[str, Sequence[Sequence[object]]]:
    """Cells of a workbook's sheets, line by line from the first cell on, as they are: text, numbers, dates.

    Parameters
    ----------
    names
        Sheets that are wanted; all of them where none are named.

    Raises
    ------
    UnreadableInput
        Where it is no workbook, or unpacks to more than any plan.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > LARGEST_WORKBOOK_BYTES:
            raise UnreadableInput(f"{path.name} unpacks to {unpacked:,} bytes, more than any plan.")
        workbook = CalamineWorkbook.from_path(str(path))
        found = [name for name in workbook.sheet_names if names is None or name in names]
        return {name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in found}
    except (OSError, zipfile.BadZipFile, CalamineError) as error:
        raise UnreadableInput(f"{path.name} cannot be read as a workbook: {error}") from error


def _read_workbook(path: Path) -> dict[str, list[Row]]:
    cells = read_sheets(path, NEEDED)
    if not cells:
        raise UnreadableInput(f"{path.name} holds no plan: it has no sheet {', '.join(NEEDED)}.")
    return {name: _rows([[cell_text(cell) for cell in line] for line in lines]) for name, lines in cells.items()}


def cell_text(cell: object) -> str:
    """Cell as text: a whole number as digits, so that an id that was typed as a number is found."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _rows(lines: Sequence[Sequence[str]]) -> list[Row]:
    header = [name.strip() for name in lines[0]] if lines else []
    return [
        Row(number, dict(zip(header, line, strict=False)))
        for number, line in enumerate(lines[1:], start=2)
        if any(line)
    ]


@dataclass
class _Reader:
    """Reads the three tables, and gathers all that is wrong."""

    instance: Instance
    tables: Mapping[str, list[Row]]
    findings: list[Finding] = field(default_factory=list)

    def plan(self) -> Plan:
        self._check_columns()
        if self.findings:
            raise InputError(self.findings)
        pod, tier, owner = self._accounts()
        person, placed_pod, share = self._people()
        leader, coach = self._pods()
        self._check_flags(leader, coach)
        if self.findings:
            raise InputError(self.findings)
        return Plan(
            pod=pod,
            tier=tier,
            owner=owner,
            placed_person=np.array(person, np.int32),
            placed_pod=np.array(placed_pod, np.int32),
            share=np.array(share, np.float64),
            leader=leader,
            coach=coach,
        )

    def _check_columns(self) -> None:
        for table, columns in NEEDED.items():
            if table not in self.tables:
                self._add(table, None, None, "", "missing_table", f"There is no table {table}.", "Add it.")
                continue
            rows = self.tables[table]
            present = rows[0].cells if rows else {}
            for column in columns:
                if column not in present:
                    text = f"The column {column} is missing, or the table has no rows."
                    self._add(table, None, column, "", "missing_column", text, "Restore it from the plan as written.")

    def _accounts(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        instance, table = self.instance, "accounts_plan"
        size = len(instance.accounts)
        pod, tier = np.full(size, NOBODY, np.int32), np.full(size, NOBODY, np.int32)
        owner = np.full((size, len(FUNCTIONS)), NOBODY, np.int32)
        seen: set[int] = set()
        for row in self._without(table, "account_id", UNUSED, "pod_id"):
            account = self._id(table, row, "account_id", instance.account_index)
            if account in seen:
                self._duplicate(table, row, "account_id")
            if account == NOBODY or account in seen:
                continue
            seen.add(account)
            pod[account] = self._id(table, row, "pod_id", instance.pod_index)
            tier[account] = self._id(table, row, "tier", instance.tier_index)
            for function, column in enumerate(OWNERS):
                owner[account, function] = self._id(table, row, column, instance.person_index, may_be_blank=True)
        missing = [str(instance.accounts.ids[account]) for account in range(size) if account not in seen]
        if missing:
            text = f"{len(missing)} account(s) have no row: {', '.join(missing[:SHOWN])}"
            text += ", ..." if len(missing) > SHOWN else "."
            self._add(table, None, "account_id", "", "missing_account", text, "Give each account a pod and a tier.")
        return pod, tier, owner

    def _people(self) -> tuple[list[int], list[int], list[float]]:
        instance, table = self.instance, "people_plan"
        placed: dict[tuple[int, int], float] = {}
        for row in self.tables[table]:
            person = self._id(table, row, "person_id", instance.person_index)
            pod = self._id(table, row, "pod_id", instance.pod_index, may_be_blank=True)
            if not row["pod_id"].strip():
                continue
            share = self._share(row)
            if (person, pod) in placed and NOBODY not in (person, pod):
                self._duplicate(table, row, "person_id")
            placed[person, pod] = share
        return [key[0] for key in placed], [key[1] for key in placed], list(placed.values())

    def _pods(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        instance, table = self.instance, "pods_plan"
        leader, coach = (np.full(len(instance.pods), NOBODY, np.int32) for _ in range(2))
        seen: set[int] = set()
        for row in self._without(table, "pod_id", UNASSIGNED, "coverage"):
            pod = self._id(table, row, "pod_id", instance.pod_index)
            if pod in seen:
                self._duplicate(table, row, "pod_id")
            if pod == NOBODY or pod in seen:
                continue
            seen.add(pod)
            leader[pod] = self._id(table, row, "leader_id", instance.person_index, may_be_blank=True)
            coach[pod] = self._id(table, row, "coach_id", instance.person_index, may_be_blank=True)
        return leader, coach

    def _check_flags(self, leader: NDArray[np.int32], coach: NDArray[np.int32]) -> None:
        """is_leader and is_coach of people_plan must say what pods_plan says: nobody's edit is dropped in silence."""
        instance, table = self.instance, "people_plan"
        for row in self.tables[table]:
            pod, person = (
                instance.pod_index.get(row["pod_id"].strip()),
                instance.person_index.get(row["person_id"].strip()),
            )
            for column, holder in (("is_leader", leader), ("is_coach", coach)):
                if column not in row.cells or pod is None or person is None:
                    continue
                said = row[column].strip().lower()
                if said not in TRUE + FALSE:
                    self._add(
                        table, row, column, row[column], "not_a_flag", "Neither true nor false.", "Write true or false."
                    )
                elif (said in TRUE) != (int(holder[pod]) == person):
                    text = f"pods_plan says otherwise about {FLAGS[column]} of pod {row['pod_id']}."
                    self._add(table, row, column, row[column], "contradiction", text, "Make the two tables agree.")

    def _without(self, table: str, key: str, last: str, blank: str) -> Iterator[Row]:
        """Rows of decisions: without the closing row, which has a blank where a real row has none."""
        return (row for row in self.tables[table] if row[key].strip() != last or row[blank].strip())

    def _id(self, table: str, row: Row, column: str, index: Mapping[str, int], *, may_be_blank: bool = False) -> int:
        text = row[column]
        found = index.get(text, index.get(text.strip(), NOBODY))
        if found == NOBODY and (text.strip() or not may_be_blank):
            words = "There is no such id in the input." if text.strip() else "The cell is blank, but it is needed."
            self._add(table, row, column, text, "unknown_reference", words, "Write an id of the input's tables.")
        return found

    def _share(self, row: Row) -> float:
        text = row["share"].strip()
        try:
            share = float(text)
        except ValueError:
            self._add("people_plan", row, "share", text, "not_a_number", "This is no number.", "Write a share above 0.")
            return 1.0
        if not 0 < share <= 1:
            words = "The share of a placed person is above 0 and at most 1."
            self._add("people_plan", row, "share", text, "out_of_range", words, "Correct it, or blank pod_id.")
        return share

    def _duplicate(self, table: str, row: Row, column: str) -> None:
        self._add(table, row, column, row[column], "duplicate_key", "The table has this row twice.", "Keep one.")

    def _add(
        self, table: str, row: Row | None, column: str | None, value: str, rule: str, message: str, way_out: str
    ) -> None:
        self.findings.append(
            Finding(
                severity="error",
                table=table,
                row=None if row is None else row.number,
                column=column,
                value=value,
                rule=rule,
                message=message,
                way_out=way_out,
            )
        )
