"""What the tests of what-if share: written plans to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from podplanner.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny sample's proven optimum."""
    folder = tmp_path_factory.mktemp("whatif") / "tiny"
    assert main(["plan", "tiny", "-o", str(folder), "--work-limit", "1000", "--gap", "0"]) == 0
    return folder


@pytest.fixture(scope="session")
def company_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn company of 120 accounts with books, planned by the fast engine."""
    folder = tmp_path_factory.mktemp("whatif")
    company, plan = str(folder / "company"), folder / "plan"
    assert main(["generate", "-o", company, "--accounts", "120", "--seed", "3", "--with-books"]) == 0
    assert main(["plan", company, "-o", str(plan), "--work-limit", "1", "--workers", "1"]) == 0
    return plan
