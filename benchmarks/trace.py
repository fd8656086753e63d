"""What a contestant tells while it runs, as a file of JSON lines: it is there even when the contestant is killed."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Moment:
    """Best contribution and proven bound at a time; ``-inf`` and ``inf`` where there is none yet.

    Parameters
    ----------
    seconds
        Since the contestant had the problem in hand.
    """

    seconds: float
    best: float
    bound: float


@dataclass(frozen=True)
class Trace:
    """A run as told.

    Parameters
    ----------
    moments
        Better and better.
    ended
        How, in the contestant's words; "" where it was cut off.
    facts
        Other figures that it told at the end.
    """

    moments: tuple[Moment, ...] = ()
    ended: str = ""
    facts: Mapping[str, float] = field(default_factory=dict)

    @property
    def best(self) -> float:
        """Best contribution of all, ``-inf`` without a plan."""
        return self.moments[-1].best if self.moments else -math.inf

    @property
    def bound(self) -> float:
        """Lowest bound of all, ``inf`` without one."""
        return self.moments[-1].bound if self.moments else math.inf

    def seconds_to_plan(self) -> float:
        """When the first plan was there, ``inf`` where none was."""
        return self._first(lambda moment: moment.best > -math.inf)

    def seconds_to(self, gap: float, bound: float) -> float:
        """When a plan was there that lies within this gap of a bound, ``inf`` where none was."""
        return self._first(lambda moment: share_below(bound, moment.best) <= gap)

    def seconds_to_proof(self, gap: float) -> float:
        """When its own bound proved a plan to be within this gap, ``inf`` where it never did."""
        return self._first(lambda moment: share_below(moment.bound, moment.best) <= gap)

    def _first(self, reached: Callable[[Moment], bool]) -> float:
        return next((moment.seconds for moment in self.moments if reached(moment)), math.inf)


def share_below(bound: float, contribution: float) -> float:
    """(bound - contribution) / |bound|: the gap; ``inf`` where either is missing.

    Negative where a peer's easier model lets it promise more than any plan can bring.
    """
    if not (math.isfinite(bound) and math.isfinite(contribution)):
        return math.inf
    return (bound - contribution) / max(abs(bound), 1e-9)


class Teller:
    """Writes a trace, a line each time that something got better.

    Parameters
    ----------
    path
        The file.
    sign, offset
        What is told is turned into a contribution: sign x value + offset.
    """

    def __init__(self, path: Path, *, sign: float = 1.0, offset: float = 0.0) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._sign, self._offset = sign, offset
        self._best, self._bound = -math.inf, math.inf
        self._begin = time.monotonic()

    def tell(self, best: float | None, bound: float | None) -> None:
        """Note the time, if best or bound improved; what is None or not finite says nothing."""
        known = (self._best, self._bound)
        if best is not None and math.isfinite(best):
            self._best = max(self._best, self._sign * best + self._offset)
        if bound is not None and math.isfinite(bound):
            self._bound = min(self._bound, self._sign * bound + self._offset)
        if known != (self._best, self._bound):
            self._write({"seconds": time.monotonic() - self._begin, "best": self._best, "bound": self._bound})

    def end(self, words: str, **facts: float) -> None:
        """Note how the run ended and whatever else is known then, and close the file."""
        self._write({"ended": words, "facts": facts})
        self._file.close()

    def _write(self, line: dict[str, object]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


def read_trace(path: Path) -> Trace:
    """Read what was told; a file that is not there, and a line cut short, tell nothing."""
    moments: list[Moment] = []
    ended: dict[str, Any] = {}
    for text in path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else ():
        if not text.endswith("\n"):
            break
        line = json.loads(text)
        if "ended" in line:
            ended = line
        else:
            moments.append(Moment(line["seconds"], line["best"], line["bound"]))
    return Trace(tuple(moments), **ended)
