"""The route of challenges: wishes, or an edited workbook of a plan, each answered by its price."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.data.inputs import InputKind, keep_input
from api.data.plans import Operation, Priority
from api.http.bodies import FILE, FORM_TYPE, JSON_TYPE, WORKBOOK_TYPE, mistake, read_body, to_model
from api.http.context import InContext, Writer
from api.http.models import ONE_LINE, PlanState
from api.http.plans import ENDED_MEANWHILE, IdempotencyKey, PlanId, Prefer, submitted
from api.http.problems import Problem
from api.http.scenarios import Said, ScenarioOptions, find_parent, parent_of
from api.http.submission import BINARY, require_allowed, submit_order
from api.jobs.orders import Order

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from api.http.bodies import Body

ROUTER = APIRouter(prefix="/v1/plans", tags=["scenarios"])
MOST = 200
"""Wishes of one request: each is planned by itself."""
Author = Annotated[str, Field(max_length=200, pattern=ONE_LINE)]
EXAMPLES: Any = [
    {"author": "Ann", "wishes": [{"wish": "A4 to S1", "note": "knows them"}, {"wish": "A1 direct"}]},
    {"wishes": [{"wish": "keep S2 in N"}], "accept_below": 9000},
]


class WishRequest(BaseModel):
    """One wished change to a plan."""

    model_config = ConfigDict(extra="forbid")

    wish: Said
    author: Annotated[Author, Field(description="who asks for it; that of the request where it is blank")] = ""
    note: Annotated[str, Field(max_length=1_000, pattern=ONE_LINE, description="why")] = ""


class ChallengeRequest(BaseModel):
    """Wishes that are priced, alone and together; in a form with an edited workbook, those typed there besides."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_extra={"examples": EXAMPLES})

    name: Annotated[str, Field(max_length=200, pattern=ONE_LINE, description="to find the answers again")] = ""
    priority: Priority = Priority.INTERACTIVE
    author: Annotated[Author, Field(description="who asks, where a wish does not say it")] = ""
    wishes: Annotated[list[WishRequest], Field(max_length=MOST)] = []
    accept_below: Annotated[float | None, Field(description="money a year: cheaper wishes are marked accepted")] = None
    options: ScenarioOptions = Field(default_factory=ScenarioOptions)


FORM_SCHEMA = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {**BINARY, "description": "plan.xlsx of the plan, edited by hand"},
        "request": {"type": "string", "description": "the same JSON object as the body of that kind"},
    },
}
BODY = {
    "required": True,
    "description": "A workbook alone has its request in the address: ?author=Ann&accept_below=9000",
    "content": {
        JSON_TYPE: {"schema": {"$ref": "#/components/schemas/ChallengeRequest"}},
        FORM_TYPE: {"schema": FORM_SCHEMA},
        WORKBOOK_TYPE: {"schema": BINARY},
    },
}


@ROUTER.post(
    "/{plan_id}/challenges",
    operation_id="submitChallenges",
    status_code=202,
    response_model=PlanState,
    responses=ENDED_MEANWHILE,
    openapi_extra={"requestBody": BODY},
)
async def submit_challenges(
    plan_id: PlanId,
    request: Request,
    context: InContext,
    caller: Writer,
    prefer: Prefer = "",
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Submit challenges to a plan; the answer is the state of a hearing, whose tables have the prices."""
    parent = await run_in_threadpool(find_parent, context, caller, plan_id)
    body = await read_body(request, context, max_files=1)
    asked = to_model(ChallengeRequest, body.asked)
    workbook = _workbook(body)
    require_allowed(asked.options.time_limit_s, context, "/options")
    if not asked.wishes and workbook is None:
        raise mistake("/wishes", "Give a wish, or send an edited workbook.")

    def ordered(connection: Connection, now: float) -> Order:
        # Asked for again: it may have been forgotten while the body arrived.
        return _order(connection, parent_of(connection, caller, plan_id), asked, workbook, now)

    def submit() -> tuple[Row[Any], bool]:
        line = {"parent_id": plan_id, "origin_id": parent.origin_id or plan_id}
        return submit_order(context, caller, ordered, _sha256(plan_id, asked, workbook), idempotency_key, **line)

    row, is_repeated = await run_in_threadpool(submit)
    return await submitted(context, caller, row, prefer, is_repeated=is_repeated)


def _workbook(body: Body) -> bytes | None:
    if not body.files:
        return None
    file = body.files[FILE]
    if file.kind is not InputKind.WORKBOOK:
        raise Problem("unsupported_media_type", "The file is no workbook: send the plan's plan.xlsx, edited.")
    return file.content


def _sha256(plan_id: str, asked: ChallengeRequest, workbook: bytes | None) -> str:
    told = json.dumps({"challenged": plan_id, **asked.model_dump(mode="json")}, sort_keys=True)
    return hashlib.sha256(told.encode() + (workbook or b"")).hexdigest()


def _order(
    connection: Connection, parent: Row[Any], asked: ChallengeRequest, workbook: bytes | None, now: float
) -> Order:
    """The order of a hearing, its workbook kept."""
    if parent.options["hide_pay"]:
        raise Problem("no_result", "The plan hides pay, and prices of wishes would tell of it.")
    told = asked.model_dump(mode="json", include={"author", "wishes", "accept_below"})
    if workbook is not None:
        held = {"workspace_id": parent.workspace_id, "kind": InputKind.WORKBOOK, "content": workbook, "now": now}
        told["workbook_id"] = keep_input(connection, **held)
    return Order(
        input_id=parent.input_id,
        name=asked.name,
        operation=Operation.CHALLENGE,
        priority=asked.priority,
        options={**asked.options.model_dump(mode="json"), **told},
    )
