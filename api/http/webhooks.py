"""Routes of webhooks: make, list, end, rotate, try; the log of deliveries."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.data.audit import note
from api.data.keys import Caller
from api.data.outbox import TEST, add_delivery
from api.data.webhooks import (
    MOST_HOOKS,
    DeliveryStatus,
    add_webhook,
    count_webhooks,
    drop_webhook,
    find_webhook,
    list_deliveries,
    list_webhooks,
    resend,
    rotate_secret,
)
from api.http.bodies import json_body, mistake, read_body, to_model
from api.http.context import Context, InContext, Reader, Writer
from api.http.models import Cursor, Limit, moment
from api.http.problems import Problem
from api.webhooks.guard import LONGEST_URL, Forbidden, check_url

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

ROUTER = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
WebhookId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="the webhook's id")]
DeliveryId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="the delivery's id, as webhook-id tells it")]
Event = Literal["plan.succeeded", "plan.failed", "plan.cancelled", "plan.invalid", "batch.ended"]


class WebhookRequest(BaseModel):
    """Where to send which messages."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"url": "https://hooks.example.com/podplanner", "events": ["plan.succeeded"]}]},
    )

    url: Annotated[str, Field(max_length=LONGEST_URL, description="https, at a public address")]
    events: Annotated[list[Event], Field(max_length=10, description="all of them where none is named")] = []


class WebhookState(BaseModel):
    """A webhook, without its secret."""

    id: str
    url: str
    events: list[str]
    created_at: datetime
    disabled_at: Annotated[datetime | None, Field(description="since then nothing is sent: the receiver answered 410")]


class WebhookSecret(WebhookState):
    """A webhook with its secret, which is told this once."""

    secret: Annotated[str, Field(description="whsec_ and base64: the key of every signature")]


class WebhookList(BaseModel):
    """A workspace's webhooks."""

    webhooks: list[WebhookState]


class DeliveryState(BaseModel):
    """A message on its way to a webhook."""

    id: str
    event: str
    subject: Annotated[str, Field(description="id of the plan, batch or webhook that it tells of")]
    status: DeliveryStatus
    attempts: int
    answer: Annotated[int | None, Field(description="status of HTTP that the receiver answered last")]
    error: str | None
    due_at: Annotated[datetime | None, Field(description="the next attempt")]
    created_at: datetime
    finished_at: datetime | None
    body: Annotated[dict[str, Any], Field(description="what is sent")]


class DeliveryList(BaseModel):
    """Deliveries, the newest first."""

    deliveries: list[DeliveryState]
    next: Annotated[str | None, Field(description="cursor of the next page; null on the last")]


@ROUTER.post(
    "",
    operation_id="createWebhook",
    status_code=201,
    response_model=WebhookSecret,
    openapi_extra=json_body("WebhookRequest"),
)
async def create_webhook(request: Request, context: InContext, caller: Writer) -> WebhookSecret:
    """Let messages be sent to an address; the answer has the secret of their signatures, this once."""
    asked = to_model(WebhookRequest, (await read_body(request, context, max_files=0)).asked)
    try:
        check_url(asked.url, context.networks)
    except Forbidden as error:
        raise mistake("/url", str(error)) from error
    return await run_in_threadpool(_create, context, caller, asked)


def _create(context: Context, caller: Caller, asked: WebhookRequest) -> WebhookSecret:
    with context.database.engine.begin() as connection:
        if count_webhooks(connection, caller.workspace_id) >= MOST_HOOKS:
            raise mistake("", f"A workspace may have {MOST_HOOKS} webhooks; delete one.")
        now = context.database.now(connection)
        row = add_webhook(
            connection,
            workspace_id=caller.workspace_id,
            key_id=caller.key_id,
            url=asked.url,
            events=sorted(set(asked.events)),
            now=now,
        )
        note(connection, caller, "create webhook", row.id, now)
    return _secret(row, row.secret)


@ROUTER.get("", operation_id="listWebhooks", response_model=WebhookList)
def get_webhooks(context: InContext, caller: Reader) -> WebhookList:
    """List webhooks, the oldest first."""
    with context.database.engine.connect() as connection:
        return WebhookList(webhooks=[_state(row) for row in list_webhooks(connection, caller.workspace_id)])


@ROUTER.get("/{webhook_id}", operation_id="getWebhook", response_model=WebhookState)
def get_webhook(webhook_id: WebhookId, context: InContext, caller: Reader) -> WebhookState:
    """Look at a webhook."""
    with context.database.engine.connect() as connection:
        return _state(_find(connection, caller, webhook_id))


@ROUTER.delete("/{webhook_id}", operation_id="deleteWebhook", status_code=204, response_class=Response)
def delete_webhook(webhook_id: WebhookId, context: InContext, caller: Writer) -> Response:
    """End a webhook; what waits for it is forgotten."""
    with context.database.engine.begin() as connection:
        _find(connection, caller, webhook_id)
        drop_webhook(connection, webhook_id)
        note(connection, caller, "delete webhook", webhook_id, context.database.now(connection))
    return Response(status_code=204)


@ROUTER.post("/{webhook_id}/rotate", operation_id="rotateWebhook", response_model=WebhookSecret)
def rotate_webhook(webhook_id: WebhookId, context: InContext, caller: Writer) -> WebhookSecret:
    """Give a webhook a new secret; for a day messages carry a signature by each. A disabled one works again."""
    with context.database.engine.begin() as connection:
        _find(connection, caller, webhook_id)
        now = context.database.now(connection)
        secret = rotate_secret(connection, webhook_id, now)
        note(connection, caller, "rotate webhook", webhook_id, now)
        return _secret(_find(connection, caller, webhook_id), secret)


@ROUTER.post("/{webhook_id}/test", operation_id="testWebhook", status_code=202, response_model=DeliveryState)
def test_webhook(webhook_id: WebhookId, context: InContext, caller: Writer) -> DeliveryState:
    """Send a message of type ``test``."""
    with context.database.engine.begin() as connection:
        _find(connection, caller, webhook_id)
        now = context.database.now(connection)
        delivery_id = add_delivery(connection, webhook_id, TEST, {"id": webhook_id}, now)
        row = resend(connection, webhook_id, delivery_id, now)
        assert row is not None
        return _delivery(row)


@ROUTER.get("/{webhook_id}/deliveries", operation_id="listDeliveries", response_model=DeliveryList)
def get_deliveries(
    webhook_id: WebhookId, context: InContext, caller: Reader, cursor: Cursor = None, limit: Limit = 50
) -> DeliveryList:
    """List what was sent to a webhook, and what came of it, the newest first."""
    with context.database.engine.connect() as connection:
        _find(connection, caller, webhook_id)
        rows = list_deliveries(connection, webhook_id, before=cursor, limit=limit + 1)
    page = rows[:limit]
    return DeliveryList(deliveries=[_delivery(row) for row in page], next=page[-1].id if len(rows) > limit else None)


@ROUTER.post(
    "/{webhook_id}/deliveries/{delivery_id}/resend",
    operation_id="resendDelivery",
    status_code=202,
    response_model=DeliveryState,
)
def resend_delivery(
    webhook_id: WebhookId, delivery_id: DeliveryId, context: InContext, caller: Writer
) -> DeliveryState:
    """Send a message again, at once, under the id that it had."""
    with context.database.engine.begin() as connection:
        _find(connection, caller, webhook_id)
        row = resend(connection, webhook_id, delivery_id, context.database.now(connection))
    if row is None:
        raise Problem("not_found", f"The webhook has no delivery {delivery_id}.")
    return _delivery(row)


def _find(connection: Connection, caller: Caller, webhook_id: str) -> Row[Any]:
    row = find_webhook(connection, caller.workspace_id, webhook_id)
    if row is None:
        raise Problem("not_found", f"There is no webhook {webhook_id}.")
    return row


def _state(row: Row[Any]) -> WebhookState:
    return WebhookState(
        id=row.id,
        url=row.url,
        events=row.events,
        created_at=moment(row.created_at),
        disabled_at=moment(row.disabled_at) if row.disabled_at else None,
    )


def _secret(row: Row[Any], secret: str) -> WebhookSecret:
    return WebhookSecret(**_state(row).model_dump(), secret=secret)


def _delivery(row: Row[Any]) -> DeliveryState:
    is_waiting = row.status == DeliveryStatus.WAITING
    return DeliveryState(
        id=row.id,
        event=row.event,
        subject=row.subject,
        status=row.status,
        attempts=row.attempts,
        answer=row.answer,
        error=row.error,
        due_at=moment(row.due_at) if is_waiting else None,
        created_at=moment(row.created_at),
        finished_at=moment(row.finished_at) if row.finished_at else None,
        body=json.loads(row.body),
    )
