"""Tags of plans, by which they are found; so far they were only told in what was asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table and fill it; only scenarios have had tags."""
    tags = op.create_table(
        "plan_tags",
        sa.Column("plan_id", sa.String(length=32), nullable=False),
        sa.Column("tag", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_tags_plan_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("plan_id", "tag", name=op.f("pk_plan_tags")),
    )
    op.create_index(op.f("ix_plan_tags_tag"), "plan_tags", ["tag"])
    plans = sa.table("plans", sa.column("id"), sa.column("parent_id"), sa.column("options", sa.JSON()))
    connection = op.get_bind()
    for row in connection.execute(sa.select(plans).where(plans.c.parent_id.is_not(None))).all():
        for tag in dict.fromkeys(row.options.get("tags", ())):
            connection.execute(sa.insert(tags).values(plan_id=row.id, tag=tag))
