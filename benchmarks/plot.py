"""Lines on logarithmic axes as SVG, without a plotting library."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WIDTH, HEIGHT = 460, 320
LEFT, RIGHT, TOP, BOTTOM = 60, 20, 30, 40
COLOURS = ("#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#b07aa1", "#9c755f")
"""Told apart by colour-blind readers too (Tableau 10)."""
LEGEND = 90
GRID = "#dddddd"

Point = tuple[float, float]


@dataclass(frozen=True)
class Panel:
    """One plot.

    Parameters
    ----------
    title
        What the upward axis shows.
    lines
        Points of each line by its name, all above 0.
    """

    title: str
    lines: Mapping[str, Sequence[Point]]


def plot(panels: Sequence[Panel], across: str) -> str:
    """Panels side by side, their legend at the right; ``across`` is the name of the axes across."""
    names = list(dict.fromkeys(name for panel in panels for name in panel.lines))
    width = WIDTH * len(panels) + LEGEND
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" font-family="sans-serif" '
        f'font-size="11"><rect width="100%" height="100%" fill="white"/>'
    ]
    for number, panel in enumerate(panels):
        parts += [f'<g transform="translate({WIDTH * number},0)">', *_panel(panel, names, across), "</g>"]
    for row, name in enumerate(names):
        y = TOP + 16 * row
        parts.append(f'<rect x="{width - LEGEND}" y="{y}" width="12" height="4" fill="{_colour(row)}"/>')
        parts.append(f'<text x="{width - LEGEND + 18}" y="{y + 6}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def decades(values: Iterable[float]) -> tuple[int, int]:
    """Powers of ten around some values; 0 and 1 where there are none."""
    known = list(values)
    if not known:
        return 0, 1
    low, high = math.floor(math.log10(min(known))), math.ceil(math.log10(max(known)))
    return low, max(high, low + 1)


def _panel(panel: Panel, names: Sequence[str], across: str) -> list[str]:
    points = [point for line in panel.lines.values() for point in line]
    wide, tall = decades(x for x, _ in points), decades(y for _, y in points)

    def at(x: float, y: float) -> tuple[float, float]:
        right = LEFT + (math.log10(x) - wide[0]) / (wide[1] - wide[0]) * (WIDTH - LEFT - RIGHT)
        down = HEIGHT - BOTTOM - (math.log10(y) - tall[0]) / (tall[1] - tall[0]) * (HEIGHT - TOP - BOTTOM)
        return round(right, 1), round(down, 1)

    left, low = 10.0 ** wide[0], 10.0 ** tall[0]
    parts = [f'<text x="{LEFT}" y="{TOP - 12}" font-weight="bold">{escape(panel.title)}</text>']
    for power in range(wide[0], wide[1] + 1):
        foot = at(10.0**power, low)
        parts.append(_line((foot, at(10.0**power, 10.0 ** tall[1])), GRID, 1))
        parts.append(f'<text x="{foot[0]}" y="{foot[1] + 16}" text-anchor="middle">{_number(power)}</text>')
    for power in range(tall[0], tall[1] + 1):
        foot = at(left, 10.0**power)
        parts.append(_line((foot, at(10.0 ** wide[1], 10.0**power)), GRID, 1))
        parts.append(f'<text x="{foot[0] - 6}" y="{foot[1]}" text-anchor="end" dy="4">{_number(power)}</text>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">{escape(across)}</text>')
    for name, line in panel.lines.items():
        colour, drawn = _colour(names.index(name)), [at(x, y) for x, y in line]
        parts.append(_line(drawn, colour, 2))
        parts += [f'<circle cx="{right}" cy="{down}" r="3" fill="{colour}"/>' for right, down in drawn]
    return parts


def _line(points: Sequence[Point], colour: str, width: int) -> str:
    path = " ".join(f"{right},{down}" for right, down in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _number(power: int) -> str:
    return f"{10**power:,}" if power >= 0 else f"{10.0**power:g}"


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]
