"""Running podplanner as planners do: in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.source_tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TIMEOUT_S = 240
"""Only so that a run that hangs fails."""

NORTHWIND = ROOT / "tests" / "data" / "northwind"


def command(*words: object) -> list[str]:
    """The words of a call of podplanner."""
    return [sys.executable, "-W", "error", "-m", "podplanner", *map(str, words)]


def run(*words: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(*words),
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def interrupted(*words: object, when: Callable[[str], bool], presses: int) -> tuple[int, str, str]:
    """Run a command, and press Ctrl-C once a line on stderr says so, and again after each line that follows.

    Returns
    -------
    tuple
        Exit code, stdout, stderr.
    """
    with subprocess.Popen(
        command(*words), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        told = []
        left = presses
        for line in process.stderr:
            told.append(line)
            if left and (left < presses or when(line)):
                # As a terminal does: the whole group hears it.
                os.killpg(process.pid, signal.SIGINT)
                left -= 1
        answer = process.stdout.read()
        return process.wait(TIMEOUT_S), answer, "".join(told)


def write_json(path: Path, tables: dict[str, Any]) -> Path:
    """Input tables as one JSON file."""
    path.write_text(json.dumps(tables), encoding="utf-8")
    return path
