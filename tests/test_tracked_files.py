"""The tracked files say nothing about the machine that they were written on."""

from __future__ import annotations

import subprocess

from tests.source_tree import ROOT

SET_UP_FILES = ("*.lock", "pyproject.toml", "Makefile", "Dockerfile", ".ci")
# Extended regular expressions of git grep; a bracketed dot keeps them from finding themselves.
REGISTRIES = "pypi[.](org|io)|pythonhosted[.]|npmjs[.]|yarnpkg[.]|anaconda[.]|(deb|security)[.]debian[.]"
MACHINE_PATHS = "(^|[^[:alnum:]_.])/(root|home|work|Users)/"
ADDRESSES = "[a-z]+://|--(extra-)?index-url|--find-links|--trusted-host"


def tracked_lines(pattern: str, *paths: str) -> list[str]:
    """Lines of tracked text files that match, with their places."""
    found = subprocess.run(
        ["git", "grep", "--line-number", "-I", "-E", "-e", pattern, "--", *paths],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode in (0, 1), found.stderr  # 1: nothing found
    return found.stdout.splitlines()


def test_no_file_names_a_registry() -> None:
    """Packages are named; where they come from is the machine's own setting."""
    assert tracked_lines(REGISTRIES) == []


def test_no_file_names_a_folder_of_one_machine() -> None:
    """A path that exists on one machine only helps nobody else."""
    assert tracked_lines(MACHINE_PATHS) == []


def test_set_up_files_carry_no_address() -> None:
    """Locks, image and make targets work with whatever index the machine uses."""
    assert tracked_lines(ADDRESSES, *SET_UP_FILES) == []
