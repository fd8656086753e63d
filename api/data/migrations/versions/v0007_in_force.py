"""Plans in force."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "in_force",
        sa.Column("plan_id", sa.String(length=32), nullable=False),
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("effective", sa.String(length=10), nullable=False),
        sa.Column("marked_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_in_force_plan_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_in_force_workspace_id")),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_in_force")),
    )
    op.create_index(op.f("ix_in_force_workspace_id_effective"), "in_force", ["workspace_id", "effective"])
