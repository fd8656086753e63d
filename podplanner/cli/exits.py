"""How a command ends, and what it has to say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class ExitCode(IntEnum):
    """What the process tells the shell; README lists the same codes."""

    DONE = 0
    OWN_DEFECT = 1
    INPUT = 2
    INFEASIBLE = 3
    LIMIT = 4
    FAULTS = 5
    PARTLY = 6
    CANCELLED = 130


class UsageError(Exception):
    """The command line asks for what cannot be done; the message says what to do instead."""

    code = "usage"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The one answer of a command.

    Parameters
    ----------
    code
        How the command ended.
    lines
        The answer for people.
    data
        The same for machines; goes through JSON.
    is_answer
        Whether the command did what it was asked, so that its lines belong on stdout; what went wrong goes to stderr.
    """

    code: ExitCode
    lines: tuple[str, ...]
    data: Mapping[str, object]
    is_answer: bool = True
