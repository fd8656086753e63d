"""Tables of the service. Times are seconds since 1970 in UTC; ids sort by creation.

`migrations` makes them; a test holds both to each other.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

WORKSPACES = Table(
    "workspaces",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("created_at", Float, nullable=False),
)

KEYS = Table(
    "keys",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("secret_sha256", String(64), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float),
    Column("used_at", Float),
)

INPUTS = Table(
    "inputs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("workspace_id", "sha256", "kind"),
)

PLANS = Table(
    "plans",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("input_id", ForeignKey("inputs.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("operation", String(16), nullable=False),
    Column("priority", String(16), nullable=False),
    Column("options", JSON, nullable=False),
    Column("idempotency_key", String(255)),
    Column("request_sha256", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("outcome", String(16)),
    Column("version", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("crashes", Integer, nullable=False),
    Column("worker_id", String(64)),
    Column("wish", String(8)),
    Column("progress", JSON(none_as_null=True)),
    Column("result", JSON(none_as_null=True)),
    Column("problem", JSON(none_as_null=True)),
    Column("created_at", Float, nullable=False),
    Column("queued_at", Float, nullable=False),
    Column("started_at", Float),
    Column("finished_at", Float),
    Column("form", Integer, nullable=False, server_default="1"),
    Column("parent_id", String(32)),
    Column("origin_id", String(32)),
    Column("whole_id", String(32)),
    UniqueConstraint("workspace_id", "idempotency_key"),
    Index(None, "workspace_id", "id"),
    Index(None, "status", "worker_id"),
    Index(None, "whole_id"),
)

PLAN_TAGS = Table(
    "plan_tags",
    METADATA,
    Column("plan_id", ForeignKey("plans.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", String(100), primary_key=True),
    Index(None, "tag"),
)

IN_FORCE = Table(
    "in_force",
    METADATA,
    Column("plan_id", ForeignKey("plans.id", ondelete="CASCADE"), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("author", String(200), nullable=False),
    Column("effective", String(10), nullable=False),
    Column("marked_at", Float, nullable=False),
    Index(None, "workspace_id", "effective"),
)

EVENTS = Table(
    "events",
    METADATA,
    Column("plan_id", ForeignKey("plans.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("data", JSON, nullable=False),
)

ARTEFACTS = Table(
    "artefacts",
    METADATA,
    Column("plan_id", ForeignKey("plans.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

WORKERS = Table(
    "workers",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("slots", Integer, nullable=False),
    Column("version", String(32), nullable=False),
    Column("started_at", Float, nullable=False),
    Column("beat_at", Float, nullable=False),
    Column("form", Integer, nullable=False, server_default="1"),
)

CHORES = Table(
    "chores",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("due_at", Float, nullable=False),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("at", Float, nullable=False),
    Column("workspace_id", String(64), nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", String(128), nullable=False),
    Index(None, "workspace_id", "id"),
)

WEBHOOKS = Table(
    "webhooks",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("url", String(2000), nullable=False),
    Column("events", JSON, nullable=False),
    Column("secret", String(100), nullable=False),
    Column("former_secret", String(100)),
    Column("former_until", Float),
    Column("created_at", Float, nullable=False),
    Column("disabled_at", Float),
    Index(None, "workspace_id", "id"),
)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("webhook_id", ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("event", String(32), nullable=False),
    Column("subject", String(32), nullable=False),
    Column("body", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("answer", Integer),
    Column("error", String(200)),
    Column("created_at", Float, nullable=False),
    Column("finished_at", Float),
    Index(None, "status", "due_at"),
    Index(None, "webhook_id", "id"),
)

BATCHES = Table(
    "batches",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("schedule_id", String(32)),
    Column("name", String(200), nullable=False),
    Column("idempotency_key", String(255)),
    Column("request_sha256", String(64), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("finished_at", Float),
    UniqueConstraint("workspace_id", "idempotency_key"),
    Index(None, "workspace_id", "id"),
)

BATCH_PLANS = Table(
    "batch_plans",
    METADATA,
    Column("batch_id", ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("plan_id", ForeignKey("plans.id", ondelete="CASCADE"), nullable=False),
    Column("label", JSON, nullable=False),
    UniqueConstraint("plan_id"),
)

SCHEDULES = Table(
    "schedules",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id"), nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("name", String(200), nullable=False),
    Column("cron", String(100), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("is_paused", Boolean, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("last_at", Float),
    Column("last_batch_id", String(32)),
    Column("last_error", String(200)),
    Index(None, "workspace_id", "id"),
    Index(None, "due_at"),
)

SCHEDULE_PLANS = Table(
    "schedule_plans",
    METADATA,
    Column("schedule_id", ForeignKey("schedules.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("input_id", ForeignKey("inputs.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("operation", String(16), nullable=False),
    Column("priority", String(16), nullable=False),
    Column("options", JSON, nullable=False),
    Column("label", JSON, nullable=False),
)
