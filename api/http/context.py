"""What every route shares: database, queue, settings, the watch; and who calls."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from api.data.keys import Caller, Scope, find_caller
from api.data.plans import find_plan
from api.http.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Any

    from sqlalchemy import Connection, Row

    from api.data.database import Database
    from api.http.rates import Rates
    from api.http.watch import Watch
    from api.jobs.queue import Queue
    from api.settings import Settings
    from api.webhooks.guard import Network

IN_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, scheme_name="key", description="A key of a workspace.")
AS_BEARER = HTTPBearer(auto_error=False, scheme_name="bearer", description="The same key as a bearer token.")


KNOWN_S = 5.0
"""A key is looked up no more often than this: polling costs half, and a revoked key is good for so much longer."""
LOOKS_AT_ONCE = 2
"""Processes that look at what was handed in: they take that many times a process's memory, and no more."""


@dataclass(frozen=True)
class Context:
    """What the routes work with.

    Parameters
    ----------
    known
        Callers by key, each with the time until which it need not be looked up again.
    networks
        That webhooks may name besides the public internet.
    rates
        What each workspace may still ask for.
    looks
        Held by whoever has a process look at what was handed in.
    """

    database: Database
    queue: Queue
    settings: Settings
    watch: Watch
    rates: Rates
    networks: Sequence[Network]
    known: dict[str, tuple[float, Caller]] = field(default_factory=dict)
    looks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LOOKS_AT_ONCE))

    def look_up(self, key: str) -> Caller | None:
        """The caller with this key."""
        with self.database.engine.begin() as connection:
            caller = find_caller(connection, key, self.database.now(connection))
        now = time.monotonic()
        if caller is not None:
            for old in [each for each, (until, _) in self.known.items() if until < now]:
                del self.known[old]
            self.known[key] = (now + KNOWN_S, caller)
        return caller


async def get_context(request: Request) -> Context:
    """The application's context."""
    context: Context = request.app.state.context
    return context


InContext = Annotated[Context, Depends(get_context)]


def caller_with(scope: Scope) -> Callable[..., Awaitable[Caller]]:
    """A dependency: the caller, who may do what the scope says."""

    async def find(
        context: InContext,
        request: Request,
        in_header: Annotated[str | None, Security(IN_HEADER)],
        as_bearer: Annotated[HTTPAuthorizationCredentials | None, Security(AS_BEARER)],
    ) -> Caller:
        key = in_header or (as_bearer.credentials if as_bearer else "")
        if not key:
            raise Problem("unauthorized", "Send a key as X-API-Key or as a bearer token.")
        until, caller = context.known.get(key, (0.0, None))
        if caller is None or until < time.monotonic():
            caller = await run_in_threadpool(context.look_up, key)
        if caller is None:
            raise Problem("unauthorized", "The key is unknown, wrong or expired.")
        request.state.caller = caller
        wait_s = context.rates.take(caller.workspace_id, time.monotonic())
        if wait_s:
            text = "This workspace asks for more than it may; wait a little."
            raise Problem("too_many_requests", text, headers={"Retry-After": str(math.ceil(wait_s))})
        if scope not in caller.scopes:
            raise Problem("forbidden", f"The key lacks the scope {scope}.")
        return caller

    return find


Reader = Annotated[Caller, Depends(caller_with(Scope.READ))]
Writer = Annotated[Caller, Depends(caller_with(Scope.WRITE))]
Operator = Annotated[Caller, Depends(caller_with(Scope.OPERATE))]


def plan_of(connection: Connection, caller: Caller, plan_id: str) -> Row[Any]:
    """A plan of the caller's workspace; another workspace's plan is not there."""
    row = find_plan(connection, caller.workspace_id, plan_id)
    if row is None:
        raise Problem("not_found", f"There is no plan {plan_id}.")
    return row
