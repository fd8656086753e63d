"""Follows a solver by the log that it writes while it runs."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.trace import Teller

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

NUMBER = r"(-?[\d.]+(?:[eE][+-]?\d+)?)"


@dataclass(frozen=True)
class Log:
    """How to read a solver's log; the first group of each pattern is the figure or the words.

    Parameters
    ----------
    best, bound
        Lines with the objective of the best solution, and with the bound.
    ended
        The line with the ending, and how an ending begins that proves the best to be optimal.
    nothing
        From which size on a figure means that there is none.
    """

    best: tuple[re.Pattern[str], ...]
    bound: tuple[re.Pattern[str], ...]
    ended: re.Pattern[str]
    optimal: str
    nothing: float = float("inf")

    def figure(self, patterns: tuple[re.Pattern[str], ...], line: str) -> float | None:
        """What a line says, None where it says nothing."""
        for pattern in patterns:
            found = pattern.search(line)
            if found:
                value = float(found[1])
                return value if abs(value) < self.nothing else None
        return None


def follow(command: Sequence[str], log: Log, asked: Namespace) -> None:
    """Run a solver that minimises, and tell each better solution and bound that its log shows.

    Raises
    ------
    SystemExit
        Where the solver ends without saying how.
    """
    teller = Teller(asked.trace, sign=-1.0, offset=asked.offset)
    ended, best = "", None
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            found = log.figure(log.best, line)
            best = best if found is None else found
            teller.tell(found, log.figure(log.bound, line))
            words = log.ended.search(line)
            ended = words[1].strip() if words else ended
    if not ended:
        raise SystemExit(f"{Path(command[0]).name} ended without a result (code {process.returncode})")
    if ended.startswith(log.optimal):
        teller.tell(best, best)
    teller.end(ended)
