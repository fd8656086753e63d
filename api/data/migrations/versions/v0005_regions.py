"""Regions: the plan that a plan is a region of. Readiness: when it was last written down that writing works."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column, which is null for whole plans, and the chore."""
    op.add_column("plans", sa.Column("whole_id", sa.String(length=32)))
    op.create_index("ix_plans_whole_id", "plans", ["whole_id"])
    op.execute("INSERT INTO chores (name, due_at) VALUES ('readiness', 0)")
