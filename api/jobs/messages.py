"""What worker and child tell each other: a task in a folder, wishes, and one JSON object a line in answer."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from api.data.inputs import FILE_NAMES, InputKind
from datasets.samples import sample_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OUT, TABLES = "out", "tables"
"""Folders of results beside the input: files as they are kept, and tables among them."""
MOVED = "moved"
"""The table of what is not as in the plan that a scenario starts from."""
CHALLENGES = ("challenges", "knock_on", "challenge_changes", "edits")
"""Tables of a hearing: the answers, what else would move, what wishes become, and what was typed into a workbook."""
EDITED = "edited.xlsx"
"""The edited workbook of a hearing."""
FINDINGS = "findings.json"
PARENT = "parent"
"""Folder of the files of the plan that a scenario or a night starts from."""
LINE = "line"
"""Folder of the input that the line of that plan began with, where a night has another."""
PLAN = "plan.npz"
"""The plan of a region, from which the plan of the whole is made."""
REGIONS = "regions"
"""Folder of the plans of a plan's regions, each called by its number."""
TASK, HINT, BEST = "task.json", "hint.npz", "best.npz"
STOP = "stop"
"""What the worker writes to the child's standard input; its end means: end at once."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is to be done with the input; also the content of the task's file.

    Parameters
    ----------
    kind
        How the input is held; of a sample, ``sample`` is the name.
    options
        Engine, limits and what to hide, as asked for.
    name
        The plan's.
    parent
        Of a scenario or a night: options, outcome and result of the plan that it starts from; empty where that is
        forgotten. Of a night also ``kind`` and ``sample`` of that plan's input.
    max_time_limit_s
        Longest time limit where none was asked for.
    split_accounts
        Accounts from which on the input goes by regions; 0 never.
    regions
        Of a plan that was split: how each of its regions ended, with ``plan_id``, ``status``, ``outcome``,
        ``contribution`` and ``problem``; None of any other.
    """

    operation: str
    kind: str
    sample: str | None
    options: dict[str, Any]
    threads: int
    max_time_limit_s: float = math.inf
    name: str = ""
    parent: dict[str, Any] | None = None
    split_accounts: int = 0
    regions: list[dict[str, Any]] | None = None


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an attempt ended; the fields are those of the plan's row.

    Parameters
    ----------
    result
        Figures of the answer: contribution, bound, gap, reason, limit, engine, numbers of errors and warnings.
    problem
        Code, detail and errors where there is no answer.
    """

    status: str
    outcome: str | None = None
    result: Mapping[str, Any] | None = None
    problem: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Split:
    """How an attempt ended at a plan too large for it: to be planned by so many regions first."""

    count: int


@dataclass(frozen=True, kw_only=True)
class Message:
    """One line.

    Parameters
    ----------
    kind
        ``status``, ``progress``, ``best`` (a better plan lies in the folder), ``split`` or ``end``.
    """

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


def input_path(folder: Path, kind: str, sample: str | None) -> Path:
    """Where an input lies that is held so, in a folder or among the samples."""
    return folder / FILE_NAMES[InputKind(kind)] if sample is None else sample_path(sample)


def to_line(message: Message) -> str:
    """A message as text; numbers that are not finite become null."""
    return json.dumps(plain(asdict(message)), allow_nan=False, separators=(",", ":")) + "\n"


def from_line(line: str) -> Message:
    """Inverse of `to_line`."""
    content = json.loads(line)
    return Message(kind=content["kind"], data=content["data"])


def plain(value: object) -> Any:
    """Values that JSON knows: what is no finite number becomes null."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
