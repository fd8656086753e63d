"""Forms of plans and workers, and what is done now and then."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns, which were 1 so far, and the table of chores."""
    for table in ("plans", "workers"):
        op.add_column(table, sa.Column("form", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "chores",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chores")),
    )
    op.execute("INSERT INTO chores (name, due_at) VALUES ('purge', 0)")
