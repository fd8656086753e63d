"""A plan as a folder: one CSV a table, ``summary.json``, ``run.json``, ``plan.xlsx``, and Parquet on request."""

from __future__ import annotations

import glob
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pyarrow import parquet

from podplanner.report.columns import OUTPUT_TABLES
from podplanner.report.csv_text import arrow, write_csv
from podplanner.report.duals_file import DUALS
from podplanner.report.summary import to_json
from podplanner.report.workbook import write_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from podplanner.report.report import Report

SUMMARY, RUN, WORKBOOK = "summary.json", "run.json", "plan.xlsx"
INPUT, PARENT, CHANGES, MOVED = "input.zip", "parent.zip", "changes.csv", "moved.csv"
"""What a plan was made from; and of a scenario: the plan that it starts from, its changes, and what it moved."""
IN_FORCE = "in_force.json"
"""Who has put the plan into force, and from when."""
PLAN_FILES = frozenset(
    (
        *(SUMMARY, RUN, WORKBOOK, INPUT, PARENT, CHANGES, MOVED, IN_FORCE, DUALS),
        *(f"{name}.{kind}" for name in OUTPUT_TABLES for kind in ("csv", "parquet")),
    )
)


def write_plan(
    report: Report, folder: Path, *, with_parquet: bool = False, more: Mapping[str, bytes] | None = None
) -> Path:
    """Write a plan's folder and return its path.

    Everything is written beside the folder first and moved in one step, so that a crash leaves no half plan. An older
    plan in the folder is replaced.

    Parameters
    ----------
    folder
        Made with its parents. Raises FileExistsError where it holds anything that is no part of a plan.
    with_parquet
        Write each table as Parquet too.
    more
        Further files by name, such as the input.
    """

    def write(draft: Path) -> None:
        _write(report, draft, with_parquet=with_parquet)
        for name, content in (more or {}).items():
            draft.joinpath(name).write_bytes(content)

    return write_folder(folder, write)


def write_folder(folder: Path, write: Callable[[Path], None]) -> Path:
    """Write a plan's folder in one step, as `write_plan` does, and return its path.

    Parameters
    ----------
    write
        Fills the empty folder that it is given.
    """
    folder = folder.absolute()
    _refuse_foreign_files(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as workshop:
        draft = Path(workshop, "new")
        draft.mkdir()
        write(draft)
        if folder.exists():
            folder.rename(Path(workshop, "old"))
        draft.rename(folder)
    return folder


def forget_drafts(folder: Path) -> None:
    """Remove the drafts of a folder that killed writers left beside it; nobody may be writing it now."""
    for draft in folder.parent.glob(f".{glob.escape(folder.name)}-????????"):
        shutil.rmtree(draft)


def _write(report: Report, folder: Path, *, with_parquet: bool) -> None:
    for name, table in report.tables.items():
        write_csv(table, folder / f"{name}.csv")
        if with_parquet:
            parquet.write_table(arrow(table, guard=False), folder / f"{name}.parquet")
    folder.joinpath(SUMMARY).write_text(to_json(report.summary), encoding="utf-8", newline="\n")
    folder.joinpath(RUN).write_text(to_json(report.run), encoding="utf-8", newline="\n")
    if report.ledger is not None:
        write_workbook(report, folder / WORKBOOK)


def _refuse_foreign_files(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise FileExistsError(f"{folder} is a file; choose another folder for the plan.")
    foreign = sorted(entry.name for entry in folder.iterdir() if entry.name not in PLAN_FILES)
    if foreign:
        raise FileExistsError(
            f"{folder} holds {', '.join(foreign[:5])}, which is no part of a plan; choose another folder."
        )
