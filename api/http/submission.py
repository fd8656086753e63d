"""From a request's body to a plan that waits: JSON with tables or a sample's name, or a form with a file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from fastapi import UploadFile
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile as Upload

from api.data.audit import note
from api.data.database import new_id
from api.data.inputs import InputKind, keep_input
from api.data.plans import Job, add_plan, count_unfinished, find_plan, find_repeated
from api.http.models import Options, PlanRequest
from api.http.problems import Problem, validation_problem
from api.settings import MIB

if TYPE_CHECKING:
    from fastapi import Request
    from sqlalchemy import Connection, Row

    from api.data.keys import Caller
    from api.http.context import Context

JSON_TYPE, FORM_TYPE = "application/json", "multipart/form-data"
MAGIC = b"PK"
BOOK_ENDINGS = (".xlsx", ".xlsm")

FORM_SCHEMA = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "a workbook, or a zip of CSV or Parquet files"},
        "request": {"type": "string", "description": "the same JSON object as the body of that kind, without an input"},
    },
}
BODY = {
    "required": True,
    "content": {
        JSON_TYPE: {"schema": {"$ref": "#/components/schemas/PlanRequest"}},
        FORM_TYPE: {"schema": FORM_SCHEMA},
    },
}
"""The body for OpenAPI: FastAPI has no words for two kinds of body on one route."""


@dataclass(frozen=True)
class Submission:
    """A request that was understood."""

    request: PlanRequest
    kind: InputKind
    content: bytes

    @property
    def sha256(self) -> str:
        """Hash of all that was asked."""
        asked = self.request.model_dump(mode="json", exclude={"tables"})
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode())
        digest.update(self.kind.encode() + self.content)
        return digest.hexdigest()


async def read_submission(request: Request, context: Context) -> Submission:
    """Understand the body, or raise the problem that it has."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == FORM_TYPE:
        return await _read_form(request)
    if media_type != JSON_TYPE:
        raise Problem("unsupported_media_type", f"Send {JSON_TYPE}, or a workbook or zip as {FORM_TYPE}.")
    most = context.settings.max_json_mib * MIB
    body = await request.body()
    if len(body) > most:
        text = f"A body of JSON may have {context.settings.max_json_mib} MiB; send larger tables as a workbook or zip."
        raise Problem("too_large", text)
    return await run_in_threadpool(_read_json, body)


def _read_json(body: bytes) -> Submission:
    request = _request(_parsed(body))
    if request.sample is not None:
        return Submission(request, InputKind.SAMPLE, request.sample.encode())
    if request.tables is None:
        raise _missing("Give a sample or tables, or send a file as a form.")
    content = json.dumps(request.tables, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return Submission(request, InputKind.JSON, content)


async def _read_form(request: Request) -> Submission:
    async with request.form(max_files=1, max_fields=2) as form:
        file, told = form.get("file"), form.get("request", "{}")
        if not isinstance(file, UploadFile | Upload):
            raise _missing("The form needs a file, under the name file.")
        if not isinstance(told, str):
            raise _missing("The form's field request is JSON text, not a file.")
        asked = _request(_parsed(told.encode()))
        if asked.sample is not None or asked.tables is not None:
            raise _missing("The form's file is the input: leave out sample and tables.")
        content = await file.read()
        name = file.filename or ""
    if not content.startswith(MAGIC):
        raise Problem("unsupported_media_type", "The file is neither a workbook (.xlsx) nor a zip.")
    kind = InputKind.WORKBOOK if name.lower().endswith(BOOK_ENDINGS) else InputKind.ZIP
    return Submission(asked, kind, content)


def _missing(text: str) -> Problem:
    return Problem("invalid_request", text, errors=[{"pointer": "", "detail": text}])


def _parsed(body: bytes) -> object:
    def refuse(token: str) -> NoReturn:
        raise ValueError(f"{token} is no JSON")

    try:
        parsed: object = json.loads(body, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise Problem("bad_request", f"The JSON cannot be read: {error}") from error
    return parsed


def _request(content: object) -> PlanRequest:
    try:
        return PlanRequest.model_validate(content)
    except ValidationError as error:
        raise validation_problem(error.errors()) from error


def submit(context: Context, caller: Caller, asked: Submission, idempotency_key: str | None) -> tuple[Row[Any], bool]:
    """Make the plan and its place in the queue, all or nothing.

    Returns
    -------
    tuple
        The plan's row, and whether the same request had made it before.
    """
    try:
        with context.database.engine.begin() as connection:
            repeated = _repeated(connection, caller, asked, idempotency_key)
            if repeated is not None:
                return repeated, True
            return _add(connection, context, caller, asked, idempotency_key), False
    except IntegrityError:
        # Another request with the same key, or the same input, was faster by less than a transaction.
        with context.database.engine.begin() as connection:
            repeated = _repeated(connection, caller, asked, idempotency_key)
            if repeated is not None:
                return repeated, True
            return _add(connection, context, caller, asked, idempotency_key), False


def _repeated(connection: Connection, caller: Caller, asked: Submission, key: str | None) -> Row[Any] | None:
    row = None if key is None else find_repeated(connection, caller.workspace_id, key)
    if row is not None and row.request_sha256 != asked.sha256:
        raise Problem("key_reused", "This Idempotency-Key made another plan; take a new one for a new request.")
    return row


def _add(
    connection: Connection, context: Context, caller: Caller, asked: Submission, idempotency_key: str | None
) -> Row[Any]:
    now = context.database.now(connection)
    most = context.settings.max_unfinished
    if count_unfinished(connection, caller.workspace_id) >= most:
        raise Problem("too_many_plans", f"{most} plans of this workspace wait or run already; wait for some to end.")
    plan_id, request = new_id(), asked.request
    input_id = keep_input(connection, workspace_id=caller.workspace_id, kind=asked.kind, content=asked.content, now=now)
    add_plan(
        connection,
        id=plan_id,
        workspace_id=caller.workspace_id,
        key_id=caller.key_id,
        input_id=input_id,
        name=request.name,
        operation=str(request.operation),
        priority=str(request.priority),
        options=_options(request.options, context),
        idempotency_key=idempotency_key,
        request_sha256=asked.sha256,
        created_at=now,
    )
    context.queue.put(connection, Job(plan_id, 1), workspace_id=caller.workspace_id, priority=request.priority)
    note(connection, caller, "submit", plan_id, now)
    row = find_plan(connection, caller.workspace_id, plan_id)
    assert row is not None
    return row


def _options(options: Options, context: Context) -> dict[str, Any]:
    most = context.settings.max_time_limit_s
    if options.time_limit_s is None or options.time_limit_s <= most:
        # A work limit alone stays repeatable: no clock may cut it short. The operator's limit is then that of work.
        return options.model_dump(mode="json")
    text = f"A time limit may be {most:g} seconds at most."
    raise Problem("invalid_request", text, errors=[{"pointer": "/options/time_limit_s", "detail": text}])
