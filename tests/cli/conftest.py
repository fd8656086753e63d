"""What the tests of the command line share: the tiny sample's plan, and a call inside this process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from podplanner.cli import ExitCode, main
from tests.cli.processes import run

if TYPE_CHECKING:
    from subprocess import CompletedProcess


@dataclass(frozen=True)
class Planned:
    """A plan's folder, and how the process that made it ended."""

    folder: Path
    done: CompletedProcess[str]


@dataclass(frozen=True)
class Told:
    """What a call gave: exit code and streams."""

    code: int
    out: str
    err: str


class Call(Protocol):
    """Runs a command inside this process."""

    def __call__(self, *words: object) -> Told:
        """Exit code and streams of the command."""
        ...


@pytest.fixture(scope="session")
def tiny_plan(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """The tiny sample, planned in a process of its own to proven optimality."""
    folder = tmp_path_factory.mktemp("tiny") / "out"
    done = run("plan", "tiny", "-o", folder, "--work-limit", 1000, "--gap", 0)
    assert done.returncode == ExitCode.DONE, done.stderr
    return Planned(folder, done)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls ``main`` and gives what it printed."""

    def run_here(*words: object) -> Told:
        code = main([str(word) for word in words])
        told = capsys.readouterr()
        return Told(code, told.out, told.err)

    return run_here
