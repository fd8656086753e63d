"""Cells become typed columns; what cannot be read is named, never guessed."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.raw import RawCell

Problem = tuple[int, str]
"""Position of a cell and the rule it breaks."""

_FLAGS = {"true": 1, "yes": 1, "y": 1, "1": 1, "false": 0, "no": 0, "n": 0, "0": 0}
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
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
    result = np.empty(len(cells), object)
    result[:] = [text_of(cell) for cell in cells]
    problems = [
        (index, "long_number")
        for index, cell in enumerate(cells)
        if isinstance(cell, float) and abs(cell) >= _EXACT_FLOAT
    ]
    return result, problems


def numbers(cells: Sequence[RawCell]) -> tuple[NDArray[Any], list[Problem]]:
    """Float column, nan where blank or unreadable."""
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


def _number(cell: RawCell) -> float:
    if isinstance(cell, str) and "_" not in cell:
        return float(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    raise ValueError(cell)


def flags(cells: Sequence[RawCell]) -> tuple[NDArray[Any], list[Problem]]:
    """int8 column: 1 yes, 0 no, -1 blank or unreadable."""
    result = np.full(len(cells), -1, np.int8)
    problems: list[Problem] = []
    for index, cell in enumerate(cells):
        if cell is None:
            continue
        value = _FLAGS.get(text_of(cell).casefold())
        if value is None:
            problems.append((index, "not_a_flag"))
        else:
            result[index] = value
    return result, problems


def dates(cells: Sequence[RawCell]) -> tuple[NDArray[Any], list[Problem]]:
    """datetime64[D] column, NaT where blank or unreadable, or where the year is 2100 or later."""
    result = np.full(len(cells), np.datetime64("NaT"), "datetime64[D]")
    problems: list[Problem] = []
    for index, cell in enumerate(cells):
        if cell is None:
            continue
        day = _day(cell)
        if day is None:
            problems.append((index, "not_a_date"))
        elif day.year < _NO_YEAR:
            result[index] = np.datetime64(day, "D")
    return result, problems


def _day(cell: RawCell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    match = _DATE.fullmatch(cell) if isinstance(cell, str) else None
    if match is None:
        return None
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        return None


def choices(cells: Sequence[RawCell], words: Sequence[str]) -> tuple[NDArray[Any], list[Problem]]:
    """Object column of the words, whatever their case; "" where blank or unknown."""
    known = {word.casefold(): word for word in words}
    result = np.full(len(cells), "", object)
    problems: list[Problem] = []
    for index, cell in enumerate(cells):
        if cell is None:
            continue
        word = known.get(text_of(cell).casefold())
        if word is None:
            problems.append((index, "unknown_choice"))
        else:
            result[index] = word
    return result, problems


def guessed(cells: Sequence[RawCell]) -> NDArray[Any]:
    """An unknown column: numbers where every cell is a plain one, else text; leading zeros make it text."""
    filled = [cell for cell in cells if cell is not None]
    if filled and all(_is_plain_number(cell) for cell in filled):
        return numbers(cells)[0]
    return texts(cells)[0]


def _is_plain_number(cell: RawCell) -> bool:
    if isinstance(cell, str):
        return _PLAIN_NUMBER.fullmatch(cell) is not None
    return isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell)
