"""Who submitted, stopped, cancelled and fetched what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert

from api.data.database import new_id
from api.data.tables import AUDIT

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.data.keys import Caller


def note(connection: Connection, caller: Caller, action: str, subject: str, now: float) -> None:
    """Write down that the caller did something with something."""
    connection.execute(
        insert(AUDIT).values(
            id=new_id(),
            at=now,
            workspace_id=caller.workspace_id,
            key_id=caller.key_id,
            action=action,
            subject=subject,
        )
    )
