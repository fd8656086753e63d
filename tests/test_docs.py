"""The documentation is complete and its links lead somewhere."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

import api
import datasets
import podplanner
import solvers
from podplanner.domain.errors import PodplannerError
from podplanner.domain.rules import RULES
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


PACKAGES = (api, datasets, podplanner, solvers)
SCRIPTS = ("__main__", "api.data.migrations.env")
"""Modules that do something when they are imported."""


def import_all() -> None:
    """Import every module: a class is known only once its module is."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(SCRIPTS):
                import_module(module.name)


def family(error: type[PodplannerError]) -> list[type[PodplannerError]]:
    """The error class and all that derive from it, of modules that are imported."""
    return [error, *(each for child in error.__subclasses__() for each in family(child))]


def test_every_error_has_its_line() -> None:
    """docs/errors.md lists exactly the errors that exist, by code and class."""
    import_all()
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", page, flags=re.MULTILINE)
    assert sorted(documented) == sorted((error.code, error.__name__) for error in family(PodplannerError))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file that exists."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_rule_has_its_line() -> None:
    """docs/model.md states every business rule with the words and the formula of the catalogue."""
    page = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    missing = [
        rule.code
        for rule in RULES
        if f"| `{rule.code}` | {rule.words} | {rule.formula.replace('|', chr(92) + '|')} |" not in page
    ]
    assert missing == []
