"""Signatures of Standard Webhooks, version 1 (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from api.data.webhooks import SECRET_PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence


def signed_headers(message_id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """Headers by which a receiver knows who sent a message, and when.

    Parameters
    ----------
    timestamp
        Seconds since 1970 of this attempt.
    secrets
        ``whsec_`` and base64; one signature each.
    """
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = (
        hmac.digest(base64.b64decode(secret.removeprefix(SECRET_PREFIX)), content, hashlib.sha256) for secret in secrets
    )
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(each).decode()}" for each in signatures),
    }
