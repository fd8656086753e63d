"""Inputs: what was handed in, unchanged, once for each content and workspace."""

from __future__ import annotations

import gzip
import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from api.data.database import new_id
from api.data.tables import INPUTS

if TYPE_CHECKING:
    from sqlalchemy import Connection


class InputKind(StrEnum):
    """How an input is held: a packed file as it came, JSON tables compressed, or the name of a shipped sample."""

    WORKBOOK = "workbook"
    ZIP = "zip"
    JSON = "json"
    SAMPLE = "sample"


FILE_NAMES = {InputKind.WORKBOOK: "input.xlsx", InputKind.ZIP: "input.zip", InputKind.JSON: "input.json"}
"""What a file of the kind is called where it is read: the reader goes by the ending."""

FAST = 1
"""Level of compression: JSON shrinks to a tenth at any."""


def keep_input(connection: Connection, *, workspace_id: str, kind: InputKind, content: bytes, now: float) -> str:
    """Id of the workspace's input of this content, made where it is new."""
    sha256 = hashlib.sha256(content).hexdigest()
    same = (INPUTS.c.workspace_id == workspace_id, INPUTS.c.sha256 == sha256, INPUTS.c.kind == kind)
    known = connection.execute(select(INPUTS.c.id).where(*same)).scalar()
    if known is not None:
        return str(known)
    input_id = new_id()
    connection.execute(
        insert(INPUTS).values(
            id=input_id,
            workspace_id=workspace_id,
            sha256=sha256,
            kind=str(kind),
            size=len(content),
            content=gzip.compress(content, FAST, mtime=0) if kind is InputKind.JSON else content,
            created_at=now,
        )
    )
    return input_id


def read_input(connection: Connection, input_id: str) -> tuple[InputKind, bytes]:
    """Kind and content as they came."""
    row = connection.execute(select(INPUTS.c.kind, INPUTS.c.content).where(INPUTS.c.id == input_id)).one()
    kind = InputKind(row.kind)
    return kind, gzip.decompress(row.content) if kind is InputKind.JSON else bytes(row.content)
