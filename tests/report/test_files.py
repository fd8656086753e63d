"""A plan's folder: complete or not there, the same bytes every time, and no text that becomes a formula."""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from podplanner.report import files
from podplanner.report.columns import OUTPUT_TABLES
from podplanner.report.csv_text import STARTS_FORMULA, guarded, unguarded
from podplanner.report.files import write_plan
from podplanner.report.reading import read_plan
from podplanner.report.report import make_report
from tests.report.builders import HOSTILE, result
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from podplanner.domain.plan import Plan
    from podplanner.report.report import Report

TWICE = """
from pathlib import Path
import sys
from podplanner.domain.baseline import baseline
from podplanner.report.files import write_plan
from podplanner.report.report import make_report
from tests.report.builders import result
run = result(seconds=float(sys.argv[2]))
write_plan(make_report(run, baseline(run.instance)), Path(sys.argv[1]), with_parquet=True)
"""


def hashes(folder: Path) -> dict[str, str]:
    """Hash of every file but run.json, which differs on every run."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.name != files.RUN
    }


def same(one: Plan, other: Plan) -> bool:
    """Whether two plans decide the same."""
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in one.__dataclass_fields__)


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    """Tables, summary and workbook do not depend on the process, its hash seed, or how long the run took."""
    for name, seed, seconds in (("one", "1", "1.5"), ("two", "2", "99")):
        subprocess.run(
            [sys.executable, "-c", TWICE, str(tmp_path / name), seconds],
            check=True,
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": seed},
            timeout=120,
        )
    one, two = hashes(tmp_path / "one"), hashes(tmp_path / "two")
    assert one == two
    assert set(one) == {f"{name}.{kind}" for name in OUTPUT_TABLES for kind in ("csv", "parquet")} | {
        "summary.json",
        "plan.xlsx",
    }


def test_a_written_plan_is_read_back_as_it_was(tmp_path: Path) -> None:
    """From the CSV files and from the workbook, decision by decision, strange ids included."""
    run = result()
    folder = write_plan(make_report(run), tmp_path / "plan")
    assert same(read_plan(folder, run.instance), run.plan)
    assert same(read_plan(folder / files.WORKBOOK, run.instance), run.plan)


def test_parquet_holds_the_same_rows(tmp_path: Path) -> None:
    """Text is as it was there, and blank numbers are null."""
    folder = write_plan(make_report(result()), tmp_path / "plan", with_parquet=True)
    rows = parquet.read_table(folder / "accounts_plan.parquet").to_pylist()
    assert rows[1]["name"] == HOSTILE
    assert rows[-1]["next_best_loss"] is None


def test_no_cell_of_a_csv_starts_a_formula(tmp_path: Path) -> None:
    """Names, ids, unknown columns and warnings: text is guarded, numbers are not touched."""
    folder = write_plan(make_report(result()), tmp_path / "plan")
    negative = 0
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for line in csv.reader(file):
                for cell in line:
                    if cell.startswith(STARTS_FORMULA):
                        assert float(cell) < 0
                        negative += 1
    assert negative > 0
    assert '"\'-4"' in (folder / "accounts_plan.csv").read_text(encoding="utf-8")


@given(st.text(st.sampled_from("'=+-@\t\rab 1"), max_size=6))
def test_guarding_can_be_undone(text: str) -> None:
    """Whatever the text, what is written starts no formula, and what is read is what was meant."""
    assert not guarded(text).startswith(STARTS_FORMULA)
    assert unguarded(guarded(text)) == text


def test_an_older_plan_is_replaced(tmp_path: Path) -> None:
    """The second plan's files take the place of all of the first's."""
    report = make_report(result())
    write_plan(report, tmp_path / "plan", with_parquet=True)
    folder = write_plan(report, tmp_path / "plan")
    assert not list(folder.glob("*.parquet"))
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


def test_foreign_files_are_never_lost(tmp_path: Path) -> None:
    """A folder that holds anything else, and a file of the name, are refused."""
    report = make_report(result())
    tmp_path.joinpath("notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match=r"notes\.txt"):
        write_plan(report, tmp_path)
    with pytest.raises(FileExistsError, match="is a file"):
        write_plan(report, tmp_path / "notes.txt")


def test_a_crash_leaves_the_older_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing breaks off, the folder is as it was, and nothing lies beside it."""
    report = make_report(result())
    folder = write_plan(report, tmp_path / "plan")
    before = hashes(folder)

    def broken(_report: Report, _path: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(files, "write_workbook", broken)
    with pytest.raises(OSError, match="disk full"):
        write_plan(report, folder)
    assert hashes(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]
