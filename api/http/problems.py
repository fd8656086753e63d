"""One body for every failure on every route: problem details by RFC 9457, with a stable code."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException

from api.data.in_force import NoneInForce

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI, Request

LOG = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"

PROBLEMS = {
    "bad_request": (400, "The request cannot be understood"),
    "unauthorized": (401, "A key is needed"),
    "forbidden": (403, "The key may not do this"),
    "not_found": (404, "There is no such thing here"),
    "method_not_allowed": (405, "This cannot be done here"),
    "too_slow": (408, "The request did not arrive"),
    "no_result": (409, "There is no result"),
    "none_in_force": (409, "No plan is in force"),
    "too_large": (413, "The request is too large"),
    "unsupported_media_type": (415, "The body is of a kind that is not taken"),
    "invalid_request": (422, "The request has mistakes"),
    "unknown_words": (422, "A sentence is not understood"),
    "unreadable_input": (422, "The file cannot be read"),
    "key_reused": (422, "The idempotency key was used for another request"),
    "too_many_plans": (429, "Too many plans wait or run"),
    "too_many_requests": (429, "Too many requests"),
    "internal": (500, "A defect of the service"),
    "database_away": (503, "The database does not answer"),
}
"""Code -> status and title; docs/service.md lists the same."""

BY_STATUS = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
NO_ROUTE = {
    404: "There is no such route; GET /openapi.json describes them all.",
    405: "The route is there, but not for this method; the header Allow has those that it takes.",
}
"""Routes raise problems of their own: these come from the router."""
SECURE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Headers of every answer."""
MOST_ERRORS = 100
"""Mistakes of one request that are told."""
AGAIN_S = 5
"""Seconds after which a request that was refused for want of room or database is worth another try."""


class Problem(Exception):
    """A request that cannot be answered.

    Parameters
    ----------
    code
        One of `PROBLEMS`.
    detail
        What is wrong with this request, and the way out.
    errors
        Single mistakes, each with ``pointer`` into the request and ``detail``.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code, self.detail, self.errors = code, detail, tuple(errors)
        self.headers = dict(headers or {})


def answer(problem: Problem, instance: str) -> JSONResponse:
    """A problem as the body of a response."""
    status, title = PROBLEMS[problem.code]
    body: dict[str, Any] = {
        "type": f"urn:podplanner:problem:{problem.code}",
        "title": title,
        "status": status,
        "detail": problem.detail,
        "instance": instance,
        "code": problem.code,
    }
    if problem.errors:
        body["errors"] = list(problem.errors)
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        problem.headers.setdefault("Retry-After", str(AGAIN_S))
    if status == HTTPStatus.UNAUTHORIZED:
        problem.headers.setdefault("WWW-Authenticate", "Bearer")
    return JSONResponse(body, status_code=status, headers=problem.headers, media_type=MEDIA_TYPE)


def validation_problem(found: Sequence[Mapping[str, Any]]) -> Problem:
    """Mistakes that pydantic found, each with its place; the first of them in the words for all."""
    errors = [{"pointer": _pointer(each["loc"]), "detail": _words(each)} for each in found[:MOST_ERRORS]]
    first = ": ".join(filter(None, errors[0].values()))
    return Problem("invalid_request", first if len(found) == 1 else f"{len(found):,} mistakes; {first}", errors=errors)


def _pointer(place: Sequence[str | int]) -> str:
    return "".join(f"/{step}" for step in place)


def _words(mistake: Mapping[str, Any]) -> str:
    """What is wrong, without pydantic's names of its own kinds."""
    if mistake["type"] == "extra_forbidden":
        return "There is no such field here."
    return str(mistake["ctx"]["error"] if mistake["type"] == "value_error" else mistake["msg"])


def add_handlers(app: FastAPI) -> None:
    """Answer every failure with the one body."""

    @app.exception_handler(Problem)
    async def on_problem(request: Request, error: Problem) -> JSONResponse:
        return answer(error, request.url.path)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        code = BY_STATUS.get(error.status_code, "bad_request")
        text = NO_ROUTE.get(error.status_code, str(error.detail))
        return answer(Problem(code, text, headers=error.headers), request.url.path)

    @app.exception_handler(RequestValidationError)
    async def on_validation(request: Request, error: RequestValidationError) -> JSONResponse:
        return answer(validation_problem(error.errors()), request.url.path)

    @app.exception_handler(NoneInForce)
    async def on_none_in_force(request: Request, error: NoneInForce) -> JSONResponse:
        return answer(Problem("none_in_force", str(error)), request.url.path)

    @app.exception_handler(OperationalError)
    @app.exception_handler(InterfaceError)
    async def on_database(request: Request, error: OperationalError) -> JSONResponse:
        LOG.warning("the database does not answer", extra={"reason": str(error.orig)})
        return answer(Problem("database_away", "Try again in a moment; nothing was done."), request.url.path)

    @app.exception_handler(HTTPStatus.INTERNAL_SERVER_ERROR)
    async def on_defect(request: Request, _error: Exception) -> JSONResponse:
        # Starlette answers for defects outside of everything that adds headers.
        problem = Problem("internal", "The operator's log has what happened.", headers=SECURE)
        return answer(problem, request.url.path)
