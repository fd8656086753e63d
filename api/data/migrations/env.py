"""Runs the versions on the connection that `Database.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from api.data.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
