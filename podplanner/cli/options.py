"""Kinds of option values, text into numbers within a range; and defaults that the help tells."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_TIME_LIMIT_S = 120.0
"""Seconds of solving where no limit is given: a coffee, and enough for the shipped samples."""


def number(low: float, high: float = math.inf) -> Callable[[str], float]:
    """Parser of a number from ``low`` to below ``high``."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value < high:
            raise argparse.ArgumentTypeError(f"{text!r} is no number {_range(low, high)}")
        return value

    return parse


def whole(low: int, high: float = math.inf) -> Callable[[str], int]:
    """Parser of a whole number from ``low`` to below ``high``."""

    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) < high:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number {_range(low, high)}")
        return int(text)

    return parse


def _range(low: float, high: float) -> str:
    return f"from {low:g} on" if math.isinf(high) else f"from {low:g} to below {high:g}"
