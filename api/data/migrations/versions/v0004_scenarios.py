"""Scenarios: the plan that a plan starts from, and the one at the head of the line."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns, which are null for plans that start from nothing."""
    for name in ("parent_id", "origin_id"):
        op.add_column("plans", sa.Column(name, sa.String(length=32)))
