"""Tables written a block at a time, against the library's own cells and what a reader finds in them."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from podplanner.report.canvas import write_cell
from podplanner.report.shape import texts
from podplanner.report.styles import Styles
from podplanner.report.table_sheet import BLOCK, TableSheet
from podplanner.report.workbook import OPTIONS

if TYPE_CHECKING:
    from pathlib import Path

    from podplanner.domain.tables import Column

WORDS = st.one_of(
    st.sampled_from(
        ["", " x ", "<b>&amp;</b>", "_x0041_", "a\x07b", "tab\tline\nend", "=1+1", "é€𝄞", "_x00", "\ufffe"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5).filter(lambda text: not text.startswith("<r>")),
)
NUMBERS = st.one_of(
    st.sampled_from([0.0, -0.5, 1e-9, 123456789.123456, 1e20, np.nan, np.inf]), st.floats(allow_nan=False, width=64)
)


def sheet_xml(path: Path, columns: list[Column], *, at_once: bool) -> bytes:
    """The sheet of these columns below a header, as it is in the file."""
    book = Workbook(str(path), OPTIONS)
    styles = Styles(book, "USD")
    formats = [styles.get("table_cell", kind) for kind in ("text", "money", "count", "flag")]
    sheet = book.add_worksheet("made", TableSheet)
    for place in range(len(columns)):
        write_cell(sheet, 0, place, f"column {place}", styles.get("table_head"))
    if at_once:
        sheet.write_columns(1, columns, formats[: len(columns)])
    else:
        for row, cells in enumerate(zip(*(column.tolist() for column in columns), strict=True), start=1):
            for place, cell in enumerate(cells):
                if cell != "" and (isinstance(cell, str) or np.isfinite(cell)):
                    write_cell(sheet, row, place, cell, formats[place])
    book.close()
    with zipfile.ZipFile(path) as archive:
        return archive.read("xl/worksheets/sheet1.xml")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(WORDS, NUMBERS, st.integers(-(10**9), 10**9), st.booleans()), max_size=6))
def test_the_same_bytes_as_cell_by_cell(tmp_path: Path, rows: list[tuple[str, float, int, bool]]) -> None:
    """Text of any letters, numbers, true and false, blanks: as the library itself would write them."""
    # The library numbers formats at their first cell, so that the first row is without blanks.
    words, numbers, counts, flags = zip(("first", 1.0, 1, True), *rows, strict=True)
    columns = [texts(list(words)), np.array(numbers), np.array(counts), np.array(flags)]
    written = [sheet_xml(tmp_path / f"{at_once}.xlsx", columns, at_once=at_once) for at_once in (True, False)]
    assert written[0] == written[1]


@pytest.mark.parametrize("rows", [0, 1, BLOCK, BLOCK + 1])
def test_all_blocks_are_there(tmp_path: Path, rows: int) -> None:
    """Every row, over the end of a block, with its number."""
    path = tmp_path / "made.xlsx"
    ids = texts([f"id {row}" for row in range(rows)])
    sheet_xml(path, [ids, np.arange(rows, dtype=np.float64)], at_once=True)
    _, *lines = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert lines == [[f"id {row}", float(row)] for row in range(rows)]


def test_text_beyond_the_format_is_cut(tmp_path: Path) -> None:
    """A cell holds 32,767 UTF-16 units; more would make the file one that no program opens."""
    path = tmp_path / "made.xlsx"
    sheet_xml(path, [texts(["𝄞" * 40_000])], at_once=True)
    _, (cell,) = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert 0 < len(str(cell).encode("utf-16-le")) // 2 <= 32_767
