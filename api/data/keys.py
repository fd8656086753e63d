"""Workspaces and the keys to them. A key is ``pp_<id>_<secret>``; of the secret only a hash is kept.

The secret is 256 random bits, so that one round of SHA-256 is as good as any slow hash.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import case, insert, select, update

from api.data.database import new_id
from api.data.tables import KEYS, WORKSPACES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Row

PREFIX = "pp"
USED_EVERY_S = 60.0
"""The time of a key's last use is written down no more often than this."""


class Scope(StrEnum):
    """What a key may do: read plans, submit and steer them, read the figures of operation."""

    READ = "read"
    WRITE = "write"
    OPERATE = "operate"


@dataclass(frozen=True)
class Caller:
    """Who asks: a key of a workspace, and what it may do."""

    key_id: str
    workspace_id: str
    scopes: frozenset[str]


def make_key(
    connection: Connection,
    *,
    workspace_id: str,
    name: str,
    scopes: Iterable[Scope],
    now: float,
    expires_at: float | None = None,
) -> tuple[str, str]:
    """A new key, and its workspace where that is new.

    Returns
    -------
    tuple
        The key's id, and the key itself, which is never told again.
    """
    if connection.execute(select(WORKSPACES.c.id).where(WORKSPACES.c.id == workspace_id)).first() is None:
        connection.execute(insert(WORKSPACES).values(id=workspace_id, created_at=now))
    key_id, secret = new_id(), secrets.token_urlsafe(32)
    connection.execute(
        insert(KEYS).values(
            id=key_id,
            workspace_id=workspace_id,
            name=name,
            secret_sha256=_hash(secret),
            scopes=sorted(map(str, scopes)),
            created_at=now,
            expires_at=expires_at,
        )
    )
    return key_id, f"{PREFIX}_{key_id}_{secret}"


def find_caller(connection: Connection, key: str, now: float) -> Caller | None:
    """The caller with this key; None where it is unknown, wrong or expired."""
    prefix, _, rest = key.partition("_")
    key_id, _, secret = rest.partition("_")
    row = connection.execute(select(KEYS).where(KEYS.c.id == key_id)).first()
    # The comparison takes as long for an unknown key as for a wrong one.
    is_right = hmac.compare_digest(_hash(secret), "" if row is None else row.secret_sha256)
    if row is None or not is_right or prefix != PREFIX or (row.expires_at is not None and row.expires_at <= now):
        return None
    if row.used_at is None or row.used_at < now - USED_EVERY_S:
        connection.execute(update(KEYS).where(KEYS.c.id == key_id).values(used_at=now))
    return Caller(row.id, row.workspace_id, frozenset(row.scopes))


def list_keys(connection: Connection) -> list[Row[tuple[object, ...]]]:
    """All keys, the newest last."""
    return list(connection.execute(select(KEYS).order_by(KEYS.c.id)))


def expire_key(connection: Connection, key_id: str, at: float) -> bool:
    """Let a key end at that time, unless it ends before; whether there is one of that id."""
    sooner = case((KEYS.c.expires_at < at, KEYS.c.expires_at), else_=at)
    return connection.execute(update(KEYS).where(KEYS.c.id == key_id).values(expires_at=sooner)).rowcount == 1


def has_keys(connection: Connection) -> bool:
    """Whether any key was ever made."""
    return connection.execute(select(KEYS.c.id).limit(1)).first() is not None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
