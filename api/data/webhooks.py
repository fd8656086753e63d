"""Webhooks and their deliveries: rows, claims, and what came of each attempt."""

from __future__ import annotations

import base64
import random
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from api.data.database import new_id
from api.data.outbox import WAITING
from api.data.tables import DELIVERIES, WEBHOOKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    Rows = Sequence[Row[Any]]

SECRET_PREFIX = "whsec_"
SECRET_BYTES = 32
OVERLAP_S = 86_400.0
"""After a rotation messages are signed with both secrets for so long."""
PAUSES_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""After each failed attempt, as Standard Webhooks recommends: nearly four days in all."""
JITTER = 0.2
LEASE_S = 60.0
"""A claimed delivery waits again after so long where nothing was heard of it: its worker has died."""
MOST_HOOKS = 20
"""Webhooks of one workspace."""


class DeliveryStatus(StrEnum):
    """Where a delivery is on its way."""

    WAITING = WAITING
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True)
class Errand:
    """One attempt at a delivery, claimed.

    Parameters
    ----------
    attempts
        Its number, from 1.
    secrets
        To sign with, the newest first.
    """

    delivery_id: str
    webhook_id: str
    url: str
    body: str
    attempts: int
    secrets: tuple[str, ...]


def new_secret() -> str:
    """A secret as Standard Webhooks writes it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def add_webhook(
    connection: Connection, *, workspace_id: str, key_id: str, url: str, events: Sequence[str], now: float
) -> Row[Any]:
    """A new webhook with a secret of its own."""
    webhook_id = new_id()
    values = {"workspace_id": workspace_id, "key_id": key_id, "url": url, "events": list(events), "created_at": now}
    connection.execute(insert(WEBHOOKS).values(id=webhook_id, secret=new_secret(), **values))
    return connection.execute(select(WEBHOOKS).where(WEBHOOKS.c.id == webhook_id)).one()


def count_webhooks(connection: Connection, workspace_id: str) -> int:
    """How many a workspace has."""
    where = WEBHOOKS.c.workspace_id == workspace_id
    return int(connection.execute(select(func.count()).select_from(WEBHOOKS).where(where)).scalar_one())


def find_webhook(connection: Connection, workspace_id: str, webhook_id: str) -> Row[Any] | None:
    """A workspace's webhook; None where that workspace has none of this id."""
    where = (WEBHOOKS.c.id == webhook_id, WEBHOOKS.c.workspace_id == workspace_id)
    return connection.execute(select(WEBHOOKS).where(*where)).first()


def list_webhooks(connection: Connection, workspace_id: str) -> Rows:
    """A workspace's webhooks, the oldest first."""
    where = WEBHOOKS.c.workspace_id == workspace_id
    return connection.execute(select(WEBHOOKS).where(where).order_by(WEBHOOKS.c.id)).all()


def drop_webhook(connection: Connection, webhook_id: str) -> None:
    """Forget a webhook and its deliveries."""
    connection.execute(delete(DELIVERIES).where(DELIVERIES.c.webhook_id == webhook_id))
    connection.execute(delete(WEBHOOKS).where(WEBHOOKS.c.id == webhook_id))


def rotate_secret(connection: Connection, webhook_id: str, now: float) -> str:
    """A new secret; messages are signed with the former one, too, for a while."""
    secret = new_secret()
    values = {"secret": secret, "former_secret": WEBHOOKS.c.secret, "former_until": now + OVERLAP_S}
    connection.execute(update(WEBHOOKS).where(WEBHOOKS.c.id == webhook_id).values(**values, disabled_at=None))
    return secret


def list_deliveries(connection: Connection, webhook_id: str, *, before: str | None, limit: int) -> Rows:
    """Deliveries of a webhook, the newest first, from before an id on."""
    where = [DELIVERIES.c.webhook_id == webhook_id]
    if before is not None:
        where.append(DELIVERIES.c.id < before)
    return connection.execute(select(DELIVERIES).where(*where).order_by(DELIVERIES.c.id.desc()).limit(limit)).all()


def resend(connection: Connection, webhook_id: str, delivery_id: str, now: float) -> Row[Any] | None:
    """Let a delivery wait again, from the first attempt on; None where the webhook has none of this id."""
    where = (DELIVERIES.c.id == delivery_id, DELIVERIES.c.webhook_id == webhook_id)
    values = {"status": WAITING, "attempts": 0, "due_at": now, "finished_at": None}
    connection.execute(update(DELIVERIES).where(*where).values(**values))
    return connection.execute(select(DELIVERIES).where(*where)).first()


def claim_errands(connection: Connection, *, now: float, limit: int) -> list[Errand]:
    """Deliveries that are due, now the caller's to try."""
    due = (
        select(DELIVERIES, WEBHOOKS.c.url, WEBHOOKS.c.secret, WEBHOOKS.c.former_secret, WEBHOOKS.c.former_until)
        .join(WEBHOOKS)
        .where(DELIVERIES.c.status == WAITING, DELIVERIES.c.due_at <= now, WEBHOOKS.c.disabled_at.is_(None))
        .order_by(DELIVERIES.c.due_at)
        .limit(limit)
    )
    errands = []
    for row in connection.execute(due).all():
        if not _change(connection, row.id, row.attempts, {"attempts": row.attempts + 1, "due_at": now + LEASE_S}):
            continue  # Another worker was faster.
        former = (row.former_secret,) if row.former_secret and row.former_until > now else ()
        errands.append(Errand(row.id, row.webhook_id, row.url, row.body, row.attempts + 1, (row.secret, *former)))
    return errands


def note_delivered(connection: Connection, errand: Errand, answer: int, now: float) -> None:
    """The receiver has taken it."""
    values = {"status": str(DeliveryStatus.DELIVERED), "answer": answer, "error": None, "finished_at": now}
    _change(connection, errand.delivery_id, errand.attempts, values)


def note_failed(
    connection: Connection, errand: Errand, *, answer: int | None, error: str, is_last: bool, now: float
) -> None:
    """The attempt failed: it is tried again later, or not at all."""
    values: dict[str, Any] = {"answer": answer, "error": error[:200]}
    if is_last or errand.attempts > len(PAUSES_S):
        values |= {"status": str(DeliveryStatus.FAILED), "finished_at": now}
    else:
        values["due_at"] = now + PAUSES_S[errand.attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)
    _change(connection, errand.delivery_id, errand.attempts, values)


def disable_webhook(connection: Connection, webhook_id: str, now: float) -> None:
    """The receiver wants no more."""
    connection.execute(update(WEBHOOKS).where(WEBHOOKS.c.id == webhook_id).values(disabled_at=now))


def _change(connection: Connection, delivery_id: str, attempts: int, values: dict[str, Any]) -> bool:
    """Change a delivery that waits, while this attempt is its last one; whether it was so."""
    where = (DELIVERIES.c.id == delivery_id, DELIVERIES.c.attempts == attempts, DELIVERIES.c.status == WAITING)
    return connection.execute(update(DELIVERIES).where(*where).values(**values)).rowcount == 1
