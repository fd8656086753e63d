"""From a request's body to a plan that waits."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.exc import IntegrityError

from api.data.audit import note
from api.data.inputs import InputKind, keep_input
from api.data.plans import count_unfinished, find_plan, find_repeated
from api.http.bodies import FILE, FORM_TYPE, JSON_TYPE, WORKBOOK_TYPE, Content, mistake, read_body, to_model
from api.http.models import PlanRequest
from api.http.problems import Problem
from api.jobs.orders import Order, place_order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import Request
    from sqlalchemy import Connection, Row

    from api.data.keys import Caller
    from api.http.context import Context

T = TypeVar("T")
BINARY = {"type": "string", "format": "binary"}
FORM_SCHEMA = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {**BINARY, "description": "a workbook, or a zip of CSV or Parquet files"},
        "request": {"type": "string", "description": "the same JSON object as the body of that kind, without an input"},
    },
}
BODY = {
    "required": True,
    "description": "A file alone has its request in the address: ?name=first&options.time_limit_s=60",
    "content": {
        JSON_TYPE: {"schema": {"$ref": "#/components/schemas/PlanRequest"}},
        FORM_TYPE: {"schema": FORM_SCHEMA},
        WORKBOOK_TYPE: {"schema": BINARY},
        "application/zip": {"schema": BINARY},
    },
}
"""The body for OpenAPI: FastAPI has no words for several kinds of body on one route."""


@dataclass(frozen=True)
class Wanted:
    """A request that was understood, its input, and what sets it apart in its batch."""

    request: PlanRequest
    input: Content
    label: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Hash of all that was asked."""
        asked = self.request.model_dump(mode="json", exclude={"tables"})
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode())
        digest.update(self.input.kind.encode() + self.input.content)
        return digest.hexdigest()


async def read_submission(request: Request, context: Context) -> Wanted:
    """Understand the body, or raise the problem that it has."""
    body = await read_body(request, context, max_files=1)
    asked = to_model(PlanRequest, body.asked)
    require_allowed(asked.options.time_limit_s, context, "/options")
    if body.files:
        if asked.sample is not None or asked.tables is not None:
            raise mistake("", "The file is the input: leave out sample and tables.")
        return Wanted(asked, body.files[FILE])
    if asked.sample is not None:
        return Wanted(asked, Content(InputKind.SAMPLE, asked.sample.encode()))
    if not body.tables:
        raise mistake("", "Give a sample or tables, or send a file.")
    return Wanted(asked, body.tables[0])


def require_allowed(time_limit_s: float | None, context: Context, pointer: str) -> None:
    """Raise the problem of options at a place whose time limit passes the operator's."""
    most = context.settings.max_time_limit_s
    # A work limit alone stays repeatable: no clock may cut it short. The operator's limit is then that of work.
    if time_limit_s is not None and time_limit_s > most:
        raise mistake(f"{pointer}/time_limit_s", f"A time limit may be {most:g} seconds at most.")


def submit(context: Context, caller: Caller, asked: Wanted, idempotency_key: str | None) -> tuple[Row[Any], bool]:
    """Make the plan and its place in the queue, all or nothing.

    Returns
    -------
    tuple
        The plan's row, and whether the same request had made it before.
    """

    def ordered(connection: Connection, now: float) -> Order:
        return order_for(connection, caller, asked, now)

    return submit_order(context, caller, ordered, asked.sha256, idempotency_key)


def submit_order(
    context: Context,
    caller: Caller,
    ordered: Callable[[Connection, float], Order],
    sha256: str,
    idempotency_key: str | None,
    **values: Any,
) -> tuple[Row[Any], bool]:
    """The same for an order that is made in the transaction.

    Parameters
    ----------
    sha256
        Hash of all that was asked.
    values
        Of the plan's row, besides.
    """

    def make(connection: Connection) -> tuple[Row[Any], bool]:
        row = None if idempotency_key is None else find_repeated(connection, caller.workspace_id, idempotency_key)
        if row is None:
            return _add(connection, context, caller, ordered, sha256, idempotency_key=idempotency_key, **values), False
        if row.request_sha256 != sha256:
            raise Problem("key_reused", "This Idempotency-Key made another plan; take a new one for a new request.")
        return row, True

    return once(context, make)


def once(context: Context, make: Callable[[Connection], T]) -> T:
    """What one transaction makes; tried again where another one made the same thing a moment earlier."""
    try:
        with context.database.engine.begin() as connection:
            return make(connection)
    except IntegrityError:
        with context.database.engine.begin() as connection:
            return make(connection)


def require_room(connection: Connection, context: Context, caller: Caller, count: int) -> None:
    """Raise the problem of a workspace with too many plans that wait or run for so many more."""
    most = context.settings.max_unfinished
    if count_unfinished(connection, caller.workspace_id) + count > most:
        text = f"At most {most} plans of this workspace may wait or run at once; wait for some to end."
        raise Problem("too_many_plans", text)


def order_for(connection: Connection, caller: Caller, wanted: Wanted, now: float) -> Order:
    """The order that a request makes, its input kept."""
    request, given = wanted.request, wanted.input
    input_id = keep_input(connection, workspace_id=caller.workspace_id, kind=given.kind, content=given.content, now=now)
    more = request.model_dump(mode="json", include={"changes", "tags", "accept", "on"})
    return Order(
        input_id=input_id,
        name=request.name,
        operation=request.operation,
        priority=request.priority,
        options=request.options.model_dump(mode="json") | {part: told for part, told in more.items() if told},
        label=wanted.label,
    )


def _add(
    connection: Connection,
    context: Context,
    caller: Caller,
    ordered: Callable[[Connection, float], Order],
    sha256: str,
    **values: Any,
) -> Row[Any]:
    now = context.database.now(connection)
    require_room(connection, context, caller, 1)
    plan_id = place_order(
        connection,
        context.queue,
        ordered(connection, now),
        workspace_id=caller.workspace_id,
        key_id=caller.key_id,
        now=now,
        request_sha256=sha256,
        **values,
    )
    note(connection, caller, "submit", plan_id, now)
    row = find_plan(connection, caller.workspace_id, plan_id)
    assert row is not None
    return row
