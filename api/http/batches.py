"""Routes of batches: many plans asked for at once, or one input and a grid of changes; one status for all."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import datetime
from itertools import product
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool

from api.data.audit import note
from api.data.batches import BatchStatus, find_batch, find_repeated_batch, list_batches, plans_of_batch, status_of
from api.data.inputs import InputKind
from api.data.keys import Caller
from api.data.plans import UNFINISHED, Outcome, Priority, Status, Wish, wish_for
from api.http.bodies import FORM_TYPE, Body, Content, json_body, mistake, read_body, to_model
from api.http.context import Context, InContext, Reader, Writer
from api.http.models import ONE_LINE, Change, Cursor, Limit, PlanRequest, moment
from api.http.problems import Problem
from api.http.submission import Wanted, once, order_for, require_allowed, require_room
from api.jobs.orders import place_batch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Row

ROUTER = APIRouter(prefix="/v1/batches", tags=["batches"])
BatchId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="the batch's id")]
MOST_PLANS = 500
MOST_FILES = 50
LONGEST_NAME = 200
POLL_AGAIN_S = "1"
EXAMPLES: Any = [
    {"name": "two samples", "items": [{"sample": "tiny"}, {"sample": "tiny", "operation": "validate"}]},
    {
        "name": "margins",
        "base": {"sample": "tiny"},
        "grid": [
            {
                "name": "margin",
                "options": [
                    {"label": "40 %", "changes": [{"table": "policy", "id": "margin", "value": 0.4}]},
                    {"label": "60 %", "changes": [{"table": "policy", "id": "margin", "value": 0.6}]},
                ],
            }
        ],
    },
]


class BatchItem(PlanRequest):
    """One plan of a batch; its input may also be a file of the form, by its name there."""

    priority: Priority = Priority.BATCH
    file: Annotated[str | None, Field(max_length=1_000, description="name of a file in the form")] = None

    @model_validator(mode="after")
    def _check_input(self) -> BatchItem:
        if (self.sample is None) + (self.tables is None) + (self.file is None) != 2:
            raise ValueError("give exactly one of sample, tables and file")
        return self


class GridOption(BaseModel):
    """One of the choices along an axis."""

    model_config = ConfigDict(extra="forbid")

    label: Annotated[str, Field(min_length=1, max_length=100, pattern=ONE_LINE)]
    changes: Annotated[list[Change], Field(max_length=10_000, description="none for the input as it is")] = []


class Axis(BaseModel):
    """Choices of which each plan has one."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=ONE_LINE)]
    options: Annotated[list[GridOption], Field(min_length=1, max_length=MOST_PLANS)]


class BatchRequest(BaseModel):
    """Plans that are asked for together: ``items``, or a ``base`` with one plan for every combination of a ``grid``."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": EXAMPLES})

    name: Annotated[str, Field(max_length=LONGEST_NAME, pattern=ONE_LINE, description="to find the batch again")] = ""
    items: Annotated[list[BatchItem], Field(max_length=MOST_PLANS)] = []
    base: BatchItem | None = None
    grid: Annotated[list[Axis], Field(max_length=10)] = []

    @model_validator(mode="after")
    def _check(self) -> BatchRequest:
        if bool(self.items) == (self.base is not None):
            raise ValueError("give items, or a base with a grid")
        if bool(self.grid) != (self.base is not None):
            raise ValueError("a grid needs a base, and a base a grid")
        size = 1
        for axis in self.grid:
            size *= len(axis.options)
        if size > MOST_PLANS:
            raise ValueError(f"the grid has {size:,} combinations; at most {MOST_PLANS} are taken")
        return self


class BatchPlan(BaseModel):
    """How one plan of a batch stands."""

    id: str
    name: str
    label: Annotated[dict[str, str], Field(description="its choice along each axis of the grid")]
    status: Status
    outcome: Outcome | None
    contribution: float | None
    gap: float | None
    passed: Annotated[bool | None, Field(description="of a night: whether its plan keeps all rules of acceptance")]
    problem: Annotated[dict[str, Any] | None, Field(description="code and detail where it did not succeed")]


class BatchHead(BaseModel):
    """A batch."""

    id: str
    name: str
    schedule_id: str | None
    created_at: datetime
    finished_at: datetime | None


class BatchState(BatchHead):
    """A batch and its plans: ``partial`` where some succeeded and some did not."""

    status: BatchStatus
    counts: Annotated[dict[str, int], Field(description="plans by status")]
    plans: list[BatchPlan]


class BatchList(BaseModel):
    """Batches, the newest first."""

    batches: list[BatchHead]
    next: Annotated[str | None, Field(description="cursor of the next page; null on the last")]


def form_body(name: str) -> dict[str, Any]:
    """The body for OpenAPI: JSON, or a form with that and files."""
    told = json_body(name)
    request = {"type": "string", "description": "the same JSON object; the form's files are named in it"}
    form = {"type": "object", "required": ["request"], "properties": {"request": request}}
    told["requestBody"]["content"][FORM_TYPE] = {"schema": form}
    return told


@ROUTER.post(
    "",
    operation_id="submitBatch",
    status_code=202,
    response_model=BatchState,
    openapi_extra=form_body("BatchRequest"),
)
async def submit_batch(
    request: Request,
    context: InContext,
    caller: Writer,
    idempotency_key: Annotated[
        str | None, Header(max_length=255, min_length=1, description="a repeated request makes no second batch")
    ] = None,
) -> Response:
    """Submit a batch: all of its plans wait, or, where one is asked for wrongly, none."""
    body = await read_body(request, context, max_files=MOST_FILES)
    asked = to_model(BatchRequest, body.asked)
    wanted = read_plans(context, asked, body, "")
    sha256 = _sha256(asked, wanted)

    def make(connection: Connection) -> tuple[BatchState, bool]:
        same = None
        if idempotency_key is not None:
            same = find_repeated_batch(connection, caller.workspace_id, idempotency_key)
        if same is None:
            return _add(connection, context, caller, asked.name, wanted, idempotency_key, sha256), False
        if same.request_sha256 != sha256:
            raise Problem("key_reused", "This Idempotency-Key made another batch; take a new one for a new request.")
        return _state(connection, same), True

    state, is_repeated = await run_in_threadpool(once, context, make)
    headers = {"Location": f"/v1/batches/{state.id}", "Retry-After": POLL_AGAIN_S}
    if is_repeated:
        headers["Idempotent-Replayed"] = "true"
    return JSONResponse(state.model_dump(mode="json"), status_code=202, headers=headers)


@ROUTER.get("", operation_id="listBatches", response_model=BatchList)
def get_batches(context: InContext, caller: Reader, cursor: Cursor = None, limit: Limit = 50) -> BatchList:
    """List batches, the newest first."""
    with context.database.engine.connect() as connection:
        rows = list_batches(connection, caller.workspace_id, before=cursor, limit=limit + 1)
    page = rows[:limit]
    return BatchList(batches=[BatchHead(**_head(row)) for row in page], next=page[-1].id if len(rows) > limit else None)


@ROUTER.get("/{batch_id}", operation_id="getBatch", response_model=BatchState)
def get_batch(batch_id: BatchId, context: InContext, caller: Reader) -> BatchState:
    """Look how a batch stands, and each of its plans."""
    with context.database.engine.connect() as connection:
        return _state(connection, _find(connection, caller, batch_id))


@ROUTER.post("/{batch_id}/cancel", operation_id="cancelBatch", status_code=202, response_model=BatchState)
def cancel_batch(batch_id: BatchId, context: InContext, caller: Writer) -> BatchState:
    """Cancel all plans of a batch that have not ended; what others have found stays."""
    with context.database.engine.connect() as connection:
        _find(connection, caller, batch_id)
        plans = plans_of_batch(connection, batch_id)
    for plan in plans:
        if plan.status in UNFINISHED:
            # Each by itself: a transaction that held the batch while it waits for a plan could wait for ever.
            with context.database.engine.begin() as connection:
                wish_for(connection, plan.id, Wish.CANCEL, context.database.now(connection))
    with context.database.engine.begin() as connection:
        note(connection, caller, "cancel batch", batch_id, context.database.now(connection))
        return _state(connection, _find(connection, caller, batch_id))


def read_plans(context: Context, asked: BatchRequest, body: Body, at: str) -> list[Wanted]:
    """What a batch asks for, each with its input.

    Parameters
    ----------
    at
        Pointer to the batch in its request.

    Raises
    ------
    Problem
        A file that is not there, or options beyond the limits.
    """
    tables = iter(body.tables)
    places = [(asked.base, f"{at}/base")] if asked.base is not None else []
    places += [(item, f"{at}/items/{place}") for place, item in enumerate(asked.items)]
    wanted = []
    for item, pointer in places:
        require_allowed(item.options.time_limit_s, context, f"{pointer}/options")
        wanted.append(Wanted(item, _input(item, body, tables, pointer)))
    return list(_combinations(wanted[0], asked.grid)) if asked.grid else wanted


def _input(item: BatchItem, body: Body, tables: Iterator[Content], pointer: str) -> Content:
    if item.sample is not None:
        return Content(InputKind.SAMPLE, item.sample.encode())
    if item.file is None:
        return next(tables)
    if item.file not in body.files:
        raise mistake(f"{pointer}/file", f"The form has no file of the name {item.file!r}.")
    return body.files[item.file]


def _combinations(base: Wanted, grid: Sequence[Axis]) -> Iterator[Wanted]:
    """One plan for each combination of choices."""
    for choice in product(*(axis.options for axis in grid)):
        label = {axis.name: option.label for axis, option in zip(grid, choice, strict=True)}
        changes = [*base.request.changes, *(change for option in choice for change in option.changes)]
        name = " ".join(filter(None, (base.request.name, ", ".join(label.values()))))[:LONGEST_NAME]
        yield Wanted(base.request.model_copy(update={"changes": changes, "name": name}), base.input, label)


def _sha256(asked: BatchRequest, wanted: Sequence[Wanted]) -> str:
    digest = hashlib.sha256(json.dumps(asked.model_dump(mode="json"), sort_keys=True).encode())
    for content in {id(each.input): each.input for each in wanted}.values():
        digest.update(content.kind.encode() + hashlib.sha256(content.content).digest())
    return digest.hexdigest()


def _add(
    connection: Connection,
    context: Context,
    caller: Caller,
    name: str,
    wanted: Sequence[Wanted],
    idempotency_key: str | None,
    sha256: str,
) -> BatchState:
    now = context.database.now(connection)
    require_room(connection, context, caller, len(wanted))
    batch_id = place_batch(
        connection,
        context.queue,
        [order_for(connection, caller, each, now) for each in wanted],
        workspace_id=caller.workspace_id,
        key_id=caller.key_id,
        now=now,
        name=name,
        idempotency_key=idempotency_key,
        request_sha256=sha256,
    )
    note(connection, caller, "submit batch", batch_id, now)
    return _state(connection, _find(connection, caller, batch_id))


def _find(connection: Connection, caller: Caller, batch_id: str) -> Row[Any]:
    row = find_batch(connection, caller.workspace_id, batch_id)
    if row is None:
        raise Problem("not_found", f"There is no batch {batch_id}.")
    return row


def _state(connection: Connection, batch: Row[Any]) -> BatchState:
    plans = plans_of_batch(connection, batch.id)
    statuses = [plan.status for plan in plans]
    return BatchState(
        **_head(batch),
        status=status_of(batch, statuses),
        counts=dict(sorted(Counter(statuses).items())),
        plans=[_plan(plan) for plan in plans],
    )


def _head(batch: Row[Any]) -> dict[str, Any]:
    told = {name: getattr(batch, name) for name in ("id", "name", "schedule_id")}
    moments = {name: getattr(batch, name) for name in ("created_at", "finished_at")}
    return told | {name: None if seconds is None else moment(seconds) for name, seconds in moments.items()}


def _plan(plan: Row[Any]) -> BatchPlan:
    result, problem = plan.result or {}, plan.problem
    return BatchPlan(
        id=plan.id,
        name=plan.name,
        label=plan.label,
        status=plan.status,
        outcome=plan.outcome,
        contribution=result.get("contribution"),
        gap=result.get("gap"),
        passed=result.get("passed"),
        problem=problem and {"code": problem["code"], "detail": problem["detail"]},
    )
