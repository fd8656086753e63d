"""Routes of the plan in force: which it is on a day, and who has put it into force."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.data.audit import note
from api.data.in_force import day_of, marks, put_into_force, withdraw
from api.data.keys import Caller
from api.http.bodies import json_body, read_body, to_model
from api.http.context import Context, InContext, Reader, Writer, plan_of
from api.http.models import ONE_LINE, moment
from api.http.plans import PlanId
from api.http.scenarios import find_parent, parent_of

ROUTER = APIRouter(prefix="/v1", tags=["in force"])


class MarkRequest(BaseModel):
    """Who puts a plan into force, and from which day on."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"author": "Ann", "effective": "2027-01-01"}]}
    )

    author: Annotated[str, Field(min_length=1, max_length=200, pattern=ONE_LINE)]
    effective: Annotated[date, Field(description="the first day")]


class Mark(BaseModel):
    """A plan that is, was or will be in force."""

    plan_id: str
    name: str
    author: str
    effective: date
    marked_at: datetime


class InForce(BaseModel):
    """Which plan is in force on a day."""

    on: date
    plan_id: Annotated[str | None, Field(description="null where none is")]
    marks: Annotated[list[Mark], Field(description="all of them, the latest day first")]


@ROUTER.get("/in-force", operation_id="getInForce", response_model=InForce)
def get_in_force(
    context: InContext, caller: Reader, on: Annotated[date | None, Query(description="today, in UTC")] = None
) -> InForce:
    """Tell which plan is in force on a day, and which have been or will be."""
    return _in_force(context, caller.workspace_id, on)


@ROUTER.put(
    "/plans/{plan_id}/in-force",
    operation_id="adoptPlan",
    response_model=InForce,
    openapi_extra=json_body("MarkRequest"),
)
async def adopt_plan(plan_id: PlanId, request: Request, context: InContext, caller: Writer) -> InForce:
    """Put a plan into force from a day on; an earlier mark of it is replaced."""
    await run_in_threadpool(find_parent, context, caller, plan_id)
    asked = to_model(MarkRequest, (await read_body(request, context, max_files=0)).asked)
    return await run_in_threadpool(_adopt, context, caller, plan_id, asked)


def _adopt(context: Context, caller: Caller, plan_id: str, asked: MarkRequest) -> InForce:
    with context.database.engine.begin() as connection:
        plan, now = parent_of(connection, caller, plan_id), context.database.now(connection)
        put_into_force(connection, plan, key_id=caller.key_id, author=asked.author, day=asked.effective, now=now)
        note(connection, caller, "adopt", plan_id, now)
    return _in_force(context, caller.workspace_id, asked.effective)


@ROUTER.delete("/plans/{plan_id}/in-force", operation_id="withdrawPlan", status_code=204, response_class=Response)
def withdraw_plan(plan_id: PlanId, context: InContext, caller: Writer) -> Response:
    """Take back that a plan is in force; one that is not stays as it is."""
    with context.database.engine.begin() as connection:
        plan_of(connection, caller, plan_id)
        if withdraw(connection, plan_id):
            note(connection, caller, "withdraw", plan_id, context.database.now(connection))
    return Response(status_code=204)


def _in_force(context: Context, workspace_id: str, on: date | None) -> InForce:
    with context.database.engine.connect() as connection:
        rows = marks(connection, workspace_id)
        day = day_of(context.database.now(connection)) if on is None else on.isoformat()
    told = [
        Mark(
            plan_id=row.plan_id,
            name=row.name,
            author=row.author,
            effective=row.effective,
            marked_at=moment(row.marked_at),
        )
        for row in rows
    ]
    present = next((row.plan_id for row in rows if row.effective <= day), None)
    return InForce(on=date.fromisoformat(day), plan_id=present, marks=told)
