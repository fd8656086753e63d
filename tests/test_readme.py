"""README says what there is."""

from __future__ import annotations

import re

import pytest

from podplanner.cli import ExitCode, build_parser
from tests.source_tree import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Text of README's section of this title."""
    return README.split(f"\n## {title}\n", maxsplit=1)[1].split("\n## ", maxsplit=1)[0]


def test_readme_lists_every_command() -> None:
    """The table of commands and the parser name the same ones."""
    choices = re.search(r"\{([^}]+)\}", build_parser().format_usage())
    assert choices is not None
    documented = re.findall(r"^\| `podplanner (\w+)", section("Commands"), flags=re.MULTILINE)
    assert sorted(set(documented)) == sorted(re.split(r"[,\s]+", choices.group(1)))


def test_readme_lists_every_exit_code() -> None:
    """The table of exit codes and the command line's own list are the same."""
    documented = [int(code) for code in re.findall(r"^\| `(\d+)`", section("Exit codes"), flags=re.MULTILINE)]
    assert documented == sorted(ExitCode)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"make ([a-z-]+)(?= +#)", README))))
def test_readme_names_targets_that_exist(target: str) -> None:
    """What README tells a newcomer to type is in the Makefile."""
    assert re.search(rf"^{target}:", MAKEFILE, flags=re.MULTILINE)


def test_readme_starts_with_two_commands() -> None:
    """One command plans, one tests."""
    assert re.findall(r"^make (\S+)", section("Two commands"), flags=re.MULTILINE) == ["plan", "test"]
