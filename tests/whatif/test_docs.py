"""docs/what-if.md says what there is."""

from __future__ import annotations

from podplanner.whatif.words import GRAMMAR
from tests.source_tree import ROOT


def test_every_sentence_has_its_line() -> None:
    """The page lists the grammar, form by form."""
    page = (ROOT / "docs" / "what-if.md").read_text(encoding="utf-8")
    assert [each.form for each in GRAMMAR if f"| `{each.form}` | {each.meaning} |" not in page] == []
