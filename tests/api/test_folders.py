"""Folders of attempts: what a killed worker left is removed, what a living one holds stays."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from api.jobs.folders import PREFIX, held_folder, sweep
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

HOLDER = """
import sys
from api.jobs.folders import held_folder
with held_folder() as folder:
    folder.joinpath("input.xlsx").write_bytes(b"left behind")
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_a_killed_workers_folder_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGKILL leaves a folder; the next worker's sweep removes it, but none that lives, and nothing else."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    other = tmp_path / "podplanner-other"
    other.mkdir()
    (tmp_path / f"{PREFIX}file").touch()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process, held_folder() as mine:
        assert process.stdout is not None
        left = process.stdout.readline().strip()
        assert sweep() == 0
        process.kill()
        process.wait()
        assert sweep() == 1
        assert {path.name for path in tmp_path.iterdir()} == {mine.name, other.name, f"{PREFIX}file"}
        assert left != str(mine)
    assert not mine.exists()
