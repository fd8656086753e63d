"""What every route shares: database, queue, settings, the watch; and who calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from api.data.keys import Caller, Scope, find_caller
from api.data.plans import find_plan
from api.http.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sqlalchemy import Connection, Row

    from api.data.database import Database
    from api.http.watch import Watch
    from api.jobs.queue import Queue
    from api.settings import Settings

IN_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, scheme_name="key", description="A key of a workspace.")
AS_BEARER = HTTPBearer(auto_error=False, scheme_name="bearer", description="The same key as a bearer token.")


@dataclass(frozen=True)
class Context:
    """What the routes work with."""

    database: Database
    queue: Queue
    settings: Settings
    watch: Watch


def get_context(request: Request) -> Context:
    """The application's context."""
    context: Context = request.app.state.context
    return context


InContext = Annotated[Context, Depends(get_context)]


def caller_with(scope: Scope) -> Callable[..., Caller]:
    """A dependency: the caller, who may do what the scope says."""

    def find(
        context: InContext,
        request: Request,
        in_header: Annotated[str | None, Security(IN_HEADER)],
        as_bearer: Annotated[HTTPAuthorizationCredentials | None, Security(AS_BEARER)],
    ) -> Caller:
        key = in_header or (as_bearer.credentials if as_bearer else "")
        if not key:
            raise Problem("unauthorized", "Send a key as X-API-Key or as a bearer token.")
        with context.database.engine.begin() as connection:
            caller = find_caller(connection, key, context.database.now(connection))
        if caller is None:
            raise Problem("unauthorized", "The key is unknown, wrong or expired.")
        request.state.caller = caller
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
