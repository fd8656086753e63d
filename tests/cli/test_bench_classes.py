"""The command ``bench classes``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from benchmarks.sizes import SMOKE
from podplanner.cli import ExitCode, bench_classes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Call


def test_a_table_of_all_contestants(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As text on a page, and as JSON, with every figure of it."""
    monkeypatch.setattr(bench_classes, "CLASSES", {"S": SMOKE})
    page = tmp_path / "page.md"
    words = ("--seed", 1, "--peers", "highs", "--time-limit", 1, "--page", page, "--json")
    told = call("bench", "classes", "S", *words)
    assert told.code == ExitCode.DONE
    (measured,) = json.loads(told.out)["classes"]
    assert [each["contestant"] for each in measured["standings"]] == ["podplanner", "highs"]
    assert measured["standings"][1]["measures"]["contribution"] > 0
    assert page.read_text(encoding="utf-8").count("| class smoke | 60 × 2 × 12 | 1 |") == 2


def test_what_cannot_be_measured_is_told(call: Call) -> None:
    """No books in the one-role class, and no page that is no Markdown."""
    assert call("bench", "classes", "paper", "--books").code == ExitCode.INPUT
    assert call("bench", "classes", "S", "--page", "table.txt").code == ExitCode.INPUT
