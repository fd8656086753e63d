"""Look of the workbook: one palette that colour-blind readers can tell apart, and every cell format under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

# Blue, orange and grey of Okabe and Ito (2008), "Color Universal Design", https://jfly.uni-koeln.de/color/.
INK, QUIET, LINE, PAPER, BAND = "#1F2933", "#66717E", "#C9D0D8", "#FFFFFF", "#F2F5F8"
GAIN, LOSS, TOTAL = "#0072B2", "#D55E00", "#4A5563"
SERIES = ("#0072B2", "#E69F00", "#009E73", "#56B4E9", "#CC79A7")
FONT = "Arial"
A4 = 9
"""Paper size by its number in the format."""

WORDS = ("text", "id", "flag")
"""Kinds of column that stand at the left; numbers stand at the right."""

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}

_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 18, "font_color": INK},
    "subtitle": {"font_size": 10, "font_color": QUIET},
    "section": {"bold": True, "font_size": 12, "font_color": INK, "bottom": 1, "bottom_color": LINE},
    "tile_label": {"font_size": 9, "font_color": QUIET, "bg_color": BAND, "top": 2, "top_color": GAIN, "indent": 1},
    "tile": {"bold": True, "font_size": 14, "font_color": INK, "bg_color": BAND, "align": "left", "indent": 1},
    "head": {"bold": True, "font_color": QUIET, "font_size": 9, "bottom": 1, "bottom_color": LINE, "text_wrap": True},
    "table_head": {"bold": True, "font_color": PAPER, "bg_color": TOTAL, "valign": "vcenter"},
    "cell": {"bottom": 4, "bottom_color": LINE},
    "total": {"bold": True, "top": 1, "top_color": INK, "bottom": 1, "bottom_color": INK},
    "note": {"font_size": 9, "font_color": QUIET, "italic": True, "indent": 1},
    "table_cell": {},
    "wrapped": {"text_wrap": True, "valign": "top"},
    "plain": {},
    "granted": {"bg_color": "#CDE6F5"},
    "refused": {"bg_color": "#F9D3B8"},
    "told": {"bg_color": BAND},
    "link": {"font_color": GAIN, "underline": 1, "bottom": 4, "bottom_color": LINE},
}


class Styles:
    """Cell formats of one workbook: a look (how a cell is set) crossed with a kind (how its value is written)."""

    def __init__(self, workbook: Workbook, currency: str) -> None:
        self._workbook = workbook
        self._made: dict[tuple[str, str], Format] = {}
        self._numbers = number_formats(currency)

    def get(self, look: str, kind: str = "text") -> Format:
        """Format of a look and a kind of column (see ``columns.KINDS``; also ``millions`` and ``percent``)."""
        if (look, kind) not in self._made:
            properties = {"font_name": FONT, "font_size": 10, **_LOOKS[look]}
            number = self._numbers.get(kind)
            if number is not None:
                properties["num_format"] = number
            if look == "head" and kind not in WORDS:
                properties["align"] = "right"
            if look == "table_head" and kind not in WORDS:
                # Clear of the filter's button, which sits at the right end of the cell.
                properties |= {"align": "right", "indent": 2}
            if look in ("table_head", "table_cell") and kind in WORDS:
                # Off the number that ends where this column begins.
                properties |= {"align": "left", "indent": 1}
            self._made[look, kind] = self._workbook.add_format(properties)
        return self._made[look, kind]


def number_formats(currency: str) -> Mapping[str, str]:
    """Spreadsheet number format by kind of column."""
    code = "".join(letter for letter in currency if letter.isalpha())[:3].upper()
    money = f'"{SYMBOLS[code]}"' if code in SYMBOLS else f'"{code} "'
    return {
        "money": f'{money}#,##0;-{money}#,##0;"–"',
        "millions": f'{money}#,##0.0,,"M";-{money}#,##0.0,,"M"',
        "rate": f"{money}#,##0.00;-{money}#,##0.00",
        "hours": "#,##0.0",
        "count": "#,##0",
        "number": "#,##0.0",
        "share": "0.0%",
        # Programs that keep true and false as numbers would show 1 and 0.
        "flag": '"TRUE";"TRUE";"FALSE"',
        "percent": "0.00%",
    }
