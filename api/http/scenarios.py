"""The route of scenarios: a plan's input with changes on top, planned near that plan."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool

from api.data.plans import PLANNED, Operation, Priority, Status
from api.http.bodies import JSON_TYPE, nested, read_body, to_model
from api.http.context import Context, InContext, Writer, plan_of
from api.http.models import ONE_LINE, Change, PlanState, Tags
from api.http.plans import ENDED_MEANWHILE, IdempotencyKey, PlanId, Prefer, submitted
from api.http.problems import MOST_ERRORS, Problem
from api.http.submission import require_allowed, submit_order
from api.jobs.orders import Order
from datasets.changes_file import changes_of_csv
from podplanner.domain.errors import InputError, UnreadableInput
from podplanner.whatif.words import UnknownWords, require_known
from solvers.registry import ENGINE_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from api.data.keys import Caller

ROUTER = APIRouter(prefix="/v1/plans", tags=["scenarios"])
CSV_TYPE = "text/csv"
MOST_CSV_BYTES = 2 << 20
Said = Annotated[str, Field(min_length=1, max_length=1_000, pattern=ONE_LINE)]
EXAMPLES: Any = [
    {"name": "lean", "tags": ["board"], "sentences": ["lose S2", "budget -5%"]},
    {"changes": [{"table": "policy", "id": "margin", "value": 0.4}]},
]


class ScenarioOptions(BaseModel):
    """How to plan; the same options as those of ``podplanner scenario``."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    engine: Annotated[str, Field(description="auto, chosen by size, or the name of an engine")] = "auto"
    time_limit_s: Annotated[float | None, Field(ge=0, description="seconds; by size where no limit is given")] = None
    work_limit: Annotated[int | None, Field(ge=0, description="units of the engine's own work; repeatable")] = None
    gap: Annotated[float | None, Field(ge=0, lt=1, description="that will do; that of the plan where not given")] = None
    seed: Annotated[int, Field(ge=0, lt=2**31, description="of everything random")] = 0

    @model_validator(mode="after")
    def _check(self) -> ScenarioOptions:
        if self.engine not in ("auto", *ENGINE_NAMES):
            raise ValueError(f"engine = {self.engine!r} not understood, must be auto, {', '.join(ENGINE_NAMES)}")
        return self


class ScenarioRequest(BaseModel):
    """What is changed, in words and by rows; the words first. Nothing at all gives the same plan."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": EXAMPLES})

    name: Annotated[str, Field(max_length=200, pattern=ONE_LINE, description="to find the plan again")] = ""
    tags: Tags = []
    priority: Priority = Priority.INTERACTIVE
    sentences: Annotated[
        list[Said], Field(max_length=100, description="such as: lose S2; docs/what-if.md has all")
    ] = []
    changes: Annotated[list[Change], Field(max_length=10_000, description="rows of the table changes")] = []
    options: ScenarioOptions = Field(default_factory=ScenarioOptions)


BODY = {
    "required": True,
    "description": "CSV is a file of rows of changes; its request is in the address: ?name=first&options.gap=0.01",
    "content": {
        JSON_TYPE: {"schema": {"$ref": "#/components/schemas/ScenarioRequest"}},
        CSV_TYPE: {"schema": {"type": "string"}, "example": "op,table,id,column,value\nset,policy,margin,value,0.4\n"},
    },
}


@ROUTER.post(
    "/{plan_id}/scenarios",
    operation_id="submitScenario",
    status_code=202,
    response_model=PlanState,
    responses=ENDED_MEANWHILE,
    openapi_extra={"requestBody": BODY},
)
async def submit_scenario(
    plan_id: PlanId,
    request: Request,
    context: InContext,
    caller: Writer,
    prefer: Prefer = "",
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Submit a scenario of a plan; the answer is the state of a new plan, which is planned near that one."""
    parent = await run_in_threadpool(find_parent, context, caller, plan_id)
    asked = await _read(request, context)
    await run_in_threadpool(_require_known, asked.sentences)
    require_allowed(asked.options.time_limit_s, context, "/options")
    told = json.dumps({"parent_id": plan_id, **asked.model_dump(mode="json")}, sort_keys=True)
    sha256 = hashlib.sha256(told.encode()).hexdigest()

    def ordered(connection: Connection, _now: float) -> Order:
        # Asked for again: it may have been forgotten while the body arrived.
        return _order(parent_of(connection, caller, plan_id), asked)

    def submit() -> tuple[Row[Any], bool]:
        line = {"parent_id": plan_id, "origin_id": parent.origin_id or plan_id}
        return submit_order(context, caller, ordered, sha256, idempotency_key, **line)

    row, is_repeated = await run_in_threadpool(submit)
    return await submitted(context, caller, row, prefer, is_repeated=is_repeated)


def find_parent(context: Context, caller: Caller, plan_id: str) -> Row[Any]:
    """The plan to start from, as it is now."""
    with context.database.engine.connect() as connection:
        return parent_of(connection, caller, plan_id)


def parent_of(connection: Connection, caller: Caller, plan_id: str) -> Row[Any]:
    """The plan to start from; the problem of one that was not solved."""
    row = plan_of(connection, caller, plan_id)
    is_planned = row.status == Status.SUCCEEDED and row.operation in PLANNED
    if not is_planned or row.result.get("contribution") is None:
        raise Problem("no_result", f"There is no plan in it to go on from; its status is {row.status}.")
    if row.whole_id is not None:
        raise Problem("no_result", f"This is a region of a plan; go on from the whole, {row.whole_id}.")
    return row


def _order(parent: Row[Any], asked: ScenarioRequest) -> Order:
    """The order of a scenario; what its plan hides is hidden of it."""
    told = asked.model_dump(mode="json", include={"changes", "sentences", "tags"})
    return Order(
        input_id=parent.input_id,
        name=asked.name,
        operation=Operation.SOLVE,
        priority=asked.priority,
        options={**asked.options.model_dump(mode="json"), "hide_pay": parent.options["hide_pay"], **told},
    )


async def _read(request: Request, context: Context) -> ScenarioRequest:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != CSV_TYPE:
        body = await read_body(request, context, max_files=0)
        return to_model(ScenarioRequest, body.asked)
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MOST_CSV_BYTES:
            raise Problem("too_large", f"A CSV file of changes may have {MOST_CSV_BYTES >> 20} MiB.")
    rows = await run_in_threadpool(_rows, bytes(content))
    return to_model(ScenarioRequest, {**nested(request.query_params), "changes": rows})


def _require_known(sentences: Sequence[str]) -> None:
    """Raise the problem of sentences that make no sense whatever a plan's names are; whoever plans knows those."""
    errors = []
    for number, said in enumerate(sentences):
        try:
            require_known(said)
        except UnknownWords as error:
            place = {"table": "sentences", "row": number + 1, "column": None, "value": said, "rule": error.code}
            errors.append({"pointer": f"/sentences/{number}", "detail": str(error), **place})
    if errors:
        text = f"{len(errors)} of the sentences cannot be understood; nothing was planned."
        raise Problem(UnknownWords.code, text, errors=errors)


def _rows(content: bytes) -> list[dict[str, str]]:
    """Rows of changes; a blank ``op`` is the one that rows have where they tell none."""
    try:
        rows = changes_of_csv(content)
    except InputError as error:
        found = [{"pointer": f"/changes/{each.row or ''}", "detail": each.message} for each in error.findings]
        raise Problem("invalid_request", str(error), errors=found[:MOST_ERRORS]) from error
    except UnreadableInput as error:
        raise Problem("unreadable_input", str(error)) from error
    return [{name: text for name, text in row.items() if text or name != "op"} for row in rows]
