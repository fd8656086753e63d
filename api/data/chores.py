"""What is done now and then, by whichever worker comes first: when it is due stands in the database."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import update

from api.data.tables import CHORES

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Chore(StrEnum):
    """What there is to do; each has its row from the version of the tables on that knows it."""

    PURGE = "purge"
    READINESS = "readiness"  # is never due: it notes when the database last took a change


def take_chore(connection: Connection, chore: Chore, *, now: float, again_s: float) -> bool:
    """Whether it is due, and now the caller's to do; it is due again after so long."""
    due = update(CHORES).where(CHORES.c.name == str(chore), CHORES.c.due_at <= now)
    return connection.execute(due.values(due_at=now + again_s)).rowcount == 1


def note_readiness(connection: Connection, now: float) -> None:
    """Write something: whoever commits this knows that the database takes changes."""
    connection.execute(update(CHORES).where(CHORES.c.name == str(Chore.READINESS)).values(due_at=now))


def resume_chore(connection: Connection, chore: Chore, *, now: float) -> None:
    """There is more of it to do: it is due again at once."""
    connection.execute(update(CHORES).where(CHORES.c.name == str(chore)).values(due_at=now))
