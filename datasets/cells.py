"""Cells become typed columns; what cannot be read is named, never guessed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from datasets.raw import RawCell

Problem = tuple[int, str]
"""Position of a cell and the rule it breaks."""

_FLAGS = {"true": 1, "yes": 1, "y": 1, "1": 1, "false": 0, "no": 0, "n": 0, "0": 0}
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
"""Control characters but tab and line ends, and halves of surrogate pairs: no text that may go into an id or a file."""
_EXACT_FLOAT = 1e15
_NO_YEAR = 2100
"""A date of this year or later, such as 9999-12-31, means none."""


def text_of(cell: RawCell) -> str:
    """The cell as text: a whole number without its point, a date in ISO form, a blank as ""."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def texts(cells: Sequence[RawCell]) -> tuple[NDArray[Any], list[Problem]]:
    """Object column of str; a number with more digits than a spreadsheet keeps is a ``long_number``."""
    problems: list[Problem] = []
    if set(map(type, cells)) <= {str, type(None)}:
        plain = cast("list[str]", [cell or "" for cell in cells])
    else:
        plain = [text_of(cell) for cell in cells]
        problems = [
            (index, "long_number")
            for index, cell in enumerate(cells)
            if isinstance(cell, float) and abs(cell) >= _EXACT_FLOAT
        ]
    result = np.array(plain, object)
    if _UNPRINTABLE.search("\n".join(plain)):
        bad = [index for index, text in enumerate(result) if _UNPRINTABLE.search(text)]
        result[bad] = ""
        problems += [(index, "bad_character") for index in bad]
    return result, problems


def numbers(cells: Sequence[RawCell]) -> tuple[NDArray[Any], list[Problem]]:
    """Float column, nan where blank or unreadable."""
    quick = _quick_numbers(cells)
    if quick is not None:
        return quick, []
    result = np.full(len(cells), np.nan)
    problems: list[Problem] = []
    for index, cell in enumerate(cells):
        if cell is None:
            continue
        try:
            value = _number(cell)
        except (ValueError, OverflowError):
            problems.append((index, "not_a_number"))
            continue
        if math.isfinite(value):
            result[index] = value
        else:
            problems.append((index, "not_finite"))
    return result, problems


def _quick_numbers(cells: Sequence[RawCell]) -> NDArray[Any] | None:
    """All cells at once where every one is plain, blank or not; None where any needs a closer look."""
    kinds = set(map(type, cells))
    if not kinds <= {str, float, int, type(None)}:
        return None
    filled = cast("list[str | float]", [cell for cell in cells if cell is not None])
    try:
        values = np.fromiter(map(float, filled), np.float64, len(filled))
    except (ValueError, OverflowError):
        return None
    written = filled if kinds <= {str, type(None)} else [cell for cell in filled if isinstance(cell, str)]
    if not np.isfinite(values).all() or "_" in "".join(cast("list[str]", written)):
        return None
    if len(filled) == len(cells):
        return values
    result = np.full(len(cells), np.nan)
    result[[cell is not None for cell in cells]] = values
    return result


def _number(cell: RawCell) -> float:
    if isinstance(cell, str) and "_" not in cell:
        return float(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    raise ValueError(cell)


def flags(cells: Sequence[RawCell]) -> tuple[NDArray[Any], list[Problem]]:
    """int8 column: 1 yes, 0 no, -1 blank or unreadable."""
    return _looked_up(cells, lambda cell: _FLAGS.get(text_of(cell).casefold()), np.int8(-1), "not_a_flag")


def dates(cells: Sequence[RawCell]) -> tuple[NDArray[Any], list[Problem]]:
    """datetime64[D] column, NaT where blank or unreadable, or where the year is 2100 or later."""
    return _looked_up(cells, _day, np.datetime64("NaT", "D"), "not_a_date")


def choices(cells: Sequence[RawCell], words: Sequence[str]) -> tuple[NDArray[Any], list[Problem]]:
    """Object column of the words, whatever their case; "" where blank or unknown."""
    known = {word.casefold(): word for word in words}
    return _looked_up(cells, lambda cell: known.get(text_of(cell).casefold()), "", "unknown_choice")


def _looked_up(
    cells: Sequence[RawCell], look: Callable[[RawCell], Any], blank: Any, rule: str
) -> tuple[NDArray[Any], list[Problem]]:
    """Look each distinct cell up once; None is what cannot be read. The column is of the blank's type."""
    # The type is part of the key because True, 1 and 1.0 are one key to a dict.
    keys = list(zip(map(type, cells), cells, strict=True))
    codes = {key: code for code, key in enumerate(dict.fromkeys(keys))}
    found = [blank if cell is None else look(cell) for _, cell in codes]
    code = np.fromiter(map(codes.__getitem__, keys), np.intp, len(keys))
    dtype = getattr(blank, "dtype", object)
    result = np.array([blank if value is None else value for value in found], dtype)[code]
    bad = np.array([value is None for value in found], bool)[code]
    return result, [(index, rule) for index in np.flatnonzero(bad).tolist()]


def _day(cell: RawCell) -> np.datetime64 | None:
    """The day; NaT where its year means none, None where it is no date."""
    match = _DATE.fullmatch(text_of(cell)) if isinstance(cell, str | date) else None
    if match is None:
        return None
    try:
        day = date(*map(int, match.groups()))
    except ValueError:
        return None
    return np.datetime64(day if day.year < _NO_YEAR else "NaT", "D")


def guessed(cells: Sequence[RawCell]) -> tuple[NDArray[Any], list[Problem]]:
    """An unknown column: numbers where every cell is a plain one, else text; leading zeros make it text."""
    filled = [cell for cell in cells if cell is not None]
    if filled and all(_is_plain_number(cell) for cell in filled):
        return numbers(cells)
    return texts(cells)


def _is_plain_number(cell: RawCell) -> bool:
    if isinstance(cell, str):
        return _PLAIN_NUMBER.fullmatch(cell) is not None
    return isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell)
