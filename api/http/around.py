"""What surrounds every request: a limit on its body, headers on its answer, a line in the log, pages that may call."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware

from api.http.problems import SECURE, Problem, answer
from api.settings import MIB

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger(__name__)
SILENCE_S = 30.0
"""Longest silence within a body, so that nobody holds a connection by sending nothing."""


class Around:
    """A limit on every body, headers on every answer, and a line in the log for every request.

    FastAPI has a limit of its own, but answers in plain text.

    Parameters
    ----------
    max_body
        Bytes.
    """

    def __init__(self, app: ASGIApp, max_body: int) -> None:
        self._app, self._max_body = app, max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin, status = time.monotonic(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in SECURE.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            if int(Headers(scope=scope).get("content-length", "0")) > self._max_body:
                # What was announced is not waited for.
                response = answer(self._too_large(), scope["path"])
                response.headers["Connection"] = "close"
                await response(scope, receive, send_with_headers)
            else:
                await self._app(scope, self._within_limits(receive), send_with_headers)
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

    def _within_limits(self, receive: Receive) -> Receive:
        """The same body, as long as it is neither too large nor too slow."""
        received, is_whole = 0, False

        async def receive_within_limits() -> Message:
            nonlocal received, is_whole
            if is_whole:
                # Whoever streams an answer waits here for the caller to go away, however long that takes.
                return await receive()
            try:
                async with asyncio.timeout(SILENCE_S):
                    message = await receive()
            except TimeoutError as error:
                headers = {"Connection": "close"}
                raise Problem("too_slow", f"Nothing came for {SILENCE_S:g} seconds.", headers=headers) from error
            received += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if received > self._max_body:
                raise self._too_large()
            return message

        return receive_within_limits

    def _too_large(self) -> Problem:
        return Problem("too_large", f"A request may have {self._max_body // MIB} MiB.")


class AllowList(CORSMiddleware):
    """Pages of the listed origins may call; a question from others is refused with the one body of all failures."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Whether a page may ask what it wants to ask."""
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        text = "Pages of this origin may not ask this: the operator lists origins in PODPLANNER_CORS_ORIGINS."
        return answer(Problem("forbidden", text), "")
