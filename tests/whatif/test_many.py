"""Many scenarios from one file, killed on the way: nothing is lost, and nothing is planned otherwise."""

from __future__ import annotations

import csv
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from podplanner.cli import main
from podplanner.report.files import RUN

if TYPE_CHECKING:
    from pathlib import Path

SENTENCES = ("freeze hiring", "budget +1%", "set policy horizon_years value 2", "set policy move_cost value 500")
LOOK_S = 0.05


def grid(path: Path, repeat: int) -> Path:
    """A file of each sentence with so many seeds."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["name", "words", "axis", "repeat"])
        rows.writerows([said, said, "", repeat] for said in SENTENCES)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """All files but those that tell wall times."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != RUN)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def killed_after(words: list[str], out: Path, count: int) -> None:
    """Start the command, and kill it once so many scenarios have their folders."""
    process = subprocess.Popen([sys.executable, "-m", "podplanner", *words], stderr=subprocess.DEVNULL)
    while process.poll() is None and len(list(out.glob("0*"))) < count:
        threading.Event().wait(LOOK_S)
    process.kill()
    process.wait()


@pytest.mark.parametrize(
    ("accounts", "repeat"), [(None, 1), pytest.param(1_000, 25, marks=pytest.mark.long)], ids=["four", "hundred"]
)
def test_killed_twice_the_scenarios_are_the_same(
    tiny_folder: Path, tmp_path: Path, accounts: int | None, repeat: int
) -> None:
    """Killed after a third and two thirds, and run again, the command leaves what one run leaves, byte for byte."""
    plan = tiny_folder
    if accounts is not None:
        company, plan = tmp_path / "company", tmp_path / "plan"
        assert main(["generate", "-o", str(company), "--accounts", str(accounts), "--seed", "1", "--with-books"]) == 0
        assert main(["plan", str(company), "-o", str(plan), "--time-limit", "20"]) == 0
    file, whole, out = grid(tmp_path / "grid.csv", repeat), tmp_path / "whole", tmp_path / "out"
    words = ["scenarios", str(plan), str(file), "--work-limit", "1", "-o"]
    assert main([*words, str(whole)]) == 0
    count = repeat * len(SENTENCES)
    for part in (1, 2):
        killed_after([*words, str(out)], out, part * count // 3)
    assert main([*words, str(out)]) == 0
    assert contents(out) == contents(whole)
    assert len(list(out.glob("0*"))) == count


def test_drafts_of_a_killed_run_are_removed(tiny_folder: Path, tmp_path: Path) -> None:
    """A kill amid writing leaves a hidden draft beside the folder; the next run leaves what one run leaves."""
    file, out = grid(tmp_path / "grid.csv", 1), tmp_path / "out"
    words = ["scenarios", str(tiny_folder), str(file), "--work-limit", "1", "-o", str(out)]
    assert main(words) == 0
    first = sorted(out.glob("0*"))[0]
    whole = contents(out)
    draft = out / f".{first.name}-a1b2c3d4" / "new"
    draft.mkdir(parents=True)
    draft.joinpath("accounts_plan.csv").write_text("half", encoding="utf-8")
    assert main(words) == 0
    assert contents(out) == whole
