"""The application: routes, limits, headers, and what they share."""

from __future__ import annotations

import logging
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.datastructures import MutableHeaders

from api.http.context import Context
from api.http.models import PlanRequest, ProblemBody
from api.http.plans import ROUTER as PLANS
from api.http.problems import MEDIA_TYPE, Problem, add_handlers
from api.http.results import ROUTER as RESULTS
from api.http.service import ROUTER as SERVICE
from api.http.watch import Watch
from api.jobs.queue import Queue
from api.settings import MIB
from podplanner import __version__

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.data.database import Database
    from api.settings import Settings

LOG = logging.getLogger(__name__)
FORM_BYTES = MIB
"""Room for the parts of a form around its file."""
SECURE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
EXPOSED = ("ETag", "Location", "Retry-After", "Link", "Idempotent-Replayed", "Preference-Applied")


def create_app(settings: Settings, database: Database) -> FastAPI:
    """The application on a database whose tables are up to date."""
    queue, watch = Queue(database), Watch(database)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with watch.running():
            yield
        queue.close()

    problem = {"description": "Any failure", "content": {MEDIA_TYPE: {"schema": ProblemBody.model_json_schema()}}}
    app = FastAPI(
        title="podplanner",
        version=__version__,
        summary="Plans pods, tiers and named teams for named accounts, with a proof of how good the plan is.",
        # The pages that FastAPI offers for these load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        responses={"default": problem},
    )
    app.state.context = Context(database, queue, settings, watch)
    add_handlers(app)
    for router in (PLANS, RESULTS, SERVICE):
        app.include_router(router)
    app.add_middleware(Around, max_body=settings.max_upload_mib * MIB + FORM_BYTES)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "X-API-Key", "Content-Type", "Idempotency-Key", "Prefer", "If-None-Match"],
            expose_headers=EXPOSED,
        )
    _describe_body(app)
    return app


def _describe_body(app: FastAPI) -> None:
    """The body of a submission is read by hand, so that OpenAPI learns its shape by hand."""
    schema = app.openapi()
    shape = PlanRequest.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["components"]["schemas"] |= shape.pop("$defs") | {"PlanRequest": shape}


class Around:
    """A limit on every body, headers on every answer, and a line in the log for every request.

    FastAPI has a limit of its own, but answers in plain text.
    """

    def __init__(self, app: ASGIApp, max_body: int) -> None:
        self._app, self._max_body = app, max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin, status, received = time.monotonic(), 0, 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_body:
                raise Problem("too_large", f"A request may have {self._max_body // MIB} MiB.")
            return message

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in SECURE.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive_within_limit, send_with_headers)
        finally:
            caller = scope.get("state", {}).get("caller")
            told = {
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "ms": round((time.monotonic() - begin) * 1000, 1),
                "key": None if caller is None else caller.key_id,
            }
            LOG.info("request", extra=told)
