"""A written plan as the start of another: its input, its decisions and what it told, from its folder or a zip of it."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasets import read_given
from podplanner.domain.build import build_instance
from podplanner.domain.errors import UnreadableInput
from podplanner.report.duals_file import DUALS, read_duals
from podplanner.report.files import INPUT, PLAN_FILES, SUMMARY
from podplanner.report.reading import NEEDED, read_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from datasets import Given
    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan
    from podplanner.domain.result import Duals

_DAY = (2000, 1, 1, 0, 0, 0)
"""Fixed, so that equal plans are equal bytes."""
DECISIONS = tuple(f"{name}.csv" for name in NEEDED)
PARTS = (INPUT, SUMMARY, *DECISIONS)
LARGEST_BYTES = 4 * 1024**3
"""Unpacked: more than a plan of a million accounts."""


@dataclass(frozen=True)
class Parent:
    """A plan that a scenario starts from.

    Parameters
    ----------
    given, instance
        Its input.
    plan
        Its decisions.
    summary
        Contents of its ``summary.json``.
    files
        All of its files by name; from a zip only those needed.
    duals
        Prices behind its bound; None where none were kept.
    """

    given: Given
    instance: Instance
    plan: Plan
    summary: Mapping[str, Any]
    files: Mapping[str, bytes]
    duals: Duals | None = None

    @property
    def plan_id(self) -> str:
        """Name of input and decisions together."""
        return plan_id(self.instance, self.plan)

    @property
    def origin_id(self) -> str:
        """Id of the plan at the head of the line of scenarios."""
        line: str = (self.summary.get("scenario") or {}).get("origin_id", self.plan_id)
        return line

    def packed(self) -> bytes:
        """All that is needed to start from this plan again, as one zip."""
        content = BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for name in (*PARTS, *(name for name in (DUALS,) if name in self.files)):
                archive.writestr(zipfile.ZipInfo(name, _DAY), self.files[name], zipfile.ZIP_DEFLATED, 6)
        return content.getvalue()


def plan_id(instance: Instance, plan: Plan) -> str:
    """Sixteen hexadecimal digits that name a plan: the same for the same decisions on the same input."""
    digest = hashlib.sha256(instance.sha256.encode())
    for name in plan.__dataclass_fields__:
        digest.update(getattr(plan, name).tobytes())
    return digest.hexdigest()[:16]


def read_parent(path: Path) -> Parent:
    """Read a plan's folder, or a zip of one.

    Raises
    ------
    UnreadableInput
        Where it is neither, or lacks the input: a plan written with ``--hide-pay`` has none.
    InputError
        Where its tables do not fit its input.
    """
    if path.is_dir():
        return _read(path)
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            parts = [part for part in archive.infolist() if part.filename in (*PARTS, DUALS)]
            if sum(part.file_size for part in parts) > LARGEST_BYTES:
                raise UnreadableInput(f"{path.name} unpacks to more than any plan.")
            for part in parts:
                Path(folder, part.filename).write_bytes(archive.read(part))
            return _read(Path(folder), str(path))
    except (OSError, zipfile.BadZipFile) as error:
        raise UnreadableInput(f"{path} is no folder of a plan, and no zip of one: {error}") from error


def _read(folder: Path, name: str = "") -> Parent:
    name = name or str(folder)
    lacking = [part for part in (SUMMARY, INPUT) if not folder.joinpath(part).is_file()]
    if lacking:
        hint = "plans written with --hide-pay or by an earlier version have no input" if lacking == [INPUT] else ""
        raise UnreadableInput(f"{name} has no {' and no '.join(lacking)}: {hint or 'it is no plan'}.")
    try:
        summary = json.loads(folder.joinpath(SUMMARY).read_text(encoding="utf-8"))
    except ValueError as error:
        raise UnreadableInput(f"{name}: {SUMMARY} cannot be read: {error}") from error
    given = read_given(folder / INPUT)
    instance = build_instance(given.tables)
    if instance.sha256 != summary.get("input_sha256"):
        raise UnreadableInput(f"{name}: {INPUT} is not what the plan was made from.")
    if summary.get("terms") is None:
        raise UnreadableInput(f"{name} holds no plan: the run ended without one.")
    plan = read_plan(folder, instance)
    files = {each.name: each.read_bytes() for each in sorted(folder.iterdir()) if each.name in PLAN_FILES}
    return Parent(given, instance, plan, summary, files, read_duals(files.get(DUALS), instance))
